"""The suites that a grader's hand-ins are asked, each drawn when it is first needed, and kept."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from grader.cases import seeded
from grader.declaration import Assignment
from grader.records import Explain, Suite
from grader.secret import Secret


class Drawn:
    """The suites of all assignments at one seed.

    Args:
        seed: the instructor's.
        secret: the course's; then it keys what is drawn, and each hand-in gets some cases of its own.
    """

    def __init__(self, seed: int, secret: Secret | None) -> None:
        self._seed = seed
        self._secret = secret
        self._suites: dict[str, Mapping[str, Suite]] = {}
        self._explains: dict[tuple[str, str], Explain] = {}

    def of(self, assignment: Assignment) -> Mapping[str, Suite]:
        """Return what everybody is asked, by the keys of `Assignment.suites`.

        Raises:
            GraderError: it cannot be drawn.
        """
        if assignment.name not in self._suites:
            seed = seeded(self._seed)
            seed = seed if self._secret is None else self._secret.seed(assignment.name, seed)
            self._suites[assignment.name] = {key: draw(seed) for key, draw in assignment.suites.items()}
        return self._suites[assignment.name]

    def asked(self, assignment: Assignment, content: str) -> Mapping[str, Suite]:
        """Return what a hand-in with this digest is asked: what everybody is, and some of the secret's pool.

        Raises:
            GraderError: it cannot be drawn.
        """
        drawn, secret = self.of(assignment), self._secret
        if secret is None:
            return drawn
        return {
            key: suite.with_chosen(
                secret.chosen(assignment.name, self._seed, content, suite.chosen, len(suite.pool))
            )
            for key, suite in drawn.items()
        }

    def explain(self, assignment: Assignment, key: str) -> Explain:
        """Return what names the causes of wrong values on a suite; it is made once for an assignment."""
        if (assignment.name, key) not in self._explains:
            made = assignment.explains[key](self.of(assignment)[key])
            self._explains[assignment.name, key] = made
        return self._explains[assignment.name, key]

    def digest(self, assignment: Assignment) -> str:
        """Return the hex digest of the suites, the secret's pool included.

        Raises:
            GraderError: they cannot be drawn.
        """
        digests = [suite.sha256 for suite in self.of(assignment).values()]
        drawn = digests[0] if len(digests) == 1 else _sha256("".join(digests))
        return (
            drawn if self._secret is None else _sha256(drawn + self._secret.mark(assignment.name, self._seed))
        )


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
