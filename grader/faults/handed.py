"""The faults of what a hand-in starts from, and of what it hands back."""

from __future__ import annotations

from itertools import combinations

from grader.equations.nodes import Letter, Node, Zeros
from grader.faults.fault import Fault, Scope
from grader.faults.lines import Ways
from grader.faults.modes import Mode
from grader.faults.operations import Kind, Odd, Oddly, Slip
from grader.faults.whole import whole


def collect_given(ways: Ways) -> None:
    """Collect what may be made of what is given: ignored, another, or one entry or sample of it for all."""
    for count in range(1, len(ways.data) + 1):
        for names in combinations(ways.data, count):
            slip = Slip(Kind.GIVEN, Letter(names[0]))
            _given(ways, slip, names, {one: Zeros(one) for one in names}, "ignored, as if it were 0")
            if ways.samples > 1:
                first: dict[str, Node] = {one: Oddly(Odd.FIRST_SAMPLE, Letter(one)) for one in names}
                _given(ways, slip, names, first, str(Odd.FIRST_SAMPLE))
    for a, b in combinations(ways.data, 2):
        if ways.shapes[a] == ways.shapes[b]:
            _given(ways, Slip(Kind.SIDES, Letter(a), Letter(b)), (a, b), {a: Letter(b), b: Letter(a)}, "")
    for seed in ways.seeds if ways.declared.gradients else ():
        for odd in (Odd.FIRST_ENTRY, *((Odd.FIRST_SAMPLE, Odd.OVER_COUNT) if ways.samples > 1 else ())):
            _given(ways, Slip(Kind.GIVEN, Letter(seed)), (seed,), {seed: Oddly(odd, Letter(seed))}, str(odd))


def _given(ways: Ways, slip: Slip, names: tuple[str, ...], given: dict[str, Node], says: str) -> None:
    ways.found.add(Fault(slip, names[0], "", Mode.GIVEN, given=given, places=names, says=says))


def collect_outputs(ways: Ways) -> None:
    """Another array is handed back, or the right one with something done to it."""
    outputs = ways.declared.outputs
    usual = {*outputs.values(), *ways.data, *ways.seeds, *ways.made.values()}
    for name, letter in outputs.items():
        for other in (*ways.forward, *ways.backward, *ways.data, *ways.seeds):
            if other != letter and ways.shapes[other] == ways.shapes[letter]:
                slip = Slip(Kind.LETTER, Letter(letter), Letter(other))
                unlikely = 0 if other in usual else 9
                ways.found.add(
                    Fault(slip, letter, "", Mode.OUTPUT, outputs={name: Letter(other)}, unlikely=unlikely)
                )
        if letter in ways.forward:
            number = ways.number(letter)
            is_back = name not in ways.declared.states
            ways_to = [*whole(letter, Letter(letter), ways.shapes[letter], ways.samples, is_back)]
            ways_to.append(
                (
                    Oddly(Odd.WHOLE_NUMBERS, Letter(letter)),
                    Slip(Kind.SAMPLES, Letter(letter), how=Odd.WHOLE_NUMBERS),
                )
            )
            for new, slip in ways_to:
                ways.found.add(Fault(slip, letter, number, Mode.OUTPUT, outputs={name: new}))
    for a, b in combinations(outputs, 2):
        one, other = outputs[a], outputs[b]
        if ways.shapes[one] == ways.shapes[other]:
            slip = Slip(Kind.SIDES, Letter(one), Letter(other))
            both: dict[str, Node] = {a: Letter(other), b: Letter(one)}
            ways.found.add(Fault(slip, one, "", Mode.OUTPUT, Scope.FAMILY, outputs=both))
