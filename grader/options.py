"""What the caller of a grading may choose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

from grader.declaration import Response
from grader.responses import Responses
from grader.secret import Secret


@dataclass(frozen=True)
class Options:
    """What the caller may choose.

    Attributes:
        assignment: name; None to recognise it from the files.
        seed: the instructor's; draws the suite.
        secret: the course's; then it keys what is drawn, and each hand-in gets some cases of its own.
        strict: reject a hand-in that imports more than NumPy and Python's own modules.
        numerical_gradients, published_solution, follow_through: see `course.Course`.
        unsandboxed: go on where there is no filter of system calls.
        within_s: seconds after which a grading ends, with what it has until then; None for no such end.
        debug: let through what goes wrong with us, for whoever mends it.
    """

    assignment: str | None = None
    seed: int = 0
    secret: Secret | None = None
    strict: bool = False
    unsandboxed: bool = False
    within_s: float | None = None
    debug: bool = False
    numerical_gradients: Response = Response.NOTICE
    published_solution: Response = Response.NOTICE
    follow_through: float = 0.0

    @property
    def responses(self) -> Responses:
        """What the course makes of gradients that are measured, and of a published solution."""
        return Responses(self.numerical_gradients, self.published_solution)

    def wire(self) -> dict[str, object]:
        """Give the options as JSON carries them, the secret's key with them: for a pipe of ours alone."""
        return {**vars(self), "secret": None if self.secret is None else self.secret.key.hex()}

    @classmethod
    def of_wire(cls, said: Mapping[str, object]) -> Self:
        """Give the options that `wire` gave to JSON.

        Raises:
            TypeError: a field is unknown.
            ValueError: a word or the secret is none.
        """
        key = said.get("secret")
        return replace(
            cls(**said),  # type: ignore[arg-type]
            secret=None if key is None else Secret(bytes.fromhex(str(key))),
            numerical_gradients=Response(str(said.get("numerical_gradients", cls.numerical_gradients))),
            published_solution=Response(str(said.get("published_solution", cls.published_solution))),
        )
