"""n-back: the truth about its gradients, how a training is judged, and what is said of the PDF."""

from __future__ import annotations

import importlib
import importlib.util
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.optimize
import shipped

from grader import discovery, engine
from grader.declaration import Check, Loaded
from grader.records import Answer, Array, Arrays, Failure, FailureKind, Judged, Report
from grader.report import text

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "grader" / "assignments" / "nback_rnn"


@cache
def assignment() -> Loaded:
    found = discovery.by_name("nback_rnn", discovery.assignments())
    return replace(found, suites={key: cache(draw) for key, draw in found.suites.items()})


def part(name: str) -> Any:
    assignment()
    return importlib.import_module(f"cellgrade_assignment_nback_rnn.{name}")


def module_at(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def model(arrays: Arrays) -> Any:
    rnn = module_at(ROOT / "src" / "nback_rnn" / "homework6_model.py").RNN(6, 1, 1)
    rnn.U, rnn.V, rnn.w = (arrays[name].copy() for name in ("U", "V", "w"))
    return rnn


def sequence(steps: int) -> Arrays:
    rng = np.random.default_rng(steps)
    arrays = {"x": rng.standard_normal(steps), "y": rng.standard_normal(steps)}
    return arrays | {
        name: rng.standard_normal(shape) / 2 for name, shape in (("U", (6, 6)), ("V", (6, 1)), ("w", 6))
    }


def unpacked(weights: Array) -> Arrays:
    return {"U": weights[:36].reshape(6, 6), "V": weights[36:42].reshape(6, 1), "w": weights[42:]}


def packed(arrays: Arrays, *names: str) -> Array:
    return np.concatenate([arrays[name].ravel() for name in names])


def gradients_of_the_model(arrays: Arrays) -> Arrays:
    rnn = model(arrays)
    rnn.forward(arrays["x"])
    return dict(zip(("dU", "dV", "dw"), rnn.backward(arrays["y"]), strict=True))


# --- the truth


@pytest.mark.parametrize("steps", [1, 2, 3, 50])
@pytest.mark.parametrize("source", ["model", "reference"])
def test_gradients_pass_scipys_check_grad(steps: int, source: str) -> None:
    """The gradients of the total cost are those that differences of the cost itself show."""
    data = sequence(steps)
    gradients = gradients_of_the_model if source == "model" else part("sequences").truth

    def cost(weights: Array) -> float:
        return float(part("training").loss({**data, **unpacked(weights)}))

    def gradient(weights: Array) -> Array:
        return packed(gradients({**data, **unpacked(weights)}), "dU", "dV", "dw")

    start = packed(data, "U", "V", "w")
    scale = np.linalg.norm(gradient(start))
    assert scipy.optimize.check_grad(cost, gradient, start, seed=0) < 1e-5 * scale


def test_the_sequences_have_one_to_fifty_steps() -> None:
    """The suite asks single steps, the homework's fifty, and lengths between."""
    steps = {case.sizes["steps"] for case in assignment().suites["sequences"](0).cases}
    assert min(steps) == 1
    assert max(steps) > 40
    assert len(steps) > 10


@pytest.mark.parametrize("seed", range(3))
def test_no_pre_activation_leaves_the_range_in_which_right_answers_agree(seed: int) -> None:
    """1 - h**2 and 1/cosh(z)**2 are the same to rounding wherever the suite asks."""
    for case in assignment().suites["sequences"](seed).cases:
        x, U, V = case.inputs["x"], case.inputs["U"], case.inputs["V"]
        h = np.zeros(6)
        for x_t in x:
            z = U @ h + V[:, 0] * x_t
            assert np.abs(z).max() < 6
            h = np.tanh(z)


def test_dropping_the_recursion_is_recognised() -> None:
    """Who lacks the way back in time is told so; dw, which needs none, is right."""
    report = graded(shipped.wrong("nback_rnn/application/recursion_dropped"))
    criteria = {one.name: one for one in report.problems[1].criteria}
    assert criteria["dw"].passed
    assert "nothing is carried from step t+1 back to step t" in (criteria["dU"].hint or "")
    assert criteria["dU"].hint == criteria["dV"].hint


# --- training


def test_the_seeds_are_drawn_by_the_lines_of_the_statement() -> None:
    """What students are told to run gives exactly the sequences and weights that are asked."""
    statement = (FOLDER / "statement.md").read_text()
    lines = re.findall(
        r"^    ((?:np\.random|x|y|U|V|w)\b.*)$", statement.partition("are drawn by")[2], re.MULTILINE
    )
    for case in assignment().suites["published"](7).cases:
        drawn: dict[str, Any] = {"np": np, "seed": case.seed}
        state = np.random.get_state()
        exec("\n".join(lines[:7]), drawn)
        np.random.set_state(state)
        assert all(np.array_equal(drawn[name], array) for name, array in case.inputs.items())
        assert set(case.inputs) == {"x", "y", "U", "V", "w"}
    assert "13.106289" in statement
    assert part("training").loss(part("training").by_the_recipe(1)) == pytest.approx(13.106289, abs=1e-6)


def trained(**claims: Any) -> Answer:
    """Return an answer of the adapter: weights of which nothing is known yet, and losses."""
    arrays, steps = claims["weights"], np.reshape(claims.get("steps", []), (-1, 48))
    parts = [packed(arrays, "U", "V", "w"), [len(steps)], steps.ravel(), claims.get("losses", [])]
    return Answer({"training": np.concatenate(parts)})


@cache
def solved(seed: int) -> tuple[Arrays, tuple[float, ...]]:
    *_, end = steps_of(seed)
    return unpacked(end), tuple(model_trained(seed)[1])


@cache
def model_trained(seed: int) -> tuple[Array, list[float]]:
    """Return the weights at which the model hand-in asks for gradients, and in the end; and its losses."""
    data = part("training").by_the_recipe(seed)
    rnn, at = model(data), []
    backward = rnn.backward

    def recorded(y: Array) -> Any:
        at.append(packed(vars(rnn), "U", "V", "w"))
        return backward(y)

    rnn.backward = recorded
    losses = rnn.train(data["x"], data["y"])
    return np.array([*at, packed(vars(rnn), "U", "V", "w")]), losses


def steps_of(seed: int) -> Array:
    return model_trained(seed)[0]


def judged(*answers: Answer) -> Judged:
    verdict: Judged
    (verdict,) = part("training").judge_training(assignment().suites["published"](0), answers)
    return verdict


def untrained(seed: int) -> Arrays:
    weights: Arrays = part("training").by_the_recipe(seed)
    return weights


def good(seed: int) -> Answer:
    weights, losses = solved(seed)
    return trained(weights=weights, losses=losses, steps=steps_of(seed)[:-1])


def bad(seed: int) -> Answer:
    return trained(weights=untrained(seed))


def test_three_seeds_of_five_are_enough() -> None:
    """Three trainings that reach 0.05 earn the points, two do not."""
    assert judged(good(1), bad(2), good(3), bad(4), good(5)).passed
    verdict = judged(good(1), bad(2), good(3), bad(4), bad(5))
    assert verdict.passed is False
    assert "below 0.05 on 2 of 5 seeds, and 3 are needed" in (verdict.message or "")
    assert verdict.reason == "value"


def test_the_loss_is_computed_from_the_weights() -> None:
    """Losses that say 0.01 beside weights that were never trained earn nothing, and are named."""
    losses = list(np.linspace(13, 0.01, 100))
    verdict = judged(*(trained(weights=untrained(seed), losses=losses) for seed in range(1, 6)))
    assert verdict.passed is False
    assert verdict.reason == "losses"
    assert "do not belong to these weights" in (verdict.hint or "")
    assert "seed 1: 13.11 (train's last loss: 0.01)" in (verdict.message or "")


def test_weights_without_losses_earn_the_points() -> None:
    """Who trains rightly and returns no losses only goes without a curve."""
    answers = (trained(weights=solved(seed)[0], steps=steps_of(seed)[:-1]) for seed in range(1, 6))
    verdict = judged(*answers)
    assert verdict.passed
    assert verdict.curve is None


# --- how the weights were reached


def straight(seed: int, end: Array, count: int = 100) -> Answer:
    """As if gradients had been asked along the straight way to weights that solve the problem."""
    start = packed(untrained(seed), "U", "V", "w")
    points = start + np.linspace(0, 1, count)[:, None] ** 2 * (end - start)
    return trained(weights=unpacked(end), steps=points[:-1], losses=np.linspace(13, 0.01, count))


def shift_register() -> Array:
    """Weights that solve every 2-back problem, whatever the sequence."""
    U, V, w = np.zeros((6, 6)), np.zeros((6, 1)), np.zeros(6)
    U[1, 0] = U[2, 1] = 1
    V[0], w[2] = 0.01, 100
    return packed({"U": U, "V": V, "w": w}, "U", "V", "w")


def test_weights_that_are_written_down_earn_nothing() -> None:
    """A solution that is simply assigned has been reached by no step, whatever losses are returned."""
    weights, losses = unpacked(shift_register()), list(np.linspace(13, 0.001, 80))
    assert part("training").loss({**untrained(1), **weights}) < 0.05
    verdict = judged(*[trained(weights=weights, losses=losses)] * 5)
    assert verdict.passed is False or verdict.passed is None
    asked_once = [
        trained(weights=weights, losses=losses, steps=packed(untrained(seed), "U", "V", "w"))
        for seed in range(1, 6)
    ]
    assert judged(*asked_once).reason == "steps"


def test_a_straight_way_to_written_weights_earns_nothing() -> None:
    """A way that is made up goes elsewhere than the gradients point, with its own end or with another's."""
    assert judged(*(straight(seed, steps_of(seed)[-1]) for seed in range(1, 6))).reason == "steps"
    assert judged(*(straight(seed, shift_register()) for seed in range(1, 6))).reason == "steps"


def test_a_jump_at_the_end_is_left_to_a_person() -> None:
    """Twenty steps of descent and a leap do not pass for a training."""
    answers = [
        trained(weights=unpacked(steps_of(seed)[-1]), steps=steps_of(seed)[:20]) for seed in range(1, 6)
    ]
    assert judged(*answers).passed is None


def test_a_training_that_asks_no_backward_is_left_to_a_person() -> None:
    """Where no step was seen nothing is held against it, and nothing is given."""
    verdict = judged(*(trained(weights=solved(seed)[0]) for seed in range(1, 6)))
    assert verdict.passed is None
    assert "was not seen" in (verdict.message or "")


def descended(seed: int, change: Any) -> Answer:
    """Return a descent from the published start, by `change(step, gradient, memory)`, with
    gradients of ours.
    """
    data = untrained(seed)
    memory: dict[str, Array] = {}
    at, asked = packed(data, "U", "V", "w"), []
    for step in range(1, 3000):
        loss, gradient = part("steps").losses_and_gradients(at[None], data["x"], data["y"])
        if loss[0] < 0.05:
            break
        asked.append(at)
        at = at + change(step, gradient[0], memory)
    return trained(weights=unpacked(at), steps=np.array(asked))


def momentum(_: int, gradient: Array, memory: dict[str, Array]) -> Array:
    memory["m"] = 0.9 * memory.get("m", 0) - 0.002 * gradient
    return memory["m"]


def adam(step: int, gradient: Array, memory: dict[str, Array]) -> Array:
    m = memory["m"] = 0.9 * memory.get("m", 0) + 0.1 * gradient
    v = memory["v"] = 0.999 * memory.get("v", 0) + 0.001 * gradient**2
    return -0.01 * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)


def of_each_array(_: int, gradient: Array, __: dict[str, Array]) -> Array:
    return -np.repeat([0.005, 0.02, 0.01], [36, 6, 6]) * gradient


def cut(_: int, gradient: Array, __: dict[str, Array]) -> Array:
    length = float(np.linalg.norm(gradient))
    return np.asarray(-0.01 * min(1.0, 20 / length) * gradient)


@pytest.mark.parametrize("change", [momentum, adam, of_each_array, cut])
def test_honest_descents_pass(change: Any) -> None:
    """Momentum, Adam, rates for each array, gradients that are cut: all follow the gradients."""
    assert judged(*(descended(seed, change) for seed in range(1, 6))).passed is True


@pytest.mark.parametrize("rest", [[-1.0], [np.nan], [1e300], [2.5, 1.0], [3.0, 1.0, 2.0]])
def test_a_count_that_cannot_be_is_no_fault_of_ours(rest: list[float]) -> None:
    """A student's process may say anything of how often gradients were asked."""
    answer = Answer({"training": np.concatenate([shift_register(), rest])})
    assert judged(*[answer] * 5).passed is not True


def test_a_mean_in_place_of_the_sum_is_named() -> None:
    """Training until the mean is below 0.05 leaves a total of 2.5, and the hint says why."""
    report = graded(shipped.wrong("nback_rnn/application/mean_for_the_sum"))
    training = report.problems[1].criteria[-1]
    assert "the mean over the 50 steps, not the sum" in (training.hint or "")


def test_nan_is_named() -> None:
    """Weights that overflowed are told so, with what to do."""
    broken = {**solved(1)[0], "U": np.full((6, 6), np.nan)}
    verdict = judged(*(trained(weights=broken, losses=[13.0, np.inf, np.nan]) for _ in range(5)))
    assert verdict.reason == "finite"
    assert "seed 1 to seed 5: NaN or infinity" in (verdict.message or "")
    assert "smaller learning rate" in (verdict.hint or "")


def test_divergence_is_named() -> None:
    """A loss that rose is not merely one that is too high."""
    far = {**solved(1)[0], "w": np.full(6, 1e3)}
    verdict = judged(*(trained(weights=far, losses=[13.0, 1e5]) for _ in range(5)))
    assert verdict.reason == "diverged"
    assert "seed 1: diverged, from 13.11 to " in (verdict.message or "")


def test_a_loss_that_jumps_does_not_belong_less() -> None:
    """A descent that goes up and down is not accused: the true loss is among its last ones."""
    losses = [13.0, 2.0, 30.0, 5.0, 40.0, 3.0]
    verdict = judged(*(trained(weights=untrained(seed), losses=losses) for seed in range(1, 6)))
    assert verdict.reason == "value"


def test_the_curve_is_the_students_own_claim_and_ends_where_numbers_end() -> None:
    """The picture says whose word it is; NaN and what follows it are left out."""
    losses = [13.0, 9.0, 7.0, np.nan, 5.0]
    verdict = judged(*(trained(weights=untrained(seed), losses=losses) for seed in range(1, 6)))
    assert verdict.curve is not None
    assert verdict.curve.values == (13.0, 9.0, 7.0)
    assert "your code's own claim, not checked" in verdict.curve.title


@pytest.mark.parametrize(
    "array",
    [
        np.empty(0),
        np.zeros(47),
        np.array(3.0),
        np.zeros((6, 8), bool),
        np.full(60, 1 << 40),
        np.full(99, np.inf),
    ],
    ids=lambda array: f"{array.dtype}{array.shape}",
)
def test_whatever_a_process_answers_is_judged(array: Array) -> None:
    """A student's process may send any array of numbers: it fails, and nothing of ours does."""
    verdict = judged(*[Answer({"training": array})] * 5)
    assert verdict.passed is False
    assert verdict.message


def test_a_missing_weight_is_named() -> None:
    """What the adapter could not find is what the student reads."""
    absent = Answer(absent={"training": "self.U was never set"})
    verdict = judged(absent, absent, good(3), good(4), absent)
    assert "seed 1 to seed 2: self.U was never set; seed 3: 0.0447" in (verdict.message or "")
    assert verdict.reason == "missing"


def test_an_exception_is_told_with_its_line() -> None:
    """The verdict names file and line of what train raised."""
    failure = Failure(FailureKind.RAISED, "training raised ValueError: no", file="homework6_a.py", line=9)
    verdict = judged(*[Answer(failure=failure)] * 5)
    assert "training raised ValueError: no (homework6_a.py, line 9)" in (verdict.message or "")
    assert verdict.reason == "raised"


def test_a_training_without_an_end_is_stopped_at_the_limit(tmp_path: Path) -> None:
    """The report says after how many seconds it was stopped."""
    source = (ROOT / "src" / "nback_rnn" / "homework6_model.py").read_text()
    endless = source.replace(
        "        losses = []\n", "        while True:\n            pass\n        losses = []\n"
    )
    (tmp_path / "homework6_ada.py").write_text(endless)
    hurried = replace(
        assignment(),
        problems=tuple(
            replace(problem, checks=tuple(map(in_a_hurry, problem.checks)))
            for problem in assignment().problems
        ),
    )
    report = engine.grade(tmp_path, [hurried], engine.Options())
    training = report.problems[1].criteria[-1]
    assert training.reason == "time"
    assert "seed 1 to seed 3: training was stopped after 0.3 s" in (training.message or "")
    assert "after 3 such calls it was not asked any more" in (training.message or "")
    assert report.problems[1].points == 24


def in_a_hurry(check: Any) -> Any:
    return replace(check, call_s=0.3) if isinstance(check, Check) and check.call == "training" else check


# --- what is handed in


def graded(hand_in: Path) -> Report:
    return engine.grade(hand_in, [assignment()], engine.Options())


def test_a_free_script_goes_to_a_person(tmp_path: Path) -> None:
    """Without the three methods nothing fails: a person looks, and the report says what would be graded."""
    (tmp_path / "homework6_ada.py").write_text("class Net:\n    pass\n\nprint(0.0499)\n")
    report = graded(tmp_path)
    assert [one.passed for problem in report.problems for one in problem.criteria] == [None] * 6
    assert (
        "a person will look at this: RNN.forward, RNN.backward, RNN.train would have to be there"
        in " ".join(text.render(report).split())
    )


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("homework6_ada.py", "the work of ada"),
        ("homework6_ada_grace.py", "the work of ada and grace: both get the mark"),
        ("homework6_a_b_c.py", "lists 3 people, a, b, c; a team has at most two"),
    ],
)
def test_the_name_says_who_gets_the_mark(tmp_path: Path, name: str, says: str) -> None:
    """A team's file names both of its members."""
    (tmp_path / name).write_text("pass\n")
    assert says in (graded(tmp_path).problems[0].criteria[0].message or "")


def test_a_pdf_by_another_name_is_looked_at(tmp_path: Path) -> None:
    """The partner's name left out of the PDF's costs nothing, and is said."""
    (tmp_path / "homework6_ada_grace.py").write_text("pass\n")
    (tmp_path / "homework6_ada.pdf").write_bytes(b"%PDF-1.4 /Type /Page")
    message = graded(tmp_path).problems[0].criteria[0].message or ""
    assert "homework6_ada.pdf is a PDF of 1 page." in message
    assert "should be that of the program, homework6_ada_grace.pdf" in message


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (
            b"%PDF-1.4\n<< /Type /Pages /Count 2 >> << /Type /Page >> << /Type/Page/Parent 2 0 R >>",
            "of 2 pages",
        ),
        (b"\xef\xbb\xbf%PDF-1.7 << /Type /Pages /Count 1 >>", "is a PDF of 1 page"),
        (b"%PDF-1.7 << /Type /ObjStm /N 3 >>", "how many pages it has is compressed and was not looked at"),
        (b"%PDF-1.7", "no page can be seen in it"),
        (b"", "is not a PDF"),
        (b"PK\x03\x04 word/document.xml", "is not a PDF"),
        (b"%PDF-1.4 /Count " + b"9" * 5000, "no page can be seen in it"),
    ],
)
def test_what_the_bytes_of_a_pdf_say(content: bytes, says: str) -> None:
    """Whether it is a PDF and how many pages it has, without opening it."""
    assert says in part("paper").about_pdf(content)


def test_the_models_pdf_has_two_pages() -> None:
    """The model hand-in brings what the statement asks for."""
    report = graded(ROOT / "src" / "nback_rnn")
    assert "homework6_model.pdf is a PDF of 2 pages" in (report.problems[0].criteria[0].message or "")


# --- what is provided


def test_the_stand_in_for_check_grad_says_what_scipy_says() -> None:
    """A student's own check of a gradient comes out as on a machine with SciPy."""
    stand_in = module_at(FOLDER / "provided" / "scipy" / "optimize.py")
    point = np.array([0.3, -1.2, 2.0])

    def cost(p: Array, scale: float) -> float:
        return float(scale * np.sum(np.sin(p) * p))

    def slope(p: Array, scale: float) -> Array:
        return scale * (np.cos(p) * p + np.sin(p))

    ours = stand_in.approx_fprime(point, cost, 1e-7, 3.0)
    assert ours == pytest.approx(scipy.optimize.approx_fprime(point, cost, 1e-7, 3.0), rel=1e-6)
    assert stand_in.check_grad(cost, slope, point, 3.0) < 1e-6
    assert stand_in.check_grad(cost, lambda p, s: 1.001 * slope(p, s), point, 3.0) > 1e-3


def test_weights_that_overflow_are_no_fault_of_ours() -> None:
    """Finite weights whose loss is not are named, and judging them raises nothing."""
    suite = assignment().suites["published"](0)
    given = np.full(36 + 6 + 6, 1e200)
    answers = [Answer({"training": given}) for _ in suite.cases]
    (verdict,) = part("training").judge_training(suite, answers)
    assert (verdict.passed, verdict.reason) == (False, "finite")


def test_a_cause_is_told_in_the_letters_of_the_statement() -> None:
    """The state before a step is h_{t-1} there, in the equation whose number is told."""
    with engine.Grader([assignment()], engine.Options(assignment="nback_rnn")) as grader:
        report = grader.grade(shipped.wrong("nback_rnn/application/state_off_by_one"))
    (cause,) = {one.cause for problem in report.problems for one in problem.criteria if one.cause}
    assert cause.says == (
        "dU is exactly what comes out when h_t stands for h_{t-1} on the way back through Eq. (1)."
    )
    statement = (shipped.ROOT / "grader" / "assignments" / "nback_rnn" / "statement.md").read_text()
    assert re.search(r"U h_\{t-1\} \+ V x_t +\(1\)$", statement, re.MULTILINE)
