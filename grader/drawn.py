"""The suites that a grader's hand-ins are asked, each drawn when it is first needed, and kept."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import partial

from grader.baked import Shelf
from grader.cases import Seed, seeded
from grader.declaration import Explaining, Loaded
from grader.records import Explain, Suite
from grader.secret import Secret


def drawn_from(assignment: Loaded, seed: int, secret: Secret | None) -> tuple[Seed, str]:
    """Return what cases are drawn from, and what tells a secret's from another's: "" without one."""
    if secret is None:
        return seeded(seed), ""
    return secret.seed(assignment.name, seeded(seed)), secret.mark(assignment.name, seed)


class Drawn:
    """The suites of all assignments at one seed.

    Args:
        seed: the instructor's.
        secret: the course's; then it keys what is drawn, and each hand-in gets some cases of its own.
        shelf: where what was drawn before is found.
    """

    def __init__(self, seed: int, secret: Secret | None, shelf: Shelf) -> None:
        self._seed = seed
        self._shelf = shelf
        self._secret = secret
        self._suites: dict[str, Mapping[str, Suite]] = {}
        self._explains: dict[tuple[str, Explaining], Explain] = {}

    def of(self, assignment: Loaded) -> Mapping[str, Suite]:
        """Return what everybody is asked, by the keys of `Assignment.suites`.

        Raises:
            GraderError: it cannot be drawn.
        """
        if assignment.name not in self._suites:
            seed, mark = drawn_from(assignment, self._seed, self._secret)
            self._suites[assignment.name] = self._shelf.suites(assignment, seed, mark)
        return self._suites[assignment.name]

    def asked(self, assignment: Loaded, content: str) -> Mapping[str, Suite]:
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

    def explain(self, assignment: Loaded, key: str) -> Explain:
        """Return what names the causes of wrong values on a suite; it is made once for an assignment."""
        explaining = assignment.explains[key]
        if (assignment.name, explaining) not in self._explains:
            suites, (seed, mark) = self.of(assignment), drawn_from(assignment, self._seed, self._secret)
            name = next(one for one, other in assignment.explains.items() if other is explaining)
            keep = partial(self._shelf.catalogue, assignment, seed, mark, name, suites)
            self._explains[assignment.name, explaining] = explaining(suites, keep)
        return self._explains[assignment.name, explaining]

    def digest(self, assignment: Loaded) -> str:
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
