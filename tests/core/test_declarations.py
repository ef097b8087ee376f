"""What an assignment may declare beyond a plain comparison, graded for real on a tiny assignment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from grader import engine
from grader.declaration import (
    Check,
    GradientOf,
    Limits,
    Loaded,
    Output,
    Person,
    Problem,
    Reading,
    Wanted,
    Without,
    products,
)
from grader.errors import DeclarationError
from grader.records import Answer, Blame, Case, Curve, Judged, Lookalike, ProblemResult, Report, Status, Suite
from grader.report import autolab, json_report, text

ADAPTER = """
def double(module, given):
    return {"y": module.double(given.arrays["x"])}


def with_ours(module, given):
    module.inner = lambda x: x + 100
    return {"y": module.double(given.arrays["x"])}


def train(module, given):
    return {"losses": module.train(given.arrays["x"])}
"""

X = (np.array([1.0, 2.0]), np.array([3.0, 5.0]))
CASES = tuple(Case(f"case {i}", i, {"x": x}) for i, x in enumerate(X))


def suite_of(*expected: float, says: str = "", wrong: float = 0.0) -> Suite:
    """Return the cases, with y = x * expected[0] + expected[1]; and a lookalike y = x * wrong."""
    factor, offset = expected
    lookalikes = (Lookalike(says, lambda case: {"y": case.inputs["x"] * wrong}),) if says else ()
    return Suite(0, "0", CASES, tuple({"y": x * factor + offset} for x in X), lookalikes)


def below_one(_: Suite, answers: Sequence[Answer]) -> Sequence[Judged]:
    """Trained, if the last loss of two cases is below 1."""
    losses = [answer.arrays.get("losses") for answer in answers]
    values = tuple(float(loss) for loss in losses[0]) if losses[0] is not None else ()
    good = sum(one is not None and one[-1] < 1 for one in losses)
    return [Judged(good == 2, f"{good} of 2 cases", curve=Curve("your own losses", values))]


def number(files: Mapping[str, tuple[str, bytes]]) -> Judged:
    """Return the file holds 42."""
    if "answer.txt" not in files:
        return Judged(False, "answer.txt is missing", reason="missing")
    path, content = files["answer.txt"]
    return Judged(content.strip() == b"42", f"{path} says {content.decode()}", reason="value")


DOUBLE = Check("double", "twice", (Output("y"),))
LOOP = replace(
    DOUBLE, fallback=Check("with_ours", "ours", (Output("y"),), title="with our inner in place of yours")
)


def assignment(*problems: Problem) -> Loaded:
    return Loaded(
        folder=Path("tiny"),
        name="tiny",
        title="Tiny",
        wanted=(Wanted("tiny.py"), Wanted("answer.txt", required=False)),
        problems=problems,
        suites={
            "twice": lambda _: suite_of(2, 0, says="that is three times", wrong=3),
            "ours": lambda _: suite_of(1, 100),
        },
        adapter=ADAPTER,
        starter={"tiny.py": b"def double(x):\n    raise NotImplementedError\n\n\ndef train(x):\n    pass\n"},
        provided={"given.py": b"def two(x):\n    return 2 * x\n", "own.py": b"raise ValueError\n"},
    )


def grade(tmp_path: Path, problem: Problem, source: str, **files: str) -> Report:
    (tmp_path / "tiny.py").write_text(source)
    for name, content in files.items():
        (tmp_path / name.replace("__", ".")).write_text(content)
    report = engine.grade(tmp_path, [assignment(problem)], engine.Options())
    assert report.status is Status.GRADED, report.message
    return report


def row(report: Report) -> ProblemResult:
    (result,) = report.problems
    return result


RIGHT = "def double(x):\n    return 2 * x\n"


def test_a_known_wrong_answer_is_told(tmp_path: Path) -> None:
    """Who gives the answer of a known mistake, in every case, reads where it comes from."""
    result = row(grade(tmp_path, Problem("p", 10, (DOUBLE,)), "def double(x):\n    return 3 * x\n"))
    assert (result.criteria[0].passed, result.criteria[0].hint) == (False, "that is three times")


def test_another_wrong_answer_is_not_taken_for_a_known_one(tmp_path: Path) -> None:
    """An explanation that holds in one case only is not given."""
    source = "def double(x):\n    return 3 * x if x[0] == 1 else 4 * x\n"
    assert row(grade(tmp_path, Problem("p", 10, (DOUBLE,)), source)).criteria[0].hint is None


def test_what_is_right_with_our_part_counts(tmp_path: Path) -> None:
    """A loop around a wrong cell keeps its points when it is right around ours, and the report says so."""
    source = "def inner(x):\n    return 7 * x\n\n\ndef double(x):\n    return inner(x)\n"
    report = grade(tmp_path, Problem("p", 10, (LOOP,)), source)
    assert row(report).points == 10
    assert [one.message for one in report.findings] == [
        "y: right with our inner in place of yours, and counted"
    ]


def test_our_part_is_not_put_in_place_without_need(tmp_path: Path) -> None:
    """What is right by itself is not asked again."""
    source = RIGHT + "\n\ndef __getattr__(name):\n    raise AttributeError(name)\n"
    report = grade(tmp_path, Problem("p", 10, (LOOP,)), source)
    assert (row(report).points, report.findings) == (10, ())


def test_what_is_wrong_in_both_ways_is_told_by_its_own(tmp_path: Path) -> None:
    """When neither holds, the message is about the student's own, and there is no point."""
    result = row(grade(tmp_path, Problem("p", 10, (LOOP,)), "def double(x):\n    return 3 * x\n"))
    assert (result.points, result.criteria[0].hint) == (0, "that is three times")


TRAINING = Problem("p", 10, (Check("train", "twice", (Output("losses"),), judge=below_one),))


def test_a_judge_decides_from_all_answers(tmp_path: Path) -> None:
    """A custom judge sees the answers to all cases, and its message, verdict and curve are the report's."""
    result = row(grade(tmp_path, TRAINING, "def train(x):\n    return [8, 4, 1 / x[0]]\n"))
    assert (result.points, result.criteria[0].message) == (0, "1 of 2 cases")
    assert row(grade(tmp_path, TRAINING, "def train(x):\n    return [8, 4, 0.5]\n")).points == 10


def test_a_curve_is_in_every_report(tmp_path: Path) -> None:
    """The picture is drawn in letters in the text, and as SVG in the JSON, under its title."""
    report = grade(tmp_path, TRAINING, "def train(x):\n    return [8, 4, 2, 1, 0.5]\n")
    assert "your own losses:" in text.render(report)
    assert "5 steps" in autolab.render(report)
    (criterion,) = json_report.as_dict(report)["problems"][0]["criteria"]
    assert criterion["curve"]["values"] == [8, 4, 2, 1, 0.5]
    assert criterion["curve"]["svg"].startswith("<svg ")


def test_a_call_may_have_more_time_than_others(tmp_path: Path) -> None:
    """`call_s` of a check is the limit of its calls, and is named when it is reached."""
    slow = Problem("p", 10, (replace(DOUBLE, call_s=0.3),))
    result = row(grade(tmp_path, slow, "def double(x):\n    while True:\n        pass\n"))
    assert result.criteria[0].message == "double was stopped after 0.3 s"


@pytest.mark.parametrize(
    ("files", "points", "message"),
    [
        ({"answer__txt": "42"}, 10, "answer.txt says 42"),
        ({"answer__txt": "41"}, 0, "answer.txt says 41"),
        ({}, 0, "answer.txt is missing"),
    ],
    ids=["right", "wrong", "missing"],
)
def test_a_reading_looks_at_a_file(
    tmp_path: Path, files: dict[str, str], points: float, message: str
) -> None:
    """A criterion can be read off a file that the hand-in may leave out."""
    result = row(grade(tmp_path, Problem("p", 10, (Reading("number", number),)), RIGHT, **files))
    assert (result.points, result.criteria[0].message) == (points, message)


def test_a_hand_in_may_be_the_optional_file_alone(tmp_path: Path) -> None:
    """Without the module, what is read off files is graded; what asks the module says so."""
    tiny = assignment(Problem("a", 10, (Reading("number", number),)), Problem("b", 10, (DOUBLE,)))
    optional = replace(tiny, wanted=tuple(replace(wanted, required=False) for wanted in tiny.wanted))
    (tmp_path / "answer.txt").write_text("42")
    report = engine.grade(tmp_path, [optional], engine.Options())
    assert [problem.points for problem in report.problems] == [10, 0]
    assert report.problems[1].criteria[0].message == "there is no tiny.py in the hand-in"


def test_a_person_decides(tmp_path: Path) -> None:
    """A manual problem waits: no point, no failure, named in the report, left out of Autolab's line."""
    report = grade(tmp_path, Problem("p", 10, (Person("derivation", "A person reads it."),)), RIGHT)
    assert row(report).criteria[0].passed is None
    assert "A person reads it." in text.render(report)
    tiny = assignment(Problem("p", 10, (Person("d", "reads"),)), Problem("q", 5, (DOUBLE,)))
    both = engine.grade(tmp_path, [tiny], engine.Options())
    assert autolab.render(both).splitlines()[-1].startswith('{"scores": {"q": 5}')


@pytest.mark.parametrize(
    ("without", "passed"), [(Without.FAIL, False), (Without.PERSON, None), (Without.LEAVE_OUT, "left out")]
)
def test_what_a_problem_needs(tmp_path: Path, without: Without, passed: object) -> None:
    """A problem whose function is not there fails, waits for a person, or is left out, as declared."""
    problem = Problem("p", 10, (DOUBLE,), needs=("double",), without=without)
    problems = grade(tmp_path, problem, "x = 1\n").problems
    assert [one.criteria[0].passed for one in problems] == ([] if passed == "left out" else [passed])
    assert row(grade(tmp_path, problem, RIGHT)).points == 10


def test_what_cannot_be_parsed_is_not_optional(tmp_path: Path) -> None:
    """A syntax error is the student's to read; it does not pass for an optional problem left out."""
    problem = Problem("p", 10, (DOUBLE,), needs=("double",), without=Without.LEAVE_OUT)
    assert row(grade(tmp_path, problem, "def double(x:\n")).criteria[0].passed is False


@pytest.mark.parametrize("without", list(Without))
def test_what_cannot_be_read_is_not_optional(tmp_path: Path, without: Without) -> None:
    """A source that is too much for Python's parser hides nothing: what is not there fails, with the reason.

    Here it is a module beside the main file, which is never imported: what is there is still graded.
    """
    source = f"{RIGHT}\ndef never(x):\n    import endless\n"
    problems = [Problem("p", 10, (DOUBLE,), needs=("double",), without=without)]
    problems.append(Problem("q", 5, TRAINING.checks, needs=("train",), without=without))
    (tmp_path / "tiny.py").write_text(source)
    (tmp_path / "endless.py").write_text("x = 1\n" * 150_000)
    tiny = replace(assignment(*problems), limits=Limits(call_s=0.5))
    report = engine.grade(tmp_path, [tiny], engine.Options())
    assert [row.points for row in report.problems] == [10, 0]
    assert [one.passed for one in report.problems[1].criteria] == [False]
    [finding] = report.findings
    assert finding.message.startswith("reading tiny.py was stopped after 0.5 s; so whatever is not there")
    assert finding.blame is Blame.STUDENT


def test_modules_are_provided(tmp_path: Path) -> None:
    """A hand-in may import what the homework provides, and a file of its own of that name goes before it."""
    source = "from given import two\nfrom own import three\n\n\ndef double(x):\n    return two(x)\n"
    report = grade(tmp_path, Problem("p", 10, (DOUBLE,)), source, own__py="three = 3\n")
    assert (row(report).points, report.findings) == (10, ())


def test_a_contradiction_is_named() -> None:
    """What is asked instead must have the same outputs and a title, and suites must be there."""
    for check in (
        replace(LOOP, fallback=replace(DOUBLE, outputs=(Output("z"),), title="t")),
        replace(LOOP, fallback=DOUBLE),
        replace(DOUBLE, suite="none"),
    ):
        with pytest.raises(DeclarationError):
            assignment(Problem("p", 10, (check,)))


def test_what_is_a_gradient_says_of_what() -> None:
    """Of outputs of a forward that is asked, and with respect to what: of outputs that there are."""
    forward = replace(DOUBLE, outputs=(Output("z"),), suite="ours")
    of = GradientOf(forward, ("z",), products({"z": "x"}), {"y": "x"})
    assignment(Problem("p", 10, (forward, replace(DOUBLE, gradient_of=of))))
    for wrong, says in (
        (replace(of, forward=replace(forward, call="other")), "which no problem asks for"),
        (replace(of, made_of=("w",)), "which no problem asks for"),
        (replace(of, by={"x": "x"}), "has no such output"),
    ):
        with pytest.raises(DeclarationError, match=says):
            assignment(Problem("p", 10, (forward, replace(DOUBLE, gradient_of=wrong))))


def test_two_checks_may_not_make_the_same_call_on_the_same_suite() -> None:
    """Their answers could not be told apart: the second's would be judged as the first's."""
    other = replace(DOUBLE, outputs=(Output("z"),))
    with pytest.raises(DeclarationError, match="the same call on the same suite"):
        assignment(Problem("p", 10, (DOUBLE, other)))


def test_a_curve_of_the_largest_numbers_is_drawn(tmp_path: Path) -> None:
    """Numbers whose difference is infinite are a student's, and end in a picture all the same."""
    report = grade(tmp_path, TRAINING, "def train(x):\n    return [1e308, -1e308, 0.0]\n")
    assert "3 steps" in text.render(report)
    assert autolab.render(report).rstrip().endswith("}")


def test_a_rejection_gives_no_zero_where_a_person_decides(tmp_path: Path) -> None:
    """A hand-in without any wanted file: 0 for what is graded here, a person's problems are left to them."""
    (tmp_path / "notes.md").write_text("see the PDF")
    tiny = assignment(Problem("p", 10, (Person("d", "reads"),)), Problem("q", 5, (DOUBLE,)))
    report = engine.grade(tmp_path, [tiny], engine.Options(assignment="tiny"))
    assert report.status is Status.REJECTED
    assert autolab.render(report).splitlines()[-1].startswith('{"scores": {"q": 0}')
