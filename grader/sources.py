"""What a job is handed of a hand-in: its sources, what the homework gives, where to look for what.

All of it by names and patterns: nothing of a hand-in is parsed in the grader.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import lru_cache

from grader import course_data
from grader.declaration import Assignment, Limits, Loaded, python_of
from grader.errors import Rejection
from grader.inside import source
from grader.records import GradedFile, HandIn, Notebook, Submission
from grader.sandbox.brief import Brief
from grader.snippet import Source

MAX_SOURCE_BYTES = 1 << 20
MAX_SOURCES_BYTES = 8 << 20  # far below what a frame may hold, even with every character escaped
MAX_ALSO = 20  # files beside the main one in which what it lacks is looked for


@dataclass(frozen=True)
class Sources:
    """What a job is handed.

    Attributes:
        main: path of the file that is imported; None if the hand-in has none.
        texts: path -> text of every source.
        cells: path of a notebook -> the number and the text of each of its code cells.
        provided: path -> text of modules for imports that find nothing in the hand-in.
        names: top-level names that the homework asks for.
        also: paths of other sources that define one of them, the nearest to the main file first.
        starter: text of the starter of `main`, if there is one.
        odd_lines: path -> first line that is not UTF-8.
    """

    main: str | None
    texts: Mapping[str, str]
    cells: Mapping[str, Sequence[tuple[int, str]]]
    provided: Mapping[str, str]
    names: tuple[str, ...]
    also: tuple[str, ...]
    starter: str | None
    odd_lines: Mapping[str, int] = field(default_factory=dict)


def of(submission: Submission, assignment: Loaded) -> Sources:
    """Return what is handed over of this submission.

    Raises:
        Rejection: the file that is graded is longer than any program.
    """
    hand_in, wanted = submission.hand_in, assignment.wanted[0]
    main = submission.found.get(wanted.path)
    # The main file first: of a large repository around it, not everything may be taken along.
    ordered = sorted(hand_in.files, key=lambda path: path != main)  # the others in their own order
    code = {path: hand_in.code(path) for path in ordered if _is_source(hand_in, path)}
    texts, odd_lines = texts_of(code)
    if main is not None and main not in texts:
        raise Rejection(
            f"{main} is {len(code.get(main, b'')):,} bytes long; at most {MAX_SOURCE_BYTES:,} are graded",
            "Take everything out of it that is not your solution.",
        )
    starters, provided = (
        _texts_of_ours(*assignment.starter.items()),
        _texts_of_ours(*assignment.provided.items()),
    )
    asked = (*wanted.defines, *wanted.methods, *assignment.needs)
    names = tuple(dict.fromkeys(name.partition(".")[0] for name in asked))
    return Sources(
        main=main,
        texts=texts,
        cells={path: hand_in.notebooks[path].cells for path in texts if path in hand_in.notebooks},
        provided=provided,
        names=names,
        also=tuple(_definers(texts, main, names)) if main is not None else (),
        starter=next((text for path, text in starters.items() if fnmatchcase(path, wanted.path)), None),
        odd_lines=odd_lines,
    )


def brief(
    submission: Submission, read: Sources, assignment: Loaded, limits: Limits, *, any_name: bool
) -> Brief:
    """Put together what a session is told of this hand-in.

    Args:
        submission: its files.
        read: what is handed over of it.
        assignment: what it is graded for.
        limits: what its jobs may use.
        any_name: take what fits under another name.

    Raises:
        Rejection: the files that its job is to open are too large.
        CourseDataError: a file that the course lends is not there.
    """
    wanted = assignment.wanted[0]
    return Brief(
        texts=read.texts,
        main=read.main,
        wanted=wanted.path,
        adapter=assignment.adapter,
        calls=assignment.calls,
        limits=limits,
        needs=(*wanted.methods, *wanted.defines, *assignment.needs),
        starter=read.starter,
        given=tuple(assignment.definitions),
        any_name=any_name,
        cells=read.cells,
        provided=read.provided,
        also=read.also,
        names=read.names,
        notebook=submission.hand_in.notebooks.get(read.main or ""),
        definitions_alone=assignment.definitions_alone,
        disk=bool(assignment.carries or assignment.lends),
        carried=_carried(submission.hand_in, assignment),
        lent={name: course_data.content(path) for path, name in assignment.lends.items()},
    )


def _carried(hand_in: HandIn, assignment: Assignment) -> Mapping[str, bytes]:
    """Return the files beside the sources that a job may open.

    Raises:
        Rejection: they are too large.
    """
    patterns, limit_bytes = assignment.carries, assignment.limits.carried_bytes
    found = {
        path: content
        for path, content in hand_in.files.items()
        if any(fnmatchcase(path, pattern) for pattern in patterns)
    }
    total_bytes = sum(map(len, found.values()))
    if total_bytes > limit_bytes:
        largest = max(found, key=lambda path: len(found[path]))
        raise Rejection(
            f"the files {', '.join(patterns)} of this hand-in hold {total_bytes:,} bytes; at most "
            f"{limit_bytes:,} are read",
            f"The largest is {largest}. Hand in what the statement asks for, and nothing beside it.",
        )
    return found


def to_paste(read: Sources, assignment: Assignment, names: Mapping[str, str]) -> Source | None:
    """Say what a snippet to try a failing case with must know of the hand-in; None if it has no main file.

    Args:
        read: what was handed over of it.
        assignment: what it is graded for.
        names: what is wanted -> what the hand-in calls it.
    """
    if read.main is None:
        return None
    return Source(read.main, read.texts[read.main], assignment.written, names, assignment.imports)


def graded_files(submission: Submission) -> tuple[GradedFile, ...]:
    """List the files that are graded; of a notebook, the lines are those of its code."""
    hand_in = submission.hand_in
    return tuple(
        GradedFile(
            path, len(hand_in.code(path).splitlines()), hashlib.sha256(hand_in.files[path]).hexdigest()
        )
        for path in submission.found.values()
    )


def texts_of(files: Mapping[str, bytes]) -> tuple[dict[str, str], dict[str, int]]:
    """Decode sources, and find the first odd line of those that are not UTF-8.

    Left out is what cannot be a hand-in's: a source above MAX_SOURCE_BYTES, and whatever comes, in the
    order of `files`, after MAX_SOURCES_BYTES in all.
    """
    texts, odd_lines = {}, {}
    left_bytes = MAX_SOURCES_BYTES
    for path, content in files.items():
        if len(content) <= min(MAX_SOURCE_BYTES, left_bytes):
            left_bytes -= len(content)
            texts[path], odd_line = source.decode(content)
            if odd_line is not None:
                odd_lines[path] = odd_line
    return texts, odd_lines


def _is_source(hand_in: HandIn, path: str) -> bool:
    notebook: Notebook | None = hand_in.notebooks.get(path)
    return path.lower().endswith(".py") if notebook is None else notebook.problem is None


@lru_cache(maxsize=64)
def _texts_of_ours(*files: tuple[str, bytes]) -> Mapping[str, str]:
    """Return the Python files among these as texts: those of an assignment, the same for every hand-in."""
    python = {path: python_of(path, one) for path, one in files if path.lower().endswith((".py", ".ipynb"))}
    return texts_of(python)[0]


def _definers(texts: Mapping[str, str], main: str, names: Sequence[str]) -> Iterator[str]:
    """Other sources that seem to define one of these names, those in the main file's folder first."""
    if not names:
        return
    any_of = "|".join(map(re.escape, names))
    defined = re.compile(rf"^(?:class|def|async def)[ \t]+(?:{any_of})\b", re.MULTILINE)
    folder = posixpath.dirname(main)

    def distance(path: str) -> tuple[bool, int, str]:
        return posixpath.dirname(path) != folder, path.count("/"), path

    found = [path for path, text in texts.items() if path != main and defined.search(text)]
    yield from sorted(found, key=distance)[:MAX_ALSO]
