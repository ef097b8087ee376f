"""Why a call has no answer, in sentences: how its job died, or what the student's code raised in it.

What a job says of an exception is a student's text: it is held to the job's own limits once more here.
"""

from __future__ import annotations

import re
import signal
from typing import TypeGuard

from grader.declaration import Limits
from grader.inside import bounds, kernel
from grader.records import Failure, FailureKind
from grader.sandbox import objections, process

OUT_OF_CPU = getattr(signal, "SIGXCPU", 24)
WINDOWS_CRASH = 0xC000_0000  # exit statuses from here on are Windows' words for a crash, such as 0xC0000005
NO_ANSWER = "answered with bytes that are no answer"


def fatal(kind: FailureKind, message: str) -> Failure:
    """Return a failure that ended the job."""
    return Failure(kind, message, fatal=True)


def died(subject: str, error: process.JobEndedError, limits: Limits, call_s: float, is_over: bool) -> Failure:
    """Return a dead job's failure, as a sentence about the call or import that it died in.

    Args:
        subject: what was asked, such as "backward".
        error: how it ended.
        limits: what it might use.
        call_s: seconds that this call might take.
        is_over: all the time of the submission is used up.
    """
    killed_by, exit_status = error.ending.signal, error.ending.exit_status
    if error.reason == process.TOO_SLOW and is_over:
        return fatal(
            FailureKind.TIME, f"{subject} was stopped: all calls together may take {limits.total_s:g} s"
        )
    if error.reason == process.TOO_SLOW:
        return fatal(FailureKind.TIME, f"{subject} was stopped after {call_s:g} s{limits.compared}")
    if error.reason == process.TOO_LOUD:
        printed = f"more than {limits.output_bytes >> 20} MiB"
        return fatal(FailureKind.OUTPUT, f"{subject} was stopped: it printed {printed}")
    if error.reason == process.GARBLED:
        return fatal(FailureKind.GARBLED, f"{subject} {NO_ANSWER}")
    if error.reason == process.HUNG_UP:
        return fatal(FailureKind.GARBLED, f"{subject} closed the connection that carries its answers")
    if killed_by == OUT_OF_CPU or (killed_by == kernel.KILL and error.ending.cpu_s >= limits.cpu_s):
        return fatal(FailureKind.TIME, f"{subject} was stopped after {limits.cpu_s} s of processor time")
    if killed_by == kernel.KILL:
        return fatal(FailureKind.MEMORY, f"{subject} was killed, most likely for the memory that it took")
    if killed_by:
        return fatal(FailureKind.CRASHED, f"{subject} crashed Python itself ({_signal_name(killed_by)})")
    if exit_status >= WINDOWS_CRASH:
        return fatal(FailureKind.CRASHED, f"{subject} crashed Python itself (0x{exit_status:X})")
    return fatal(FailureKind.EXITED, f"{subject} ended the process (exit status {exit_status})")


def _signal_name(number: int) -> str:
    known = {int(one): one.name for one in signal.Signals}
    return known.get(number, f"signal {number}")  # the real-time signals have no names


def raised(subject: str, raised: object, *, is_statement: bool = False) -> Failure:
    """Return what the job says that was raised, as text and no more.

    Args:
        subject: what was asked, or the statement at the top level that was run.
        raised: the job's word.
        is_statement: it is the statement.
    """
    if not isinstance(raised, dict):
        return Failure(FailureKind.GARBLED, f"{subject} {NO_ANSWER}")
    kind, message, frames = raised.get("type"), raised.get("message"), raised.get("frames")
    if not (isinstance(kind, str) and isinstance(message, str) and _are_frames(frames)):
        return Failure(FailureKind.GARBLED, f"{subject} {NO_ANSWER}")
    # The job has cut all of it; but whoever is in there may have sent something else.
    kind, message = kind[: bounds.MAX_NAME], message[: bounds.MAX_TEXT]
    frames = [_cut(*frame) for frame in frames[: bounds.MAX_FRAMES]]
    told = ["" if message == "None" else without_places(message), objections.says(raised.get("compared"))]
    about = "; ".join(one for one in told if one)
    said = f"{kind}: {about}" if about else kind
    lines = ["Traceback (most recent call last):"]
    for path, line, function, text in frames:
        lines.append(f'  File "{path}", line {line}' + (f", in {function}" if function else ""))
        lines += [f"    {text}"] if text else []
    outer = frames[0][2] if frames else None
    if outer and outer.isidentifier() and not (is_statement or subject.startswith("importing")):
        subject = outer  # a forward that raises while backward is asked is forward's doing
    hint = _cause_hint(raised.get("cause")) or _raised_hint(kind, message, bool(frames))
    failure_kind = FailureKind.MEMORY if raised.get("memory") is True else FailureKind.RAISED
    if not frames:
        return Failure(failure_kind, f"{subject} raised {said}", hint=hint)
    name, line = frames[-1][:2]
    cell = bounds.cell_of(name)
    path = name if cell is None else name.rpartition(",")[0]
    return Failure(
        failure_kind,
        f"{subject} raised {said}",
        traceback="\n".join([*lines, said]),
        hint=hint,
        file=path,
        line=line,
        cell=cell,
    )


def _cause_hint(cause: object) -> str | None:
    """Which other file of the hand-in has the class that could not do what was asked of it."""
    said = [cause.get(key) for key in ("name", "file", "lacks")] if isinstance(cause, dict) else []
    if not said or not all(isinstance(one, str) for one in said):
        return None
    name, file, lacks = (str(one)[: bounds.MAX_NAME] for one in said)
    if lacks == "__call__":
        return f"{name} comes from {file}, where it cannot be called: it has no __call__."
    return f"{name} comes from {file}: does its {lacks} do there what is asked of it here?"


def _raised_hint(kind: str, message: str, in_their_code: bool) -> str | None:
    """Return what an exception usually means in a hand-in, where that is sure enough to say."""
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


def without_places(text: str) -> str:
    """Return the text without what differs from run to run or from machine to machine.

    That is where in memory an object lies, and in which folders Python, NumPy and we are installed. Its time
    grows with the text's length and no faster: a student chooses the text.
    """
    text = re.sub(r"\bat 0x[0-9a-fA-F]+", "at 0x...", text)
    text = re.sub(r"[^\s:'\"]+", _without_folders, text)
    return re.sub(r"[A-Z]:\\[^:'\"\n]*\\(?=(?:site-packages|inside|[Ll]ib)\\)", r"...\\", text)


def _without_folders(word: re.Match[str]) -> str:
    """Return a word without the folders that lead to the last one in it whose place differs from machine to
    machine.

    A pattern that says the same, `/.*/(?=site-packages/|...)`, looks for its end anew from every slash.
    """
    path = word[0]
    begin = path.find("/")
    python = [found.start() for found in re.finditer(r"/python3\.\d+(?=/)", path)]
    end = max(path.rfind("/site-packages/"), path.rfind("/inside/"), *python[-1:])
    return f"{path[:begin]}.../{path[end + 1 :]}" if end > begin else path


def _cut(path: str, line: int | None, function: str, text: str) -> tuple[str, int | None, str, str]:
    """Return a traceback's frame, within the bounds that an honest job keeps."""
    line = line if line is not None and 0 < line < 1 << 31 else None
    return path[: bounds.MAX_LINE], line, function[: bounds.MAX_NAME], text[: bounds.MAX_LINE]


def _are_frames(value: object) -> TypeGuard[list[tuple[str, int | None, str, str]]]:
    """Whether these are a traceback's frames: path, line, function and its text."""
    return isinstance(value, list) and all(
        isinstance(frame, list)
        and [type(one) for one in frame] in ([str, int, str, str], [str, type(None), str, str])
        for frame in value
    )
