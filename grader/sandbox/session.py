"""One submission's time in the sandbox: a job, and a fresh one whenever the last one died.

A job serves all calls, since most hand-ins never kill it and a new one would import the hand-in again. When
a call kills it, the remaining cases of that call count as failed and the next call gets a fresh job, so that
a crash in backward takes nothing from forward, whichever comes first.
"""

from __future__ import annotations

import math
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from types import MappingProxyType, TracebackType
from typing import Any, Self

from grader.declaration import Check, Limits
from grader.errors import SandboxError
from grader.inside import asking, asserts, job, lockdown, source
from grader.sandbox import filter as filter_
from grader.sandbox import killed, process
from grader.sandbox.failures import NO_ANSWER, died, fatal, raised, without_places
from grader.sandbox.importing import Import
from grader.sandbox.launcher import Launcher
from grader.sandbox.process import JobEndedError
from grader.words import Answer, Case, Failure, FailureKind, Isolation, Printed

MAX_SOURCE_BYTES = 1 << 20
MAX_SOURCES_BYTES = 8 << 20  # far below what a frame may hold, even with every character escaped
# Of one function's answers to all cases, which the grader keeps until it has judged them. Right ones take
# less than a hundredth of it.
MAX_ANSWERS_BYTES = 32 << 20
# Of the slots 0 to 127: a range that Debian, systemd (its table has nothing from 60,578 on) and Docker leave
# free, beside autodriver's from 60,706; below 65,535 for user namespaces.
FIRST_UID = 60_578


class Session:
    """Asks one hand-in; use it as a context manager.

    Args:
        launcher: starts the jobs.
        texts: path inside the hand-in -> text of every source file.
        main: path of the module that is imported; None if the hand-in has none.
        wanted: what the assignment calls that module.
        adapter: source of the assignment's adapter.
        calls: the functions that it must define.
        needs: functions, classes and methods of the hand-in that are to be looked for.
        starter: text of the starter of `main`, if there is one.
        any_name: take what fits under another name.
        limits: what each job and the whole may use.
        until: when all must have ended, by `time.monotonic`, whatever the limits say.
        uid: user id of the jobs; None to keep our own.
        unsandboxed: go on where there is no filter of system calls, and say NOT ISOLATED.
        cells: path of a notebook -> the number and the text of each of its code cells.
        given: path -> text of modules for imports that find nothing in the hand-in.
        also: paths of files that may define what the main file lacks, in the order in which they are asked.
        names: what that may be.
    """

    def __init__(
        self,
        launcher: Launcher,
        *,
        texts: Mapping[str, str],
        main: str | None,
        wanted: str,
        adapter: str,
        calls: Sequence[str],
        needs: Sequence[str],
        starter: str | None,
        limits: Limits,
        uid: int | None,
        any_name: bool = True,
        until: float = math.inf,
        unsandboxed: bool = False,
        cells: Mapping[str, Sequence[tuple[int, str]]] = MappingProxyType({}),
        given: Mapping[str, str] = MappingProxyType({}),
        also: Sequence[str] = (),
        names: Sequence[str] = (),
    ) -> None:
        self.limits = limits
        self.isolation: Isolation | None = None
        self.unread: Failure | None = None  # why there are no facts about the source
        self.import_failure: Failure | None = None
        # What is wanted -> what the hand-in calls it, where it has another name.
        self.names: dict[str, str] = {}
        if main is None:
            self.import_failure = fatal(FailureKind.RAISED, f"there is no {wanted} in the hand-in")
        self._launcher = launcher
        self.main = main
        self._texts = frozenset(texts)
        self.importing = Import(limits.call_s, main or wanted)
        # What a job hears before it is locked down holds nothing of the hand-in.
        self._ours = {
            "adapter": adapter,
            "calls": list(calls),
            "needs": list(needs),
            "starter": starter,
            "any_name": any_name,
            "uid": uid,
            "cpu_s": limits.cpu_s,
            "memory_bytes": limits.memory_bytes,
            "system_calls": _system_calls(unsandboxed).hex(),
        }
        self._theirs = {
            "do": "take",
            "texts": dict(texts),
            "main": main,
            "cells": {path: [list(cell) for cell in found] for path, found in cells.items()},
            "given": dict(given),
            "also": list(also),
            "names": list(names),
        }
        self._killed_before = killed.by_the_kernel()
        self._unsandboxed = unsandboxed
        self._latest = until
        self._until = math.inf  # when the time of all calls together ends; set when the first job is ready
        self._job: process.Job | None = None
        self._imported = False
        self._answered_bytes: Counter[str] = Counter()  # by call
        self._printed: list[Mapping[str, Printed]] = []
        self._asserts: set[asserts.Place] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    def inspect(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """What the source says, read before any of it runs: facts by file, and the starter's.

        Raises:
            SandboxError: our own part failed.
        """
        if self.main is None:
            return {}, {}
        try:
            about, _ = self._alive().ask({"do": "inspect"}, {}, self._deadline_s(self.limits.call_s))
        except JobEndedError as error:
            # Python's parser can be crashed by a hostile source, and kept busy by a long one.
            self._forget(error)
            call_s = self.limits.call_s
            self.unread = died(f"reading {self.main}", error, self.limits, call_s, self._is_over())
            return {}, {}
        self.names = about["facts"].get(self.main, {}).get("names", {})
        self.importing.read(about["facts"])
        return about["facts"], about["starter"]

    def ask(self, check: Check, case: Case, form: int) -> Answer:
        """Make one call of a check on one case. An Answer whose failure is fatal has ended the job.

        Raises:
            SandboxError: our own part failed.
        """
        if not self._imported and self.import_failure is None:
            self._import()
        if self.import_failure is not None:
            return Answer(failure=self.import_failure)
        about = {"do": "call", "call": check.call, "form": form, "outputs": list(check.names)}
        about |= {"strided": case.strided, "company": case.company, "seed": case.seed}
        call_s = check.call_s or self.limits.call_s
        try:
            answer, arrays = self._alive().ask(about, case.inputs, self._deadline_s(call_s))
        except JobEndedError as error:
            self._forget(error)
            return Answer(failure=died(check.call, error, self.limits, call_s, self._is_over()))
        self._note_asserts(answer.get("asserts"))
        self._answered_bytes[check.call] += sum(array.nbytes for array in arrays.values())
        if self._answered_bytes[check.call] > MAX_ANSWERS_BYTES:
            self.close()
            much = f"more than {MAX_ANSWERS_BYTES >> 20} MiB in all"
            return Answer(failure=fatal(FailureKind.OUTPUT, f"{check.call} answered with {much}"))
        return self.importing.explained(_checked(check.call, answer, arrays, check.names))

    @property
    def failed_asserts(self) -> list[asserts.Place]:
        """Where the hand-in's own asserts stand that failed and were passed over, in order."""
        return sorted(self._asserts, key=lambda place: (place[0], place[2] or 0, place[1]))

    @contextmanager
    def asserts_apart(self) -> Iterator[set[asserts.Place]]:
        """For a while, asserts that fail are put into the set that this gives, and not told otherwise."""
        kept, self._asserts = self._asserts, set()
        apart = self._asserts
        try:
            yield apart
        finally:
            self._asserts = kept

    def _note_asserts(self, said: object) -> None:
        """Keep what a job says of asserts, if they are places in the hand-in's files."""
        for place in said if isinstance(said, list) else ():
            match place:
                case [str(path), int(line), int() | None as cell] if path in self._texts:
                    if (
                        len(self._asserts) < asserts.MOST
                        and 0 < line < 1 << 31
                        and 0 <= (cell or 0) < 1 << 31
                    ):
                        self._asserts.add((path, line, cell))

    def close(self) -> None:
        """End the job, if there is one."""
        if self._job is not None:
            self._printed.append(self._job.close())
            self._job = None

    def printed(self, stream: str) -> Printed:
        """What all jobs of this session printed on "stdout" or "stderr", the first of it kept."""
        text = without_places("".join(printed[stream].text for printed in self._printed))
        dropped_bytes = sum(printed[stream].dropped_bytes for printed in self._printed)
        whole = text.encode()
        kept = whole[: process.KEPT_BYTES].decode(errors="ignore")  # no half of a character
        return Printed(kept, dropped_bytes + len(whole) - len(kept.encode()))

    def _alive(self) -> process.Job:
        if self._job is None:
            self._job = self._launcher.start(self._ours)
            self._job.output_limit_bytes = self.limits.output_bytes
            layers = self._job.layers
            self.isolation = Isolation(tuple(layers["on"]), tuple(layers["off"]))
            if lockdown.SYSTEM_CALLS not in self.isolation.on and not self._unsandboxed:
                raise SandboxError(_refused("; ".join(self.isolation.off)))
            self._imported = False
            if math.isinf(self._until):  # from here on it is the student's time
                self._until = min(time.monotonic() + self.limits.total_s, self._latest)
            self._job.ask(self._theirs, {}, self._deadline_s(self.limits.call_s))
        return self._job

    def _import(self) -> None:
        importing = self.importing
        deadline_s = importing.deadline_s
        try:
            answer, _ = self._alive().ask(
                {**importing.request, "other_names": self.names},
                {},
                self._deadline_s(deadline_s),
                importing.announced,
            )
        except JobEndedError as error:
            self._forget(error)
            failure = died(importing.subject, error, self.limits, deadline_s, self._is_over())
            if not self._is_over() and importing.goes_on(failure):
                self._printed.pop()  # the next try prints the same again
                return self._import()
            self.import_failure = failure
            return None
        if "raised" in answer:
            self.import_failure = replace(raised(importing.subject, answer["raised"]), fatal=True)
        else:
            importing.went_through(answer)
        self._imported = True
        return None

    def _forget(self, error: JobEndedError) -> None:
        """Let go of a dead job.

        Raises:
            KilledError: somebody else has killed it, for nothing that it did.
        """
        assert self._job is not None
        self._printed.append(self._job.close())
        layers = self._job.layers
        self._job = None
        self._imported = False
        # Without the filter it may have killed itself.
        if error.reason is None and lockdown.SYSTEM_CALLS in layers["on"]:
            killed.hold(error.ending, layers["peak_bytes"], self.limits, self._killed_before)

    def _deadline_s(self, call_s: float) -> float:
        return min(call_s, self._until - time.monotonic())

    def _is_over(self) -> bool:
        return time.monotonic() >= self._until


def _system_calls(unsandboxed: bool) -> bytes:
    try:
        return filter_.program()
    except filter_.NoFilterError as error:
        if unsandboxed:
            return b""
        raise SandboxError(_refused(str(error))) from None


def _refused(why: str) -> str:
    return (
        f"no hand-in is run here, since nothing would keep it from this machine ({why}). Grade in "
        "cellgrade's Docker image; or, to check a hand-in of your own, add --allow-unsandboxed: the report "
        "then says NOT ISOLATED. `cellgrade doctor` says more"
    )


def texts_of(files: Mapping[str, bytes]) -> tuple[dict[str, str], dict[str, int]]:
    """Sources as text, and of those that are not UTF-8 the first odd line.

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


def _checked(
    call: str, about: Mapping[str, Any], arrays: Mapping[str, Any], outputs: Sequence[str]
) -> Answer:
    """The job's answer, held to what an answer may be: it may have been made by anyone in there."""
    known = {
        name: array for name, array in arrays.items() if name in outputs and array.size <= asking.MAX_ENTRIES
    }
    if "raised" in about:
        return Answer(known, failure=raised(call, about["raised"]))
    absent = about.get("absent")
    if not isinstance(absent, dict) or not all(isinstance(reason, str) for reason in absent.values()):
        return Answer(failure=Failure(FailureKind.GARBLED, f"{call} {NO_ANSWER}"))
    reasons = {name: absent.get(name, "is missing")[: job.MAX_REASON] for name in outputs}
    missing = {name: reason for name, reason in reasons.items() if name not in known}
    return Answer(known, missing)


def effective_uid() -> int | None:
    """Who we are; None where nobody has a number."""
    if sys.platform == "win32":
        return None
    return os.geteuid()


def job_uid(effective_uid: int | None, slot: int = 0) -> int | None:
    """The user id for a slot's jobs: its own where we are root, else None."""
    return FIRST_UID + slot if effective_uid == 0 else None
