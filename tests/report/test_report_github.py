"""Annotations and the job's summary: right on real reports, and out of reach for whatever a student writes.

What a runner takes for a command is told by rules of our own (tests/support/runner_rules.py), and what
Markdown is by a real parser.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
import runner_rules
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from test_report_hostile import ATTACKS, FLOOD, REPORT, TEXT, everywhere
from test_report_json import BARE, ERROR, FULL

from grader.records import (
    Counterexample,
    CriterionResult,
    GradedFile,
    Method,
    ProblemResult,
    Report,
    Status,
    mistake,
    notice,
)
from grader.report import escape, github, junit, markdown, summary
from grader.report.placed import Placed

# GitHub's tables and strikethrough; HTML as everywhere.
PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
STRUCTURE = {
    f"{name}_{end}"
    for name in "heading paragraph strong table thead tbody tr th td".split()
    for end in ("open", "close")
} | set("inline text code_inline fence softbreak".split())
OUR_WORDS = re.compile(r"[A-Za-z0-9 ,.():;/?'-]*")
PLACED = st.lists(st.builds(Placed, REPORT, TEXT), min_size=1, max_size=3)

FORWARD = Method("GRU_Cell.forward", "hw3/gru.py", 12)
BACKWARD = Method("GRU_Cell.backward", "hw3/gru.py", 40)


def fails(name: str, reason: str, **more: object) -> CriterionResult:
    return CriterionResult(name, False, 0, 10, f"{name} is {reason}", None, reason, **more)  # type: ignore[arg-type]


def report(*criteria: CriterionResult, **more: object) -> Report:
    row = ProblemResult("GRU Cell Backward", 0, 10.0 * len(criteria), criteria)
    file = GradedFile("hw3/gru.py", 80, "ab" * 32)
    return replace(
        Report("gru_cell", "GRU", Status.GRADED, (row,), "0.1.0", hand_in="gru_cell", files=(file,)),
        **more,  # type: ignore[arg-type]
    )


def shown(*placed: Placed) -> list[runner_rules.Command]:
    return list(runner_rules.commands(github.render(placed)))


def tokens(page: str) -> Iterator[Token]:
    """All tokens of a page of Markdown, those inside of others too."""
    for token in PARSER.parse(page):
        yield token
        yield from token.children or ()


def blocks(page: str) -> list[str]:
    return [token.content for token in tokens(page) if token.type == "fence"]


# --- annotations


def test_a_wrong_value_is_shown_at_the_method_that_answers() -> None:
    """The path is that of the checkout, the line that of the `def`."""
    error, points = shown(Placed(report(fails("dWzh", "value", method=BACKWARD)), "src/gru_cell"))
    assert error.name == "error"
    assert error.properties["file"] == "src/gru_cell/hw3/gru.py"
    assert error.properties["line"] == "40"
    assert error.properties["title"] == "GRU Cell Backward: dWzh"
    assert error.data == "dWzh is value"
    assert (points.name, points.properties["title"]) == ("notice", "src/gru_cell: 0 of 10 points")


def test_what_raised_is_shown_where_it_raised() -> None:
    """The line that raised goes before the method."""
    raised = fails("dx", "raised", file="hw3/act.py", line=3, traceback="Traceback: boom", method=BACKWARD)
    error = shown(Placed(report(raised), "src/a"))[0]
    assert (error.properties["file"], error.properties["line"]) == ("src/a/hw3/act.py", "3")
    assert "boom" in error.data


@pytest.mark.parametrize(
    "path",
    [
        "/handin/../../../.github/workflows/grade.yml",
        "../../.github/workflows/grade.yml",
        "hw3/../../../.github/workflows/grade.yml",
        "..",
        ".",
        "",
    ],
)
@pytest.mark.parametrize("at", ["src/gru_cell", ".", ""])
def test_no_word_of_a_students_stands_beside_a_file_of_others(path: str, at: str) -> None:
    """A traceback's path that leads out of the hand-in is dropped; what is said stands at the method."""
    raised = fails("dx", "raised", file=path, line=3, traceback="Traceback: boom", method=BACKWARD)
    placed = Placed(report(raised, findings=(mistake("imports torch", None, path, 2),)), at)
    of_finding, of_criterion = (one for one in shown(placed) if one.name == "error")
    assert "file" not in of_finding.properties
    assert of_criterion.properties["file"] == f"{at.strip('.')}/hw3/gru.py".strip("/")
    assert of_criterion.properties["line"] == "40"
    assert ".github" not in junit.render([placed]).replace("boom", "")


def test_where_the_hand_in_lies_is_unknown_only_what_was_graded_is_annotated() -> None:
    """A file of that name at the top of the checkout may be somebody else's."""
    raised = fails("dx", "raised", file=".github/workflows/grade.yml", line=3, method=BACKWARD)
    assert shown(Placed(report(raised)))[0].properties["file"] == "hw3/gru.py"


def test_beside_a_hand_in_of_one_file_there_is_no_other() -> None:
    """The folder around it is not the student's."""
    one = GradedFile("gru.py", 80, "ab" * 32)
    raised = fails("dx", "raised", file="setup.py", line=3)
    placed = Placed(report(raised, hand_in="gru.py", files=(one,)), "src/gru.py")
    assert shown(placed)[0].properties["file"] == "src/gru.py"


def test_lines_of_a_message_are_marked_as_its_own() -> None:
    """None of them can pass for a hint of ours, or for another problem's."""
    message = "raised ValueError: a\nhint: all is well\nGRU Cell Forward:"
    error = shown(Placed(report(findings=(mistake(message, "do not", "hw3/gru.py", 2),)), "src/a"))[0]
    marked = ["raised ValueError: a", "| hint: all is well", "| GRU Cell Forward:", "hint: do not"]
    assert error.data.splitlines() == marked


def test_a_forbidden_import_is_shown_at_its_line() -> None:
    """A finding that costs is an error at its line; one that costs nothing is a notice."""
    findings = (mistake("imports torch", "do not", "hw3/gru.py", 2), notice("odd", None, "hw3/gru.py", 5))
    found = shown(Placed(report(findings=findings), "src/a"))
    assert [(one.name, one.properties.get("line")) for one in found] == [
        ("error", "2"),
        ("notice", None),
        ("notice", "5"),
    ]
    assert found[0].data == "imports torch\nhint: do not"


def test_one_line_has_one_annotation() -> None:
    """All that fails in a method is said together, the smallest fact first."""
    large = Counterexample("input 3", ("x = np.ones((3, 3))",), "[1, 2, 3]", "[3, 2, 1]")
    small = Counterexample("input 1", ("x = 1",), "[1]", "[2]")
    error, _ = shown(
        Placed(
            report(
                fails("dWx", "value", method=BACKWARD, counterexample=large),
                fails("dWh", "finite", method=BACKWARD, counterexample=small),
                fails("dx", "shape", method=BACKWARD),
            )
        )
    )
    said = [line.strip() for line in error.data.splitlines()]
    assert said.index("dx is shape") < said.index("dWh is finite") < said.index("dWx is value")
    assert "# Try it: the smallest case where dWh fails (input 1)" in said


def test_ten_of_a_kind_are_shown_and_the_rest_is_counted() -> None:
    """Of many failures the ones that explain most are shown; what is left out is counted, not hidden."""
    values = [fails(f"v{i}", "value", file="a.py", line=i + 1) for i in range(20)]
    raised = [fails(f"r{i}", "raised", file="b.py", line=i + 1) for i in range(4)]
    notices = tuple(notice(f"n{i}", None, "a.py", 1) for i in range(30))
    found = shown(Placed(report(*values, *raised, findings=notices), "src/a"))
    kinds = Counter(one.name for one in found)
    assert kinds == {"error": 10, "notice": 10}
    assert [one.properties["title"] for one in found][:5] == [
        "GRU Cell Backward: r0",
        "GRU Cell Backward: r1",
        "GRU Cell Backward: r2",
        "GRU Cell Backward: r3",
        "GRU Cell Backward: v0",
    ]
    assert found[-1].properties["title"] == f"{14 + 31 - 9} more"


def test_our_fault_is_said_to_be_ours() -> None:
    """An error of the grader's is one annotation, and no score is an output."""
    (error,) = shown(Placed(ERROR, "src/a"))
    assert "The grader failed, not you" in error.data
    assert "torch is missing" in error.data
    assert github.outputs([Placed(FULL), Placed(ERROR)]) == {"score": "", "max_score": ""}


def test_a_hand_in_that_was_rejected_says_why() -> None:
    """The reason is an error without a file."""
    error, _ = shown(Placed(BARE, "src/a"))
    assert error.data == "This is no tar."
    assert "file" not in error.properties


def test_scores_of_several_are_added() -> None:
    """The outputs are of all hand-ins together, without the noise of floats."""
    thirds = ProblemResult("p", 10 / 3, 10.0, ())
    both = [Placed(report(problems=(thirds, thirds))), Placed(report(problems=(thirds,)))]
    assert github.outputs(both) == {"score": "10", "max_score": "30"}


@pytest.mark.parametrize(
    ("hand_in", "at", "path"),
    [
        ("gru_cell", "src/gru_cell", "src/gru_cell/hw3/gru.py"),
        ("gru_cell", ".", "hw3/gru.py"),
        ("gru_cell", "", "hw3/gru.py"),
        ("hw3/gru.py", "src/gru.py", "src/hw3/gru.py"),
        ("handin.tar", "in/handin.tar", "in/handin.tar"),
    ],
)
def test_paths_lead_from_the_top_of_the_checkout(hand_in: str, at: str, path: str) -> None:
    """Whether the hand-in is a folder, the whole checkout, a file or an archive."""
    assert Placed(report(hand_in=hand_in), at).path("hw3/gru.py") == path


def test_no_line_of_an_archive_is_claimed() -> None:
    """What is packed has no lines in the checkout."""
    error, _ = shown(Placed(report(fails("dx", "value", method=BACKWARD), hand_in="h.tar"), "h.tar"))
    assert (error.properties["file"], error.properties["line"]) == ("h.tar", "1")


def hold_as_commands(placed: Sequence[Placed]) -> None:
    """Every line is one annotation of ours, within the runner's limits, whatever is in it."""
    output = github.render(placed)
    found = list(runner_rules.commands(output))
    assert len(found) == output.count("\n") == len(output.splitlines())
    assert {one.name for one in found} <= {"error", "warning", "notice"}
    assert max(Counter(one.name for one in found).values(), default=0) <= runner_rules.MOST_OF_A_KIND
    for one in found:
        assert set(one.properties) <= {"file", "line", "title"}
        assert len(one.data.encode("utf-16-le")) / 2 <= runner_rules.MESSAGE_CHARS
        assert one.data.replace("\n", "").replace("\t", "").isprintable()
        assert one.properties["title"].isprintable()
        assert re.fullmatch("[1-9][0-9]*", one.properties.get("line", "1"))


@settings(max_examples=50)
@given(PLACED)
@example([Placed(FLOOD, "::error::x\n")])
def test_no_text_of_a_students_is_a_command(placed: Sequence[Placed]) -> None:
    """A runner finds our annotations in it and nothing else."""
    hold_as_commands(placed)


@given(TEXT, TEXT, TEXT)
@example(" ", "", "")
def test_a_runner_reads_what_was_written(title: str, message: str, file: str) -> None:
    """Percent signs, colons, commas and newlines come out of the escapes as they went in."""
    written = github.Annotation(github.Level.ERROR, f"t{title}", message, f"f{file}", 3).command()
    command = runner_rules.parse(written)
    assert command is not None
    assert command.properties["title"] == escape.line(f"t{title}", limit=github.TITLE_CHARS).rstrip()
    assert command.properties["file"] == escape.visible(f"f{file}")
    assert command.data == escape.cut(escape.visible(message, keep="\n\t"), github.MESSAGE_CHARS)


@settings(max_examples=30)
@given(PLACED)
def test_outputs_are_numbers(placed: Sequence[Placed]) -> None:
    """As lines of $GITHUB_OUTPUT they set these two names, and no other."""
    lines = "".join(f"{name}={value}\n" for name, value in github.outputs(placed).items())
    assert all(re.fullmatch(r"[0-9.]*", value) for value in runner_rules.assigned(lines).values())
    assert list(runner_rules.assigned(lines)) == ["score", "max_score"]


# --- the summary


def test_the_summary_has_points_facts_and_the_smallest_case() -> None:
    """A table of points, what failed in words, and lines that can be pasted."""
    small = Counterexample("input 1", ("x = np.ones(1)", "dx = f(x)"), "[1]", "[2]")
    page = summary.render(
        [Placed(report(fails("dx", "value", counterexample=small, method=BACKWARD)), "src/gru_cell")]
    )
    assert "| **GRU Cell Backward** | **0** | 10 | dx is **wrong** |" in page
    facts, code = blocks(page)
    assert facts == "FAIL  dx is value\n"
    namespace: dict[str, object] = {}
    exec("import numpy as np\ndef f(x): return x\n" + code, namespace)
    assert "dx" in namespace
    assert "pull request can change its workflow" in page


def test_points_that_a_person_decides_on_are_not_shown_as_lost() -> None:
    """No 0 stands where nobody has decided yet, and the total says how much is open."""
    mine = ProblemResult("Program", 30, 30, (CriterionResult("h", True, 30, 30),))
    open_ = ProblemResult("Derivation", 0, 20, (CriterionResult("text", None, 0, 20),))
    placed = Placed(report(problems=(open_, mine)), "src/x")
    page = summary.render([placed])
    assert "30 / 50, a person decides on 20\n" in page
    assert "| **Derivation** |  | 20 | text is left to a person |" in page
    assert "| **Program** | **30** | 30 | ok |" in page
    assert shown(placed)[0].properties["title"] == "src/x: 30 of 50 points, a person decides on 20"


def test_the_summary_says_whose_fault_it_is() -> None:
    """Our fault records nothing and says so; a rejection gives 0 points and says why."""
    ours = summary.render([Placed(ERROR, "src/a")])
    assert "nothing was recorded" in ours
    assert "points" not in ours
    assert "gets 0 points" in summary.render([Placed(BARE, "src/a")])


def hold_as_markdown(placed: Sequence[Placed]) -> None:
    """No link, picture, HTML, list or quote; outside of code stand only words of ours."""
    page = summary.render(placed)
    assert page.replace("\n", "").replace("\t", "").isprintable()
    assert len(page.encode()) < runner_rules.SUMMARY_BYTES
    for token in tokens(page):
        assert token.type in STRUCTURE, token
        if token.type == "text":
            assert OUR_WORDS.fullmatch(token.content), token.content
        if token.type == "fence":
            assert token.info in ("text", "python")
    headings = Counter(token.tag for token in tokens(page) if token.type == "heading_open")
    assert headings["h2"] == len(placed)
    assert headings["h1"] == 0
    rows = sum(len(one.report.problems) for one in placed if one.report.status != "error")
    assert sum(token.type == "tr_open" for token in tokens(page)) == rows + page.count("| --- | ---: |")
    cells = Counter(token.type for token in tokens(page))
    assert cells["td_open"] == 4 * rows


@settings(max_examples=50)
@given(PLACED)
@example([Placed(FLOOD, "`|\n")])
def test_a_students_text_stays_in_code(placed: Sequence[Placed]) -> None:
    """A real parser finds it in code and nowhere else."""
    hold_as_markdown(placed)


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("attack", [*ATTACKS, "".join(ATTACKS)], ids=range(len(ATTACKS) + 1))
def test_no_attack_gets_through_from_anywhere(attack: str, status: Status) -> None:
    """Each of them put into every text of a report, and into the names of its places."""
    placed = [Placed(everywhere(attack, status), attack), Placed(everywhere(f"a\n{attack}", status))]
    hold_as_commands(placed)
    hold_as_markdown(placed)


@settings(max_examples=200)
@given(TEXT)
@example("".join(ATTACKS))
def test_code_holds_whatever_is_put_into_it(text: str) -> None:
    """A span is one span with that text in it, a block one block, also within a table."""
    inline = [token for token in tokens(f"a {markdown.inline(text)} b") if token.type != "softbreak"]
    spans = [token.content for token in inline if token.type == "code_inline"]
    safe = escape.line(text).replace("|", r"\x7c")
    if spans:
        assert spans == [safe]
    else:
        assert not safe.strip() or re.fullmatch("[A-Za-z0-9 -]+", text)
    table = tokens(f"| a |\n| --- |\n| {markdown.inline(text)} |\n| b |")
    assert Counter(token.type for token in table)["td_open"] == 2
    lines = escape.visible(text, keep="\n\t")
    (block,) = (token for token in PARSER.parse(markdown.fence(lines)) if token.type == "fence")
    assert block.content == f"{lines.rstrip()}\n"


@pytest.mark.parametrize("words", ["GH-12", "@me", "#1", "www.x", "a_b_", "1.", "a  b", "http://x", "- a"])
def test_what_means_something_to_github_is_code(words: str) -> None:
    """References and mentions too, which no Markdown parser knows of."""
    assert markdown.inline(words).startswith("`")


def test_an_endless_summary_is_cut_between_its_blocks() -> None:
    """What does not fit is left out whole, and the page says so; every block is still closed."""
    call = tuple("x = " + "1" * 290 for _ in range(40))
    wide = [
        ProblemResult(
            f"p{i}", 0, 1, (fails("dx", "value", counterexample=Counterexample("c", call, "", "")),)
        )
        for i in range(200)
    ]
    page = summary.render([Placed(report(problems=tuple(wide)))])
    assert summary.MOST_BYTES * 0.9 < len(page.encode()) < runner_rules.SUMMARY_BYTES
    assert "The rest did not fit here" in page
    assert {token.type for token in tokens(page)} <= STRUCTURE
    assert page.endswith(summary.FEEDBACK)
