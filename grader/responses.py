"""What a course makes of a source that is right by its values, and yet not what was asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader import policy
from grader.declaration import Response, Wanted
from grader.policy import Facts
from grader.records import Finding, notice


@dataclass(frozen=True)
class Responses:
    """What comes of it in this course.

    Attributes:
        numerical_gradients: of gradients by differences or complex steps.
        published_solution: of a hand-in that is a solution of ours.
    """

    numerical_gradients: Response = Response.NOTICE
    published_solution: Response = Response.NOTICE


def withheld(
    facts: Facts, wanted: Wanted, solution: Mapping[str, Sequence[Any]], main: str | None, course: Responses
) -> tuple[dict[str, tuple[bool, str]], list[Finding]]:
    """Find for which functions the course gives nothing, right or not.

    Args:
        facts: of what is graded, by file.
        wanted: what the assignment asks of the main file.
        solution: see `Loaded.solution`.
        main: path of the main file.
        course: what it decides.

    Returns:
        For `score.withheld`: function -> whether a person decides, and why; and what is said of the source.
    """
    measured = policy.measured(facts, wanted)
    because = {}
    if course.numerical_gradients is not Response.NOTICE:
        because = {
            name: (False, f"this course gives nothing for it: {one.message}")
            for name, one in measured.items()
        }
    findings = list(measured.values())
    if policy.is_published(facts, solution):
        findings.append(notice(policy.PUBLISHED, None, main))
        if course.published_solution is not Response.NOTICE:
            person = course.published_solution is Response.PERSON
            what = "a person decides" if person else "this course gives nothing for it"
            because |= dict.fromkeys(wanted.methods, (person, f"{what}: {policy.PUBLISHED}"))
    return because, findings
