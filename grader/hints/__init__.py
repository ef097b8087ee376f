"""What students are told of their mistakes: as much as the course decides, by date or by attempt.

    policy    what a course says in course.toml, and what holds for one hand-in
    showing   report -> report, as its reader gets it

A grading, a journal and a JSON report of a batch have all that is known. What goes to a student goes through
`for_student` first, and what goes to those who teach through `for_staff`: both change words and places, and
never a verdict or a point.
"""

from __future__ import annotations

from grader.hints.policy import HintPolicy, HintRule, Shown
from grader.hints.showing import FROM, for_staff, for_student

__all__ = ["FROM", "HintPolicy", "HintRule", "Shown", "for_staff", "for_student"]
