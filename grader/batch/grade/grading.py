"""Brings hand-ins to workers, and what comes back into the journal, until each has a grade or is put off.

Hand-ins with the same key are graded once: the others wait for what becomes of the first. What fails by our
fault is tried again behind all others, when the machine may have what it was short of.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from grader import issuing
from grader.batch.entry import Entry
from grader.batch.grade.majority import Majority, recognised
from grader.batch.grade.process import LostBy, LostError, WorkerProcess
from grader.batch.grade.tally import Tally
from grader.batch.grade.workers import Workers
from grader.batch.journal import report_codec
from grader.batch.journal.journal import Journal, hand_in_row
from grader.batch.journal.tables import ResultRow
from grader.declaration import Loaded
from grader.errors import GraderError
from grader.records import Report

# How often a hand-in is tried in one run, as long as it is our fault that it fails: as often as this where it
# was not asked yet, or where somebody killed who asked it;
TRIES = 3
TRIES_ASKED = 2  # where we failed once it was at work;
TRIES_PROBE = 20  # and the known one, where that is killed;
TRIES_STOPPED = 1  # where a worker had to be stopped: it was held for as long as a hand-in may hold one.
TAKE_S = 300.0  # for reading a hand-in, and drawing the suite before the first of an assignment
MARGIN_S = 60.0  # beyond what a hand-in may hold a worker: then it is ours that hangs
# Different hand-ins that fail by our fault, and none that does not: a known one says whether something is
# missing here, or whether it is they.
HOPELESS = 10

Answer = Mapping[str, Any]
"""What a worker says: see `worker`."""

Points = tuple[float, float]
"""Points earned, and to be had."""


class Grading:
    """One run over the hand-ins of a plan.

    Args:
        journal: takes what comes back.
        workers: grade.
        known: the assignments.
        assignment: name of the one that all are graded for, if the caller said.
        tally: is counted up.
        mixed: the hand-ins are for several assignments; else, where none is named, for that of most.
    """

    def __init__(
        self,
        journal: Journal,
        workers: Workers,
        known: Sequence[Loaded],
        assignment: str | None,
        tally: Tally,
        *,
        mixed: bool = False,
    ) -> None:
        self._journal = journal
        self._workers = workers
        self._known = {one.name: one for one in known}
        self._assignment = assignment
        self._is_told = mixed or assignment is not None or len(known) == 1
        self._class_of: str | None = None  # the assignment of most, if that is known from the hand-ins alone
        self._tally = tally
        self._queue: asyncio.Queue[Entry] = asyncio.Queue()
        # Of each key that is being graded, what becomes of the first with it: its points; None if it is tried
        # again; the report on our fault if that was the last try.
        self._first: dict[str, asyncio.Future[Points | Report | None]] = {}
        self._tries: Counter[object] = Counter()
        self._last_fault: dict[object, Report] = {}  # of what was tried often enough
        self._failed: set[object] = set()  # since a known hand-in was last graded
        self._is_probing = False

    async def run(self, entries: Sequence[Entry]) -> str | None:
        """Go on until nothing is left to do. Gives what is to be said of the class as a whole.

        Raises:
            GraderError: workers do not start, the journal cannot be written, or everything fails.
        """
        majority = Majority() if self._is_told else await recognised(self._workers, entries)
        self._class_of = majority.assignment
        self._assignment = self._assignment or majority.assignment
        for entry in entries:
            self._queue.put_nowait(entry)
        async with asyncio.TaskGroup() as together:
            serving = [together.create_task(self._serve(slot, together)) for slot in self._workers.slots]
            await self._queue.join()
            for task in serving:
                task.cancel()
        return majority.note

    async def _serve(self, slot: int, together: asyncio.TaskGroup) -> None:
        """Bring one hand-in after the other to a worker."""
        while True:
            entry = await self._queue.get()
            worker = await self._workers.ready(slot)
            try:
                answer = await worker.ask(
                    {"do": "take", "path": str(entry.path), "class_of": self._class_of}, TAKE_S
                )
            except LostError as lost:
                await self._lost(slot, entry, {}, lost, TRIES)
                continue
            if answer["do"] == "unknown":
                self._unknown(entry, answer["message"])
            elif answer["do"] == "refused" and answer["status"] == "error":
                await self._fail(slot, entry, {}, report_codec.report_of(answer["report"]), TRIES)
            elif answer["do"] == "refused":
                self._keep(entry, answer, _points(answer), _result(answer, answer))
            elif (first := self._first.get(answer["key"])) is not None:
                together.create_task(self._follow(entry, answer, first))
            elif (score := self._journal.score(answer["key"])) is not None:
                self._keep(entry, answer, score)
            elif (fault := self._last_fault.get(answer["key"])) is not None:
                self._leave(entry, answer, fault)
            else:
                await self._ask(slot, entry, answer, worker)

    async def _ask(self, slot: int, entry: Entry, taken: Answer, worker: WorkerProcess) -> None:
        """Have a hand-in graded, and tell those that are identical what became of it."""
        first = self._first[taken["key"]] = asyncio.get_running_loop().create_future()
        outcome: Points | Report | None
        try:
            answer = await worker.ask({"do": "ask"}, taken["held_s"] + MARGIN_S)
        except LostError as lost:
            outcome = await self._lost(slot, entry, taken, lost, TRIES_ASKED)
        else:
            if answer["status"] == "error":
                result = report_codec.result_of(answer["report"])
                report = issuing.issued(result, taken["name"], ())
                outcome = await self._fail(slot, entry, taken, report, TRIES_ASKED)
            else:
                self._tally.graded += 1
                outcome = _points(answer)
                self._keep(entry, taken, outcome, _result(taken, answer))
        del self._first[taken["key"]]
        first.set_result(outcome)

    async def _follow(
        self, entry: Entry, taken: Answer, first: asyncio.Future[Points | Report | None]
    ) -> None:
        """Wait for what becomes of an identical hand-in."""
        outcome = await first
        if outcome is None:
            self._again(entry)  # it is read again, too: the first of them may have been changed meanwhile
        elif isinstance(outcome, Report):
            self._leave(entry, taken, outcome)
        else:
            self._keep(entry, taken, outcome)

    async def _lost(
        self, slot: int, entry: Entry, taken: Answer, lost: LostError, tries: int
    ) -> Report | None:
        """Try again, or not, what cost us a worker."""
        tries = {LostBy.STOPPED: TRIES_STOPPED, LostBy.KILLED: TRIES}.get(lost.by, tries)
        error = GraderError(f"the process that graded it {lost.why}")
        return await self._fail(slot, entry, taken, self._failure(entry, taken, error), tries)

    async def _fail(
        self, slot: int, entry: Entry, taken: Answer, report: Report, tries: int
    ) -> Report | None:
        """Try again, after all others, or leave it for the next run.

        Args:
            slot: of the worker.
            entry: what failed.
            taken: what was read of it, if it was.
            report: says why.
            tries: how many are enough.

        Returns:
            The report if it is left, None if it is tried again: the same goes for those that are identical.
        """
        identity = taken.get("key", (entry.student, entry.version))
        self._tries[identity] += 1
        self._failed.add(identity)
        if len(self._failed) >= HOPELESS and not self._tally.done and not self._is_probing:
            await self._probe(slot, taken.get("assignment", self._assignment), report)
        if self._tries[identity] < tries:
            self._again(entry)
            return None
        self._last_fault[identity] = report
        self._leave(entry, taken, report)
        return report

    async def _probe(self, slot: int, assignment: str | None, report: Report) -> None:
        """Go on if a known hand-in is graded here.

        Raises:
            GraderError: it is not.
        """
        self._is_probing = True
        wrong: str | None = None
        for _ in range(TRIES_PROBE):  # by whom it is killed, nobody knows: it is asked again
            worker = await self._workers.ready(slot)
            try:
                limit_s = TAKE_S + MARGIN_S
                wrong = (await worker.ask({"do": "probe", "assignment": assignment}, limit_s))["wrong"]
                break
            except LostError as lost:
                wrong = f"the process that graded it {lost.why}"
                if lost.by is not LostBy.KILLED:
                    break
        if wrong is not None:
            raise GraderError(
                f"the first {len(self._failed)} hand-ins all failed by our fault: {report.message}\n"
                f"What is known to go well failed, too: {wrong}"
            )
        self._is_probing = False
        self._failed.clear()

    # What becomes of a hand-in that was taken from the queue: one of these four.

    def _keep(self, entry: Entry, taken: Answer, points: Points, result: ResultRow | None = None) -> None:
        """Keep whose a result is."""
        about = {name: taken[name] for name in ("content", "key", "name", "notices")}
        self._journal.keep(hand_in_row(entry, **about), result)
        self._tally.add(*points)
        self._queue.task_done()

    def _leave(self, entry: Entry, taken: Answer, report: Report) -> None:
        """Leave for the next run what fails by our fault."""
        self._journal.fail(entry, issuing.issued(report, taken.get("name", report.hand_in), ()))
        self._tally.add_fault()
        self._queue.task_done()

    def _unknown(self, entry: Entry, message: str) -> None:
        """Leave what nobody could grade before a person has said more."""
        self._journal.fail(entry, self._failure(entry, {}, GraderError(message)))
        self._tally.add_unknown()
        self._queue.task_done()

    def _again(self, entry: Entry) -> None:
        """Try again, behind all others."""
        self._queue.put_nowait(entry)
        self._queue.task_done()

    def _failure(self, entry: Entry, taken: Answer, error: GraderError) -> Report:
        """Make the report on a hand-in that failed by our fault."""
        assignment = self._known.get(taken.get("assignment", self._assignment))
        return issuing.failed(assignment, entry.path.name, error)


def _points(answer: Answer) -> Points:
    return answer["score"], answer["max_score"]


def _result(taken: Answer, answer: Answer) -> ResultRow:
    return ResultRow(taken["key"], taken["about"], answer["report"], *_points(answer))
