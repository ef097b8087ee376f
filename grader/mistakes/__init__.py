"""Mistakes as data: wrong answers of an assignment, each made of a right one by substitutions.

    right/<style>/               right answers, each a whole hand-in
    mistakes.toml                the mistakes, grouped by problem
    wrong/<problem>/<mistake>/   whole hand-ins, for mistakes that are no substitution

All three are as secret as a model hand-in: they are left out of whatever leaves the repository. An entry:

    [backward.carry_dropped]
    says = "dh lacks delta*(1-z): the old state that Eq. (4) carries over."
    of = "products"
    spoil = [['dh = delta * (1 - z)', ''],
             ['dh = dh + drh * r', 'dh = drh * r']]
    fails = { "GRU Cell Backward" = { value = ["dh"] } }

A right answer that differs from another one by a few lines is an entry too: its group is `right`, and its
substitutions are called `change`, since nothing is spoilt:

    [right.no_import_line]
    says = "The functions alone: the cell with the imports was not copied."
    of = "course_style"
    change = [['import numpy as np', '']]

What stands on the left of a substitution must be one line of the right answer, or several in a row, and stand
there exactly once; so an entry that has gone stale is refused. Indentation is kept.
"""

from __future__ import annotations

from grader.mistakes.answers import MODEL, Answers, Fails, Files, Mistake, laid
from grader.mistakes.reading import are_shipped, files_of, read
from grader.mistakes.writing import fails_line, with_fails

__all__ = [
    "MODEL",
    "Answers",
    "Fails",
    "Files",
    "Mistake",
    "are_shipped",
    "fails_line",
    "files_of",
    "laid",
    "read",
    "with_fails",
]
