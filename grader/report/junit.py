"""Reports as JUnit XML: a suite for each problem, a case for each criterion.

A criterion that fails is a <failure>, one that a person decides is <skipped>, a fault of the grader's an
<error>. XML cannot hold every character: what does not print is an escape here, as in every other form.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

from grader.records import CriterionResult, ProblemResult, Report, Status
from grader.report import details, escape, outline
from grader.report.page import Page
from grader.report.placed import Placed
from grader.report.points import only

KINDS = ("failure", "error", "skipped")


def render(placed: Sequence[Placed]) -> str:
    """Write the XML of all reports, declaration and last newline included; it is ASCII."""
    root = ElementTree.Element("testsuites", name="cellgrade")
    for one in placed:
        for suite in _suites(one):
            root.append(suite)
    _count(root)
    ElementTree.indent(root)
    letters: bytes = ElementTree.tostring(root, encoding="us-ascii", xml_declaration=True)
    return letters.decode("ascii") + "\n"


def _suites(placed: Placed) -> list[ElementTree.Element]:
    report = placed.report
    if report.status is Status.GRADED:
        return [_suite(placed, problem) for problem in report.problems]
    suite = _named("testsuite", placed.name)
    case = _case(suite, placed.name, "cellgrade grades the hand-in")
    kind = "error" if report.status is Status.ERROR else "failure"
    _outcome(case, kind, report.status.value, *_why(report))
    # What a person marks is still to be marked in a hand-in that was rejected.
    manual = [problem for problem in report.problems if problem.criteria and kind == "failure"]
    return [suite, *(_suite(placed, problem) for problem in manual)]


def _why(report: Report) -> tuple[str, str]:
    message = report.message or ""
    parts = [outline.OURS if report.status is Status.ERROR else "", message, report.hint or ""]
    return message, "\n".join(line for part in parts for line in escape.marked(part))


def _suite(placed: Placed, problem: ProblemResult) -> ElementTree.Element:
    suite = _named("testsuite", f"{placed.name}: {problem.name}")
    for criterion in problem.criteria:
        case = _case(suite, f"{placed.name}: {problem.name}", criterion.name)
        file, line = placed.of(criterion)
        path = None if file is None else placed.path(file)
        if path is not None:
            case.set("file", escape.visible(path))
        if path is not None and line is not None and not placed.is_archive:
            case.set("line", str(line))
        if criterion.passed is None:
            _outcome(case, "skipped", None, criterion.message or "a person decides", "")
        elif not criterion.passed:
            said = criterion.message or "see below"
            _outcome(case, "failure", criterion.reason, said, _details(problem, criterion))
    return suite


def _details(problem: ProblemResult, criterion: CriterionResult) -> str:
    page = Page()
    details.explain(page, only(problem, [criterion]))
    return page.render()


def _named(tag: str, name: str) -> ElementTree.Element:
    return ElementTree.Element(tag, name=escape.line(name))


def _case(suite: ElementTree.Element, class_name: str, name: str) -> ElementTree.Element:
    case = ElementTree.SubElement(suite, "testcase")
    case.set("classname", escape.line(class_name))
    case.set("name", escape.line(name))
    return case


def _outcome(case: ElementTree.Element, kind: str, type_: str | None, message: str, said: str) -> None:
    outcome = ElementTree.SubElement(case, kind, message=escape.line(message, limit=escape.PROSE_CHARS))
    if type_ is not None:
        outcome.set("type", escape.line(type_))
    if said:
        outcome.text = escape.visible(said, keep="\n\t")


def _count(root: ElementTree.Element) -> None:
    """Say at each suite, and at the top, how many cases there are and how they ended."""
    for element in (*root, root):
        element.set("tests", str(len(list(element.iter("testcase")))))
        for kind, plural in zip(KINDS, ("failures", "errors", "skipped"), strict=True):
            element.set(plural, str(len(list(element.iter(kind)))))
