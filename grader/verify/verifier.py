"""Checks claims, by grading what they are about."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self

from grader import course_data
from grader.declaration import Loaded
from grader.engine import Grader, Options
from grader.errors import CourseDataError, GraderError
from grader.mistakes import Answers, Fails, fails_line, laid
from grader.records import Report, Status, Suite
from grader.verify import slopes
from grader.verify.claims import ANSWERS, Claim, ClaimKind, Held, is_trained, untrained
from grader.verify.mutants import Mutant
from grader.verify.pasting import Paster

SHOWN = 3  # snippets that go wrong and are quoted


def failing(report: Report) -> dict[str, dict[str, str]]:
    """Problem -> criterion that fails -> why."""
    found = {
        problem.name: {one.name: one.reason or "" for one in problem.criteria if one.passed is False}
        for problem in report.problems
    }
    return {name: criteria for name, criteria in found.items() if criteria}


def loses(report: Report) -> bool:
    """Whether a hand-in lost anything."""
    return report.status is Status.REJECTED or bool(failing(report))


def _drawing(assignment: Loaded, draw: Callable[[int], Suite]) -> Callable[[int], Suite]:
    """Return what draws a suite, and says so where what draws it is not installed."""

    def drawn(seed: int) -> Suite:
        try:
            return draw(seed)
        except ImportError as error:
            raise GraderError(
                f"{assignment.name} cannot be verified here, since {error.name} is not installed, and verify "
                "draws its cases anew. Verify it where that is, as in the image with torch"
            ) from None

    return drawn


class Verifier:
    """Checks the claims of one assignment, one after the other. A context manager.

    Args:
        assignment: whose.
        answers: what it ships.
        options: how it is graded; the seed is each claim's.
    """

    def __init__(self, assignment: Loaded, answers: Answers, options: Options | None = None) -> None:
        # Drawn once for all that asks for them: graders, and the slopes.
        suites = {key: cache(_drawing(assignment, draw)) for key, draw in assignment.suites.items()}
        self._assignment = replace(assignment, suites=suites)
        self._answers = answers
        self._options = replace(options or Options(), assignment=assignment.name)
        self._seed: int | None = None
        self._grader: Grader | None = None
        self._paster: Paster | None = None
        self._found: dict[str, Fails] = {}
        self._folder = tempfile.TemporaryDirectory(prefix="cellgrade-verify-")
        self._laid = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._end_grader()
        if self._paster is not None:
            self._paster.close()
        self._folder.cleanup()

    def check(self, claim: Claim) -> Held:
        """Whether a claim holds.

        Raises:
            GraderError: that cannot be found out, as where the sandbox does not start.
        """
        if claim.kind is ClaimKind.POINTS:
            return Held(claim, tuple(self._about_points()))
        if (note := self._unverified(claim)) is not None:
            return Held(claim, note=note)
        if claim.kind is ClaimKind.TRUTH:
            gaps, note = slopes.apart(self._assignment, claim.seed)
            return Held(claim, gaps, note=note)
        report = self._graded(claim)
        if claim.kind is ClaimKind.MISTAKE:
            return replace(self._about_mistake(claim, report), report=report)
        about = _about_nothing if claim.kind is ClaimKind.STARTER else _about_full
        return Held(claim, tuple(about(report)), report=report)

    def _unverified(self, claim: Claim) -> str | None:
        """Return why a claim cannot be verified here, if it cannot."""
        if claim.kind in ANSWERS and not is_trained(self._assignment, claim.files):
            return untrained(self._assignment)
        try:
            for name in self._assignment.data:
                course_data.content(name)
        except CourseDataError as error:
            return str(error)
        return None

    def report(self, mutant: Mutant, seed: int) -> Report:
        """Return what a mutant of a right answer gets on the cases of a seed.

        Raises:
            GraderError: that cannot be found out.
        """
        return self._graded(Claim(ClaimKind.MISTAKE, f"mutant/line_{mutant.line}", seed, mutant.files))

    def _graded(self, claim: Claim) -> Report:
        """Return the report on the hand-in that a claim is about."""
        report = self._at(claim.seed).grade(self._lay(claim))
        if report.status is Status.ERROR:
            raise GraderError(f"{self._assignment.name}, {claim}: {report.message}")
        return report

    def _lay(self, claim: Claim) -> Path:
        self._laid += 1
        return laid(claim.files, Path(self._folder.name) / str(self._laid) / claim.about.rpartition("/")[2])

    def _at(self, seed: int) -> Grader:
        if self._grader is None or self._seed != seed:
            self._end_grader()
            self._seed, self._grader = seed, Grader([self._assignment], replace(self._options, seed=seed))
        return self._grader

    def _end_grader(self) -> None:
        if self._grader is not None:
            self._grader.__exit__(None)
            self._grader = None

    def _about_points(self) -> Iterator[str]:
        if not self._assignment.max_score > 0:
            yield "there are no points to be had: its problems are worth nothing"
        if self._answers.model is None and not self._answers.right:
            yield (
                "there is no right answer: lay one into right/STYLE/, or name the folder of the model "
                "hand-ins with --models"
            )
        lost = {name for one in self._answers.mistakes for name in one.fails or ()}
        unsaid = any(one.fails is None for one in self._answers.mistakes)
        for problem in self._assignment.problems:
            if not problem.is_manual and problem.name not in lost and not unsaid:
                yield f"no mistake fails {problem.name!r}: add one to mistakes.toml"

    def _about_mistake(self, claim: Claim, report: Report) -> Held:
        assert claim.mistake is not None
        if report.status is Status.REJECTED:
            return Held(claim, (f"it is rejected, and nothing of it is graded: {report.message}",))
        found = failing(report)
        if not found:
            return Held(claim, ("it loses nothing: it is right, or no case finds what is wrong with it",))
        declared = self._found.get(claim.about, claim.mistake.fails)
        wrong = [] if declared is None else list(_parted(declared, found))
        tried = 0
        if claim.pasted:
            tried, badly = self._pasted(claim, report)
            wrong += badly
        if declared is not None:
            return Held(claim, tuple(wrong), snippets=tried)
        self._found[claim.about] = found
        line = fails_line(found, self._assignment)
        told = f"mistakes.toml does not say yet what it fails; --write adds what was found: {line}"
        return Held(claim, (told, *wrong), found, tried)

    def _pasted(self, claim: Claim, report: Report) -> tuple[int, list[str]]:
        """How many snippets of the report were tried, and what is wrong with them."""
        shown = [
            one for problem in report.problems for one in problem.criteria if one.counterexample is not None
        ]
        right = self._answers.model or next(iter(self._answers.right.values()), None)
        if not shown or right is None:
            return 0, []
        if self._paster is None:
            self._paster = Paster(self._assignment, Path(self._folder.name) / "pasted")
        assert claim.mistake is not None
        wrong = list(self._paster.wrong(claim.mistake, right, report.files[0].path, shown))
        more = [f"and {len(wrong) - SHOWN} more of its snippets"] if len(wrong) > SHOWN else []
        return len(shown), wrong[:SHOWN] + more


def _about_full(report: Report) -> Iterator[str]:
    """Yield what a right answer does not get."""
    if report.status is Status.REJECTED:
        yield f"it is rejected: {report.message}"
        return
    for problem in report.problems:
        for one in problem.criteria:
            if one.passed is False:
                yield f"{problem.name}, {one.name}: {one.message or one.reason}"
    full = report.max_score - report.undecided
    if not math.isclose(report.score, full):
        yield f"it gets {report.score:g} of {full:g} points"


def _about_nothing(report: Report) -> Iterator[str]:
    """Yield what the starter gets all the same."""
    for problem in report.problems:
        for one in problem.criteria:
            if one.passed:
                yield f"{problem.name}, {one.name}: it is right already, and earns {one.points:g} points"


def _parted(declared: Fails, found: Fails) -> Iterator[str]:
    """Where what fails is not what was declared."""
    for problem in dict.fromkeys([*declared, *found]):
        said, seen = declared.get(problem, {}), found.get(problem, {})
        for name in dict.fromkeys([*said, *seen]):
            if name not in seen:
                yield f"{problem}, {name}: is to fail ({said[name]}), and holds"
            elif name not in said:
                yield f"{problem}, {name}: fails ({seen[name]}), which mistakes.toml does not say"
            elif said[name] != seen[name]:
                yield f"{problem}, {name}: is to fail by {said[name]}, and fails by {seen[name]}"
