"""Draws a suite: the cases of an assignment with what is true on each.

This is where torch and Hypothesis are needed, and nowhere else in a grading: a stored suite replaces them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from grader.cases import Ranges, Spec, specs
from grader.errors import GraderError
from grader.words import Array, Arrays, Case, Suite

# Two right formulations must agree to this part of the array's largest value, or the case is left out. It
# is a thousandth of what the comparison grants a student.
AGREEMENT = 1e-9
SHOWN = 3  # cases that are named where they do not
# Significant digits of every input. NumPy's tanh and the order in which BLAS adds differ from processor to
# processor in the last bits: rounded, they are the same numbers everywhere, and a student can read them.
INPUT_DIGITS = 6


@dataclass(frozen=True)
class Recipe:
    """How an assignment's cases are made.

    Attributes:
        inputs: fills a specification's arrays, float64.
        truth: inputs -> output name -> true array; by torch.
        check: the same by another right formulation.
        count: number of cases.
        ranges: the sizes that they may have.
    """

    inputs: Callable[[Spec, np.random.Generator], Arrays]
    truth: Callable[[Arrays], Arrays]
    check: Callable[[Arrays], Arrays]
    count: int
    ranges: Ranges = field(default_factory=Ranges)


def draw(recipe: Recipe, seed: int) -> Suite:
    """The suite of a seed, the same on every machine.

    Raises:
        GraderError: too few cases are left on which two right formulations agree.
    """
    cases: list[Case] = []
    expected: list[Arrays] = []
    parted: list[str] = []
    for spec in specs(seed, 2 * recipe.count, recipe.ranges):
        if len(cases) == recipe.count:
            break
        filled = recipe.inputs(spec, np.random.default_rng(spec.seed))
        inputs = {name: rounded(array) for name, array in filled.items()}
        truth = recipe.truth(inputs)
        label, sizes = spec.label(recipe.ranges), spec.sizes(recipe.ranges)
        if apart := _apart(truth, recipe.check(inputs)):
            parted.append(f"{apart} ({label})")
        else:
            cases.append(Case(label, spec.seed, inputs, spec.strided, spec.company, sizes))
            expected.append(truth)
    if len(cases) < recipe.count:
        raise GraderError(
            f"seed {seed} gives {len(cases)} cases that are safe to ask, {recipe.count} are needed: in "
            f"{len(parted)} `truth` and `check` part. The first: {'; '.join(parted[:SHOWN])}"
        )
    return Suite(seed, digest(cases), tuple(cases), tuple(expected))


def rounded(array: Array) -> Array:
    """The array with `INPUT_DIGITS` significant decimal digits in every entry, in its shape, float64."""
    entries = [float(f"{entry:.{INPUT_DIGITS}g}") for entry in array.ravel().tolist()]
    return np.array(entries, dtype=np.float64).reshape(array.shape)


def digest(cases: list[Case]) -> str:
    """SHA-256 over everything that is handed to a student, in hex."""
    sha256 = hashlib.sha256()
    for case in cases:
        sha256.update(repr((case.label, case.seed, case.strided, case.company)).encode())
        for name, array in sorted(case.inputs.items()):
            sha256.update(repr((name, array.shape)).encode())
            sha256.update(np.ascontiguousarray(array, "<f8").tobytes())
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
