"""What an assignment's folder declares. The engine knows these types and no assignment by name.

An assignment is a folder with

    assignment.py   declares ASSIGNMENT = Assignment(...)
    adapter.py      calls the hand-in the way the homework says; travels to the student's process as source
                    (none, where the declaration makes it: grader/cell)
    statement.md    what is asked, in our own words
    starter/        what students are given to fill in
    provided/       modules that a hand-in may import without bringing them
    right/<style>/  right answers, which get full points
    mistakes.toml   wrong answers, each made of a right one, with exactly what it loses: see grader/mistakes
    wrong/<problem>/<mistake>/   those of them that are whole hand-ins of their own

and a model hand-in in `src/<assignment>/`.
"""

from __future__ import annotations

from grader.declaration.assignment import MISTAKES, ORACLES, RIGHT, WRONG, Assignment, Explaining
from grader.declaration.checks import (
    Check,
    Files,
    GradientOf,
    HandedIn,
    Judge,
    JudgeOfHandIn,
    Loss,
    Output,
    Person,
    Probe,
    Read,
    Reading,
    Rule,
    Rules,
    Shape,
    products,
)
from grader.declaration.choices import HintLevel, Response, SizesOfOne, Without
from grader.declaration.limits import OURS_S, Environment, Limits
from grader.declaration.loaded import Loaded
from grader.declaration.ours import as_notebook, as_script, python_of
from grader.declaration.problems import Problem, Wanted

__all__ = [
    "MISTAKES",
    "ORACLES",
    "OURS_S",
    "RIGHT",
    "WRONG",
    "Assignment",
    "Check",
    "Environment",
    "Explaining",
    "Files",
    "GradientOf",
    "HandedIn",
    "HintLevel",
    "Judge",
    "JudgeOfHandIn",
    "Limits",
    "Loaded",
    "Loss",
    "Output",
    "Person",
    "Probe",
    "Problem",
    "Read",
    "Reading",
    "Response",
    "Rule",
    "Rules",
    "Shape",
    "SizesOfOne",
    "Wanted",
    "Without",
    "as_notebook",
    "as_script",
    "products",
    "python_of",
]
