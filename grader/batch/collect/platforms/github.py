"""Repositories of GitHub Classroom, cloned by `gh classroom clone student-repos`.

github.com/github/gh-classroom, cmd/gh-classroom/clone/student-repos/student-repos.go, clones each repository
into `ASSIGNMENT-submissions/REPOSITORY`; GitHub Classroom calls the repository `ASSIGNMENT-LOGIN` (issue 29
there). A login may hold dashes too, so nothing but the assignment's slug tells where it begins: it is taken
from the folder around the repositories, else from what all names have in common.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import takewhile

from grader.batch.collect.platforms.export_names import ExportName, Item, Sorted, Sorting

NAME = "github"


def read(items: Sequence[Item], /) -> Sorted:
    """Find the hand-ins among these folders."""
    found = Sorting()
    clones = [item for item in items if item.is_folder and os.path.exists(item.path / ".git")]
    slug = _slug(clones)
    for item in items:
        login = item.name.removeprefix(f"{slug}-")
        if item in clones and slug and login != item.name and login:
            found.named.append(ExportName(login, item))
        else:
            found.odd.append(item)
    return found.done()


def _slug(clones: Sequence[Item]) -> str:
    if not clones:
        return ""
    around = clones[0].path.resolve().parent.name
    slug = around.removesuffix("-submissions")
    if slug != around and any(item.name.startswith(f"{slug}-") for item in clones):
        return slug
    if len(clones) == 1:
        return ""  # nothing tells
    return _in_common([item.name for item in clones]).rpartition("-")[0]


def _in_common(names: Sequence[str]) -> str:
    """Find what all names begin with."""
    first, last = min(names), max(names)
    same = takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    return "".join(letter for letter, _ in same)
