"""One submission's time in the sandbox: a job, and a fresh one whenever the last one died.

A job serves all calls, since most hand-ins never kill it and a new one would import the hand-in again. When
a call kills it, the remaining cases of that call count as failed and the next call gets a fresh job, so that
a crash in backward takes nothing from forward, whichever comes first.
"""

from __future__ import annotations

import re
import signal
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Any, Self, TypeGuard

from grader.declaration import Check, Limits
from grader.errors import SandboxError
from grader.inside import asking, job, lockdown, source
from grader.sandbox import filter as filter_
from grader.sandbox import process
from grader.sandbox.environment import modules_needed
from grader.sandbox.process import JobEndedError, Zygote
from grader.words import Answer, Case, Failure, FailureKind, Isolation, Printed

MAX_SOURCE_BYTES = 1 << 20
MAX_SOURCES_BYTES = 8 << 20  # far below what a frame may hold, even with every character escaped
# Of one function's answers to all cases, which the grader keeps until it has judged them. Right ones take
# less than a hundredth of it.
MAX_ANSWERS_BYTES = 32 << 20
FIRST_UID = 63_100  # in no range that Debian, systemd or Docker hand out; below 65,535 for user namespaces


class Session:
    """Asks one hand-in; use it as a context manager.

    Args:
        zygote: forks the jobs.
        texts: path inside the hand-in -> text of every source file.
        main: path of the module that is imported; None if the hand-in has none.
        wanted: what the assignment calls that module.
        adapter: source of the assignment's adapter.
        calls: the functions that it must define.
        needs: functions and methods of the hand-in that are to be looked for.
        starter: text of the starter of `main`, if there is one.
        limits: what each job and the whole may use.
        uid: user id of the jobs; None to keep our own.
        unsandboxed: go on where there is no filter of system calls, and say NOT ISOLATED.
        without: layers to leave out, for tests.
    """

    def __init__(
        self,
        zygote: Zygote,
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
        unsandboxed: bool = False,
        without: Sequence[str] = (),
    ) -> None:
        self.limits = limits
        self.isolation: Isolation | None = None
        self.import_failure: Failure | None = None
        if main is None:
            self.import_failure = _fatal(FailureKind.RAISED, f"there is no {wanted} in the hand-in")
        self._zygote = zygote
        self._main = main
        self._request = {
            "texts": dict(texts),
            "main": main,
            "adapter": adapter,
            "calls": list(calls),
            "needs": list(needs),
            "starter": starter,
            "modules": modules_needed([adapter, *texts.values()]),
            "uid": uid,
            "cpu_s": limits.cpu_s,
            "memory_bytes": limits.memory_bytes,
            "without": list(without),
            "system_calls": _system_calls(unsandboxed).hex(),
        }
        self._unsandboxed = unsandboxed
        self._until = time.monotonic() + limits.total_s
        self._job: process.Job | None = None
        self._imported = False
        self._excused = False
        self._answered_bytes: Counter[str] = Counter()  # by call
        self._printed: list[Mapping[str, Printed]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    def inspect(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """What the source says, read before any of it runs: facts by file, and the starter's.

        Raises:
            SandboxError: our own part failed.
        """
        if self._main is None:
            return {}, {}
        try:
            about, _ = self._alive().ask({"do": "inspect"}, {}, self.limits.call_s)
        except JobEndedError as error:
            # Python's parser can be crashed by a hostile source: there is nothing to tell, and importing the
            # file will end the same way.
            return self.inspect() if self._forget(error) else ({}, {})
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
            if self._forget(error):
                return self.ask(check, case, form)
            return Answer(failure=self._death(check.call, error, call_s))
        self._answered_bytes[check.call] += sum(array.nbytes for array in arrays.values())
        if self._answered_bytes[check.call] > MAX_ANSWERS_BYTES:
            self.close()
            much = f"more than {MAX_ANSWERS_BYTES >> 20} MiB in all"
            return Answer(failure=_fatal(FailureKind.OUTPUT, f"{check.call} answered with {much}"))
        return _checked(check.call, answer, arrays, check.names)

    def close(self) -> None:
        """End the job, if there is one."""
        if self._job is not None:
            self._printed.append(self._job.close())
            self._job = None

    def printed(self, stream: str) -> Printed:
        """What all jobs of this session printed on "stdout" or "stderr", the first of it kept."""
        text = _without_places("".join(printed[stream].text for printed in self._printed))
        dropped_bytes = sum(printed[stream].dropped_bytes for printed in self._printed)
        whole = text.encode()
        kept = whole[: process.KEPT_BYTES].decode(errors="ignore")  # no half of a character
        return Printed(kept, dropped_bytes + len(whole) - len(kept.encode()))

    def _alive(self) -> process.Job:
        if self._job is None:
            self._job = self._zygote.start(self._request)
            self._job.output_limit_bytes = self.limits.output_bytes
            layers = self._job.layers
            self.isolation = Isolation(tuple(layers["on"]), tuple(layers["off"]))
            if lockdown.SYSTEM_CALLS not in self.isolation.on and not self._unsandboxed:
                raise SandboxError(
                    f"there is no seccomp here ({'; '.join(self.isolation.off)}), so no hand-in is run; "
                    "`cellgrade doctor` says more, and --allow-unsandboxed goes on all the same"
                )
            self._imported = False
        return self._job

    def _import(self) -> None:
        about = {"do": "import", "seed": 0}
        subject = f"importing {self._main}"
        try:
            answer, _ = self._alive().ask(about, {}, self._deadline_s(self.limits.call_s))
        except JobEndedError as error:
            if self._forget(error):
                return self._import()
            self.import_failure = self._death(subject, error, self.limits.call_s)
            return None
        if "raised" in answer:
            self.import_failure = replace(_raised(subject, answer["raised"]), fatal=True)
        self._imported = True
        return None

    def _forget(self, error: JobEndedError) -> bool:
        """Let go of a dead job; True if a fresh one is to be asked the same, since somebody else killed it.

        A job cannot send itself a signal, so a SIGKILL before its time is the kernel's, short of memory, or
        a person's. That is excused once: a job that is killed again was killed for what it took itself.
        """
        assert self._job is not None
        printed = self._job.close()
        self._job = None
        self._imported = False
        excused = not self._excused and error.reason is None and error.ending.status & 0x7F == signal.SIGKILL
        if excused and error.ending.cpu_s < self.limits.cpu_s:
            self._excused = True
            return True
        self._printed.append(printed)
        return False

    def _deadline_s(self, call_s: float) -> float:
        return min(call_s, self._until - time.monotonic())

    def _death(self, subject: str, error: JobEndedError, call_s: float) -> Failure:
        """A dead job's failure, as a sentence about the call or import that it died in."""
        limits = self.limits
        killed_by, exit_status = error.ending.status & 0x7F, error.ending.status >> 8
        if error.reason == process.TOO_SLOW and time.monotonic() >= self._until:
            return _fatal(
                FailureKind.TIME, f"{subject} was stopped: all calls together may take {limits.total_s:g} s"
            )
        if error.reason == process.TOO_SLOW:
            return _fatal(FailureKind.TIME, f"{subject} was stopped after {call_s:g} s{limits.compared}")
        if error.reason == process.TOO_LOUD:
            printed = f"more than {limits.output_bytes >> 20} MiB"
            return _fatal(FailureKind.OUTPUT, f"{subject} was stopped: it printed {printed}")
        if error.reason == process.GARBLED:
            return _fatal(FailureKind.GARBLED, f"{subject} {NO_ANSWER}")
        if error.reason == process.HUNG_UP:
            return _fatal(FailureKind.GARBLED, f"{subject} closed the connection that carries its answers")
        if killed_by == signal.SIGXCPU or (
            killed_by == signal.SIGKILL and error.ending.cpu_s >= limits.cpu_s
        ):
            return _fatal(FailureKind.TIME, f"{subject} was stopped after {limits.cpu_s} s of processor time")
        if killed_by == signal.SIGKILL:
            return _fatal(
                FailureKind.MEMORY, f"{subject} was killed, most likely for the memory that it took"
            )
        if killed_by:
            return _fatal(FailureKind.CRASHED, f"{subject} crashed Python itself ({_signal_name(killed_by)})")
        return _fatal(FailureKind.EXITED, f"{subject} ended the process (exit status {exit_status})")


def _system_calls(unsandboxed: bool) -> bytes:
    try:
        return filter_.program()
    except SandboxError:
        if unsandboxed:
            return b""
        raise


NO_ANSWER = "answered with bytes that are no answer"


def _signal_name(number: int) -> str:
    known = {int(one): one.name for one in signal.Signals}
    return known.get(number, f"signal {number}")  # the real-time signals have no names


def _fatal(kind: FailureKind, message: str) -> Failure:
    return Failure(kind, message, fatal=True)


def texts_of(files: Mapping[str, bytes]) -> tuple[dict[str, str], dict[str, int]]:
    """The source files as text, and of those that are not UTF-8 the first odd line.

    Left out is what cannot be a hand-in's source: a file above MAX_SOURCE_BYTES, and whatever comes, in the
    order of `files`, after MAX_SOURCES_BYTES in all.
    """
    texts, odd_lines = {}, {}
    left_bytes = MAX_SOURCES_BYTES
    for path, content in files.items():
        if path.lower().endswith(".py") and len(content) <= min(MAX_SOURCE_BYTES, left_bytes):
            left_bytes -= len(content)
            texts[path], odd_line = source.decode(content)
            if odd_line is not None:
                odd_lines[path] = odd_line
    return texts, odd_lines


def _checked(
    call: str, about: Mapping[str, Any], arrays: Mapping[str, Any], outputs: Sequence[str]
) -> Answer:
    """The job's answer, held to what an answer may be: it may have been made by anyone in there."""
    if "raised" in about:
        return Answer(failure=_raised(call, about["raised"]))
    absent = about.get("absent")
    if not isinstance(absent, dict) or not all(isinstance(reason, str) for reason in absent.values()):
        return Answer(failure=Failure(FailureKind.GARBLED, f"{call} {NO_ANSWER}"))
    known = {
        name: array for name, array in arrays.items() if name in outputs and array.size <= asking.MAX_ENTRIES
    }
    reasons = {name: absent.get(name, "is missing")[: job.MAX_REASON] for name in outputs}
    missing = {name: reason for name, reason in reasons.items() if name not in known}
    return Answer(known, missing)


def _raised(subject: str, raised: object) -> Failure:
    """What the job says that was raised, as text and no more."""
    if not isinstance(raised, dict):
        return Failure(FailureKind.GARBLED, f"{subject} {NO_ANSWER}")
    kind, message, frames = raised.get("type"), raised.get("message"), raised.get("frames")
    if not (isinstance(kind, str) and isinstance(message, str) and _are_frames(frames)):
        return Failure(FailureKind.GARBLED, f"{subject} {NO_ANSWER}")
    # The job has cut all of it; but whoever is in there may have sent something else.
    kind, message = kind[: job.MAX_NAME], message[: job.MAX_TEXT]
    frames = [_cut(*frame) for frame in frames[: job.MAX_FRAMES]]
    said = f"{kind}: {_without_places(message)}" if message not in ("", "None") else kind
    lines = ["Traceback (most recent call last):"]
    for path, line, function, text in frames:
        lines.append(f'  File "{path}", line {line}' + (f", in {function}" if function else ""))
        lines += [f"    {text}"] if text else []
    outer = frames[0][2] if frames else None
    if outer and outer.isidentifier() and not subject.startswith("importing"):
        subject = outer  # a forward that raises while backward is asked is forward's doing
    hint = _raised_hint(kind, message, bool(frames))
    failure_kind = FailureKind.MEMORY if raised.get("memory") is True else FailureKind.RAISED
    if not frames:
        return Failure(failure_kind, f"{subject} raised {said}", hint=hint)
    path, line = frames[-1][:2]
    return Failure(
        failure_kind,
        f"{subject} raised {said}",
        traceback="\n".join([*lines, said]),
        hint=hint,
        file=path,
        line=line,
    )


def _raised_hint(kind: str, message: str, in_their_code: bool) -> str | None:
    """What an exception usually means in a hand-in, where that is sure enough to say."""
    if kind == "NameError" and (name := re.match(r"name '(\w{1,40})' is not defined", message)):
        return f"Nothing there defines {name[1]}: is it misspelt, or did it stay behind in a notebook's cell?"
    if kind in ("PermissionError", "BlockingIOError") or "can't start new thread" in message:
        return "Where your code is graded it can open no files, and start no threads or processes."
    if kind == "AttributeError" and not in_their_code:
        # Raised where we call it: what should be there is not.
        if name := re.match(r"module '.{1,80}' has no attribute '(\w{1,40})'", message):
            return f"The file defines no {name[1]} at its top level: is it named otherwise?"
        if name := re.match(r"'(\w{1,40})' object has no attribute '(\w{1,40})'", message):
            return f"{name[1]} has no {name[2]}: is it named otherwise, or indented differently?"
    return None


def _without_places(text: str) -> str:
    """The text without what differs from run to run or from machine to machine.

    That is where in memory an object lies, and in which folders Python, NumPy and we are installed.
    """
    text = re.sub(r"\bat 0x[0-9a-f]+", "at 0x...", text)
    return re.sub(r"/[^\s:'\"]*/(?=site-packages/|inside/|python3\.\d+/)", ".../", text)


def _cut(path: str, line: int | None, function: str, text: str) -> tuple[str, int | None, str, str]:
    """A traceback's frame, within the bounds that an honest job keeps."""
    line = line if line is not None and 0 < line < 1 << 31 else None
    return path[: job.MAX_LINE], line, function[: job.MAX_NAME], text[: job.MAX_LINE]


def _are_frames(value: object) -> TypeGuard[list[tuple[str, int | None, str, str]]]:
    """Whether these are a traceback's frames: path, line, function and its text."""
    return isinstance(value, list) and all(
        isinstance(frame, list)
        and [type(one) for one in frame] in ([str, int, str, str], [str, type(None), str, str])
        for frame in value
    )


def job_uid(effective_uid: int, slot: int = 0) -> int | None:
    """The user id for a slot's jobs: its own where we are root, else None."""
    return FIRST_UID + slot if effective_uid == 0 else None
