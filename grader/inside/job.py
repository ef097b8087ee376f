"""The job: one process that meets one hand-in, answers calls until it is told nothing more, and ends.

It is forked from the zygote with NumPy in memory, or, where there is no zygote, started afresh. All that is
said to it comes over its own channel. The first frame is ours alone: what it may use and the adapter; by it
the job gives up its rights (`lockdown`). Only then is the hand-in sent to it. It reads what the source says
(`source`), and then imports the hand-in. From that moment on nothing that it says can be believed beyond
"these are the arrays that the student's code answers with".
"""

from __future__ import annotations

import os
import posixpath
import random
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from . import adapter_api, asserts, calls, causes, disk, lockdown, memory, old_numpy, printing, reading, wire
from .bounds import MAX_FRAMES, MAX_LINE, MAX_NAME, MAX_REASON, MAX_TEXT
from .channel import Channel
from .statements import TopLevel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Said = tuple[dict[str, Any], dict[str, NDArray[Any]]]
    """What is answered: what JSON can hold, and arrays."""

ENDED_BADLY = 70  # exit status when even our own guard was broken


class Job:
    """The conversation of one job with the grader.

    Args:
        channel: to the grader.
        ours: what the grader says before anything of the hand-in: see `start`.
    """

    files: memory.HandInFiles
    theirs: Mapping[str, Any]  # the hand-in, and what of it is asked for

    def __init__(self, channel: Channel, ours: Mapping[str, Any]) -> None:
        self.channel = channel
        self.ours = ours
        self.module: ModuleType | None = None
        self.disk: disk.Disk | None = None
        self.adapter = ModuleType("adapter")
        exec(compile(ours["adapter"], "adapter.py", "exec"), self.adapter.__dict__)  # noqa: S102 - ours
        self.calls = _calls(self.adapter, ours["calls"])

    def run(self) -> None:
        """Answer requests until the grader closes its end."""
        while (frame := self.channel.receive()) is not None:
            about, arrays = wire.decode(frame, wire.FROM_GRADER)
            if about["do"] == "call":
                for case in calls.unpacked(about, arrays):
                    self._say(*self._guarded(case.seed, partial(self._call, about, case)))
            else:
                self._say(*self._obey(about, arrays))

    def _say(self, answer: dict[str, Any], values: Mapping[str, NDArray[Any]]) -> None:
        """Send one answer, behind all that was printed before it."""
        if failed := asserts.failed():
            answer["asserts"] = [
                [_shown(path), line, cell, sides] for (path, line, cell), sides in failed.items()
            ]
        printing.flush()
        if any(printed := printing.written_bytes()):
            answer["printed"] = printed
        self.channel.send(wire.encode(answer, values))

    def _obey(self, about: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Said:
        if about["do"] == "take":
            self.theirs = about
            self.files = memory.HandInFiles(about["texts"], about["main"], about["cells"], about["provided"])
            self.files.install()
            old_numpy.install()
            if self.ours["disk"]:
                self._lay(about, [array.tobytes() for array in arrays.values()])
            return {}, {}
        if about["do"] == "inspect":
            return reading.said(self.files, self.theirs, self.ours), {}
        return self._guarded(about["seed"], lambda: (self._import(about), {}))

    def _lay(self, about: Mapping[str, Any], contents: Sequence[bytes]) -> None:
        """Lay files where the hand-in may open them."""
        carried = dict(zip(about["carried"], contents, strict=False))
        lent = dict(zip(about["lent"], contents[len(carried) :], strict=True))
        self.disk = disk.Disk(carried, lent, posixpath.dirname(about["main"]))
        self.disk.install()

    def _guarded(self, seed: int, run: Callable[[], Said]) -> Said:
        """Return what comes of the student's code, whatever it raises."""
        np.random.seed(seed)
        random.seed(seed)
        if torch := sys.modules.get("torch"):
            torch.manual_seed(seed)
        try:
            return run()
        except BaseException as error:  # SystemExit and KeyboardInterrupt are a student's answers as well
            return {"raised": _described(error)}, {}

    def _call(self, about: Mapping[str, Any], case: calls.SentCase) -> Said:
        view = adapter_api.strided if case.strided else np.ascontiguousarray
        inputs = {name: view(array) for name, array in case.inputs.items()}
        lying = self.disk.given if self.disk is not None else {}
        given = adapter_api.Given(
            inputs, about["form"], case.interleaved, lying, self.files.cells.get(self.files.main, ())
        )
        said: dict[str, Any] = {}
        try:
            results = self.calls[about["call"]](self.module, given)
        except BaseException as error:
            said["raised"], results = _described(error), given.left()
        packed = {name: adapter_api.pack(results.get(name)) for name in about["outputs"]}
        absent = {
            name: found.reason[:MAX_REASON]
            for name, found in packed.items()
            if isinstance(found, adapter_api.Absent)
        }
        return said or {"absent": absent}, {  # both would not fit into a header
            name: found for name, found in packed.items() if not isinstance(found, adapter_api.Absent)
        }

    def _import(self, about: Mapping[str, Any]) -> dict[str, Any]:
        """Import the hand-in, and say what of its top level failed or was left out."""
        top_level = TopLevel(
            [(path, index) for path, index in about["without"]],
            lambda at: self.channel.send(wire.encode({"at": list(at)})),
            _described,
            definitions_alone=about["definitions_alone"],
        )
        self.files.top_level = top_level
        self.module, taken = reading.complete(self.files, self.theirs, about["other_names"])
        return reading.bounded(top_level, taken)


def _calls(adapter: ModuleType, names: Sequence[str]) -> dict[str, Callable[..., Mapping[str, object]]]:
    """Return the adapter's functions for these calls: of its table CALLS, or, where it has none, by their own
    names.

    Raises:
        LookupError: one of them is not there.
    """
    table = getattr(adapter, "CALLS", None) or vars(adapter)
    for name in names:
        if not callable(table.get(name)):
            raise LookupError(f"adapter.py defines no {name}, which a check calls")
    return {name: table[name] for name in names}


def start(fds: Mapping[int, int]) -> None:
    """Become a job: lock down, say which layers are on, converse. Never returns.

    The first frame that comes over the channel holds what `lockdown.Bars` holds, the adapter's source and the
    calls that it must define, what is looked for in the hand-in, and the starter's text: nothing of a
    student's.

    Args:
        fds: descriptors by the place that they go to: the channel, standard output and standard error;
            and where the channel only carries answers, what requests come from.
    """
    status = ENDED_BADLY
    try:
        job = _prepare(fds)
        if job is not None:
            job.run()
        status = 0
    finally:
        os._exit(status)  # no atexit handler, no destructor and no exception hook of the student's runs


def _prepare(fds: Mapping[int, int]) -> Job | None:
    """Return a job that is locked down and knows nothing of the hand-in yet; None if the grader has gone."""
    try:
        channel = _arrange(fds)
        frame = channel.receive()
        if frame is None:
            return None
        ours, _ = wire.decode(frame, wire.FROM_GRADER)
        bars = lockdown.Bars(
            ours["uid"],
            ours["cpu_s"],
            ours["memory_bytes"],
            bytes.fromhex(ours["system_calls"]),
            descriptors=len(fds) + 1,
        )
        layers = lockdown.enter(bars)
        job = Job(channel, ours)
        ready = {"on": layers.on, "off": layers.off, "peak_bytes": lockdown.peak_bytes()}
        channel.send(wire.encode(ready))
        return job
    except BaseException:
        traceback.print_exc()  # nothing of the student's has run: this is for the grader's message
        printing.flush()
        raise


def _arrange(fds: Mapping[int, int]) -> Channel:
    """Put standard streams in their places, the channel behind them, a session of its own."""
    # Out of the way of the places that they go to. In this order none is overwritten before it is there.
    copies = {place: os.dup(fd) for place, fd in fds.items()}
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    for place, copy in copies.items():
        os.dup2(copy, place)
    printing.arrange()
    if sys.platform != "win32" and os.getsid(0) != os.getpid():
        os.setsid()
    return Channel(max(fds), lockdown.CHANNEL_FD)


def _described(error: BaseException) -> dict[str, Any]:
    """Return an exception as text: its type, its message, the frames that are the student's."""
    try:
        return _examined(error)
    except BaseException:  # whatever it is made of is the student's
        kind = "an exception that cannot be described"
        return {"type": kind, "message": "", "frames": [], "memory": False}


def _examined(error: BaseException) -> dict[str, Any]:
    try:
        message = str(error)
    except BaseException:  # a hostile __str__
        message = "(its message could not be read)"
    frames = [
        [_shown(frame.filename), frame.lineno, _cut(frame.name, MAX_NAME), _cut(frame.line, MAX_LINE)]
        for frame in traceback.StackSummary.extract(causes.theirs(error))
    ]
    if isinstance(error, SyntaxError) and str(error.filename).startswith(memory.ROOT + "/"):
        frames.append([_shown(error.filename), error.lineno, "", _cut(error.text, MAX_LINE)])
        message = error.msg
    if len(frames) > MAX_FRAMES:
        frames = frames[: MAX_FRAMES // 3] + frames[-2 * MAX_FRAMES // 3 :]
    return {
        "type": _cut(type(error).__name__, MAX_NAME),
        "message": _cut(message, MAX_TEXT),
        "frames": [[path, _number(line), *texts] for path, line, *texts in frames],
        "memory": isinstance(error, MemoryError),
        "cause": causes.of(error),
        "compared": asserts.compared(error),
    }


def _number(line: object) -> int | None:
    return line if type(line) is int and 0 < line < 1 << 31 else None


def _shown(path: object) -> str:
    return _cut(str(path).removeprefix(memory.ROOT + "/"), MAX_LINE)


def _cut(text: object, limit: int) -> str:
    """Return the beginning of a text, as a plain str: a student's exception may hold anything in
    its place.
    """
    return str.__str__(text).strip()[:limit] if isinstance(text, str) else ""
