"""A worker of a batch: a process with one grader, which speaks JSON, a line each way, over its pipes.

    {"slot": 0, "options": {...}}    {"do": "ready"}                           the first line: see `Setup`
    {"do": "take", "path": "..."}    {"do": "taken", "key": "...", ...}       or "refused", or "unknown"
    {"do": "recognise", "path": ...} {"do": "recognised", "assignment": ...}  before any of them is taken
    {"do": "ask"}                    {"do": "asked", "report": "...", ...}    left out where the key is known
    {"do": "probe", ...}             {"do": "probed", "wrong": null}          see `engine.Grader.probe`

It is no student's process, and sees none of their bytes but as the engine does. What it says is believed.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import json
import os
import resource
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, NoReturn

from grader import __version__, discovery, engine, issuing
from grader.batch.grade.setup import END_S, Setup
from grader.batch.journal import report_codec
from grader.errors import UsageError
from grader.inside import kernel
from grader.records import Result
from grader.taken import Refused, Taken


class Worker:
    """Answers what it is asked, one hand-in at a time."""

    def __init__(self, grader: engine.Grader, options: engine.Options) -> None:
        self._grader = grader
        self._options = options
        self._digests: dict[str, str] = {}
        self._taken: Taken | None = None

    def obey(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """Answer one message."""
        if message["do"] == "recognise":
            return {"do": "recognised", "assignment": self._grader.recognised(Path(message["path"]))}
        if message["do"] == "take":
            return self._take(Path(message["path"]), message.get("class_of"))
        if message["do"] == "probe":
            return {"do": "probed", "wrong": self._grader.probe(message["assignment"])}
        assert self._taken is not None
        report = self._grader.ask(self._taken)
        return {"do": "asked", "resident_mib": _resident_mib(), **_described(report)}

    def _take(self, path: Path, class_of: str | None) -> dict[str, Any]:
        self._taken = None
        try:
            taken = self._grader.take(path, class_of)
            if isinstance(taken, Refused):
                return _refused(taken)
            about = self._about(taken)
        except UsageError as error:
            return {"do": "unknown", "message": str(error)}
        except Exception as error:
            name = os.path.basename(os.path.abspath(path))
            return _refused(Refused(issuing.failed(None, name, error), None))
        self._taken = taken
        return {
            "do": "taken",
            "content": taken.content,
            "about": about,
            "key": _sha256(about),
            "name": taken.name,
            "notices": report_codec.findings_text(taken.notices),
            "assignment": taken.assignment.name,
            "held_s": taken.assignment.limits.held_s,
        }

    def _about(self, taken: Taken) -> str:
        """Describe all that the grade depends on, as JSON."""
        name = taken.assignment.name
        if name not in self._digests:
            self._digests[name] = discovery.digest(taken.assignment)
        about = {
            "hand_in": taken.key,
            "assignment": name,
            "declaration": self._digests[name],
            "suite": self._grader.suite_digest(taken.assignment),
            "seed": self._options.seed,
            "strict": self._options.strict,
            "responses": [self._options.numerical_gradients, self._options.published_solution],
            "follow_through": self._options.follow_through,
            "unsandboxed": self._options.unsandboxed,
            # Who starts it again as root, for the layers that were off, wants it graded again.
            "changes_user": self._grader.changes_user,
            "version": __version__,
        }
        return json.dumps(about, sort_keys=True)


def _refused(refused: Refused) -> dict[str, Any]:
    about = json.dumps({"refused": refused.content, "report": report_codec.report_text(refused.report)})
    said = _described(refused.report)
    return {
        "do": "refused",
        "content": refused.content,
        "about": about,
        "key": _sha256(about),
        "name": refused.report.hand_in,
        "notices": report_codec.findings_text(()),
        **said,
    }


def _described(report: Result) -> dict[str, Any]:
    return {
        "report": report_codec.report_text(report),
        "status": report.status.value,
        "score": report.score,
        "max_score": report.max_score,
    }


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _resident_mib() -> float:
    """Measure the memory in use; 0 where it is not told so simply."""
    if sys.platform != "linux":
        return 0.0
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / (1 << 20)


def _serve(requests: IO[str], answers: IO[str]) -> None:
    first = json.loads(requests.readline() or "null")
    if first is None:
        return  # whoever started us is gone already
    slot = first.pop("slot")
    setup = Setup.of_wire(first)
    with engine.Grader(setup.known(), setup.options, slot) as grader:
        worker = Worker(grader, setup.options)
        gc.freeze()
        print(json.dumps({"do": "ready"}), file=answers, flush=True)
        for line in requests:
            print(json.dumps(worker.obey(json.loads(line))), file=answers, flush=True)


def _end(_: int, __: object) -> NoReturn:
    """End as `with` does: the student's process and the temporary folder go along."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if sys.platform != "win32":
        signal.alarm(END_S)  # should even that hang
    sys.exit(0)


def main() -> None:
    """Serve until the pipe is closed, or whoever started us is gone."""
    kernel.set_undumpable()
    signal.signal(signal.SIGTERM, _end)
    kernel.end_with_parent(signal.SIGTERM)
    # What an assignment of ours, or a library, may print must not come between the answers.
    requests = os.fdopen(os.dup(0), encoding="ascii")
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    with contextlib.suppress(SystemExit):
        _serve(requests, answers)
    os._exit(0)  # tearing torch down takes a third of a second


if __name__ == "__main__":
    main()
