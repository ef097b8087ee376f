"""A batch from its INPUTs to its results folder.

Collected, planned, graded as far as the journal lacks it, and written out: whether it was interrupted in
between, and by how many workers it was graded, shows in none of the files.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from grader.batch import inputs, journal, lock, names, results_folder, students
from grader.batch.asking import Doubt
from grader.batch.crew import Crew
from grader.batch.dispatch import Dispatch
from grader.batch.entry import Entry, Ignored
from grader.batch.interruption import Interruption
from grader.batch.journal import Journal, Planned
from grader.batch.majority import Majority, recognised
from grader.batch.outputs import Outputs, Wishes
from grader.batch.progress import progress
from grader.batch.setup import Setup
from grader.batch.students import Matched
from grader.batch.summary import Remarks
from grader.batch.tally import Tally
from grader.declaration import Assignment
from grader.errors import UsageError

PRIVATE = 0o700
"""The mode of a results folder: grades and names are for whoever runs the batch."""


@dataclass(frozen=True)
class Choices:
    """What the caller chose.

    Attributes:
        inputs: paths and patterns, as `inputs.collect` takes them.
        results: the folder for everything that comes out.
        setup: what the graders are made from.
        workers: how many grade at once.
        every_version: grade earlier versions, too; the latest counts.
        platform: whose names the inputs have; None to recognise it.
        is_class: answers what `inputs.collect` is in doubt about; None where nobody can be asked.
        students: a CSV that maps what names say to students.
        wishes: what is wanted beside the reports.
        mixed: the hand-ins are for several assignments; else, where none is named, for that of most.
    """

    inputs: Sequence[str]
    results: Path
    setup: Setup = field(default_factory=Setup)
    workers: int = 1
    every_version: bool = False
    platform: str | None = None
    is_class: Callable[[Doubt], bool] | None = None
    students: Path | None = None
    wishes: Wishes = field(default_factory=Wishes)
    mixed: bool = False


@dataclass(frozen=True)
class Ended:
    """How a batch ended.

    Attributes:
        tally: the counts.
        interrupted: whether it was asked to stop, so that only the journal was written.
        notes: what there is to be said about the gradebook for a platform.
        left_out: how many files and folders of the inputs are not graded.
    """

    tally: Tally
    interrupted: bool
    notes: tuple[str, ...] = ()
    left_out: int = 0


def run(choices: Choices, known: Sequence[Assignment], stream: TextIO | None) -> Ended:
    """Grade a class.

    Args:
        choices: what the caller chose.
        known: the assignments.
        stream: where progress is shown.

    Raises:
        UsageError: the inputs, the results folder or one of the lists is not what it should be.
        GraderError: workers do not start, or the disk is full. What was graded is in the journal.
    """
    choices.wishes.check()
    roster = students.read(choices.students) if choices.students else None
    temporary = tempfile.TemporaryDirectory(prefix=lock.TEMPORARY, ignore_cleanup_errors=True)
    with Interruption() as interruption, temporary as name:
        scratch = Path(name)
        collected = inputs.collect(
            choices.inputs,
            scratch=scratch,
            platform=choices.platform,
            results=choices.results,
            is_class=choices.is_class,
        )
        matched = roster.applied(collected.entries) if roster is not None else Matched(collected.entries)
        plan, superseded = _planned(matched.entries, every_version=choices.every_version)
        remarks = Remarks(
            ignored=collected.ignored,
            superseded=superseded,
            unmatched=matched.unmatched,
            absent=matched.absent,
            platforms=collected.platforms,
        )
        _make(choices.results)
        with lock.held(choices.results, scratch), Journal(choices.results) as kept:
            _say_damage(kept, stream)
            files = Outputs(choices.results, kept)
            files.check()
            kept.plan(plan)
            tally = Tally(len(plan))
            entries = [one.entry for one in plan]
            note = _grade(choices, known, kept, entries, tally, interruption, stream, scratch)
            if interruption.asked:
                return Ended(tally, interrupted=True)
            files.reports()
            notes = (*([note] if note else []), *files.books(choices.wishes, roster, remarks))
            return Ended(tally, interrupted=False, notes=notes, left_out=len(remarks.ignored))


def _planned(
    entries: Sequence[Entry], *, every_version: bool
) -> tuple[tuple[Planned, ...], tuple[Ignored, ...]]:
    """What is graded, and what is not since a later version counts."""
    counting, superseded = inputs.latest(entries)
    files = names.stems(entries)
    plan = [Planned(entry, files[entry.student]) for entry in counting]
    if every_version:
        there = {(entry.student, entry.version) for entry in counting}
        for entry in entries:
            # Of two that no version tells apart, only the one that counts.
            if (entry.student, entry.version) not in there:
                there.add((entry.student, entry.version))
                plan.append(Planned(entry, files[entry.student], counts=False))
        graded = {one.entry.shown for one in plan}
        superseded = tuple(one for one in superseded if one.path not in graded)
    return tuple(plan), superseded


def _say_damage(kept: Journal, stream: TextIO | None) -> None:
    if kept.damaged and stream is not None:
        rows = "a row" if kept.damaged == 1 else f"{kept.damaged} rows"
        print(
            f"{rows} of the journal did not fit the checksum written with it: what that was about is graded "
            "again. Look after the disk.",
            file=stream,
            flush=True,
        )


def _make(results: Path) -> None:
    """Make the results folder, or see that it is one. Nobody else on this machine may look into it.

    Raises:
        UsageError: it cannot be made, or holds other things.
    """
    try:
        results.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        there = set(os.listdir(results))
    except OSError as error:
        raise UsageError(f"{results} cannot be made or read: {error.strerror}") from None
    if there - results_folder.OURS and journal.NAME not in there:
        raise UsageError(
            f"{results} holds other things than the results of a batch: choose a new folder for --out"
        )
    with contextlib.suppress(OSError):  # it is another's, or on a disk without modes: who shares it knows
        results.chmod(results.stat().st_mode & PRIVATE)  # which lets nobody do more than before


def _grade(
    choices: Choices,
    known: Sequence[Assignment],
    kept: Journal,
    entries: Sequence[Entry],
    tally: Tally,
    interruption: Interruption,
    stream: TextIO | None,
    scratch: Path,
) -> str | None:
    """Grade what the journal lacks; gives what is to be said of the class as a whole."""
    workers = max(1, min(choices.workers, len(entries)))
    bar = progress(tally, stream)
    with bar, Crew(choices.setup, workers, scratch) as crew:

        def end_at_once() -> None:
            crew.kill()
            bar.abandon()

        interruption.at_once = end_at_once
        told = choices.mixed or choices.setup.assignment is not None or len(known) == 1
        majority = Majority() if told else recognised(crew, entries, interruption)
        dispatch = Dispatch(kept, crew, known, choices.setup.assignment, tally, majority.assignment)
        dispatch.run(entries, interruption, bar)
    interruption.at_once = _nothing
    return majority.note


def _nothing() -> None:
    """What there is to end at once when nobody is at work."""
