"""What each function is asked, and what is true: random cases, and the tables that the statement prints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial

from grader.cases import seeded
from grader.records import Arrays, Case, Lookalike, Suite
from grader.suite import Recipe, changed, draw, of_each_case, roundings

from . import filling, published, stand_ins
from .functions import FUNCTIONS, Way

CASES = 22

# Known wrong answers, told to who gives them.
NO_CARRY = (
    "It is what comes out when nothing is carried from step t+1 back to step t: add the da_prev that the "
    "cell returns to the next da[:, :, t]."
)
NO_CARRY_OF_THE_LSTM = (
    f"{NO_CARRY} Its dc_prev is the next dc_next. The table of lstm_backward that was first published, in "
    "2018, has this mistake."
)
FIRST_VERSION = (
    "It is what the table of lstm_backward says that was first published, in 2018: that table is wrong. It "
    "carries neither da_prev nor dc_prev from step t+1 back to step t, and mixes up three of the biases."
)

Answers = Callable[[Arrays], Arrays]


@cache
def random_cases(name: str, seed: int) -> Suite:
    """Return the random cases of a function, with torch's answers."""
    from . import truth

    right, other = _formulations(name)
    recipe = Recipe(
        inputs=filling.fill(name),
        truth=right,
        check=other,
        count=CASES,
        ranges=filling.ranges(name),
        loss=partial(truth.loss, name) if FUNCTIONS[name].is_backward else None,
    )
    # A seed of its own, so that what one function is handed is never what another must answer.
    suite = replace(draw(recipe, seeded(seed).derived(name)), seed=seed)
    lookalikes = []
    if _carries(name):
        dropped = of_each_case(lambda case: truth.without_carry(name, case.inputs))
        lookalikes.append(Lookalike(_about_carry(name), dropped))
    if name == "lstm_backward":
        biases = of_each_case(lambda case: truth.first_published_biases(case.inputs))
        lookalikes.append(Lookalike(FIRST_VERSION, biases))
    return replace(suite, lookalikes=tuple(lookalikes))


@cache
def table(name: str, seed: int) -> Suite:
    """Return the published example of a function, with the entries that were printed."""
    from . import truth

    suite = published.suite(name, seed)
    quantities = published.quantities(name)
    lookalikes = []
    if first := published.printed(name, "first_version"):
        lookalikes.append(Lookalike(FIRST_VERSION, lambda _: first))
    if _carries(name):
        rows = of_each_case(
            lambda case: published.looked_up(truth.without_carry(name, case.inputs), quantities)
        )
        lookalikes.append(Lookalike(_about_carry(name), rows))
    return replace(suite, lookalikes=tuple(lookalikes), float32=roundings(*_formulations(name, quantities)))


def _formulations(name: str, quantities: tuple[str, ...] = ()) -> tuple[Answers, Answers]:
    """Two right ways to answer a function's inputs; with quantities, what its table prints of the answers."""
    from . import equations, truth

    def answers(by: Callable[[str, Arrays], Arrays], arrays: Arrays) -> Arrays:
        found = by(name, arrays)
        return published.looked_up({**arrays, **found}, quantities) if quantities else found

    return partial(answers, truth.answers), partial(answers, equations.answers)


def suite_of(name: str, way: Way, is_table: bool, seed: int) -> Suite:
    """Return what is asked of a function in one way."""
    from . import truth

    function = FUNCTIONS[name]
    suite = (table if is_table else random_cases)(name, seed)
    if way is Way.OWN:
        return suite
    quantities = published.quantities(name) if is_table else ()

    def with_our_cell(arrays: Arrays) -> Arrays:
        found = stand_ins.answers(name, arrays)
        return published.looked_up({**arrays, **found}, quantities) if is_table else found

    def asked(_: int, case: Case, true: Arrays) -> tuple[Case, Arrays]:
        cached = truth.cached(name, case.inputs) if function.is_backward else {}
        inputs = {**case.inputs, **cached}
        return replace(case, inputs=inputs), with_our_cell(inputs) if way is Way.OUR_CELL else true

    right = (with_our_cell, with_our_cell) if way is Way.OUR_CELL else _formulations(name, quantities)
    return replace(changed(suite, asked), seed=seed, float32=roundings(*right))


def _carries(name: str) -> bool:
    """Whether it carries derivatives from step to step."""
    return FUNCTIONS[name].is_sequence and FUNCTIONS[name].is_backward


def _about_carry(name: str) -> str:
    return NO_CARRY_OF_THE_LSTM if FUNCTIONS[name].is_lstm else NO_CARRY
