"""Building a recurrent network step by step: a plain RNN and an LSTM, forward and backward.

Each of the functions is judged by the entries that the statement's tables print of it, and by random cases.
What it calls, and what its cache comes from, is at first the student's own. What is wrong then is asked again
with ours in place of it, so that a mistake costs points where it was made and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from grader.declaration import (
    Assignment,
    Check,
    GradientOf,
    Limits,
    Output,
    Problem,
    Wanted,
    Without,
    products,
)
from grader.records import Explain, Keep, Suite
from grader.suite import further

from . import equations, filling, published
from .functions import FUNCTIONS, Function, Way
from .suites import suite_of

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


def explain(name: str, suites: Mapping[str, Suite], keep: Keep) -> Explain:
    """Return what names the causes of wrong values of a function: its cases are the same in all ways."""
    from . import explaining  # which many hand-ins need nothing of

    return explaining.explain(name, suites[suite_key(name, is_table=False)], keep)


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
            gradient_of=None if is_table or way is not Way.OWN else _gradient_of(function),
        )
    assert asked is not None
    return asked


def _gradient_of(function: Function) -> GradientOf | None:
    """Return what the gradients of a way back are of: each delta times what it is the derivative by."""
    if not function.is_backward:
        return None
    handed_in = {delta.removeprefix("d"): delta for delta in function.deltas}
    return GradientOf(
        forward=check(function.forward, is_table=False),
        made_of=tuple(handed_in),
        loss=products(handed_in),
        by={answer: answer.removeprefix("d") for answer in function.answers},
    )


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
        suite_key(call, is_table=False): explaining
        for name, function in FUNCTIONS.items()
        for explaining in (partial(explain, name),)
        for way, call in function.calls.items()
        if way is not Way.OUR_CELL
    },
    further={
        suite_key(name, is_table=False): partial(
            further, filling.fill(name), filling.ranges(name), partial(equations.answers, name)
        )
        for name in FUNCTIONS
    },
    suites={
        suite_key(call, is_table): partial(suite_of, name, way, is_table)
        for name, function in FUNCTIONS.items()
        for way, call in function.calls.items()
        for is_table in (True, False)
    },
)
