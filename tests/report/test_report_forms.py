"""The table of forms: one for every command, of which nothing is imported before it is written."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from test_report_json import BARE, ERROR, FULL

from grader.records import Blame, CriterionResult, Finding, Printed, ProblemResult, Report, Status
from grader.report import outline, summary, text
from grader.report.forms import RENDERERS, Medium, rendered
from grader.report.outline import Findings, Preface, Rows, Stream
from grader.report.placed import Placed

DOCUMENT = (Path(__file__).parents[2] / "docs" / "report.md").read_text(encoding="utf-8")
MODULES = (
    "autolab autolab_feedback classroom github json_form json_reading json_report junit summary text".split()
)
NEEDS = {
    "text": {"text"},
    "json": {"json_form", "json_report"},
    "autolab": {"autolab", "autolab_feedback", "text"},
    "annotations": {"github"},
    "summary": {"summary"},
    "outputs": {"classroom", "github"},
    "junit": {"junit"},
}
TOLD = replace(
    FULL,
    message="Graded without its notebook.",
    hint="Hand it in again.",
    findings=tuple(Finding(blame, f"about {blame}") for blame in (Blame.GRADER, Blame.NOBODY, Blame.STUDENT)),
    problems=(ProblemResult("Backward", 0, 5, (CriterionResult("dx", False, 0, 5, "dx is wrong"),)),),
    stderr=Printed("a warning\n", 0),
)


def test_every_form_is_documented() -> None:
    """docs/report.md names each form as it is asked of both commands, and says nothing of any other."""
    rows = [line for line in DOCUMENT.splitlines() if line.startswith("| `--format ")]
    assert [row.split("`")[1] for row in rows] == [f"--format {name}" for name in RENDERERS]
    assert [row.split("`")[3] for row in rows] == [f"--{name}" for name in RENDERERS]


@pytest.mark.parametrize("form", RENDERERS)
def test_a_form_imports_no_other(form: str) -> None:
    """Whoever writes one form, as a grading does, has not imported what the others are made by."""
    code = (
        "import sys\n"
        "from grader import cli\n"
        "from grader.report.forms import RENDERERS, rendered\n"
        "from grader.records import Report, Status\n"
        f"rendered({form!r}, Report(None, None, Status.REJECTED, (), '1', hand_in='x', message='No tar.'))\n"
        f"print(*sorted(name for name in {MODULES!r} if f'grader.report.{{name}}' in sys.modules))\n"
        f"print('msgspec' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    modules, has_library = done.stdout.splitlines()
    assert set(modules.split()) == NEEDS[form]
    assert has_library == str(form == "json")


@pytest.mark.parametrize("form", RENDERERS)
@pytest.mark.parametrize("report", [FULL, BARE, ERROR], ids=["graded", "rejected", "error"])
def test_every_form_takes_every_report(form: str, report: Report) -> None:
    """All are called alike, whatever came of the grading, and end their last line."""
    assert rendered(form, report).endswith("\n")
    if not RENDERERS[form].of_one:
        assert RENDERERS[form].render([Placed(report), Placed(FULL)]).endswith("\n")


@pytest.mark.parametrize("form", [name for name, one in RENDERERS.items() if one.of_one])
@pytest.mark.parametrize("count", [0, 2])
def test_a_form_of_one_report_refuses_others(form: str, count: int) -> None:
    """Of two reports as JSON, or for Autolab, a program would read one, and nobody knows which."""
    with pytest.raises(ValueError, match="shows one report"):
        RENDERERS[form].render([Placed(FULL)] * count)


def test_a_medium_is_for_the_text_alone() -> None:
    """Colour and ASCII are what a terminal shows; what programs read does not depend on it."""
    report = replace(FULL, hand_in="Übung.tar")
    for form, renderer in RENDERERS.items():
        plain = renderer.render([Placed(report)])
        shown = renderer.render([Placed(report)], Medium(colour=True, ascii_only=True))
        assert (shown == plain) == (form != "text")
    assert "\x1b[1m" in RENDERERS["text"].render([Placed(report)], Medium(colour=True))
    assert "Übung" in rendered("text", report)


def test_the_sections_have_one_order() -> None:
    """What went wrong first, then the points, then what costs nothing, then what was printed."""
    found = list(outline.sections(TOLD))
    assert [type(one) for one in found] == [Preface, Findings, Rows, Findings, Findings, Stream, Stream]
    titles = [one.title for one in found if isinstance(one, Findings | Stream)]
    assert titles == [
        "Wrong with the hand-in as a whole",
        "Good to know (costs nothing)",
        "Trouble of the grader's own (costs you nothing)",
        "Your code printed",
        "Your code printed to stderr",
    ]
    words = ["Graded without", "about student", "dx is wrong", "about nobody", "about grader", "hello"]
    for page in (text.render(TOLD), summary.render([Placed(TOLD)])):
        places = [page.index(word) for word in (*words, "a warning")]
        assert places == sorted(places)
        assert all(title in page for title in titles)


@pytest.mark.parametrize(
    ("status", "sentence"),
    [(Status.GRADED, None), (Status.REJECTED, outline.REJECTED), (Status.ERROR, outline.OURS)],
)
def test_the_sentence_on_an_ending_is_the_same_everywhere(status: Status, sentence: str | None) -> None:
    """Text and Markdown say it in the same words, or neither does."""
    report = replace(BARE, status=status)
    for page in (text.render(report), summary.render([Placed(report)])):
        assert [one in page for one in (outline.REJECTED, outline.OURS)] == [
            sentence == outline.REJECTED,
            sentence == outline.OURS,
        ]


def test_many_findings_are_counted() -> None:
    """A hand-in cannot fill the page with them: the rest is a number, in every form."""
    many = tuple(Finding(Blame.STUDENT, f"fact {i}") for i in range(outline.MOST_FINDINGS + 5))
    report = replace(FULL, findings=many)
    for page in (text.render(report), summary.render([Placed(report)])):
        assert page.count("fact ") == outline.MOST_FINDINGS
        assert "and 5 more" in page
