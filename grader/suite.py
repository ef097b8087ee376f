"""Draws a suite: the cases of an assignment with what is true on each.

This is where torch and Hypothesis are needed, and nowhere else in a grading: a stored suite replaces them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar, overload

import numpy as np

from grader.cases import Ranges, Seed, Spec, corners, plain, pooled, seeded, specs
from grader.errors import GraderError
from grader.records import Array, Arrays, Case, Further, Suite

# Two right formulations must agree to this part of the array's largest value, or the case is left out. It
# is a thousandth of what the comparison grants a student.
AGREEMENT = 1e-9
SHOWN = 3  # cases that are named where they do not
# Significant digits of every input. NumPy's tanh and the order in which BLAS adds differ from processor to
# processor in the last bits: rounded, they are the same numbers everywhere, and a student can read them.
INPUT_DIGITS = 6
# Of a secret's pool each hand-in gets a quarter of a suite, within these bounds. Who has a table of a part c
# of the pool has the answers to all of theirs with a chance of c**8 to c**16.
POOL = 4096
LEAST_CHOSEN, MOST_CHOSEN = 8, 16
# How often another case is drawn in the place of one on which right formulations part.
ATTEMPTS = 20
# At how many points around a case float32 is looked at, and how far from it they are, relative to each entry.
NEIGHBOURS, NEAR = 6, 1e-3

T = TypeVar("T")


@dataclass(frozen=True)
class Recipe:
    """How an assignment's cases are made.

    Attributes:
        inputs: fills a specification's arrays, float64.
        truth: inputs -> output name -> true array; by torch.
        check: the same by another right formulation.
        count: number of cases.
        ranges: the sizes that they may have.
        loss: inputs -> the scalar whose slope by an input "X" is the output "dX"; unless given, the sum of
            each other output times an input of its shape.
        refused: makes an error of a case on which the two part, its inputs and what parts in words: then
            none may be drawn for everybody. Without it such a case is left out.
    """

    inputs: Callable[[Spec, np.random.Generator], Arrays]
    truth: Callable[[Arrays], Arrays]
    check: Callable[[Arrays], Arrays]
    count: int
    ranges: Ranges = field(default_factory=Ranges)
    loss: Callable[[Arrays], float] | None = None
    refused: Callable[[Arrays, str], GraderError] | None = None


@dataclass(frozen=True)
class Parted:
    """A case that is not safe to ask: its inputs, and in what two right formulations part on it."""

    inputs: Arrays
    says: str


def draw(recipe: Recipe, seed: int) -> Suite:
    """Return the suite of a seed, the same on every machine; of a secret's, what everybody gets, with a pool.

    Raises:
        GraderError: too few cases are left on which two right formulations agree; or what `Recipe.refused`
            makes of one on which they part.
    """
    seed = seeded(seed)
    recipe = replace(recipe, ranges=recipe.ranges.larger(seed.scale))
    chosen = min(max(recipe.count // 4, LEAST_CHOSEN), MOST_CHOSEN) if seed.keyed else 0
    count = max(recipe.count - chosen, corners(recipe.ranges)) if seed.keyed else recipe.count
    drawn: list[tuple[Case, Arrays]] = []
    parted: list[str] = []
    for spec in specs(seed, 2 * recipe.count, recipe.ranges):
        if len(drawn) == count:
            break
        one = _asked(recipe, spec)
        if isinstance(one, Parted):
            if recipe.refused is not None:
                raise recipe.refused(one.inputs, one.says)
            parted.append(one.says)
        else:
            drawn.append(one)
    if len(drawn) < count:
        name = "the course's secret" if seed.keyed else f"seed {int(seed)}"
        raise GraderError(
            f"{name} gives {len(drawn)} cases that are safe to ask, {count} are needed: in {len(parted)} "
            f"`truth` and `check` part. The first: {'; '.join(parted[:SHOWN])}"
        )
    cases = tuple(case for case, _ in drawn)
    return Suite(
        seed,
        digest(cases),
        cases,
        tuple(truth for _, truth in drawn),
        float32=roundings(recipe.truth, recipe.check),
        pool=Lazily(POOL, lambda position: _of_the_pool(recipe, seed, position)) if chosen else (),
        chosen=chosen,
        truth=recipe.truth,
        loss=recipe.loss,
    )


def further(
    inputs: Callable[[Spec, np.random.Generator], Arrays],
    ranges: Ranges,
    truth: Callable[[Arrays], Arrays],
) -> Further:
    """Return how cases are made beside those of a suite.

    Args:
        inputs, ranges: as the suite's `Recipe` has them.
        truth: of the recipe's two formulations the one that needs no torch.
    """

    def of_sizes(sizes: Mapping[str, int]) -> Arrays:
        spec = plain(ranges, sizes)
        filled = inputs(spec, np.random.default_rng(spec.seed))
        return {name: rounded(array) for name, array in filled.items()}

    return Further({name: getattr(ranges, name) for name in ranges.names}, of_sizes, truth)


def changed(suite: Suite, change: Callable[[int, Case, Arrays], tuple[Case, Arrays]]) -> Suite:
    """Return the suite with another case and truth in place of each, the pool's included.

    Args:
        suite: as drawn.
        change: number of the case, from 1, on through the pool; the case; its truth -> what is asked instead.

    Returns:
        a suite without lookalikes, and without what is known of float32 and slopes: they were the old cases'.
    """
    pairs = zip(suite.cases, suite.expected, strict=True)
    drawn = [change(number, *pair) for number, pair in enumerate(pairs, start=1)]
    first, pool = len(drawn) + 1, suite.pool
    cases = tuple(case for case, _ in drawn)
    return replace(
        suite,
        sha256=digest(cases),
        cases=cases,
        expected=tuple(truth for _, truth in drawn),
        lookalikes=(),
        float32=None,
        truth=None,
        loss=None,
        pool=Lazily(len(pool), lambda position: change(first + position, *pool[position])) if pool else (),
    )


class Lazily(Sequence[T], Generic[T]):
    """A sequence whose entries are made when they are first asked for, and kept."""

    def __init__(self, length: int, make: Callable[[int], T]) -> None:
        self._length, self._make = length, make
        self._made: dict[int, T] = {}

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, position: int) -> T: ...
    @overload
    def __getitem__(self, position: slice) -> Sequence[T]: ...
    def __getitem__(self, position: Any) -> Any:
        if isinstance(position, slice):
            return [self[one] for one in range(*position.indices(self._length))]
        if not 0 <= position < self._length:
            raise IndexError(position)
        if position not in self._made:
            self._made[position] = self._make(position)
        return self._made[position]


def of_each_case(make: Callable[[Case], Arrays]) -> Callable[[Case], Arrays]:
    """Return the function, made to remember what it said of a case: a worker asks for a whole class."""
    # By identity, since arrays have no hash; the case is kept, so that no other takes its place in memory.
    known: dict[int, tuple[Case, Arrays]] = {}

    def remembered(case: Case) -> Arrays:
        if id(case) not in known:
            known[id(case)] = (case, make(case))
        return known[id(case)][1]

    return remembered


def roundings(
    truth: Callable[[Arrays], Arrays], check: Callable[[Arrays], Arrays]
) -> Callable[[Case], Arrays]:
    """How far float32 arithmetic of two right formulations is from the truth: see `Suite.float32`.

    Where a gate saturates, 1 - z has few digits left in float32. How far off that is at one point is luck: so
    points around it are looked at, too. Which array suffers depends on how the equations are written: so what
    is found of the worst one holds for all.
    """

    def of_case(case: Case) -> Arrays:
        from reference.precision import in_float32

        rng = np.random.default_rng(case.seed)
        here = truth(case.inputs)
        part, off = 0.0, {name: np.zeros_like(array) for name, array in here.items()}
        for inputs in (case.inputs, *(_near(case.inputs, rng) for _ in range(NEIGHBOURS))):
            true = truth(inputs)
            with in_float32():
                found = truth(inputs), check(inputs)
            for name, array in true.items():
                errors = np.maximum(*(np.abs(one[name] - array) for one in found))
                off[name] = np.maximum(off[name], errors)
                if scale := np.abs(array).max():
                    part = max(part, float(errors.max() / scale))
        # A sample or a step that is held to its own scale may have none to speak of: hence both.
        return {name: np.maximum(part * np.abs(array), off[name]) for name, array in here.items()}

    return of_each_case(of_case)


def _near(inputs: Arrays, rng: np.random.Generator) -> Arrays:
    """Return a point near these inputs."""
    return {name: array * (1 + NEAR * rng.uniform(-1, 1, array.shape)) for name, array in inputs.items()}


def _asked(recipe: Recipe, spec: Spec) -> tuple[Case, Arrays] | Parted:
    """Return the case of a specification with its truth, if two right formulations agree on it."""
    filled = recipe.inputs(spec, np.random.default_rng(spec.seed))
    inputs = {name: rounded(array) for name, array in filled.items()}
    truth = recipe.truth(inputs)
    label, sizes = spec.label(recipe.ranges), spec.sizes(recipe.ranges)
    if apart := _apart(truth, recipe.check(inputs)):
        return Parted(inputs, f"{apart} ({label})")
    return Case(label, spec.seed, inputs, spec.strided, spec.interleaved, sizes), truth


def _of_the_pool(recipe: Recipe, seed: Seed, position: int) -> tuple[Case, Arrays]:
    parted = ""
    for attempt in range(ATTEMPTS):
        one = _asked(recipe, pooled(seed, position, attempt, recipe.ranges))
        if not isinstance(one, Parted):
            return one
        parted = one.says
    raise GraderError(f"none of {ATTEMPTS} cases that the course's secret gives is safe to ask: {parted}")


def rounded(array: Array) -> Array:
    """Return the array with `INPUT_DIGITS` significant decimal digits in every entry, in its shape,
    float64.
    """
    entries = [float(f"{entry:.{INPUT_DIGITS}g}") for entry in array.ravel().tolist()]
    return np.array(entries, dtype=np.float64).reshape(array.shape)


def digest(cases: Sequence[Case]) -> str:
    """SHA-256 over everything that is handed to a student, in hex.

    Of an input that is computed, as a cache is, the last bits differ from machine to machine, and even with
    its place in memory: each entry counts with its first `INPUT_DIGITS` digits, all that a drawn one has.
    """
    sha256 = hashlib.sha256()
    for case in cases:
        sha256.update(repr((case.label, case.seed, case.strided, case.interleaved)).encode())
        for name, array in sorted(case.inputs.items()):
            sha256.update(repr((name, array.shape)).encode())
            sha256.update(np.ascontiguousarray(rounded(array), "<f8").tobytes())
    return sha256.hexdigest()


def _apart(truth: Arrays, check: Arrays) -> str | None:
    """By how much two formulations part, for the first output of which they do; None if they agree.

    Raises:
        GraderError: they do not answer with the same arrays.
    """
    if truth.keys() != check.keys():
        odd = ", ".join(sorted(truth.keys() ^ check.keys()))
        raise GraderError(f"`truth` and `check` do not answer with the same outputs: {odd}")
    for name, array in truth.items():
        if array.shape != check[name].shape:
            raise GraderError(f"{name}: `truth` has shape {array.shape}, and `check` {check[name].shape}")
        if not np.isfinite(array).all():
            return f"{name} is not finite"
        apart, scale = np.abs(array - check[name]).max(), np.abs(array).max()
        if not apart <= AGREEMENT * scale:
            part = f"{apart / scale:.1e} of its largest value" if scale else f"{apart:.1e}, where all is 0"
            return f"{name} by {part}, where {AGREEMENT:.0e} is allowed"
    return None
