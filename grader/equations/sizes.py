"""The sizes of all letters of some equations, by unification: only those of the data must be said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from grader.equations.nodes import (
    Applied,
    Hadamard,
    Letter,
    Negative,
    Node,
    Number,
    OverEntries,
    OverSamples,
    Product,
    Slice,
    Slope,
    Stacked,
    Sum,
    Transposed,
    Zeros,
    letters,
)
from grader.equations.printing import text
from grader.equations.reading import Equation

SAMPLES, ONE = "samples", "1"

Size = tuple[str, ...]
"""The names of sizes that add up: ("hidden",), or ("hidden", "input") of what is stacked."""


@dataclass(frozen=True)
class Dimensions:
    """Rows and columns of a letter: of a weight (hidden, input), of a state (hidden, samples)."""

    rows: Size
    columns: Size

    @property
    def has_samples(self) -> bool:
        """Whether each sample has its own."""
        return self.columns == (SAMPLES,)

    @property
    def is_vector(self) -> bool:
        """Whether it is one column that all samples share."""
        return self.columns == (ONE,)

    def numbers(self, sizes: Mapping[str, int]) -> tuple[int, int]:
        """Rows and columns, where the sizes are known."""
        return sum(sizes[name] for name in self.rows), sum(sizes[name] for name in self.columns)


class _DoNotFitError(Exception):
    """Two sizes that must be one, in words."""


@dataclass(eq=False)
class _Unknown:
    """A size that is not known yet; once it is, what it is."""

    known: _Known | _Unknown | None = None


@dataclass(frozen=True)
class _Known:
    """A size, or several that add up."""

    parts: tuple[str | _Unknown, ...]


_Any = _Known | _Unknown
_Pair = tuple[_Any, _Any]


@dataclass
class _Unification:
    letters: dict[str, _Pair] = field(default_factory=dict)

    def shape(self, node: Node) -> _Pair | None:
        """Rows and columns of an expression; None of a number, which has any."""
        match node:
            case Letter(name):
                return self.letters.setdefault(name, (_Unknown(), _Unknown()))
            case Number():
                return None
            case Negative(of) | Applied(_, of):
                return self.shape(of)
            case Transposed(of):
                found = self.shape(of)
                return found and found[::-1]
            case Product(left, right):
                return self._product(left, right)
            case Sum() | Hadamard():
                return self._side_by_side(node.below)
            case Stacked(parts):
                return self._stacked([self._of(part) for part in parts])
        raise TypeError(node)

    def _of(self, node: Node) -> _Pair:
        found = self.shape(node)
        if found is None:
            raise _DoNotFitError(f"the number {text(node)} has no size of its own here")
        return found

    def _product(self, left: Node, right: Node) -> _Pair:
        (rows, inner), (other, columns) = self._of(left), self._of(right)
        try:
            self.one(inner, other)
        except _DoNotFitError:
            raise _DoNotFitError(
                f"{text(left)} has {said(inner)} columns, and {text(right)} has {said(other)} rows"
            ) from None
        if is_samples(inner):
            says = f"{text(left)} has a column for each sample, so a weight stands before it, W x or Wᵀ x"
            raise _DoNotFitError(says)
        return rows, columns

    def _side_by_side(self, nodes: Sequence[Node]) -> _Pair | None:
        """Of terms or factors: as many rows each; one without samples goes with each sample."""
        found = [(one, shape) for one in nodes if (shape := self.shape(one)) is not None]
        if not found:
            return None
        (first, (rows, columns)), *others = found
        sampled = [shape[1] for _, shape in found if is_samples(shape[1])]
        for one, (its_rows, its_columns) in others:
            try:
                self.one(rows, its_rows)
                if not sampled:
                    self.one(columns, its_columns)
            except _DoNotFitError:
                its = f"({said(its_rows)}, {said(its_columns)})"
                says = f"{text(first)} is ({said(rows)}, {said(columns)}), and {text(one)} is {its}"
                raise _DoNotFitError(says) from None
        return rows, sampled[0] if sampled else columns

    def _stacked(self, shapes: Sequence[_Pair]) -> _Pair:
        for _, columns in shapes[1:]:
            self.one(shapes[0][1], columns)
        parts = [rows for rows, _ in shapes]
        return _Known(tuple(one for part in parts for one in _parts(part))), shapes[0][1]

    def one(self, left: _Any, right: _Any) -> None:
        """Hold two sizes to be one.

        Raises:
            _DoNotFitError: they are not.
        """
        left, right = settled(left), settled(right)
        if left == right:
            return
        if isinstance(left, _Unknown):
            left.known = right
        elif isinstance(right, _Unknown):
            right.known = left
        else:
            a, b = _parts(left), _parts(right)
            if len(a) != len(b):
                raise _DoNotFitError(f"{said(left)} is not {said(right)}")
            for x, y in zip(a, b, strict=True):
                if isinstance(x, _Unknown) or isinstance(y, _Unknown):
                    self.one(_as_size(x), _as_size(y))
                elif x != y:
                    raise _DoNotFitError(f"{said(left)} is not {said(right)}")


def _as_size(part: str | _Unknown) -> _Any:
    return part if isinstance(part, _Unknown) else _Known((part,))


def settled(size: _Any) -> _Any:
    """Return what is known of a size by now."""
    while isinstance(size, _Unknown) and size.known is not None:
        size = size.known
    return size


def _parts(size: _Any) -> tuple[str | _Unknown, ...]:
    size = settled(size)
    if isinstance(size, _Unknown):
        return (size,)
    return tuple(one for part in size.parts for one in ((part,) if isinstance(part, str) else _parts(part)))


def is_samples(size: _Any) -> bool:
    """Whether it is known to be the number of samples."""
    return settled(size) == _Known((SAMPLES,))


def said(size: _Any) -> str:
    """Return the size in a message."""
    return " + ".join(part if isinstance(part, str) else "unknown" for part in _parts(size))


def infer(
    equations: Sequence[Equation],
    rows: Mapping[str, str],
    sampled: Sequence[str],
    alike: Sequence[tuple[str, str]] = (),
) -> dict[str, Dimensions]:
    """Return the shape of every letter.

    Args:
        equations: each after those that define what it uses.
        rows: letter -> the name of the size of its rows, for those that are known.
        sampled: the letters of which each sample has its own; all others that no equation defines are shared.
        alike: pairs of letters that have one shape, such as a state before and after the step.

    Raises:
        EquationError: two sizes do not fit, or one is not known.
    """
    all_ = _Unification()
    for name in sampled:
        all_.letters[name] = (_Unknown(), _Known((SAMPLES,)))
    for name, size in rows.items():
        all_.one(all_.letters.setdefault(name, (_Unknown(), _Unknown()))[0], _Known((size,)))
    for one in equations:
        try:
            _unify(all_, one)
            for pair in alike:
                if set(pair) <= all_.letters.keys():
                    for a, b in zip(*(all_.letters[name] for name in pair), strict=True):
                        all_.one(a, b)
        except _DoNotFitError as error:
            raise one.place.error(f"{one.name}: {error}") from None
    return _named(all_, equations)


def _unify(all_: _Unification, equation: Equation) -> None:
    right = all_.shape(equation.right)
    if right is None:
        raise _DoNotFitError("a number alone has no size")
    pairs = [all_.letters.setdefault(name, (_Unknown(), _Unknown())) for name in equation.left]
    left = pairs[0] if len(pairs) == 1 else all_._stacked(pairs)
    all_.one(left[0], right[0])
    all_.one(left[1], right[1])


def _named(all_: _Unification, equations: Sequence[Equation]) -> dict[str, Dimensions]:
    """All sizes by name. Columns that nothing else says are one column: that of a vector."""
    for _, columns in all_.letters.values():
        for part in _parts(columns):
            if isinstance(part, _Unknown):
                part.known = _Known((ONE,))
    found = {}
    for name, (rows, columns) in all_.letters.items():
        if any(isinstance(part, _Unknown) for part in _parts(rows)):
            where = next(one for one in equations if name in one.left or name in letters(one.right))
            raise where.place.error(f"{where.name}: nothing says how many rows {name} has")
        found[name] = Dimensions(*(tuple(str(part) for part in _parts(size)) for size in (rows, columns)))
    return found


def of(node: Node, shapes: Mapping[str, Dimensions]) -> Dimensions | None:
    """Return the shape of an expression of known letters; None of a number.

    Args:
        node: of a program that was derived from equations whose sizes fit.
        shapes: those of all its letters.
    """
    match node:
        case Letter(name) | Zeros(name):
            return shapes[name]
        case Number():
            return None
        case Negative(inner) | Applied(_, inner) | Slope(_, inner):
            return of(inner, shapes)
        case Transposed(inner):
            found = of(inner, shapes)
            return found and Dimensions(found.columns, found.rows)
        case Product(left, right):
            a, b = of(left, shapes), of(right, shapes)
            assert a is not None
            assert b is not None
            return Dimensions(a.rows, b.columns)
        case Slice(inner, index, among):
            found = of(inner, shapes)
            assert found is not None
            return Dimensions(shapes[among[index]].rows, found.columns)
        case OverSamples(inner):
            found = of(inner, shapes)
            return found and Dimensions(found.rows, (ONE,))
        case OverEntries(inner):
            found = of(inner, shapes)
            return found and Dimensions((ONE,), found.columns)
    return _of_several([shape for one in node.below if (shape := of(one, shapes)) is not None], node)


def _of_several(shapes: Sequence[Dimensions], node: Node) -> Dimensions | None:
    if not shapes:
        return None
    if isinstance(node, Stacked):
        return Dimensions(tuple(part for shape in shapes for part in shape.rows), shapes[0].columns)
    rows = next((shape.rows for shape in shapes if shape.rows != (ONE,)), shapes[0].rows)
    columns = next((shape.columns for shape in shapes if shape.columns != (ONE,)), shapes[0].columns)
    return Dimensions(rows, columns)
