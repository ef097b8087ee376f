"""What an assignment promises, one claim each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

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
        note: what could not be looked at, and why.
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


def claims(assignment: Loaded, answers: Answers, seeds: Sequence[int] = (0,)) -> tuple[Claim, ...]:
    """All that the assignment promises, seed by seed."""
    return tuple(
        claim for number, seed in enumerate(seeds) for claim in _at(assignment, answers, seed, number)
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
