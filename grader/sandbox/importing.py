"""A hand-in's import over several jobs: what ended one is left out in the next.

Which statement was under way is the job's own word, so it decides nothing but what is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from grader.inside import bounds
from grader.records import Answer, Failure, FailureKind, Stopped
from grader.sandbox.failures import raised

MAX_LEFT_OUT = 8  # statements, one by one; then all that define nothing
MAX_ENDED = 12  # jobs that are started again at most
MAX_SLOW = 3  # of them after one that took too long
MAX_PATH, MAX_STATEMENTS = 2_000, 1 << 31  # of what a job says of where it is
MAX_NOTES = 2 * bounds.MAX_NOTES

At = tuple[str, int]


@dataclass
class Import:
    """How a hand-in is to be imported, as far as is known.

    Attributes:
        call_s: seconds that the first try may take.
        main: path of the file that is imported.
        without: statements that ended a job, and how.
        definitions_alone: whatever defines nothing is left out as well.
        as_asked: that is how the homework is graded, and nothing to be told.
        stopped: after an import that went through: what did not.
        more: how many more statements raised.
        missing: functions, classes and methods that are not there because of it, or do not parse, and why.
        taken: after such an import: what came from another file than the main one, and its path.
    """

    call_s: float
    main: str
    without: dict[At, Failure] = field(default_factory=dict)
    definitions_alone: bool = False
    as_asked: bool = False
    stopped: tuple[Stopped, ...] = ()
    more: int = 0
    missing: dict[str, Failure] = field(default_factory=dict)
    taken: Mapping[str, str] = field(default_factory=dict)
    _at: At | None = None
    _ended: int = 0
    _slow: int = 0

    @property
    def request(self) -> dict[str, Any]:
        """What a job is asked, from now on."""
        self._at = None
        without = [list(at) for at in self.without]
        return {"do": "import", "seed": 0, "without": without, "definitions_alone": self.definitions_alone}

    @property
    def limit_s(self) -> float:
        """Seconds for the next try: less after one that took them all."""
        return self.call_s / 2 if self._slow else self.call_s

    def announced(self, at: object) -> None:
        """Note which statement comes next, as the job says."""
        if isinstance(at, list) and len(at) == 2 and isinstance(at[0], str) and type(at[1]) is int:
            self._at = at[0][:MAX_PATH], at[1] % MAX_STATEMENTS

    @property
    def subject(self) -> str:
        """What was under way, for a sentence about its end."""
        return f"importing {self.main}"

    def goes_on(self, failure: Failure) -> bool:
        """Whether another job may go further, without what ended this one."""
        if failure.kind is FailureKind.GARBLED:
            return False  # nobody writes into our channel by mistake
        self._ended += 1
        self._slow += failure.kind is FailureKind.TIME
        if self._at is None or self._ended > MAX_ENDED or self._slow > MAX_SLOW:
            return False
        again = self._at in self.without
        self.without.setdefault(self._at, failure)
        alone = again or self._slow > 1 or len(self.without) > MAX_LEFT_OUT
        if again and self.definitions_alone:
            return False
        self.definitions_alone = self.definitions_alone or alone
        return True

    def went_through(self, answer: Mapping[str, Any]) -> None:
        """Keep what the job says of statements that failed or were left out, as far as it makes sense."""
        left_out, failed = answer.get("left_out"), answer.get("failed")
        notes = [*(left_out if isinstance(left_out, list) else ())][:MAX_NOTES]
        notes += [*(failed if isinstance(failed, list) else ())][:MAX_NOTES]
        self.stopped = tuple(one for note in notes if (one := self._stopped(note)) is not None)
        self.more = _number(answer.get("more")) or 0
        for one in self.stopped:
            keyword, _, name = one.shown.partition(" ")
            if one.failure is not None and keyword in ("class", "def"):
                self.missing.setdefault(name, one.failure)
        taken = answer.get("taken")
        self.taken = {
            name[: bounds.MAX_NAME]: path
            for name, path in (taken.items() if isinstance(taken, dict) else ())
            if isinstance(path, str)
        }

    def read(self, facts: Mapping[str, Any]) -> None:
        """Keep what of the main file does not parse, by `inside.facts.of_outline`."""
        for lost in facts.get(self.main, {}).get("lost", ()):
            for name in lost["names"]:
                message = f"{name} does not parse: {lost['error']}"
                place = {"file": self.main, "line": lost["line"], "cell": lost.get("cell")}
                self.missing[name] = Failure(FailureKind.RAISED, message, **place)

    def explained(self, answer: Answer) -> Answer:
        """Return the answer; where something of the hand-in is missing, with why it is."""
        for name, why in self.missing.items():
            owner, _, method = name.rpartition(".")
            lacks = f"'{owner}' object has no attribute '{method}'" if owner else f"has no attribute '{name}'"
            failure = answer.failure
            if failure is not None and failure.traceback is None and lacks in failure.message:
                return replace(answer, failure=replace(why, fatal=True))  # of every case: none needs another
            if f"there is no function {name}" in answer.absent.values():
                return replace(answer, absent=dict.fromkeys(answer.absent, why.message))
        return answer

    def _stopped(self, note: object) -> Stopped | None:
        if not isinstance(note, dict):
            return None
        path, line, cell, shown = (note.get(key) for key in ("path", "line", "cell", "shown"))
        if not isinstance(path, str) or not isinstance(shown, str):
            return None
        shown = shown[: bounds.MAX_SHOWN]
        if "raised" in note:
            failure: Failure | None = raised(f"`{shown}`", note["raised"], is_statement=True)
        else:
            index = note.get("index")
            failure = self.without.get((path, index)) if isinstance(index, int) else None
            if failure is not None:
                failure = replace(failure, message=f"`{shown}`{failure.message.removeprefix(self.subject)}")
        return Stopped(path, _number(line), _number(cell), shown, note.get("needed") is True, failure)


def _number(value: object) -> int | None:
    return value if type(value) is int and 0 < value < 1 << 31 else None
