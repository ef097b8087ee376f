"""What may be a class or the hand-in of one student, which its names alone do not tell: asked, or refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from grader.batch.collect.platforms import plain
from grader.errors import UsageError
from grader.report import escape


@dataclass(frozen=True)
class Doubt:
    """A zip or a folder that may be a class, or the hand-in of one student.

    Attributes:
        path: where it is.
        platform: whose names are in it: a platform's `NAME`.
    """

    path: Path
    platform: str

    def __str__(self) -> str:
        kind = "archives and nothing else"
        if self.platform != plain.NAME:
            kind = f"names as {self.platform.capitalize()} writes them"
        return f"{escape.line(str(self.path))} holds {kind}"


def refuse(doubt: Doubt) -> bool:
    """Refuse, where nobody can be asked.

    Raises:
        UsageError: always; it says what to say on the command line.
    """
    named = "--yes" if doubt.platform == plain.NAME else f"--platform {doubt.platform}"
    raise UsageError(
        f"{doubt}. If that is a whole class, say {named}; if it is one student's hand-in, who could have put "
        f"the names of others there, say --platform {plain.NAME}."
    )


def agree(_: Doubt) -> bool:
    """Agree, where the caller has said that it is a class."""
    return True


def at_terminal(answers: TextIO | None, questions: TextIO | None) -> Callable[[Doubt], bool] | None:
    """Make what asks there; None if nobody would see the question, or could answer it."""
    if answers is None or questions is None or not (answers.isatty() and questions.isatty()):
        return None

    def ask(doubt: Doubt) -> bool:
        print(
            f"{doubt}.\nA whole class? If it is one student's hand-in, others would get its grades. [y/N] ",
            end="",
            file=questions,
            flush=True,
        )
        said = answers.readline()
        if not said:
            raise UsageError("there was no answer: --platform says what INPUT is.")
        return said.strip().lower() in ("y", "yes")

    return ask
