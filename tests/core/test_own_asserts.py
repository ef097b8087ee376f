"""A student's own assert on a shape: what both sides are is told where it fails, and nothing runs twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from real_jobs import HandedIn, handed_in, started_zygote
from shipped import ROOT, known

from grader import engine
from grader.inside import asserts
from grader.records import (
    Counterexample,
    CriterionResult,
    FailedAssert,
    FailureKind,
    ProblemResult,
    Report,
    Status,
)
from grader.report import github, json_reading, json_report, text
from grader.report.placed import Placed
from grader.sandbox import objections
from grader.sandbox.zygote import Zygote

MODEL = (ROOT / "src" / "gru_cell" / "hw3" / "gru.py").read_text()
LAST = "        return dx, dh\n"
FAILS = "this assert of yours fails on cases that were asked"
COSTS = "; it was passed over, and costs nothing"


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    with started_zygote() as zygote:
        yield zygote


@pytest.fixture(scope="module")
def grader() -> Iterator[engine.Grader]:
    with engine.Grader([known("gru_cell")], engine.Options()) as one:
        yield one


def with_last(lines: str, source: str = MODEL) -> str:
    """Return the model hand-in with these lines at the end of backward."""
    assert source.count(LAST) == 1
    indented = "".join(f"        {line}\n" for line in lines.split("\n"))
    return source.replace(LAST, indented + LAST)


def graded(grader: engine.Grader, folder: Path, source: str) -> Report:
    (folder / "gru.py").write_text(source)
    report = grader.grade(folder / "gru.py")
    assert report.status is Status.GRADED, report.message
    return report


def said(report: Report) -> list[str]:
    """Return what is said of the student's own asserts."""
    return [one.message for one in report.findings if one.message.startswith(FAILS)]


def criterion(report: Report, name: str) -> CriterionResult:
    return next(one for row in report.problems for one in row.criteria if one.name == name)


def asked(zygote: Zygote, lines: str, before: str = "") -> tuple[tuple[FailedAssert, ...], HandedIn]:
    """Return the asserts that fail in a function of these lines, which answers all the same."""
    body = "".join(f"  {line}\n" for line in lines.split("\n"))
    with handed_in(zygote, f"import numpy as np\n{before}\ndef f(x):\n{body}  return x + 1\n") as hand_in:
        answer = hand_in.ask()
        assert answer.failure is None, answer.failure
        assert answer.arrays["y"].tolist() == [1, 2, 3]
        hand_in.session.close()
        return answer.asserts, hand_in


def says(zygote: Zygote, lines: str, before: str = "") -> str | None:
    """Return what is told of the one assert that fails."""
    (one,), _ = asked(zygote, lines, before)
    return one.says


# --- what is told


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("assert x.shape == (5, 3)", "x.shape is (3,), not (5, 3)"),
        ("assert (5, 3) == x.shape, 'no'", "x.shape is (3,), not (5, 3)"),
        ("assert x.shape==(len(x),2)", "x.shape is (3,), and (len(x), 2) is (3, 2)"),
        ("assert np.shape(2.0) == x.shape", "np.shape(2.0) is (), and x.shape is (3,)"),
        ("assert x.ndim == 2", "x.ndim is 1, not 2"),
        ("assert len(x) == x.ndim", "len(x) is 3, and x.ndim is 1"),
        ("assert x.size == np.int64(-4)", "x.size is 3, and np.int64(-4) is -4"),
        ("assert x.shape == [3]", "x.shape is (3,), not [3]"),
        ("assert x.shape == 3", "x.shape is (3,), not 3"),
        ("assert (1,) == (2,)", "(1,) is not (2,)"),
        ("assert x.ndim == 1 and len(x) == 3 and x.shape == (3, 1)", "x.shape is (3,), not (3, 1)"),
        ("assert x is not None and (n := len(x)) == 2", "(n := len(x)) is 3, not 2"),
    ],
)
def test_both_sides_of_a_comparison_are_told(zygote: Zygote, line: str, told: str) -> None:
    """Of shapes and sizes, however they are written; a side that is a number as it stands is told once."""
    assert says(zygote, line) == told


@pytest.mark.parametrize(
    "line",
    [
        "assert x[0] == 1",  # not a size
        "assert x.sum() == float('nan')",
        "assert x.shape != (3,)",
        "assert x.ndim == len(x) == 1",  # its middle would be evaluated a second time
        "assert x.ndim == 1 and x.sum() > 9",  # what is compared holds
        "assert (1.0, 2) == (3, 4)",
        "assert (True, 2) == (3, 4)",
        "assert 'a' == 'b'",
        "assert 10**5000 == len(x)",
        "assert len(x) == 1 << 31",
        "assert (1,) * 9 == x.shape",
        "assert [0] * 1_000_000 == x.shape",
        f"assert x.shape == ({'len(x) + ' * 500} 1,)",  # nested too deeply to be written
        "assert x == x",  # an array has no truth
        "assert False, x.shape == (1,)",
    ],
)
def test_of_anything_else_its_place_alone_is_told(zygote: Zygote, line: str) -> None:
    """What is no shape, or no size that an array could have, is passed over as ever."""
    assert says(zygote, line) is None


def test_a_long_side_is_cut(zygote: Zygote) -> None:
    """A side of any length fits into what is said."""
    told = says(zygote, f"assert x.shape == ({'len(x) + ' * 40} 1,)")
    assert told is not None
    assert told.startswith("x.shape is (3,), and (len(x) + len(x)")
    assert told.endswith("... is (121,)")
    assert len(told) < 200


def test_what_an_earlier_run_of_it_compared_is_not_told(zygote: Zygote) -> None:
    """The second time it is not the comparison that fails."""
    before = (
        "def a(x, n, ok):\n  assert len(x) == n and ok, stop(n)\n"
        "def stop(n):\n  if n == 4: raise KeyboardInterrupt\n"
    )
    lines = "try: a(x, 4, True)\nexcept KeyboardInterrupt: a(x, 3, False)"
    assert says(zygote, lines, before) is None


def test_the_first_case_is_the_one_that_is_told(grader: engine.Grader, tmp_path: Path) -> None:
    """In the order of the suite, with its sizes; full points; and the same bytes the second time."""
    source = with_last("assert self.dWrx.shape == (self.d, self.h)\nassert dx.ndim == 2")
    report = graded(grader, tmp_path, source)
    assert report.score == 100
    cases = known("gru_cell").suites["cells"](0).cases
    first = next(one for one in cases if one.sizes["input"] != one.sizes["hidden"])
    d, h = first.sizes["input"], first.sizes["hidden"]
    assert said(report) == [
        f"{FAILS}: in the first of them ({first.label}), self.dWrx.shape is ({h}, {d}), and "
        f"(self.d, self.h) is ({d}, {h}){COSTS}",
        f"{FAILS}: in the first of them ({cases[0].label}), dx.ndim is 1, not 2{COSTS}",
    ]
    lines = [one.line for one in report.findings if one.message.startswith(FAILS)]
    assert lines == [
        source[: source.index(one)].count("\n") + 1 for one in ("assert self.dWrx", "assert dx.n")
    ]
    assert json_report.render(graded(grader, tmp_path, source)) == json_report.render(report)


# --- beside the smallest case


WRONG = MODEL.replace("self.dWx = np.outer(da_n, x)", "self.dWx = np.outer(x, da_n)")


def test_the_smallest_case_tells_both_sides(grader: engine.Grader, tmp_path: Path) -> None:
    """As they are on it, in the text, in JSON and back, and in a pull request's annotation."""
    source = with_last("assert self.dWx.shape == (self.h, self.d)\nassert dx.ndim == 2", WRONG)
    line = source[: source.index("assert self.dWx")].count("\n") + 1
    report = graded(grader, tmp_path, source)
    shown = criterion(report, "dWx").counterexample
    assert shown is not None
    assert shown.case == "input 1, hidden 2"
    told = "self.dWx.shape is (1, 2), and (self.h, self.d) is (2, 1)"
    assert shown.failed_assert == FailedAssert("gru.py", line, None, told)
    sentence = f"# your own assert at gru.py:{line} fails on it: {told}"
    assert f"{sentence}\n" in text.render(report)
    assert any(sentence in one for one in github.render([Placed(report)]).splitlines() if "dWx" in one)
    document = json.loads(json_report.render(report))
    (found,) = [
        one["counterexample"]["failed_assert"]
        for row in document["problems"]
        for one in row["criteria"]
        if one["name"] == "dWx"
    ]
    assert found == {"file": "gru.py", "line": line, "says": told}
    read = json_reading.read(json_report.render(report))
    assert criterion(read, "dWx").counterexample == shown


def test_without_such_an_assert_nothing_is_told(grader: engine.Grader, tmp_path: Path) -> None:
    """The lines run to their end."""
    report = graded(grader, tmp_path, WRONG)
    shown = criterion(report, "dWx").counterexample
    assert shown is not None
    assert shown.failed_assert is None
    assert "assert" not in text.render(report)


def test_an_assert_that_raises_tells_both_sides(grader: engine.Grader, tmp_path: Path) -> None:
    """Under `try` it is not passed over: what it raised says so, of the suite's case and of the smallest."""
    tried = "try:\n  assert self.dWx.shape == (self.d, self.h), 'hm'\nfinally:\n  self.seen = True"
    report = graded(grader, tmp_path, with_last(tried))
    dx = criterion(report, "dx")
    assert dx.message is not None
    assert dx.message.startswith(
        "backward raised AssertionError: hm; self.dWx.shape is (1, 4), and (self.d, self.h) is (4, 1)"
    )
    assert dx.counterexample is not None
    assert dx.counterexample.raises == (
        "AssertionError: hm; self.dWx.shape is (2, 1), and (self.d, self.h) is (1, 2)"
    )
    assert said(report) == []


@pytest.mark.parametrize(
    "lines",
    [
        "try:\n  assert len(x) == 2\nexcept AssertionError as error:\n  assert error.args == ()",
        "try:\n  pass\nexcept KeyError:\n  pass\nelse:\n  assert len(x) == 2",
        "try:\n  pass\nfinally:\n  assert len(x) == 2",
        "try:\n  x.nothing\nexcept AttributeError:\n  assert len(x) == 2",
    ],
)
def test_what_is_caught_or_stands_behind_try_costs_nothing(zygote: Zygote, lines: str) -> None:
    """The function answers."""
    told, _ = asked(zygote, lines)
    assert [one.says for one in told] in ([], ["len(x) is 3, not 2"])


def test_what_raises_otherwise_says_what_it_said(zygote: Zygote) -> None:
    """An exception of the student's own making stays as it is, whatever an assert before it compared."""
    for raising in ("raise ValueError('no')", "np.testing.assert_equal(x.shape, (4,), verbose=False)"):
        body = f"  try:\n    assert len(x) == 2\n  except AssertionError:\n    {raising}"
        with handed_in(zygote, f"import numpy as np\ndef f(x):\n{body}") as hand_in:
            failure = hand_in.failure()
            assert failure.kind is FailureKind.RAISED
            assert "len(x) is" not in failure.message


# --- hostile


def test_each_side_is_evaluated_once_and_in_order(zygote: Zygote) -> None:
    """Whether the assert holds or not, by itself, in a row, and under `try`."""
    before = "def say(n, value):\n  print(n, end=' ')\n  return value\n"
    lines = (
        "assert say(1, x.shape) == say(2, (9,))\n"
        "assert say(3, x.shape) == say(4, (3,)) and say(5, len(x)) == say(6, 3) and say(7, 0) == say(8, 1)\n"
        "try:\n  assert say(9, 1) == say(10, 2), say(11, '')\nexcept AssertionError: pass"
    )
    told, hand_in = asked(zygote, lines, before)
    assert [one.says for one in told] == [
        "say(1, x.shape) is (3,), and say(2, (9,)) is (9,)",
        "say(7, 0) is 0, and say(8, 1) is 1",
    ]
    assert hand_in.session.printed("stdout").text.split() == [str(n) for n in range(1, 12)]


def test_the_comparison_is_made_once(zygote: Zygote) -> None:
    """By the left side's own method, which answers what it likes."""
    before = "class Eq:\n  def __eq__(self, other): print('eq'); return False\n"
    for line in ("assert Eq() == 3", "assert True and Eq() == 3", "assert 3 == Eq()"):
        _, hand_in = asked(zygote, line, before)
        assert hand_in.session.printed("stdout").text == "eq\n"


LIARS = """
def ran(*_): print("ran")
class Meta(type):
  def __eq__(self, other): ran(); return True
  __hash__ = type.__hash__
  def __instancecheck__(self, one): ran(); return True
class Any(metaclass=Meta):
  __class__ = property(ran)
  __repr__ = __str__ = __format__ = __int__ = __index__ = __len__ = __iter__ = __bool__ = ran
  def __eq__(self, other): return False
class Shape(tuple):
  __repr__ = __str__ = __len__ = __iter__ = __getitem__ = ran
class Size(int):
  __repr__ = __str__ = __int__ = __index__ = __lt__ = __gt__ = ran
class Lying:
  shape = Any()
  ndim = Size(2)
class No:
  def __bool__(self): print("asked once"); return False
  __eq__ = ran
class Vague(tuple):
  def __eq__(self, other): return No()
"""


@pytest.mark.parametrize(
    "test",
    [
        "Lying().shape == (3,)",
        "(3,) == Lying().shape",
        "Lying().ndim == 1",
        "Shape((1, 2)) == (1, 3)",
        "(Any(), 2) == (3, 2)",
        "(Size(2), 2) == (3, 2)",
        "[Shape((1,))] == [(2,)]",
    ],
)
def test_nothing_of_the_students_runs_for_it(zygote: Zygote, test: str) -> None:
    """What lies about its class, its letters, its length or its order is not asked for any of them."""
    told, hand_in = asked(zygote, f"assert {test}", LIARS)
    assert [one.says for one in told] == [None]
    assert hand_in.session.printed("stdout").text == ""


def test_what_a_comparison_gives_is_asked_for_its_truth_once(zygote: Zygote) -> None:
    """By the assert, as ever."""
    told, hand_in = asked(zygote, "assert Vague((1,)) == (2,)", LIARS)
    assert [one.says for one in told] == [None]
    assert hand_in.session.printed("stdout").text == "asked once\n"


@pytest.mark.parametrize(
    "before",
    [
        "__cellgrade_assert__ = None\n",
        "import ast\nast.unparse = None\n",
        "import sys\nsys.modules['torch'] = type('T', (), {'Size': np.ndarray})\n",
    ],
)
def test_who_breaks_it_harms_nobody_else(zygote: Zygote, before: str) -> None:
    """The call fails, or its assert is told without sides: the next one of another hand-in is as ever."""
    with handed_in(
        zygote, f"import numpy as np\n{before}def f(x):\n  assert x.ndim == 2\n  return x"
    ) as hand_in:
        hand_in.ask()
    assert says(zygote, "assert x.ndim == 2") == "x.ndim is 1, not 2"


def test_ten_of_them_and_a_long_exception_fit_into_an_answer(zygote: Zygote) -> None:
    """All at their limits, in letters of four bytes."""
    wide = "\N{GRINNING FACE}"
    rows = [f"  assert (x.ndim, '{wide * 60}')[0] == {2**30 + i}" for i in range(12)]
    rows += [f"  raise ValueError('{wide * 3000}')  # {wide * 200}"]
    path = "/".join([wide * 30] * 6) + "/gru.py"
    source = "def f(x):\n" + "\n".join(rows)
    with handed_in(zygote, source, main=path) as hand_in:
        answer = hand_in.ask()
    assert answer.failure is not None
    assert answer.failure.kind is FailureKind.RAISED
    assert len(answer.asserts) == asserts.MOST
    assert all(one.says is not None for one in answer.asserts)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["a.py"]),
    lambda some: st.lists(some, max_size=5) | st.dictionaries(st.text(max_size=2), some, max_size=2),
    max_leaves=12,
)


@given(ANYTHING | st.lists(st.tuples(st.just("a.py"), ANYTHING, ANYTHING, ANYTHING).map(list)))
def test_whatever_a_job_says_is_held_to_what_it_may_say(word: object) -> None:
    """Places in the hand-in's files, and nothing but sizes as values: else nothing."""
    for one in objections.read(word, {"a.py"}):
        assert one.file == "a.py"
        assert type(one.line) is int
        assert one.line > 0
        assert one.cell is None or one.cell > 0


@pytest.mark.parametrize(
    "sides",
    [
        ["x.shape", "(3)", "y", "(2,)"],
        ["x.shape", "(3,)", "y", "100 points"],
        ["x.shape", "(03,)", "y", "(2,)"],
        ["x.shape", "(3, 4,)", "y", "(2,)"],
        ["x.shape", "(3,)\n", "y", "(2,)"],
        ["x.shape", "(\u0663,)", "y", "(2,)"],
        ["x.shape", "(3,)", "y", "(" + "1, " * 8 + "1)"],
        ["x.shape", "9" * 11, "y", "1"],
        ["x\n.shape", "(3,)", "y", "(2,)"],
        ["x\u202e", "(3,)", "y", "(2,)"],
        ["x" * 81, "(3,)", "y", "(2,)"],
        ["", "(3,)", "y", "(2,)"],
        ["x", "(3,)", "y"],
        ["x", "(3,)", "y", 2],
        {"x": 1},
        "x",
    ],
)
def test_values_that_are_no_sizes_are_dropped(sides: object) -> None:
    """The place stays; what else is said of it does not."""
    assert objections.read([["a.py", 3, None, sides]], {"a.py"}) == (FailedAssert("a.py", 3, None),)


def test_who_says_too_much_is_cut_short() -> None:
    """As many as an honest job tells of, and no other's file."""
    many = [["a.py", line, None, None] for line in range(1, 10_000)]
    assert len(objections.read(many, {"a.py"})) == asserts.MOST
    assert objections.read([["b.py", 1, None, None], ["a.py", True, None, None]], {"a.py"}) == ()


def test_a_word_in_the_text_cannot_end_its_line() -> None:
    """The sentence beside a case to try is a comment of one line, whatever the file is called."""
    failed = FailedAssert("a\nprint(1).py", 3, 2, "x.shape is (3,), not (2,)")
    shown = Counterexample("c", ("f(1)",), "[1]", "[2]", failed_assert=failed)
    one = CriterionResult("dx", False, 0, 1, "dx is wrong", reason="value", counterexample=shown)
    rows = (ProblemResult("A", 0, 1, (one,)),)
    page = text.render(Report("a", "A", Status.GRADED, rows, "0.1.0", hand_in="a.py"))
    assert (
        "# your own assert at a\\nprint(1).py, cell 2, line 3 fails on it: x.shape is (3,), not (2,)\n"
        in page
    )
