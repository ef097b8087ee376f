"""`cellgrade present`: reports in, what platforms show of them out, an exit code that says whose fault."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
import runner_rules
from test_report_json import BARE, ERROR, FULL

from grader import cli
from grader.records import ProblemResult, Report
from grader.report import autolab, json_report
from grader.report.forms import RENDERERS

GRADED, BELOW, USAGE, OUR_FAULT = 0, 1, 2, 3
GRADED_REPORT = replace(FULL, hand_in="gru_cell")
Write = Callable[[str, Report], str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return what writes a report into a file, and gives its path."""

    def written(name: str, report: Report) -> str:
        (tmp_path / name).write_text(json_report.render(report))
        return str(tmp_path / name)

    return written


def present(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = cli.main(["present", *arguments])
    said = capsys.readouterr()
    assert "Traceback (most" not in said.err
    return code, said.out + said.err


def test_without_a_form_the_text_is_printed(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """What `grade` would have printed."""
    code, said = present(capsys, write("a.json", GRADED_REPORT))
    assert code == GRADED
    assert "Total" in said


def test_all_forms_are_written_at_once(
    write: Write, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Each into its file, `-` to stdout, with paths from the top of the checkout."""
    files = {name: tmp_path / name for name in ("text", "summary", "outputs", "junit")}
    options = [word for name, path in files.items() for word in (f"--{name}", str(path))]
    reports = [write("a.json", GRADED_REPORT), write("b.json", GRADED_REPORT)]
    places = ["--at", "src/a", "--at", "src/b"]
    code, said = present(capsys, *places, *options, "--annotations", "-", *reports)
    assert code == GRADED
    shown = {one.properties.get("file") for one in runner_rules.commands(said)}
    assert shown >= {"src/a/gru.py", "src/b/gru.py"}
    outputs = runner_rules.assigned(files["outputs"].read_text())
    assert set(outputs) == {"score", "max_score", "result"}
    assert (outputs["score"], outputs["max_score"]) == ("5", "15")  # two of one assignment
    assert files["summary"].read_text().count("## `src/") == 2
    assert len(ElementTree.fromstring(files["junit"].read_text())) == 2
    assert files["text"].read_text().count("Total") == 2


def test_a_report_is_shown_again_as_it_was(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """As JSON to the byte, and for Autolab as `grade` would have."""
    path = write("a.json", GRADED_REPORT)
    assert present(capsys, "--json", "-", path)[1] == json_report.render(GRADED_REPORT)
    assert present(capsys, "--autolab", "-", path)[1] == autolab.render(GRADED_REPORT)


@pytest.mark.parametrize("form", [name for name, renderer in RENDERERS.items() if renderer.of_one])
def test_a_form_of_one_report_takes_no_more(
    write: Write, capsys: pytest.CaptureFixture[str], tmp_path: Path, form: str
) -> None:
    """Of several, or of one that may be replaced by a required one, it is said before anything is written."""
    path, summary = write("a.json", GRADED_REPORT), tmp_path / "summary"
    for more in ([path], ["--required", "gru_cell"]):
        code, said = present(capsys, path, *more, "--summary", str(summary), f"--{form}", "-")
        assert code == USAGE
        assert f"--{form} shows one report" in said
        assert not summary.exists()


@pytest.mark.parametrize(("bar", "code"), [("5", GRADED), ("5.5", BELOW)])
def test_each_score_is_held_to_the_bar(
    write: Write, capsys: pytest.CaptureFixture[str], bar: str, code: int
) -> None:
    """One that is lower is enough, however many points there are together."""
    better = replace(GRADED_REPORT, problems=(ProblemResult("p", 100, 100, ()),))
    reports = [write("a.json", better), write("b.json", GRADED_REPORT)]
    assert present(capsys, "--fail-under", bar, *reports)[0] == code


def graded(name: str, points: float) -> Report:
    return replace(GRADED_REPORT, assignment=name, problems=(ProblemResult("p", points, 100, ()),))


@pytest.mark.parametrize(
    ("required", "hand_ins", "score"),
    [
        ((), [("gru_cell", 40)], ("40", "100")),
        ((), [("gru_cell", 40), ("gru_cell", 100), ("gru_cell", 100)], ("40", "100")),
        ((), [("gru_cell", 40), ("torch_gru_cell", 70)], ("110", "200")),
        (("gru_cell",), [("torch_gru_cell", 100), ("gru_cell", 100), ("gru_cell", 40)], ("40", "100")),
        (("gru_cell",), [("torch_gru_cell", 100)], ("0", "100")),
        (("gru_cell", "torch_gru_cell"), [("torch_gru_cell", 70), ("elman", 9)], ("70", "200")),
        (("gru_cell",), [("gru_cell", 100), (None, 0)], ("0", "100")),
    ],
)
def test_more_hand_ins_neither_raise_nor_hide_what_counts(
    write: Write,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    required: tuple[str, ...],
    hand_ins: list[tuple[str | None, float]],
    score: tuple[str, str],
) -> None:
    """Of an assignment the lowest counts; others than the required do not, and the required always does."""
    reports = [
        write(f"{number}.json", BARE if name is None else graded(name, points))
        for number, (name, points) in enumerate(hand_ins)
    ]
    places = [word for number in range(len(reports)) for word in ("--at", f"src/{number}")]
    options = [f"--required={name}" for name in required]
    outputs = tmp_path / "outputs"
    code, said = present(capsys, *options, *places, "--outputs", str(outputs), "--summary", "-", *reports)
    assert code == GRADED
    found = runner_rules.assigned(outputs.read_text())
    assert (found["score"], found["max_score"]) == score
    classrooms = json.loads(base64.b64decode(found["result"]))
    assert (str(sum(test["score"] for test in classrooms["tests"])), str(classrooms["max_score"])) == score
    counting = len({name for name, _ in hand_ins}) if not required else len(required)
    headings = re.split("^## ", said, flags=re.MULTILINE)[1:]
    assert all("does not count" not in one for one in headings[:counting])
    assert all("does not count" in one for one in headings[counting:])


def test_what_does_not_count_crowds_out_nothing(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """A step shows ten annotations: those of the required assignment come first, whatever else fails."""
    other = replace(FULL, assignment="torch_gru_cell", hand_in="a")
    reports = [write(f"{number}.json", other) for number in range(12)] + [write("z.json", GRADED_REPORT)]
    places = [word for number in range(len(reports)) for word in ("--at", f"src/{number}")]
    required = f"--required={GRADED_REPORT.assignment}"
    _, said = present(capsys, required, *places, "--annotations", "-", *reports)
    shown = [one.properties.get("file", "") for one in runner_rules.commands(said) if one.name == "error"]
    assert shown[0].startswith("src/12/")


def test_a_required_assignment_that_is_none_is_said(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """A typing error in a workflow fails every run, and not in silence."""
    code, said = present(capsys, "--required", "gru_cel", write("a.json", GRADED_REPORT))
    assert code == USAGE
    assert "there is no assignment 'gru_cel'" in said


def test_our_fault_goes_before_a_low_score(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 3, whatever the others have."""
    reports = [write("a.json", GRADED_REPORT), write("b.json", ERROR)]
    assert present(capsys, "--fail-under", "100", *reports)[0] == OUR_FAULT


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "No such file"),
        (b"", "it is empty"),
        (b"\xff", "it is not UTF-8"),
        (b"Killed\n", "this is no JSON, or it was cut"),
        (json_report.render(FULL)[:-99].encode(), "this is no JSON, or it was cut"),
        (json_report.render(FULL).replace('"schema": 1', '"schema": 9').encode(), "has the form 9"),
    ],
    ids=["none", "empty", "bytes", "words", "cut", "newer"],
)
def test_a_report_that_cannot_be_read_is_our_fault(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, content: bytes | None, why: str
) -> None:
    """Whoever graded has failed: it is said, with the reason, and nothing is recorded."""
    path = tmp_path / "report.json"
    if content is not None:
        path.write_bytes(content)
    code, said = present(capsys, "--at", "src/a", str(path))
    assert code == OUR_FAULT
    assert "The grader failed, not you; nothing was recorded." in said
    assert why in said
    assert present(capsys, "--outputs", "-", str(path))[1].startswith("score=\nmax_score=\nresult=")


def test_places_must_fit_the_reports(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """One --at for each, or none."""
    code, said = present(capsys, "--at", "a", "--at", "b", write("a.json", GRADED_REPORT))
    assert code == USAGE
    assert "1 reports, but 2 times --at" in said


def test_a_file_that_cannot_be_written_is_said(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """It is the caller's mistake."""
    code, said = present(capsys, "--summary", "/nowhere/summary", write("a.json", GRADED_REPORT))
    assert code == USAGE
    assert "cannot be written" in said
