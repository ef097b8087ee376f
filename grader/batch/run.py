"""A batch from its INPUTs to its results folder, in four steps, a room for each.

`collect` makes entries of the INPUTs; `grade` gives each a report as far as the journal lacks it; `journal`
keeps what is known; `gradebook` writes that out. Whether a batch was interrupted in between, and by how many
workers it was graded, shows in none of the files.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TextIO

from grader.batch import results_folder
from grader.batch.collect import inputs, roster, versions
from grader.batch.collect.doubt import Doubt
from grader.batch.collect.roster import Matched
from grader.batch.entry import Entry
from grader.batch.grade import whole_class
from grader.batch.grade.grading import Grading
from grader.batch.grade.progress import progress
from grader.batch.grade.setup import Setup
from grader.batch.grade.tally import Tally
from grader.batch.grade.workers import Workers
from grader.batch.gradebook import file_names
from grader.batch.gradebook.files import ForStudents, ResultsFiles, Wishes
from grader.batch.gradebook.summary import Remarks
from grader.batch.interruption import Interruption
from grader.batch.journal import lock
from grader.batch.journal.journal import Journal
from grader.declaration import Loaded


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
        students_get: what they are told of their mistakes.
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
    students_get: ForStudents = field(default_factory=ForStudents)


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


def run(choices: Choices, known: Sequence[Loaded], stream: TextIO | None) -> Ended:
    """Grade a class.

    Args:
        choices: what the caller chose.
        known: the assignments.
        stream: where progress is shown.

    Raises:
        UsageError: the inputs, the results folder or one of the lists is not what it should be.
        GraderError: workers do not start, or the disk is full. What was graded is in the journal.
    """
    choices.wishes.validate()
    listed = roster.read(choices.students) if choices.students else None
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
        matched = listed.applied(collected.entries) if listed is not None else Matched(collected.entries)
        plan = versions.sorted_out(matched.entries, every_version=choices.every_version)
        remarks = Remarks(
            ignored=collected.ignored,
            superseded=plan.superseded,
            unmatched=matched.unmatched,
            absent=matched.absent,
            platforms=collected.platforms,
        )
        results_folder.make(choices.results)
        with lock.held(choices.results, scratch), Journal(choices.results) as kept:
            _say_damage(kept, stream)
            files = ResultsFiles(choices.results, kept, replace(choices.students_get, known=known))
            files.validate()
            kept.plan(plan.counting, file_names.stems(matched.entries), plan.earlier)
            entries = (*plan.counting, *plan.earlier)
            tally = Tally(len(entries))
            note = _grade(choices, known, kept, entries, tally, interruption, stream, scratch)
            if interruption.asked:
                return Ended(tally, interrupted=True)
            files.reports()
            notes = (*([note] if note else []), *files.books(choices.wishes, listed, remarks))
            return Ended(tally, interrupted=False, notes=notes, left_out=len(remarks.ignored))


def _say_damage(kept: Journal, stream: TextIO | None) -> None:
    if kept.damaged and stream is not None:
        rows = "a row" if kept.damaged == 1 else f"{kept.damaged} rows"
        print(
            f"{rows} of the journal did not fit the checksum written with it: what that was about is graded "
            "again. Look after the disk.",
            file=stream,
            flush=True,
        )


def _grade(
    choices: Choices,
    known: Sequence[Loaded],
    kept: Journal,
    entries: Sequence[Entry],
    tally: Tally,
    interruption: Interruption,
    stream: TextIO | None,
    scratch: Path,
) -> str | None:
    """Grade what the journal lacks; gives what is to be said of the class as a whole."""
    workers = Workers(choices.setup, max(1, min(choices.workers, len(entries))), scratch)
    grading = Grading(kept, workers, known, choices.setup.options.assignment, tally, mixed=choices.mixed)
    return whole_class.grade(entries, grading, workers, progress(tally, stream), interruption)
