"""The faults of a loop's wiring: another step, another letter, a term left out, in each of its lines.

What may stand in a line follows from what the line is made of: a sequence has steps, a state those before, a
derivative those behind, and a sum over the steps is one of them, or their mean, where it goes wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from grader.equations.algebra import added, negative, times, transposed
from grader.equations.nodes import Letter, Node, Number, Sum, Zeros, letters
from grader.equations.through_time import indexed
from grader.faults.fault import Fault, Scope
from grader.faults.loop_families import Families
from grader.faults.modes import Mode
from grader.faults.operations import Kind, Odd, Oddly, Slip, everywhere, renamed
from grader.faults.through_words import Told
from grader.faults.wiring import CACHE, STEPS, STEPS_BACK, At, DeclaredLoop, Wires, at

ELSEWHERE = (At.FIRST, At.LAST, At.BEFORE, At.AFTER, At.TURNED)
FILLED = (1.0, 0.5)  # that somebody may have a state start from, in the place of zeros

# What a line that only says steps may say by mistake.
OTHERS: Mapping[str, tuple[At, ...]] = {
    STEPS: (At.AFTER, At.BEFORE, At.TURNED),
    STEPS_BACK: (At.ALL, At.LATE, At.EARLY),
    CACHE: ELSEWHERE,
}


@dataclass
class Looping:
    """Collects them.

    Attributes:
        declared: the loop.
        add: keeps one.
        shapes: of the cell's letters, on the probe case.
    """

    declared: DeclaredLoop
    add: Callable[[Fault], None]
    shapes: Mapping[str, tuple[int, ...]]
    _alike: dict[tuple[str, str], dict[str, tuple[Node, Slip]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.wires: Wires = self.declared.wires
        self.told = Told(self.declared)

    def collect(self) -> None:
        """Add all of them."""
        self._plain()
        for lines in (self.wires.into, self.wires.back_into, self.wires.after):
            for key, node in lines.items():
                for new, slip in everywhere(node, self._rule(key)):
                    self._line(key, new, slip)
        for lines in (self.wires.kept, self.wires.back_kept):
            for key, node in lines.items():
                for other in self._alike_letters(str(_name(node)), lines is self.wires.back_kept):
                    self._line(key, Letter(other), Slip(Kind.LETTER, node, Letter(other)))
        for lines in (self.wires.back_into, self.wires.back_kept, self.wires.after):
            for key, node in lines.items():
                for new, slip in self._whole(key, node):
                    self._line(key, new, slip)
        for key, node in self.wires.starts.items():
            for new in self._starts(key, node):
                self._line(key, new, Slip(Kind.GIVEN, node, new))
        self._of_other_steps()
        Families(self.declared, self.told, self.shapes, self._keep).collect(self._alike)

    def _line(self, key: str, new: Node, slip: Slip) -> None:
        says = self.told.line(key, slip)
        self._keep(key, {key: new}, slip, says)
        self._alike.setdefault((self._sort(key), f"{slip.kind}|{_step(slip)}"), {}).setdefault(
            key, (new, slip)
        )

    def _keep(
        self,
        key: str,
        lines: dict[str, Node],
        slip: Slip,
        says: str,
        scope: Scope = Scope.LINE,
        more: int = 0,
    ) -> None:
        unlikely = more + (9 if slip.kind is Kind.LETTER else 0)
        self.add(Fault(slip, key, "", Mode.LOOP, scope, lines, says=says, unlikely=unlikely))

    def _plain(self) -> None:
        for key in self.wires.plain:
            for step in OTHERS.get(key, ELSEWHERE):
                slip = Slip(Kind.STEP, Letter(key), Letter(at("t", step)))
                self._line(key, Letter(at("t", step)), slip)

    def _sort(self, key: str) -> str:
        """Return the sort of a line; those of one sort may be wrong alike."""
        sorts = ("into", "back_into", "kept", "back_kept", "starts", "after", "plain")
        sort = next(one for one in sorts if key in getattr(self.wires, one))
        return f"{sort}{key[:1] if sort == 'after' else ''}"

    def _rule(self, key: str) -> Callable[[Node], Iterator[tuple[Node, Slip]]]:
        def rule(node: Node) -> Iterator[tuple[Node, Slip]]:
            if isinstance(node, Sum):
                for i, one in enumerate(node.terms):
                    rest = (*node.terms[:i], *node.terms[i + 1 :])
                    yield added(*rest), Slip(Kind.TERM, one, within=node)
                    yield added(*node.terms[:i], negative(one), *node.terms[i + 1 :]), Slip(Kind.SIGN, one)
                    for number in (2.0, 0.5):
                        new = added(*node.terms[:i], times(Number(number), one), *node.terms[i + 1 :])
                        yield new, Slip(Kind.TIMES, one, Number(number))
            if isinstance(node, Letter) and "⟨" in node.name:
                for other in self._others(key, *indexed(node.name)):
                    is_step = (
                        _same(node, other) or isinstance(other, Zeros) or _is_start(self.declared, other)
                    )
                    yield other, Slip(Kind.STEP if is_step else Kind.LETTER, node, other)

        return rule

    def _others(self, key: str, base: str, step: str) -> Iterator[Node]:
        """Yield what may stand in the place of a letter with a step."""
        sequences = {**{one: one for one in self.declared.sequences_of}, **self.wires.made_by}
        if base in self.declared.sequences_of:
            for other in (*ELSEWHERE, *((At.LAST_ALONE,) if key in self.wires.back_into else ())):
                yield Letter(at(base, other))
        elif base in sequences:  # a state of the step before
            yield Letter(at(base, At.EARLY))
            yield self.wires.starts.get(at(base, At.BEFORE), Zeros(sequences[base]))
            yield Zeros(sequences[base])
            for other_base, made in self.wires.made_by.items():
                if other_base != base and self.shapes[made] == self.shapes[sequences[base]]:
                    yield Letter(at(other_base, At.BEFORE))
        elif key in self.wires.back_into:
            for other in (At.LATE, At.ALL_AFTER, At.ALONE):
                yield Letter(at(base, other))
            for name in self._alike_letters(base, is_back=True):
                if name in self.wires.back or name in self.wires.back_into:
                    yield Letter(at(name, At.AFTER))
        elif step == At.FIRST:
            yield from (Letter(at(base, one)) for one in (At.LAST, At.ALL))
            for name in self._alike_letters(base, is_back=True):
                if name in self.wires.back or name in self.wires.back_into:
                    yield from (Letter(at(name, one)) for one in (At.FIRST, At.LAST))
            for name in self.declared.sequences_of:
                if name in self.declared.loop_seeds:
                    yield from (Letter(at(name, one)) for one in (At.FIRST, At.LAST))
            yield from (Letter(name) for name in self.declared.loop.starts.values())
        elif step == At.ALL:
            yield from (Letter(at(base, one)) for one in (At.FIRST, At.LAST, At.MEAN))
            for name in self._alike_letters(base, is_back=True):
                if name in self.wires.back:
                    yield Letter(at(name, At.ALL))
            if self.shapes[base][1] == 1:
                for key_ in self.declared.judged.values():
                    name = key_.removeprefix("Σ ")
                    rows, columns = self.shapes.get(name, (0, 0))
                    if key_.startswith("Σ ") and rows == self.shapes[base][0] and columns > 1:
                        yield Oddly(Odd.FIRST_COLUMN, Letter(at(name, At.ALL)))

    def _alike_letters(self, name: str, is_back: bool) -> list[str]:
        """Return the other letters of a step that have the shape of one."""
        lines: tuple[Iterable[str], ...] = (self.wires.front, self.wires.into)
        if is_back:
            lines = (*lines, self.wires.back, self.wires.back_into)
        known = dict.fromkeys(one for some in lines for one in some)
        shape = self.shapes.get(name)
        return [one for one in known if one != name and self.shapes.get(one) == shape]

    def _whole(self, key: str, node: Node) -> Iterator[tuple[Node, Slip]]:
        letter = Letter(key)
        like = next(indexed(name)[0] for name in letters(node))
        if like in self.wires.shapes:
            yield Zeros(like), Slip(Kind.ZERO, letter)
        yield negative(node), Slip(Kind.SIGN, letter)
        for number in (2.0, 0.5):
            yield times(Number(number), node), Slip(Kind.TIMES, letter, Number(number))
        shape = self.shapes.get(like, (0, 1))
        if key in self.wires.after and shape[0] == shape[1]:
            yield transposed(node), Slip(Kind.TRANSPOSED, letter)

    def _starts(self, key: str, node: Node) -> Iterator[Node]:
        """Where a state may start by mistake."""
        made = self.wires.made_by[indexed(key)[0]]
        if not isinstance(node, Zeros):
            yield Zeros(made)
        for start in self.declared.loop.starts.values():
            if Letter(start) != node:
                yield Letter(start)
        for number in FILLED:
            yield Sum((Zeros(made), Number(number)))

    def _of_other_steps(self) -> None:
        """Let a line of the way back read a letter of forward at another step; or let only the last step
        count.
        """
        known = (*self.wires.into, *self.wires.front)
        for key, node in self.wires.back.items():
            for name in dict.fromkeys(letters(node)):
                for step in (At.BEFORE, At.AFTER) if name in known else ():
                    new = renamed(node, {name: Letter(at(name, step))})
                    slip = Slip(Kind.STEP, Letter(name), Letter(at(name, step)))
                    self._keep(key, {key: new}, slip, self.told.of_another_step(key, name, step), more=2)
        for key, node in self.wires.back_into.items():
            if any(indexed(name)[0] in self.declared.sequences_of for name in letters(node)):
                new = times(Letter(at("1", At.LAST_ALONE)), node)
                slip = Slip(Kind.STEP, Letter(key), Letter(at("1", At.LAST_ALONE)))
                self._keep(key, {key: new}, slip, self.told.last_alone(key))


def _name(node: Node) -> str:
    return node.name if isinstance(node, Letter) else ""


def _same(node: Letter, other: Node) -> bool:
    """Whether two are of one letter, at two steps."""
    return isinstance(other, Letter) and indexed(node.name)[0] == indexed(other.name)[0]


def _is_start(declared: DeclaredLoop, node: Node) -> bool:
    """Whether it is what a state starts from."""
    return isinstance(node, Letter) and node.name in declared.loop.starts.values()


def _step(slip: Slip) -> str:
    """Return what was done, without the letter to which."""
    if isinstance(slip.by, Letter) and slip.kind is Kind.STEP:
        return indexed(slip.by.name)[1]
    if isinstance(slip.by, Number):
        return str(slip.by.value)
    if slip.kind in (Kind.LETTER, Kind.GIVEN):
        return str(slip.by)
    return ""
