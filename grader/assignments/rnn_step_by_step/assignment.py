"""Building a recurrent network step by step: a plain RNN and an LSTM, forward and backward.

Each of the functions is judged by the entries that the statement's tables print of it, and by random cases.
What it calls, and what its cache comes from, is at first the student's own. What is wrong then is asked again
with ours in place of it, so that a mistake costs points where it was made and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial

from grader.cases import seeded
from grader.declaration import Assignment, Check, Limits, Output, Problem, Wanted, Without
from grader.records import Arrays, Case, Explain, Lookalike, Suite
from grader.suite import Recipe, changed, draw, of_each_case, roundings

from . import filling, published, stand_ins
from .functions import FUNCTIONS, Function, Way

POINTS = {
    "rnn_cell_forward": 10,
    "rnn_forward": 15,
    "lstm_cell_forward": 15,
    "lstm_forward": 20,
    "rnn_cell_backward": 20,
    "rnn_backward": 20,
    "lstm_cell_backward": 0,
    "lstm_backward": 0,
}
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


# --- what is asked, and what is true


Answers = Callable[[Arrays], Arrays]


def explain(name: str, suite: Suite) -> Explain:
    """Return what names the causes of wrong values of a function."""
    from . import explaining  # which many hand-ins need nothing of

    return explaining.explain(name, suite.seed)


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


# --- how it is asked, and what it is worth

# Samples, and the steps of a sequence, are each held to their own scale; so the axes over which they run.
EACH = dict.fromkeys(("a_next", "c_next", "yt", "dxt", "da_prev", "dc_prev", "da0"), (1,))
EACH_STEP = dict.fromkeys(("a", "y", "c", "dx"), (1, 2))


def suite_key(call: str, is_table: bool) -> str:
    """Return the key of the suite that a call is asked."""
    return f"{call} table" if is_table else call


def check(name: str, is_table: bool) -> Check:
    """How a function is judged by its table, or by random cases; and what is asked where it fails."""
    function = FUNCTIONS[name]
    if is_table:
        outputs = tuple(
            Output(
                published.criterion(quantity),
                show=_shown(function, quantity),
                only_with=(published.stands_for(name, quantity),),
            )
            for quantity in published.quantities(name)
        )
    else:
        each = {**EACH, **EACH_STEP}
        outputs = tuple(
            Output(answer, each=each.get(answer, ()), show=_shown(function, answer))
            for answer in function.answers
        )
    asked: Check | None = None
    for way, call in reversed(function.calls.items()):
        asked = Check(
            call=call,
            method=name,
            suite=suite_key(call, is_table),
            outputs=outputs,
            paste=_paste(function),
            meanwhile=_meanwhile(function),
            fallback=asked,
            title=_title(function, way),
        )
    assert asked is not None
    return asked


def _title(function: Function, way: Way) -> str:
    caches = (
        f"with {'caches' if function.is_sequence else 'a cache'} of ours in place of {function.forward}'s"
    )
    if way is Way.OUR_CELL:
        cell = f"another {function.cell} in place of yours"
        return f"{caches}, and {cell}" if function.is_backward else f"with {cell}"
    return caches if way is Way.OUR_CACHE else ""


def _paste(function: Function) -> tuple[str, ...]:
    """Return the lines that make a call, below those that set its inputs."""
    parameters = ", ".join(f'"{name}": {name}' for name in function.parameters)
    starts = f"{function.forward}({', '.join(function.inputs)}, parameters)"
    lines = (f"parameters = {{{parameters}}}",)
    cache = "caches" if function.is_sequence else "cache"
    if function.is_backward:
        goes_back = f"gradients = {function.name}({', '.join(function.deltas)}, {cache})"
        return (*lines, f"*_, {cache} = {starts}", goes_back)
    return (*lines, f"{', '.join(function.answers)}, {cache} = {starts}")


def _meanwhile(function: Function) -> tuple[str, ...]:
    """Return the lines that call the way forward with other inputs, of the same shapes."""
    inputs = ", ".join(f"{name}[::-1]" for name in function.inputs)
    return (f"{function.forward}({inputs}, {{name: array[::-1] for name, array in parameters.items()}})",)


def _shown(function: Function, quantity: str) -> str:
    """Return the expression that a quantity is, below the call: of "dxt[1][2]", that entry of
    gradients["dxt"].
    """
    whole, bracket, indices = quantity.partition("[")
    return f'gradients["{whole}"]{bracket}{indices}' if function.is_backward else quantity


ASSIGNMENT = Assignment(
    name="rnn_step_by_step",
    title="A recurrent network step by step: RNN and LSTM, forward and backward",
    wanted=(
        Wanted(
            "rnn_step_by_step.py",
            # What the course's own notebook is called when it is exported, in all its versions.
            also=("*[Ss]tep?[Bb]y?[Ss]tep*.py", "*[Bb]uilding?[Aa]?[Rr]ecurrent*.py"),
            defines=("rnn_cell_forward",),
            methods=tuple(name for name, points in POINTS.items() if points),
        ),
    ),
    problems=tuple(
        Problem(
            name,
            points,
            (check(name, is_table=True), check(name, is_table=False)),
            # What the statement leaves open is judged where it is there.
            needs=() if points else (name,),
            without=Without.FAIL if points else Without.LEAVE_OUT,
        )
        for name, points in POINTS.items()
    ),
    limits=Limits(model_s=0.002),
    imports=("from rnn_utils import sigmoid, softmax",),
    shares=("matplotlib",),
    stand_ins=("matplotlib/*", "public_tests.py", "utils.py"),
    explains={
        suite_key(call, is_table=False): partial(explain, name)
        for name, function in FUNCTIONS.items()
        for way, call in function.calls.items()
        if way is not Way.OUR_CELL
    },
    suites={
        suite_key(call, is_table): partial(suite_of, name, way, is_table)
        for name, function in FUNCTIONS.items()
        for way, call in function.calls.items()
        for is_table in (True, False)
    },
)
