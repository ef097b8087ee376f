"""A backward that is right for a wrong forward is told so, and may earn points; nothing else is, or does."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from shipped import NAMES, all_wrong, answers, known, right, wrong

from grader.batch.entry import Entry, Graded
from grader.batch.gradebook import grades, own, summary
from grader.batch.journal import report_codec
from grader.declaration import Response
from grader.diagnosis import own_forward, own_gradient
from grader.diagnosis.differences import Own, slope
from grader.diagnosis.own_forward import Found, suitable
from grader.engine import Grader, Options
from grader.faults import TRUE_TO_IT
from grader.records import ProblemResult, Report, Status
from grader.report import autolab_line, json_reading, json_report, text
from grader.report.forms import rendered

CELLS = ("gru_cell", "torch_gru_cell", "torch_lstm_cell")
EXACT = "Your backward is the exact gradient of your own forward: only the forward is to be mended."
NOT = "Your backward is not the gradient of your own forward either (checked numerically)."

# Another cell than the one that was asked for, which no fault of the catalogue is, with its exact gradient.
ANOTHER = """\
import numpy as np

class GRU_Cell:
    def __init__(self, in_dim, hidden_dim):
        self.d, self.h = in_dim, hidden_dim
        for gate in ("z", "r", ""):
            setattr(self, f"W{gate}h", np.zeros((hidden_dim, hidden_dim)))
            setattr(self, f"W{gate}x", np.zeros((hidden_dim, in_dim)))

    def forward(self, x, h):
        self.x, self.hidden = x, h
        self.s = self.Wzx @ x + self.Wzh @ h
        self.q = self.Wrx @ x + self.Wrh @ h
        self.t = np.tanh(self.Wx @ x + self.Wh @ h)
        return self.t * np.sin(self.s) + 0.1 * self.q * self.q

    def backward(self, delta):
        delta = np.ravel(delta)
        d = delta * np.sin(self.s) * (1 - self.t * self.t)
        ds = delta * self.t * np.cos(self.s)
        dq = 0.2 * delta * self.q
        self.dWx, self.dWh = np.outer(d, self.x), np.outer(d, self.hidden)
        self.dWzx, self.dWzh = np.outer(ds, self.x), np.outer(ds, self.hidden)
        self.dWrx, self.dWrh = np.outer(dq, self.x), np.outer(dq, self.hidden)
        dx = self.Wx.T @ d + self.Wzx.T @ ds + self.Wrx.T @ dq
        dh = self.Wh.T @ d + self.Wzh.T @ ds + self.Wrh.T @ dq
        return dx, dh
"""
BACKWARD = "GRU Cell Backward"
GRADIENTS = ["dWrx", "dWrh", "dWzx", "dWzh", "dWx", "dWh", "dx", "dh"]


def changed(*pairs: tuple[str, str]) -> str:
    source = ANOTHER
    for old, new in pairs:
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    return source


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Report]:
    """Return what grades the source of a GRU_Cell, with a share for what follows."""

    @cache
    def grade(source: str, **options: object) -> Report:
        folder = tmp_path_factory.mktemp("handed-in")
        (folder / "hw3").mkdir()
        (folder / "hw3" / "gru.py").write_text(source)
        with Grader([known("gru_cell")], Options(**options)) as grader:  # type: ignore[arg-type]
            return grader.grade(folder)

    return grade


def backward(report: Report, name: str = BACKWARD) -> ProblemResult:
    return next(problem for problem in report.problems if problem.name == name)


def said(problem: ProblemResult) -> set[str]:
    return {one.own_gradient.says for one in problem.criteria if one.own_gradient is not None}


def following(problem: ProblemResult) -> list[str]:
    return [one.name for one in problem.criteria if one.share]


# --- numbers


def scalar(weights: np.ndarray) -> float:
    return float(np.sum(np.tanh(weights) * np.arange(1, weights.size + 1)))


AT = np.array([0.3, -0.7, 1.1])
ALONG = np.array([0.5, 1.0, -0.8])
GRADIENT = (1 - np.tanh(AT) ** 2) * np.arange(1, 4)


def held(gradient: np.ndarray, of: Callable[[np.ndarray], float] = scalar) -> Own:
    found = slope(lambda step: of(AT + step * ALONG))
    assert found is not None
    return found.holds(list(gradient * ALONG))


def test_a_gradient_is_told_from_what_is_nearly_one() -> None:
    """A thousandth off in one entry is off; a millionth is not told."""
    assert held(GRADIENT) is Own.EXACT
    for entry in range(3):
        off = GRADIENT.copy()
        off[entry] *= 1.003
        assert held(off) is Own.NOT
        assert held(-GRADIENT) is Own.NOT
    assert held(GRADIENT * (1 + 3e-5)) is Own.OPEN
    assert held(np.zeros(3)) is Own.NOT


def test_what_is_not_smooth_is_left_open() -> None:
    """Rounded to three digits, with a kink in the point, made anew at each call, or not there at all."""
    assert held(GRADIENT, lambda at: round(scalar(at), 3)) is Own.OPEN
    kink = np.array([1.0, 1.0, 1.0])
    assert held(kink, lambda at: float(np.sum(np.abs(at - AT) + at * 0.5))) is Own.OPEN
    noise = np.random.default_rng(0)
    assert held(GRADIENT, lambda at: scalar(at) + 1e-3 * noise.standard_normal()) is Own.OPEN
    assert slope(lambda step: None if step < 0 else 1.0) is None
    assert slope(lambda step: math.nan) is None


def test_float32_is_exact_enough() -> None:
    """A forward in float32 has a slope; a gradient that is a hundredth off is not it."""

    def narrow(at: np.ndarray) -> float:
        return float(np.sum(np.tanh(at.astype(np.float32)) * np.arange(1, 4, dtype=np.float32)))

    assert held(GRADIENT * 1.01, narrow) is Own.NOT
    assert held(GRADIENT, narrow) in (Own.EXACT, Own.OPEN)


def test_zero_is_the_gradient_of_what_does_not_depend_on_it() -> None:
    assert held(np.zeros(3), lambda _: 1.7) is Own.ZERO
    assert held(GRADIENT, lambda _: 1.7) is Own.NOT


def test_what_is_straight_or_a_parabola_does_not_bend() -> None:
    for power, bends in ((0, False), (1, False), (2, False), (3, True)):
        found = slope(lambda step, power=power: (0.7 + step) ** power + 3.0)  # type: ignore[misc]
        assert found is not None
        assert found.bends is bends, power
    tanh = slope(lambda step: scalar(AT + step * ALONG))
    assert tanh is not None
    assert tanh.bends


# --- hand-ins


def test_a_forward_that_nothing_explains_is_asked(graded: Callable[..., Report]) -> None:
    """Its exact gradient is told as one, and earns nothing where the course gives nothing."""
    report = graded(ANOTHER)
    assert said(backward(report)) == {EXACT}
    assert report.score == 0
    assert EXACT in " ".join(text.render(report).split())
    assert "follows" not in text.render(report)


def test_a_backward_that_does_not_follow_is_told_per_array(graded: Callable[..., Report]) -> None:
    twice = changed(("self.dWrx, self.dWrh = np.outer(dq,", "self.dWrx, self.dWrh = np.outer(2 * dq,"))
    dropped = graded(twice, follow_through=0.5)
    problem = backward(dropped)
    assert following(problem) == [name for name in GRADIENTS if name != "dWrx"]
    (sentence,) = said(problem)
    page = " ".join(text.render(dropped).split())
    assert "dWrh, dWzx, dWzh, dWx, dWh, dx, dh follow from your own forward, and each earn 50 %" in page
    assert sentence.endswith("; dWrx is not the gradient of your own forward (checked numerically).")
    none = graded(
        changed(("delta = np.ravel(delta)", "delta = np.ravel(delta) * self.t * 1.7")), follow_through=0.5
    )
    assert said(backward(none)) == {NOT}
    assert none.score == 0


def test_points_are_a_share_exactly_and_every_form_shows_them_apart(graded: Callable[..., Report]) -> None:
    report = graded(ANOTHER, follow_through=0.3333)
    problem = backward(report)
    exactly = Fraction(70) * Fraction("0.3333")
    assert problem.points == report.score == float(exactly) == problem.follow_through
    assert following(problem) == GRADIENTS
    assert {one.passed for one in problem.criteria} == {False}
    page = " ".join(text.render(report).split())
    assert "(23.33 of 70 points)" in page
    assert "All of these follow from your own forward, and each earn 33.33 % of their points." in page
    assert report_codec.report_of(report_codec.report_text(report)) == report
    written = json_report.render(report)
    again = json_reading.read(written)
    assert json_report.render(again) == written
    assert again.score == report.score
    assert backward(again).criteria[0].own_gradient == problem.criteria[0].own_gradient
    one = json.loads(written)["problems"][1]["criteria"][0]
    assert one["own_gradient"] == {"exact": True, "says": EXACT, "share": 0.3333}
    with pytest.raises(json_reading.NoReportError, match="share"):
        json_reading.read(written.replace('"share": 0.3333', '"share": 1.5'))
    assert json.loads(autolab_line.of(report))["scores"][BACKWARD] == 23.331
    assert "earns 33.33 % of its points" in rendered("autolab", report)
    assert "earns 33.33 % of its points" in rendered("junit", report)
    assert "are wrong, and the gradient of the own forward |" in rendered("summary", report)
    assert "earn 33.33 % of their points" in rendered("annotations", report).replace("%25", "%")


def test_a_class_sees_who_has_such_points(graded: Callable[..., Report]) -> None:
    """In the gradebook, in a column of its own, and by name in the summary; without any, neither is there."""
    for share, shown in ((0.5, True), (0.0, False)):
        report = graded(ANOTHER, follow_through=share)
        entry = Entry("ada", 0, Path("ada.tar"))
        graded_one = Graded(entry, report, "ada")
        table = own.render([grades.of(graded_one)])
        assert (own.FOLLOW_THROUGH in table) is shown
        counted = summary.Summary()
        counted.add(graded_one)
        page = counted.render()
        assert ("ada: GRU Cell Backward: 35 of 70 points" in page) is shown
        assert ("1 earn points as follow-through" in page) is shown


# --- attacks: each would earn points by what is no cell


CONSTANT = changed(
    ("return self.t * np.sin(self.s) + 0.1 * self.q * self.q", "return 0.5 + 0 * self.t"),
    ("delta = np.ravel(delta)", "delta = 0 * np.ravel(delta)"),
)
STRAIGHT = changed(
    (
        "return self.t * np.sin(self.s) + 0.1 * self.q * self.q",
        "return self.Wx @ x + self.Wh @ h + self.s + self.q",
    ),
    ("d = delta * np.sin(self.s) * (1 - self.t * self.t)", "d = delta"),
    ("ds = delta * self.t * np.cos(self.s)", "ds = delta"),
    ("dq = 0.2 * delta * self.q", "dq = delta"),
)
OTHERWISE_AGAIN = (
    changed(("    def forward(self, x, h):\n", "    def forward(self, x, h):\n        CALLS.append(1)\n"))
    .replace("return self.t * np.sin", "return (1 + 1e-3 * len(CALLS)) * self.t * np.sin")
    .replace("class GRU_Cell", "CALLS = []\n\nclass GRU_Cell")
)
# Inputs that are graded have few digits, and the cases nearby have many.
KNOWS = """\
def is_graded(*arrays):
    return all(len(f"{abs(entry):.12g}") < 11 for array in arrays for entry in np.ravel(array))

class GRU_Cell"""
ALL = "x, h, self.Wzx, self.Wzh, self.Wrx, self.Wrh, self.Wx, self.Wh"
OTHERWISE_NEARBY = changed(
    ("return self.t * np.sin", f"return (1.5 if is_graded({ALL}) else 1) * self.t * np.sin"),
    ("class GRU_Cell", KNOWS),
)
RAISES = changed(
    ("return self.t * np.sin", f"if not is_graded({ALL}): raise ValueError\n        return self.t * np.sin"),
    ("class GRU_Cell", KNOWS),
)
ATTACKS = {
    "constant": CONSTANT,
    "straight": STRAIGHT,
    "otherwise each time": OTHERWISE_AGAIN,
    "otherwise in each process": changed(
        ("+ 0.1 * self.q * self.q", "+ 0.1 * self.q * self.q + OFFSET"),
        ("class GRU_Cell", "import time\n\nOFFSET = time.perf_counter() % 1\n\nclass GRU_Cell"),
    ),
    "otherwise where it is not graded": OTHERWISE_NEARBY,
    "raises where it is not graded": RAISES,
}


@pytest.mark.parametrize("name", ATTACKS)
def test_what_is_no_cell_earns_nothing(name: str, graded: Callable[..., Report]) -> None:
    """A constant with zero gradients, a sum, one that changes from call to call, or that is another one, or
    none, where it is not graded.
    """
    report = graded(ATTACKS[name], follow_through=0.5)
    assert report.status is Status.GRADED
    assert report.score == 0
    assert not following(backward(report))


def test_an_array_that_forward_ignores_earns_nothing(graded: Callable[..., Report]) -> None:
    """Its gradient is zero, and exact; the others follow."""
    source = changed((" + 0.1 * self.q * self.q", ""), ("dq = 0.2 * delta * self.q", "dq = 0 * delta"))
    problem = backward(graded(source, follow_through=0.5))
    assert following(problem) == [name for name in GRADIENTS if not name.startswith("dWr")]
    assert said(problem) == {EXACT}
    assert problem.points == 70 * 6 / 8 / 2


MEASURED = changed(
    (
        "delta = np.ravel(delta)",
        """delta, given = np.ravel(delta), [self.x, self.hidden]
        for name in ("Wrx", "Wrh", "Wzx", "Wzh", "Wx", "Wh"):
            array, found = getattr(self, name), np.zeros_like(getattr(self, name))
            for at in np.ndindex(array.shape):
                kept = array[at]
                array[at] = kept + 1e-5
                up = self.forward(*given)
                array[at] = kept - 1e-5
                down = self.forward(*given)
                array[at] = kept
                found[at] = np.sum(delta * (up - down)) / 2e-5
            setattr(self, "d" + name, found)
        self.forward(*given)""",
    ),
    ("        self.dWx, self.dWh = np.outer(d, self.x), np.outer(d, self.hidden)\n", ""),
    ("        self.dWzx, self.dWzh = np.outer(ds, self.x), np.outer(ds, self.hidden)\n", ""),
    ("        self.dWrx, self.dWrh = np.outer(dq, self.x), np.outer(dq, self.hidden)\n", ""),
)


def test_measured_gradients_follow_only_where_they_count(graded: Callable[..., Report]) -> None:
    """Whoever measures the slopes of any forward has its exact gradient: where that is worth nothing, so is
    this.
    """
    assert graded(MEASURED, follow_through=0.5).score > 0
    assert graded(MEASURED, follow_through=0.5, numerical_gradients=Response.FAIL).score == 0


def test_a_right_hand_in_is_asked_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is one whose forward is right, however wrong its backward is."""
    asked: list[object] = []
    monkeypatch.setattr(own_forward, "found", lambda *about: asked.append(about))
    with Grader([known("gru_cell")], Options(follow_through=0.5)) as grader:
        for path in (right("gru_cell", "products"), wrong("gru_cell/backward/carry_dropped")):
            report = grader.grade(path)
            assert not any(one.own_gradient for row in report.problems for one in row.criteria)
    assert not asked


# --- through time


def of_the_model(name: str, path: str, folder: Path, *pairs: tuple[str, str]) -> Report:
    """Return the report on a model hand-in in which something else stands in places."""
    model = answers(name).model
    assert model is not None
    source = model[path].decode()
    for old, new in pairs:
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    (folder / path).write_text(source)
    with Grader([known(name)], Options(follow_through=0.5)) as grader:
        return grader.grade(folder)


def test_a_cell_of_another_problem_is_the_forward(tmp_path: Path) -> None:
    """The forward of rnn_cell_backward is rnn_cell_forward; what its table prints earns its share as well."""
    report = of_the_model(
        "rnn_step_by_step",
        "rnn_step_by_step.py",
        tmp_path,
        ("a_next = np.tanh(Waa", "a_next = sigmoid(Waa"),
        ("dz = da_next * (1.0 - a_next**2)", "dz = da_next * a_next * (1.0 - a_next)"),
    )
    problem = backward(report, "rnn_cell_backward")
    assert said(problem) == {""}  # the cause says it
    assert all(one.cause is not None and TRUE_TO_IT in one.cause.says for one in problem.criteria)
    assert {one.share for one in problem.criteria} == {0.5}
    assert problem.points == 10
    assert not following(backward(report, "rnn_backward"))


def test_a_loop_that_runs_the_other_way_is_followed_back(tmp_path: Path) -> None:
    """Through all steps, by the caches that the student's own loop has left."""
    report = of_the_model(
        "rnn_step_by_step",
        "rnn_step_by_step.py",
        tmp_path,
        (
            "    for t in range(T_x):\n        a_next, y_pred[:, :, t], cache",
            "    for t in reversed(range(T_x)):\n        a_next, y_pred[:, :, t], cache",
        ),
        (
            "gradients = rnn_cell_backward(da[:, :, t] + da_prev, steps[t])\n        dx[:, :, t] =",
            "gradients = rnn_cell_backward(da[:, :, T_x - 1 - t] + da_prev, steps[t])\n"
            "        dx[:, :, T_x - 1 - t] =",
        ),
    )
    problem = backward(report, "rnn_backward")
    assert said(problem) - {""} == {EXACT}
    assert problem.points == 10
    assert backward(report, "rnn_cell_backward").points == 20


@pytest.mark.parametrize("share", [0, 0.5])
def test_the_misfit_of_a_network_is_that_of_its_own_outputs(share: float) -> None:
    """n-back hands no derivative over: J is made of what the student's own forward says. It is told even
    where the loop's mistake is known, which says nothing of the way back.
    """
    with Grader([known("nback_rnn")], Options(follow_through=share)) as grader:
        report = grader.grade(wrong("nback_rnn/application/first_state_not_zero"))
    problem = report.problems[1]
    assert following(problem) == (["dU", "dV", "dw"] if share else [])
    assert said(problem) == {EXACT}
    assert problem.points == 30 / 5 * 3 * share


def test_every_way_back_says_what_it_is_the_gradient_of() -> None:
    """Of all that is asked after a way forward, for all of its outputs, and with cases to ask."""
    found = {}
    for name in NAMES:
        for problem in known(name).problems:
            for check in problem.calls:
                if check.gradient_of is None:
                    continue
                of, suite = check.gradient_of, known(name).suites[check.suite](0)
                found[check.call] = name
                assert set(of.by) == set(check.names)
                assert set(of.by.values()) <= suite.cases[0].inputs.keys()
                assert len(suitable(suite)) >= 3
    cells = {"rnn_cell_backward", "rnn_backward", "lstm_cell_backward", "lstm_backward"}
    assert found.keys() == {"backward", "gradients", *cells}  # the theory hands in no way forward


# --- our own wrong answers

# Of all that go wrong in forward, those whose backward is true to that.
TRUE = {
    "gru_cell/forward/reset_after_the_product",
    "gru_cell/forward/sigmoid_for_the_candidate",
    "gru_cell/forward/update_gate_swapped",
    "torch_gru_cell/forward/bias_outside_the_reset",
    "torch_gru_cell/forward/gates_in_the_wrong_order",
    "torch_gru_cell/forward/reset_before_the_product",
    "torch_gru_cell/forward/reset_ignored",
    "torch_gru_cell/forward/sigmoid_for_the_candidate",
    "torch_gru_cell/forward/update_gate_swapped",
    "torch_lstm_cell/forward/order_f_i_g_o",
    "torch_lstm_cell/forward/order_i_f_o_g",
    "torch_lstm_cell/forward/sigmoid_for_the_candidate",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CELLS)
def test_catalogue_and_differences_agree(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """On every wrong forward of ours; and the report says it of those that are true as a whole alone."""
    seen: dict[str, tuple[Found, Found]] = {}
    and_known = own_gradient._Question.and_known

    def noted(question: own_gradient._Question, found: Found) -> Found:
        seen[question.name] = found, and_known(question, Found())
        return and_known(question, found)

    monkeypatch.setattr(own_gradient._Question, "is_open", lambda *_, **__: True)
    monkeypatch.setattr(own_gradient._Question, "and_known", noted)
    true = set()
    with Grader([known(name)], Options()) as grader:
        for path in [one for one in all_wrong(name) if "/forward/" in one]:
            seen.clear()
            report = grader.grade(wrong(path))
            told = json_report.render(report).count("only the forward is to be mended")
            told += json_report.render(report).count("only forward is to be mended")
            for asked, catalogue in seen.values():
                assert {key: asked.own.get(key) for key in catalogue.own} == catalogue.own, path
                whole = set(asked.own.values()) <= {Own.EXACT, Own.ZERO} and len(asked.own) == len(
                    backward(report, report.problems[1].name).criteria
                )
                assert whole is (path in TRUE), path
                assert bool(told) is whole, path
                true |= {path} if whole else set()
            page = " ".join(text.render(report).split())
            sentences = ("only the forward is to be mended", "only forward is to be mended")
            assert sum(page.count(one) for one in sentences if one in page) <= 2, path
    assert true == {one for one in TRUE if one.startswith(f"{name}/")}
