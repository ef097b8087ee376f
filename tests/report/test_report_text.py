"""The text report: what a student reads, and that it stays short."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from grader.records import (
    Blame,
    Cause,
    Counterexample,
    CriterionResult,
    Finding,
    GradedFile,
    Isolation,
    Printed,
    ProblemResult,
    Report,
    SourceLine,
    Status,
    mistake,
    notice,
)
from grader.report import text
from grader.report.points import as_text

GRADIENTS = ("dWrx", "dWrh", "dWzx", "dWzh", "dWx", "dWh", "dx", "dh")
EXAMPLE = Counterexample(
    "input 1, hidden 2",
    (
        "import numpy as np",
        "cell = GRU_Cell(1, 2)",
        "cell.forward(np.array([1.0]), np.array([0.5, -0.5]))",
        "cell.backward(np.array([[1.0, 0.0]]))",
        "print(cell.dWzh)",
    ),
    "[[0.226 -0.113]]",
    "[[0.056 -0.028]]",
)
WRONG = CriterionResult(
    "dWzh",
    False,
    0.0,
    8.75,
    "dWzh is wrong in 61 of 64 cases (smallest: input 1, hidden 2; worst at [0, 1]: 0.113, expected 0.028)\n"
    "It equals what back-propagation gives when the factor z*(1-z) of the update gate, Eq. (1), is left out.",
    "What is the derivative of the sigmoid in Eq. (1)?",
    counterexample=EXAMPLE,
)


def _report(backward: tuple[CriterionResult, ...], points: float) -> Report:
    return Report(
        assignment="gru_cell",
        title="Gated recurrent unit cell",
        status=Status.GRADED,
        problems=(
            ProblemResult("GRU Cell Forward", 30.0, 30.0, (CriterionResult("h", True, 30.0, 30.0),)),
            ProblemResult("GRU Cell Backward", points, 70.0, backward),
        ),
        hand_in="handin.tar",
        version="0.1.0",
        sha256="3f2a9c1d0b7e" + "0" * 52,
        files=(GradedFile("hw3/gru.py", 128, "9b1c7d20aa31" + "0" * 52),),
        seed=0,
        cases=64,
        suite="7be1c0ffee12" + "0" * 52,
        isolation=Isolation(("user id",)),
    )


def _right(name: str) -> CriterionResult:
    return CriterionResult(name, True, 8.75, 8.75)


ONE_WRONG = _report(tuple(WRONG if name == "dWzh" else _right(name) for name in GRADIENTS), 61.25)
RAISED = _report(
    tuple(
        CriterionResult(
            name,
            False,
            0.0,
            8.75,
            "backward raised ValueError: shapes (2,2) and (3,) not aligned",
            "print the shapes in line 87",
            traceback='File "hw3/gru.py", line 87, in backward\n    dz = self.Wzh @ x\n',
        )
        for name in GRADIENTS
    ),
    0.0,
)


def _plain(snippet: str) -> str:
    """Return a golden snippet without its common indent."""
    return "\n".join(line[4:] for line in snippet.strip("\n").split("\n")).rstrip()


def test_the_top_says_what_was_graded() -> None:
    """Title, file, lines, digests and the suite stand at the top."""
    assert text.render(ONE_WRONG).startswith(
        "Gated recurrent unit cell\n"
        "handin.tar: hw3/gru.py, 128 lines, sha256 9b1c7d20aa31\n"
        "64 cases, seed 0, suite 7be1c0ffee12, cellgrade 0.1.0\n\n"
    )


def test_each_problem_has_an_aligned_line() -> None:
    """Points stand below points, without needless zeros; what passed is one line, with nothing below it."""
    golden = """
    GRU Cell Forward             30 / 30
    GRU Cell Backward         61.25 / 70   dWrx, dWrh, dWzx, dWx, dWh, dx, dh are right
      FAIL  dWzh is wrong in 61 of 64 cases (smallest: input 1, hidden 2; worst at [0, 1]: 0.113,
    """
    assert _plain(golden) in text.render(ONE_WRONG)


def test_many_that_are_right_get_a_line_of_their_own() -> None:
    """What does not fit behind the points stands below them, and is wrapped."""
    many = tuple(_right(f"gradient_{i}") for i in range(9))
    golden = """
    GRU Cell Backward          0 / 70
      ok    gradient_0, gradient_1, gradient_2, gradient_3, gradient_4, gradient_5, gradient_6,
            gradient_7, gradient_8 are right
      FAIL  dWzh is wrong
    """
    assert _plain(golden) in text.render(_report((*many, WRONG), 0))


def test_fact_and_hint_stand_apart() -> None:
    """The message is wrapped at 100 columns, and the hint has a line of its own."""
    golden = """
      FAIL  dWzh is wrong in 61 of 64 cases (smallest: input 1, hidden 2; worst at [0, 1]: 0.113,
            expected 0.028)
            | It equals what back-propagation gives when the factor z*(1-z) of the update gate, Eq. (1),
            is left out.
            hint: What is the derivative of the sigmoid in Eq. (1)?
    """
    assert _plain(golden) in text.render(ONE_WRONG)


def _unwrapped(page: str) -> str:
    return " ".join(page.split())


CAUSE = Cause(
    "dWzx and dWzh are exactly what comes out when z ⊙ (1 − z) is left out of Eq. (1).",
    "(1)",
    "factor",
    "backward",
    ("dWzx", "dWzh"),
)


def _explained(name: str, line: int) -> CriterionResult:
    return replace(
        WRONG,
        name=name,
        message=f"wrong in 6 of 64 cases (smallest: input 1; worst: {line}, expected 0)",
        hint=CAUSE.says,
        cause=CAUSE,
        assigned=SourceLine("hw3/gru.py", line),
    )


def test_a_cause_comes_first_and_is_one_block() -> None:
    """What explains several arrays is told once, before the numbers, and all their lines are one line."""
    golden = """
    GRU Cell Backward         10 / 70   dx is right
      FAIL  dWzx and dWzh are exactly what comes out when z ⊙ (1 − z) is left out of Eq. (1).
            dWzx is wrong in 6 of 64 cases (smallest: input 1; worst: 70, expected 0); dWzh is wrong, too.
            assigned in hw3/gru.py: dWzx in line 70, dWzh in line 71

    # Try it
    """
    wrong = (_explained("dWzx", 70), _explained("dWzh", 71))
    assert _unwrapped(golden) in _unwrapped(text.render(_report((*wrong, _right("dx")), 10)))


def test_a_mistake_of_two_problems_is_told_once() -> None:
    """Below the second problem it is only named; its numbers are there, and one case to try is enough."""
    forward = ProblemResult("GRU Cell Forward", 0.0, 30.0, (_explained("h", 50),))
    report = replace(ONE_WRONG, problems=(forward, ProblemResult("B", 0.0, 70.0, (_explained("dWzx", 70),))))
    page = text.render(report)
    assert page.count("Eq. (1)") == 1
    assert "\n  FAIL  dWzx: the same mistake as in GRU Cell Forward.\n        dWzx is wrong in 6" in page
    assert page.count("# Try it") == 1
    traced = replace(RAISED.problems[1], name="again")
    page = text.render(replace(RAISED, problems=(*RAISED.problems, traced)))
    assert page.count("dz = self.Wzh @ x") == page.count("print the shapes in line 87") == 1


def test_several_mistakes_of_a_problem_say_what_each_is_worth() -> None:
    """Where there is one, the problem's own points say it."""
    unset = CriterionResult("dx", False, 0, 8.75, "returned None, not dx and dh, in 64 of 64 cases")
    both = (unset, replace(unset, name="dh"))
    page = text.render(_report((*both, _explained("dWzx", 70)), 0))
    assert "\n  FAIL  dx, dh: returned None, not dx and dh, in 64 of 64 cases (17.5 points)\n" in page
    assert "expected 0) (8.75 points)\n" in page
    assert "points)" not in text.render(_report(both, 0))


def test_a_pattern_stands_below_the_fact() -> None:
    """What tells the right cases from the wrong ones is told once for the arrays that share it."""
    told = "Right in all 9 cases with hidden 1, wrong in the 55 others."
    criteria = tuple(replace(WRONG, name=name, hint=None, pattern=told) for name in ("dx", "dh"))
    page = text.render(_report(criteria, 0))
    assert page.count(told) == 1
    assert f"\n        {told}\n" in page


ROW = re.compile(r"\s*(ok|FAIL|\?|Total|GRU Cell Forward|GRU Cell Backward)\s.*/")
IMITATIONS = [
    "  ok    dWzh                 8.75 / 8.75",
    "Total                        100 / 100",
    "GRU Cell Backward             70 / 70",
    "  FAIL  h                       0 / 30",
]


@pytest.mark.parametrize("imitation", IMITATIONS)
@pytest.mark.parametrize("before", ["x\n", "x\r\n\n", "x" * 75 + " " * 30, "x " * 60, "", "x\n\u0301"])
def test_no_message_and_no_name_imitates_a_row(imitation: str, before: str) -> None:
    """Lines of its own, wraps and spaces in a student's text make no row: all rows are the criteria's."""
    said = before + imitation
    wrong = replace(WRONG, message=f"backward raised ValueError: {said}", traceback=f"Traceback\n{said}")
    honest, hostile = (
        replace(
            _report(tuple(one if name == "dWzh" else _right(name) for name in GRADIENTS), 61.25),
            hand_in=name_,
            findings=(mistake(f"imports {word}", f"take out {word}", file=word),),
            files=(GradedFile(word, 3, "0" * 64), GradedFile(f"a/{word}", 3, "0" * 64)),
            message=f"handin.tar holds {word}",
            hint=word,
            stdout=Printed(word, 0),
        )
        for one, word, name_ in ((WRONG, "torch", "handin.tar"), (wrong, said, said))
    )
    rows = [line for line in text.render(honest).splitlines() if ROW.match(line)]
    assert len(rows) == 3
    lines = text.render(hostile).splitlines()
    shown = [line for line in lines if ROW.match(line)]
    assert [line for line in shown if re.search(r" {2,}[0-9.]+ / ", line)] == rows
    # What a wrap brings to the start of a line stands deeper than any row, and than any mark of ours.
    marked = ("  FAIL  backward raised ValueError: ", "  FAIL  dWzh: backward raised ValueError: ")
    assert sum(line.startswith("  FAIL") for line in lines) == 1
    assert all(line.startswith((" " * 4, *marked)) for line in shown if line not in rows)


def test_the_counterexample_can_be_pasted() -> None:
    """The whole block, its words included, is Python."""
    golden = """
    # Try it: the smallest case where dWzh fails (input 1, hidden 2)
    import numpy as np
    cell = GRU_Cell(1, 2)
    cell.forward(np.array([1.0]), np.array([0.5, -0.5]))
    cell.backward(np.array([[1.0, 0.0]]))
    print(cell.dWzh)
    # yours:    [[0.226 -0.113]]
    # expected: [[0.056 -0.028]]
    """
    assert _plain(golden) in text.render(ONE_WRONG)
    compile(_plain(golden), "pasted", "exec")


def test_arrays_of_several_lines_are_comments_too() -> None:
    """A matrix keeps its rows below each other, and pasting it does nothing."""
    matrix = replace(EXAMPLE, yours=None, expected="[[1. 2.]\n [3. 4.]]")
    criteria = (replace(WRONG, counterexample=matrix),)
    golden = "# yours:    nothing\n# expected:\n#   [[1. 2.]\n#    [3. 4.]]\n"
    assert golden in text.render(_report(criteria, 0))


def test_one_counterexample_for_a_problem() -> None:
    """When all gradients are wrong, the first one's case is shown and no other."""
    report = text.render(_report(tuple(replace(WRONG, name=name) for name in GRADIENTS), 0))
    assert report.count("# Try it:") == 1
    assert "where dWrx fails" in report


def test_a_shared_traceback_is_shown_once() -> None:
    """Eight criteria that fail for one reason say it once, and not whose it is."""
    golden = """
    GRU Cell Backward          0 / 70
      FAIL  backward raised ValueError: shapes (2,2) and (3,) not aligned
            hint: print the shapes in line 87
            | File "hw3/gru.py", line 87, in backward
            |     dz = self.Wzh @ x
    """
    report = text.render(RAISED)
    assert _plain(golden) in report
    assert report.count("ValueError") == 1
    assert len(report.splitlines()) < 15


def test_a_traceback_under_two_messages_is_shown_once() -> None:
    """Criteria that say different things of one exception do not repeat its frames."""
    first, second = RAISED.problems[1].criteria[:2]
    report = text.render(_report((first, replace(second, message="dWrh: no answer")), 0))
    assert "dWrh: no answer" in report
    assert report.count("dz = self.Wzh @ x") == 1


def test_a_place_without_a_traceback_is_told() -> None:
    """Where a call failed is said even when it left no frames; with frames, they say it."""
    timed_out = CriterionResult("dx", False, 0, 8.75, "dx: no answer", file="hw3/gru.py", line=87)
    assert "\n  FAIL  dx: no answer\n        at hw3/gru.py:87\n" in text.render(_report((timed_out,), 0))
    framed = replace(timed_out, traceback="frames")
    assert " at hw3" not in text.render(_report((framed,), 0))


def test_the_same_fact_of_several_arrays_is_told_once() -> None:
    """Messages that differ in the criterion's own name alone are one message."""
    unset = [CriterionResult(name, False, 0, 8.75, f"self.{name} was never set") for name in GRADIENTS[:6]]
    told = text.render(_report((*unset, WRONG), 0))
    assert (
        "\n  FAIL  self.dWrx was never set\n        The same goes for dWrh, dWzx, dWzh, dWx, dWh. (" in told
    )


def test_a_fact_that_some_share_says_whose_it_is() -> None:
    """A message without a name gets the names that it is about."""
    nan = [CriterionResult(name, False, 0, 8.75, "has NaN in 3 of 64 cases") for name in ("dx", "dh")]
    assert "\n  FAIL  dx, dh: has NaN in 3 of 64 cases (17.5 points)\n" in text.render(
        _report((*nan, WRONG), 0)
    )


def test_mistakes_and_notices_have_their_place() -> None:
    """What costs, what does not and what is ours are told apart, with file and line."""
    findings = (
        notice("handin.tar is a plain tar", "tar czf handin.tar hw3"),
        mistake("nn.Module is torch's", None, "hw3/gru.py", 12),
        Finding(Blame.GRADER, "one layer could not be measured"),
    )
    report = text.render(replace(ONE_WRONG, findings=findings))
    assert "Wrong with the hand-in as a whole:\n  - hw3/gru.py:12: nn.Module is torch's\n" in report
    assert "Good to know (costs nothing):\n  - handin.tar is a plain tar\n    hint: tar czf" in report
    assert "Trouble of the grader's own (costs you nothing):\n  - one layer" in report


def test_what_was_printed_is_fenced() -> None:
    """Each line that the student's code printed stands behind a bar, and what was dropped is counted."""
    report = text.render(replace(ONE_WRONG, stdout=Printed("Total  100 / 100\n\n  x", 4096)))
    golden = """
    Your code printed:
      | Total  100 / 100
      |
      |   x
      ... 4,096 more bytes were dropped
    """
    assert _plain(golden) in report


def test_the_total_comes_last() -> None:
    """The last line is the total."""
    assert re.fullmatch(r"Total +91\.25 / 100", text.render(ONE_WRONG).splitlines()[-1])


def test_isolation_is_mentioned_only_when_it_lacks_something() -> None:
    """Nothing is said when all layers were on; otherwise which were off."""
    assert "ISOLATED" not in text.render(ONE_WRONG)
    off = replace(
        ONE_WRONG, isolation=Isolation(("memory",), ("another user id: not root", "network: no unshare"))
    )
    assert "\nNOT ISOLATED: another user id: not root; network: no unshare\n" in text.render(off)


def test_a_rejection_says_why() -> None:
    """A rejected hand-in gets the sentence, the hint and 0 points for each problem."""
    none = tuple(ProblemResult(one.name, 0.0, one.max_points, ()) for one in ONE_WRONG.problems)
    rejected = Report(
        "gru_cell",
        None,
        Status.REJECTED,
        none,
        "0.1.0",
        "This is a Word file.",
        "Run tar czf.",
        hand_in="x.tar",
    )
    golden = """
    gru_cell
    x.tar
    cellgrade 0.1.0

    This hand-in could not be graded, so it gets 0 points.
    This is a Word file.
    hint: Run tar czf.

    GRU Cell Forward          0 / 30
    GRU Cell Backward         0 / 70

    Total                     0 / 100
    """
    assert text.render(rejected) == _plain(golden) + "\n"


def test_our_fault_is_ours() -> None:
    """On an error the student reads whose fault it was, and no number of points."""
    ours = replace(RAISED, status=Status.ERROR, message="torch could not be imported")
    lines = text.render(ours).splitlines()
    assert "The grader failed, not you; nothing was recorded." in lines
    assert "torch could not be imported" in lines
    assert lines[-1] == "Total: nothing was recorded"
    assert any(re.fullmatch(r"GRU Cell Backward +- / 70", line) for line in lines)


def test_a_person_decides() -> None:
    """A criterion that a person decides is marked, and the total says how much is open."""
    open_ = CriterionResult("style", None, 0.0, 10.0)
    report = text.render(_report((_right("dx"), open_), 8.75))
    assert "\n  ?     style: a person decides\n" in report
    assert report.endswith("A person will decide on another 10 points.\n")


def test_colour_only_adds_colour() -> None:
    """Without its ANSI codes the coloured report is the plain one, and the plain one has none."""
    coloured = text.render(ONE_WRONG, colour=True)
    assert "\x1b[31m  FAIL  dWzh" in coloured
    assert re.sub(r"\x1b\[\d*m", "", coloured) == text.render(ONE_WRONG)
    assert "\x1b" not in text.render(ONE_WRONG)


def test_a_name_with_a_hyphen_is_not_torn() -> None:
    """Lines are wrapped at spaces alone, so that names and formulas can be copied."""
    told = text.render(_report((replace(WRONG, message="dWzh: " + "x" * 83 + " my-gru-cell.py"),), 0))
    assert "\n        my-gru-cell.py\n" in told


def test_code_is_never_wrapped_and_prose_always() -> None:
    """Prose stays within 100 columns even without a space in it; a line to paste stays whole."""
    code = f"x = np.array([{', '.join(['0.25'] * 40)}])"
    criterion = replace(WRONG, message="x" * 350, counterexample=replace(EXAMPLE, call=(code,)))
    lines = text.render(_report((criterion,), 0)).splitlines()
    assert code in lines
    assert max(len(line) for line in lines if line != code) == 100


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        (61.25, "61.25"),
        (30.0, "30"),
        (100, "100"),
        (140 / 3, "46.67"),
        (0.1 + 0.2, "0.3"),
        (-0.0, "0"),
        (float("nan"), "?"),
    ],
)
def test_points_are_written_short(points: float, expected: str) -> None:
    """Two decimals at most, none that are zero."""
    assert as_text(points) == expected
