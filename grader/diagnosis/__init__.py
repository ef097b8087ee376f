"""Why what is wrong is wrong: said beside the criteria when all has been asked, and at no cost in points.

    evidence     what is known of a hand-in then
    causes       one mistake that explains wrong values, by the catalogue of `grader/faults/`
    pattern      where nothing explains them, which cases are right and which are not; by their properties,
                 and within an array by its entries
    own_gradient whether a backward follows from its own wrong forward, and the marks for that
    own_forward  asks that forward around a few cases
    differences  slopes by central differences, and what they say of a gradient
    failing      which criteria fail, in which way, and which are told as one
    smallest     the smallest case that fails, by asking the hand-in for simpler and simpler ones
    simpler      which cases are simpler

A diagnosis is a step from rows to rows. What it asks of the hand-in it asks aside, so that neither what the
hand-in prints there nor how it ends there changes the grade.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from grader.declaration import Loaded
from grader.diagnosis.evidence import Evidence
from grader.drawn import Drawn
from grader.errors import SandboxError
from grader.records import Blame, Finding, ProblemResult

__all__ = ["Evidence", "diagnosed"]

Rows = list[ProblemResult]
Step = Callable[[Evidence, Rows], Rows]


def diagnosed(
    evidence: Evidence, rows: Rows, drawn: Drawn, *, debug: bool = False
) -> tuple[Rows, list[Finding]]:
    """Return the rows with all that can be said of what is wrong.

    What cannot be had costs nobody a grade: then the rows stay as the step found them, and it is said.

    Args:
        evidence: what is known of the hand-in.
        rows: of the gradebook.
        drawn: what everybody is asked, and what names the causes of wrong values on that.
        debug: let through what goes wrong with us.

    Raises:
        SandboxError: our own part failed, or somebody else has killed a job: all is to be asked anew, so
            that the report says the same.
    """
    findings: list[Finding] = []
    if all(one.passed is not False for row in rows for one in row.criteria):
        return rows, findings
    for what, step in _steps(drawn, evidence.assignment).items():
        try:
            rows = step(evidence, rows)
        except SandboxError:
            raise
        except Exception as error:
            if debug:
                raise
            told = f"no {what} could be looked for: {type(error).__name__}"
            findings.append(Finding(Blame.GRADER, told))
    return rows, findings


def _steps(drawn: Drawn, assignment: Loaded) -> dict[str, Step]:
    # Imported where something is wrong: right hand-ins need nothing of the catalogue.
    from grader.diagnosis import own_gradient, smallest
    from grader.diagnosis.pattern import with_patterns

    return {
        "cause": partial(_with_causes, drawn),
        "pattern": with_patterns,
        "own gradient": own_gradient.followed,
        "smaller case": partial(smallest.shown, partial(drawn.explain, assignment)),
    }


def _with_causes(drawn: Drawn, evidence: Evidence, rows: Rows) -> Rows:
    from grader.diagnosis import causes

    for key in evidence.assignment.explains:
        explain = partial(drawn.explain, evidence.assignment, key)
        rows = causes.explained(
            evidence.assignment,
            key,
            evidence.suites[key],
            rows,
            evidence.answers,
            evidence.judged,
            explain,
        )
    return rows
