"""What an assignment promises, one claim each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase

from grader.declaration import Loaded
from grader.mistakes import Answers, Fails, Files, Mistake
from grader.records import Report


class ClaimKind(StrEnum):
    """What is claimed."""

    POINTS = "points"  # there are points to be had, and for each problem there is a mistake that loses some
    TRUTH = "truth"  # the true gradients are the slopes that central differences find
    MODEL = "model"  # the model hand-in gets full points
    STARTER = "starter"  # the starter gets nothing
    RIGHT = "right"  # a right answer gets full points
    MISTAKE = "mistake"  # a wrong answer fails exactly as declared, and what the report says to paste runs


ANSWERS = (ClaimKind.MODEL, ClaimKind.RIGHT, ClaimKind.MISTAKE)
"""Those that are about a right answer, or about what is made of one."""


@dataclass(frozen=True)
class Claim:
    """Something that is to be proven.

    Attributes:
        kind: what is claimed.
        about: of what: "right/products", "backward/carry_dropped".
        seed: of the cases.
        files: the hand-in; none where nothing is graded.
        mistake: the mistake, where it is about one.
        pasted: the lines that the report says to paste are tried as well.
    """

    kind: ClaimKind
    about: str
    seed: int
    files: Files = field(default_factory=dict, repr=False)
    mistake: Mistake | None = field(default=None, repr=False)
    pasted: bool = False

    def __str__(self) -> str:
        return self.about + (f" (seed {self.seed})" if self.seed else "")


@dataclass(frozen=True)
class Held:
    """What came of a claim.

    Attributes:
        claim: it.
        wrong: what does not hold, a sentence each; nothing where it holds.
        found: what a mistake was found to fail, where nobody had declared it yet.
        snippets: how many snippets of its report were tried.
        note: what could not be looked at, and why: of the slopes; else the claim was not verified at all.
        report: on what was graded.
    """

    claim: Claim
    wrong: tuple[str, ...] = ()
    found: Fails | None = None
    snippets: int = 0
    note: str | None = None
    report: Report | None = field(default=None, repr=False)

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return not self.wrong

    @property
    def is_open(self) -> bool:
        """Whether it was not verified."""
        return self.note is not None and self.claim.kind is not ClaimKind.TRUTH


def claims(assignment: Loaded, answers: Answers, seeds: Sequence[int] = (0,)) -> tuple[Claim, ...]:
    """All that the assignment promises, seed by seed."""
    return tuple(
        claim for number, seed in enumerate(seeds) for claim in _at(assignment, answers, seed, number)
    )


def is_trained(assignment: Loaded, files: Files) -> bool:
    """Whether a hand-in has what comes of training, where the homework asks for that."""
    return all(any(fnmatchcase(path, pattern) for path in files) for pattern in assignment.trained)


def untrained(assignment: Loaded) -> str:
    """Return why nothing is verified with a model hand-in that lacks what comes of training."""
    return (
        f"{' and '.join(assignment.trained)} come of training, and no repository holds them: train the model "
        f"hand-in, and name with --models the folder in which it stands as {assignment.model_folder}"
    )


def _at(assignment: Loaded, answers: Answers, seed: int, number: int) -> Iterator[Claim]:
    first = number == 0
    if first:
        yield Claim(ClaimKind.POINTS, "points", seed)
    yield Claim(ClaimKind.TRUTH, "truth", seed)
    if answers.model is not None:
        yield Claim(ClaimKind.MODEL, "model", seed, answers.model)
    if assignment.starter:
        yield Claim(ClaimKind.STARTER, "starter", seed, assignment.starter)
    for style, files in answers.right.items():
        yield Claim(ClaimKind.RIGHT, f"right/{style}", seed, files)
    for mistake in answers.mistakes:
        yield Claim(ClaimKind.MISTAKE, mistake.path, seed, mistake.files, mistake, pasted=first)
