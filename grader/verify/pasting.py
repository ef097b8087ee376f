"""Tries what a report says to paste: with a mistake it prints the wrong array, with a right answer the true.

It runs in the students' Python, beside the hand-in and what is provided, as a student would run it. That is
the assignment's own code, and no student's: nothing confines it.
"""

from __future__ import annotations

import ast
import json
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from grader.declaration import Loaded
from grader.errors import GraderError
from grader.mistakes import Files, Mistake, laid
from grader.records import CriterionResult
from grader.sandbox.environment import student_python

RUNNER = Path(__file__).parent / "runner.py"
CUT = "..."  # stands in an array that is too large to be shown whole
DIGITS = 1e-3  # arrays are shown in four
ROUNDING = 1e-12  # of an array's largest entry: it may stand where another has 0


class Paster:
    """Runs snippets one after the other.

    Args:
        assignment: whose.
        folder: in which it may write.
    """

    def __init__(self, assignment: Loaded, folder: Path) -> None:
        self._assignment = assignment
        self._folder = folder
        self._laid = 0
        self._process: subprocess.Popen[str] | None = None

    def close(self) -> None:
        """End the process that runs them."""
        if self._process is not None:
            self._process.communicate()
            self._process = None

    def wrong(
        self, mistake: Mistake, right: Files, main: str, shown: Sequence[CriterionResult]
    ) -> Iterator[str]:
        """Yield what goes wrong with these criteria's snippets, a sentence each.

        Args:
            mistake: the hand-in.
            right: a right answer, to stand in its place.
            main: path of the graded file in the hand-in.
            shown: criteria with a counterexample.
        """
        beside = self._lay(mistake.files, main)
        instead = self._lay(right, main)
        for one in shown:
            example = one.counterexample
            assert example is not None
            for folder, is_right in ((beside, False), (instead, True)):
                said = self._run(folder, example.call)
                whose = "a right answer" if is_right else "it"
                raises = None if is_right else example.raises
                if example.failed_assert is not None and not is_right:
                    raises = "AssertionError"  # nothing passes over it there
                if raises is not None:
                    if said.get("raised", "").partition(":")[0] != raises.partition(":")[0]:
                        yield f"{one.name}: the lines to paste give {said} with it, and do not raise {raises}"
                elif "raised" in said:
                    yield f"{one.name}: the lines to paste raise with {whose}: {said['raised']}"
                elif CUT not in f"{example.yours} {example.expected}" and not _as_shown(
                    np.array(said["array"]), example.yours, example.expected, is_right, mistake.varies
                ):
                    shows = example.expected if is_right else example.yours
                    yield f"{one.name}: the lines to paste print {said['array']} with {whose}, not {shows}"

    def _lay(self, files: Files, main: str) -> Path:
        """Return the folder that a snippet runs in: of the main file, with what is provided beside it."""
        self._laid += 1
        at = laid(files, self._folder / str(self._laid))
        if not (at / main).exists():  # the right answer is called otherwise
            first = next(path for path in sorted(files) if path.endswith(".py"))
            laid({main: files[first]}, at)
        folder = (at / main).parent
        provided = {
            path: one for path, one in self._assignment.provided.items() if not (folder / path).exists()
        }
        return laid(provided, folder)

    def _run(self, folder: Path, lines: Sequence[str]) -> dict[str, Any]:
        """{"array": what it prints}, or {"raised": what it raises}."""
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603 - Python of ours, a file of ours
                [student_python(self._assignment.environment), "-P", RUNNER],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps([str(folder), list(lines)]) + "\n")
            self._process.stdin.flush()
            said = self._process.stdout.readline()
        except BrokenPipeError:
            said = ""
        if not said:
            self.close()
            raise GraderError("the students' Python ended while it tried the lines to paste")
        answer: dict[str, Any] = json.loads(said)
        if answer.pop("last", False):  # where nothing can be forked, each runs in a process of its own
            self.close()
        return answer


def numbers(letters: str | None) -> np.ndarray[Any, Any]:
    """Return an array that a report shows in letters."""
    return np.array(_value(ast.parse(letters or "", mode="eval").body), dtype=float)


def _value(node: ast.AST) -> Any:
    """Return what formatting.py writes: numbers, nan and inf, in lists, in np.array(...)."""
    match node:
        case ast.Call(args=[first, *_]):
            return _value(first)
        case ast.List(elts=entries):
            return [_value(one) for one in entries]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand)
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return float(name)
        case ast.Constant(value=value):
            return value
    raise ValueError(f"no array of a report: {ast.unparse(node)}")


def _as_shown(
    found: np.ndarray[Any, Any], yours: str | None, expected: str, is_right: bool, varies: bool
) -> bool:
    """Whether what was printed is what the report shows."""
    true = numbers(expected)
    wrong = numbers(yours) if yours is not None else np.full_like(true, np.nan)
    if is_right and found.size == true.size:
        found = found.reshape(true.shape)  # (1, n) or (n,): a vector is right as either
    if varies and not is_right:
        return found.shape != true.shape or not np.allclose(found, true, rtol=DIGITS)
    return _is_shown(found, *((true, wrong) if is_right else (wrong, true)))


def _is_shown(found: np.ndarray[Any, Any], wanted: np.ndarray[Any, Any], other: np.ndarray[Any, Any]) -> bool:
    """Whether an array is the one shown as `wanted`, and not the other: both are shown in few digits."""
    if found.shape != wanted.shape or (np.isfinite(found) != np.isfinite(wanted)).any():
        return False
    finite = np.isfinite(found)
    if wanted.shape != other.shape or not np.isfinite(other).all() or not finite.all():
        return bool(np.allclose(found[finite], wanted[finite], rtol=DIGITS))
    between = np.abs(wanted - other)
    off = np.abs(found - wanted) - ROUNDING * np.abs(wanted).max(initial=0.0)
    worst = np.unravel_index(np.argmax(between), between.shape)
    return bool((off <= 0.6 * between + DIGITS * np.abs(wanted)).all() and off[worst] <= 0.6 * between[worst])
