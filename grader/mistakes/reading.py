"""Reads what an assignment ships of right and wrong answers, and refuses what does not fit together."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from grader.declaration import MISTAKES, ORACLES, RIGHT, WRONG, Loaded, Person, Problem, Reading
from grader.errors import DeclarationError
from grader.mistakes.answers import ALL, MODEL, Answers, Fails, Files, Made, Mistake
from grader.mistakes.substitution import substituted, without

NAME = re.compile(r"\w+", re.ASCII)


def files_of(folder: Path) -> dict[str, bytes]:
    """Path -> content of all files in a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def are_shipped(folder: Path) -> bool:
    """Whether an assignment's folder has any of this: an installed cellgrade has none of it."""
    return any((folder / name).exists() for name in ORACLES)


def read(assignment: Loaded, model: Path | None) -> Answers:
    """Return the answers that stand beside an assignment, with all substitutions made.

    Args:
        assignment: its folder is read.
        model: the folder of its model hand-in; None if there is none.

    Raises:
        DeclarationError: an entry cannot be read, or does not fit what it is made of; the message names the
            file, the entry, and what to do.
    """
    return _Reader(assignment, assignment.folder, model).answers()


class _Reader:
    """Reads one assignment's answers."""

    def __init__(self, assignment: Loaded, folder: Path, model: Path | None) -> None:
        self._assignment = assignment
        self._folder = folder
        self._file = folder / MISTAKES
        self._model = files_of(model) if model is not None and model.is_dir() else None
        self._right: dict[str, Files] = {
            one.name: files_of(one) for one in sorted((folder / RIGHT).glob("*")) if one.is_dir()
        }
        if MODEL in self._right:
            raise DeclarationError(
                f"{folder / RIGHT / MODEL}: {MODEL!r} is what `of` calls the model hand-in; "
                "give this right answer another name"
            )

    def answers(self) -> Answers:
        table = self._table()
        default = table.pop("of", None)
        if default is not None and not isinstance(default, str):
            self._refuse("of", f"must name a right answer, not {default!r}")
        for style, entry in self._entries(RIGHT, table.pop(RIGHT, {})):
            self._make_right(style, entry, default)
        mistakes = tuple(
            self._mistake(problem, name, entry, default)
            for problem, group in table.items()
            for name, entry in self._entries(problem, group)
        )
        self._hold_to_the_folders({one.path for one in mistakes})
        return Answers(self._model, self._right, mistakes)

    def _table(self) -> dict[str, Any]:
        if not self._file.exists():
            return {}
        try:
            return tomllib.loads(self._file.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise DeclarationError(f"{self._file} is not TOML: {error}") from error

    def _entries(self, group: str, value: object) -> Iterator[tuple[str, dict[str, Any]]]:
        if not isinstance(value, dict):
            self._refuse(group, "is no group of entries: write [PROBLEM.MISTAKE] above each")
        for name, entry in value.items():
            where = f"{group}.{name}"
            if not (NAME.fullmatch(group) and NAME.fullmatch(name)):
                self._refuse(where, "a name is made of a-z, A-Z, 0-9 and _, since it is that of a folder too")
            if not isinstance(entry, dict):
                self._refuse(where, f"is no entry: write [{group}.MISTAKE] above it")
            yield name, entry

    def _make_right(self, style: str, entry: dict[str, Any], default: str | None) -> None:
        """Add a right answer that is made of another one."""
        where = f"{RIGHT}.{style}"
        if style in self._right or style == MODEL:
            self._refuse(where, f"there is a right answer of that name already: {style}")
        self._right[style] = self._applied(where, self._how(where, entry, default, "change"))

    def _mistake(self, problem: str, name: str, entry: dict[str, Any], default: str | None) -> Mistake:
        where, whole = f"{problem}.{name}", self._folder / WRONG / problem / name
        fails = self._fails(where, entry.pop("fails", None))
        varies = entry.pop("varies", False)
        if not isinstance(varies, bool):
            self._refuse(where, f"varies is true or false, not {varies!r}")
        if not whole.is_dir():
            made = self._how(where, entry, default, "spoil")
            return Mistake(problem, name, made.says, self._applied(where, made), fails, varies)
        says = self._sentence(where, entry.pop("says", None))
        if entry:
            self._refuse(
                where, f"has its own files in {whole}, and {', '.join(entry)} here: take out one of the two"
            )
        return Mistake(problem, name, says, files_of(whole), fails, varies)

    def _how(self, where: str, entry: dict[str, Any], default: str | None, pairs: str) -> Made:
        """How an entry says that it is made; `pairs` is the key of its substitutions."""
        says = self._sentence(where, entry.pop("says", None))
        of = entry.pop("of", default)
        changes, leaves_out = entry.pop(pairs, []), entry.pop("leaves_out", [])
        if entry:
            known = ", ".join(
                ["says", "of", pairs, "leaves_out", *(["fails", "varies"] * (pairs == "spoil"))]
            )
            self._refuse(where, f"{', '.join(entry)}: there is no such key; there are: {known}")
        if not (isinstance(changes, list) and all(_is_texts(pair) and len(pair) == 2 for pair in changes)):
            self._refuse(where, f"{pairs} is a list of pairs: [['lines there', 'lines in their place'], ...]")
        if not _is_texts(leaves_out):
            self._refuse(
                where,
                'leaves_out is a list of paths, or of what they define: ["answers.toml", "rnn.py::backward"]',
            )
        if not changes and not leaves_out:
            home = self._folder / (WRONG if pairs == "spoil" else ".") / where.replace(".", "/")
            self._refuse(
                where, f"needs {pairs} = [['lines there', 'in their place']], or its files in {home}"
            )
        if not isinstance(of, str):
            self._refuse(where, 'lacks of = "..." (or one at the top of the file): the answer it is made of')
        return Made(says, of, tuple((there, put) for there, put in changes), tuple(leaves_out))

    def _sentence(self, where: str, says: object) -> str:
        if not isinstance(says, str) or not says.strip() or "\n" in says:
            self._refuse(where, 'says = "..." must say in one sentence what is wrong')
        return says

    def _fails(self, where: str, fails: object) -> Fails | None:
        if fails is None:
            return None
        said = 'fails is like { "Problem" = { value = ["criterion", ...] } }'
        if not isinstance(fails, dict) or not fails:
            self._refuse(where, f"{said}, not {fails!r}")
        problems = {problem.name: problem for problem in self._assignment.problems}
        found: dict[str, dict[str, str]] = {}
        for name, reasons in fails.items():
            if name not in problems or not isinstance(reasons, dict):
                self._refuse(where, f"{said}; {name!r}: the problems are {', '.join(map(repr, problems))}")
            found[name] = {}
            for reason, criteria in reasons.items():
                listed = decided(problems[name]) if criteria == ALL else criteria
                if not _is_texts(list(listed) if criteria == ALL else listed):
                    self._refuse(where, f'{said}, or "{ALL}" in place of the list')
                for criterion in listed:
                    if criterion not in problems[name].criteria or criterion in found[name]:
                        what = (
                            "is named twice" if criterion in found[name] else f"{name} has no such criterion"
                        )
                        self._refuse(where, f"fails: {criterion}: {what}")
                    found[name][criterion] = reason
        return found

    def _applied(self, where: str, made: Made) -> Files:
        """Return the files that are handed in."""
        known = {**self._right, **({MODEL: self._model} if self._model is not None else {})}
        if made.of not in known:
            more = "" if self._model is not None else "; the model hand-in was not found, see --models"
            self._refuse(
                where, f"is made of {made.of!r}, and there is: {', '.join(sorted(known)) or 'nothing'}{more}"
            )
        try:
            return substituted(without(known[made.of], made.leaves_out, made.of), made.changes, made.of)
        except ValueError as error:
            self._refuse(where, str(error))

    def _hold_to_the_folders(self, named: set[str]) -> None:
        for whole in sorted((self._folder / WRONG).glob("*/*")):
            path = whole.relative_to(self._folder / WRONG).as_posix()
            if whole.is_dir() and path not in named and "__pycache__" not in path:
                raise DeclarationError(
                    f"{whole} has no entry in {self._file}: write [{path.replace('/', '.')}] with says = ..."
                )

    def _refuse(self, where: str, what: str) -> NoReturn:
        raise DeclarationError(f"{self._file}, [{where}]: {what}")


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def decided(problem: Problem) -> list[str]:
    """Return the criteria of a problem that no person decides."""
    return [
        name
        for check in problem.checks
        if not (isinstance(check, Person) or (isinstance(check, Reading) and check.person))
        for name in check.names
    ]
