"""Brings hand-ins to workers, and what comes back into the journal, until each has a grade or is put off.

Hand-ins with the same key are graded once: who comes second waits for the result of the first. What fails by
our fault is tried again behind all others, when the machine may have what it was short of.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from grader import ungraded
from grader.batch import stored
from grader.batch.crew import Cause, Crew, Lost
from grader.batch.entry import Entry
from grader.batch.interruption import Interruption
from grader.batch.journal import HandIn, Journal, Result
from grader.batch.progress import Progress
from grader.batch.tally import Tally
from grader.declaration import Assignment
from grader.errors import GraderError
from grader.words import Report

# How often a hand-in is tried in one run, as long as it is our fault that it fails: as often as this where it
# was not asked yet, or where somebody killed who asked it;
TRIES = 3
TRIES_ASKED = 2  # where we failed once it was at work;
TRIES_STOPPED = 1  # where a worker had to be stopped: it was held for as long as a hand-in may hold one.
TAKE_S = 300.0  # for reading a hand-in, and drawing the suite before the first of an assignment
MARGIN_S = 60.0  # beyond what a hand-in may hold a worker: then it is ours that hangs
# Different hand-ins that fail by our fault, and none that does not: a known one says whether something is
# missing here, or whether it is they.
HOPELESS = 10
LOOK_S = 0.25


@dataclass
class Task:
    """What a worker is busy with: whose hand-in, what was read of it, and whether it is at work."""

    entry: Entry
    taken: Mapping[str, Any] = field(default_factory=dict)
    is_asked: bool = False

    @property
    def key(self) -> str | None:
        """Of its result, once it was read."""
        return self.taken.get("key")

    @property
    def identity(self) -> object:
        """What its tries are counted by."""
        return self.key or (self.entry.student, self.entry.version)

    def hand_in(self) -> HandIn:
        """What was read, for the journal."""
        taken = self.taken
        return HandIn(self.entry, taken["content"], taken["key"], taken["name"], taken["notices"])


class Dispatch:
    """One run over the hand-ins of a plan.

    Args:
        journal: takes what comes back.
        crew: the workers.
        known: the assignments.
        assignment: name of the one that all are graded for, if the caller said.
        tally: is counted up.
        class_of: name of the one that the class hands in, if that is known from the hand-ins alone.
    """

    def __init__(
        self,
        journal: Journal,
        crew: Crew,
        known: Sequence[Assignment],
        assignment: str | None,
        tally: Tally,
        class_of: str | None = None,
    ) -> None:
        self._journal = journal
        self._crew = crew
        self._known = {one.name: one for one in known}
        self._assignment = assignment or class_of
        self._class_of = class_of
        self._tally = tally
        self._queue: deque[Entry] = deque()
        self._tasks: dict[int, Task] = {}
        self._waiting: dict[str, list[Task]] = {}  # key that is being graded -> hand-ins that need it, too
        self._tries: Counter[object] = Counter()
        self._last_fault: dict[object, Report] = {}  # of what was tried often enough
        self._failed: set[object] = set()  # since a known hand-in was last graded
        self._doubt: tuple[str | None, Report] | None = None  # the assignment to probe, and what failed last
        self._prober: int | None = None  # the slot of the worker that does

    def run(self, entries: Sequence[Entry], interruption: Interruption, progress: Progress) -> None:
        """Go on until nothing is left to do, or until asked to stop.

        Raises:
            GraderError: workers do not start, the journal cannot be written, or everything fails.
        """
        self._queue.extend(entries)
        while (self._queue or self._tasks or self._doubt) and not interruption.asked:
            for slot in self._crew.free:
                if self._doubt and self._prober is None:
                    self._prober = slot
                    self._crew.tell(slot, {"do": "probe", "assignment": self._doubt[0]}, TAKE_S + MARGIN_S)
                elif self._queue:
                    task = self._tasks[slot] = Task(self._queue.popleft())
                    path, class_of = str(task.entry.path), self._class_of
                    self._crew.tell(slot, {"do": "take", "path": path, "class_of": class_of}, TAKE_S)
            for slot, answer in self._crew.wait(LOOK_S, interruption.fileno()):
                if slot == self._prober:
                    self._probed(answer)
                elif slot in self._tasks:  # else a worker died that had nothing to do
                    self._hear(slot, answer)
            progress.show()

    def _hear(self, slot: int, answer: Mapping[str, Any] | Lost) -> None:
        if isinstance(answer, Lost):
            task = self._tasks.pop(slot)
            error = GraderError(f"the process that graded it {answer.why}")
            report = ungraded.failed(self._assignment_of(task), task.entry.path.name, error)
            tries = {Cause.STOPPED: TRIES_STOPPED, Cause.KILLED: TRIES}.get(answer.cause)
            self._fail(task, report, tries or (TRIES_ASKED if task.is_asked else TRIES))
        elif answer["do"] == "taken":
            self._taken(slot, answer)
        elif answer["do"] == "asked":
            self._asked(self._tasks.pop(slot), answer)
        elif answer["do"] == "refused":
            task = self._tasks.pop(slot)
            if answer["status"] == "error":
                self._fail(task, stored.report_of(answer["report"]), TRIES)
            else:
                task.taken = answer
                self._done([task], answer, Result(answer["key"], answer["about"], *_outcome(answer)))
        else:  # nobody could grade this before a person has said more
            task = self._tasks.pop(slot)
            error = GraderError(answer["message"])
            report = ungraded.failed(self._assignment_of(task), task.entry.path.name, error)
            self._journal.fail(task.entry, report)
            self._tally.add_unknown()

    def _taken(self, slot: int, answer: Mapping[str, Any]) -> None:
        task = self._tasks[slot]
        task.taken = answer
        key = answer["key"]
        if (score := self._journal.score(key)) is not None:
            self._done([self._tasks.pop(slot)], {"score": score[0], "max_score": score[1]}, None)
        elif key in self._waiting:
            self._waiting[key].append(self._tasks.pop(slot))
        elif key in self._last_fault:
            self._leave(self._tasks.pop(slot), self._last_fault[key])
        else:
            self._waiting[key] = []
            task.is_asked = True
            self._crew.tell(slot, {"do": "ask"}, answer["held_s"] + MARGIN_S)

    def _asked(self, task: Task, answer: Mapping[str, Any]) -> None:
        assert task.key is not None
        if answer["status"] == "error":
            failed = stored.result_of(answer["report"])
            return self._fail(task, ungraded.issued(failed, task.taken["name"], ()), TRIES_ASKED)
        self._tally.graded += 1
        result = Result(task.key, task.taken["about"], *_outcome(answer))
        return self._done([task, *self._waiting.pop(task.key)], answer, result)

    def _done(self, tasks: Sequence[Task], score: Mapping[str, Any], result: Result | None) -> None:
        self._journal.keep(result, [task.hand_in() for task in tasks])
        for _ in tasks:
            self._tally.add(score["score"], score["max_score"])

    def _fail(self, task: Task, report: Report, tries: int) -> None:
        """Try again, after all others, or leave it for the next run.

        Args:
            task: what failed.
            report: says why.
            tries: how many are enough.
        """
        self._tries[task.identity] += 1
        tasks = [task, *(self._waiting.pop(task.key, []) if task.key else [])]
        if self._tries[task.identity] < tries:
            # The others read theirs again, too: the first of them may have been changed meanwhile.
            self._queue.extend(one.entry for one in tasks)
        else:
            self._last_fault[task.identity] = report
            for one in tasks:
                self._leave(one, report)
        self._failed.add(task.identity)
        if len(self._failed) >= HOPELESS and not self._tally.done and self._doubt is None:
            self._doubt = task.taken.get("assignment", self._assignment), report

    def _probed(self, answer: Mapping[str, Any] | Lost) -> None:
        """Go on, since a known hand-in is graded here; or give up.

        Raises:
            GraderError: it is not.
        """
        assert self._doubt is not None
        self._prober = None
        if isinstance(answer, Lost) and answer.cause is Cause.KILLED:
            return  # by whom, nobody knows: ask once more
        wrong = f"the process that graded it {answer.why}" if isinstance(answer, Lost) else answer["wrong"]
        if wrong is not None:
            raise GraderError(
                f"the first {len(self._failed)} hand-ins all failed by our fault: {self._doubt[1].message}\n"
                f"What is known to go well failed, too: {wrong}"
            )
        self._doubt = None
        self._failed.clear()

    def _leave(self, task: Task, report: Report) -> None:
        name = task.taken.get("name", report.hand_in)
        self._journal.fail(task.entry, ungraded.issued(report, name, ()))
        self._tally.add_fault()

    def _assignment_of(self, task: Task) -> Assignment | None:
        return self._known.get(task.taken.get("assignment", self._assignment))


def _outcome(answer: Mapping[str, Any]) -> tuple[str, float, float]:
    return answer["report"], answer["score"], answer["max_score"]
