"""Holds the true gradients to the slopes that central differences find, along random directions.

An output "dX" beside an input "X", or "X_" and more, is taken for the gradient of a scalar by it. The scalar
is what the recipe says (`Recipe.loss`). Where it says none, it is the sum of other outputs times inputs of
their shapes, as a homework hands over `delta`: of the inputs without a gradient, those that explain the most.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from grader.cases import Seed
from grader.declaration import Assignment
from grader.records import Arrays, Case, Suite

STEP = 1e-5  # of an array's largest entry
RELATIVE = 1e-5  # of what the gradient's entries add up to along a direction: 1,000 times what was measured
ROUNDING = 1e-9  # of the scalar: what its last digits make of a slope
CASES = 24  # at most, spread over the suite; along a random direction, an error in any entry is seen
FEW = 3  # cases by which it is found out what a gradient is of

Loss = Callable[[Arrays], float]


def apart(assignment: Assignment, seed: int) -> tuple[tuple[str, ...], str | None]:
    """Where gradients are no slopes, a sentence each; and a note, if nothing could be compared."""
    wrong: list[str] = []
    compared = 0
    for key, draw in assignment.suites.items():
        suite = draw(Seed(seed))
        named = _gradients(suite)
        if (losses := _losses(suite, named)) and named:
            compared += 1
            wrong += [f"suite {key!r}: {one}" for one in _wrong(suite, named, losses)]
    return tuple(wrong), None if compared else "no gradient stands beside what it is the gradient of"


def _gradients(suite: Suite) -> Mapping[str, str]:
    """Input -> the output that is the gradient by it."""
    if not suite.cases:
        return {}
    inputs, named = suite.cases[0].inputs, {}
    for output in suite.expected[0]:
        about = output.removeprefix("d")
        longer = [name for name in inputs if name.startswith(f"{about}_")]
        if about != output and about in inputs:
            named[about] = output
        elif about != output and len(longer) == 1:
            named[longer[0]] = output
    return named


def _losses(suite: Suite, named: Mapping[str, str]) -> list[Loss]:
    """Return what the gradients may be of."""
    if suite.loss is not None:
        return [suite.loss]
    if suite.truth is None or not suite.cases:
        return []
    truth = suite.truth
    outputs = [name for name in suite.expected[0] if name not in named.values()]
    free = [name for name in suite.cases[0].inputs if name not in named]
    fits = {output: [name for name in free if _same_shape(suite, output, name)] for output in outputs}
    paired = [output for output in outputs if fits[output]]
    chosen = itertools.product(*([None, *fits[output]] for output in paired))
    pairs = [{o: name for o, name in zip(paired, names, strict=True) if name is not None} for names in chosen]
    return [_sum_of_products(truth, one) for one in pairs if one and len(set(one.values())) == len(one)]


def _same_shape(suite: Suite, output: str, name: str) -> bool:
    pairs = zip(suite.cases, suite.expected, strict=True)
    return all(case.inputs[name].shape == expected[output].shape for case, expected in pairs)


def _sum_of_products(truth: Callable[[Arrays], Arrays], pairs: Mapping[str, str]) -> Loss:
    def loss(inputs: Arrays) -> float:
        found = truth(inputs)
        return float(sum(np.sum(found[output] * inputs[name]) for output, name in pairs.items()))

    return loss


def _wrong(suite: Suite, named: Mapping[str, str], losses: Sequence[Loss]) -> Iterator[str]:
    """For each gradient that is no slope, the first case; by the loss that explains the most."""
    pairs = list(zip(suite.cases, suite.expected, strict=True))
    pairs = pairs[:: -(-len(pairs) // CASES)]
    largest = sorted(pairs, key=lambda pair: pair[0].entries)[-FEW:]
    loss = (
        min(losses, key=lambda one: len(dict(_gaps(largest, named, one)))) if len(losses) > 1 else losses[0]
    )
    yield from dict(_gaps(pairs, named, loss)).values()


def _gaps(
    pairs: Sequence[tuple[Case, Arrays]], named: Mapping[str, str], loss: Loss
) -> Iterator[tuple[str, str]]:
    """Gradients that are no slopes, each with a sentence on the first case that shows it."""
    told: set[str] = set()
    for case, expected in pairs:
        rng = np.random.default_rng(case.seed)
        height = abs(loss(case.inputs))
        for name, gradient in named.items():
            if gradient in told:
                continue
            along = rng.standard_normal(case.inputs[name].shape)
            slope = _slope(case, name, along, loss)
            products = expected[gradient] * along
            scale = float(np.abs(case.inputs[name]).max(initial=0.0)) or 1.0
            granted = RELATIVE * np.abs(products).sum() + ROUNDING * height / scale
            if not abs(slope - products.sum()) <= granted:
                told.add(gradient)
                yield (
                    gradient,
                    f"{gradient} is no slope: along one direction it is {products.sum():.6g}, and central "
                    f"differences find {slope:.6g} ({case.label})",
                )


def _slope(case: Case, name: str, along: np.ndarray, loss: Loss) -> float:
    array = case.inputs[name]
    h = STEP * (float(np.abs(array).max(initial=0.0)) or 1.0)
    up, down = ({**case.inputs, name: array + sign * h * along} for sign in (1, -1))
    return (loss(up) - loss(down)) / (2 * h)
