"""Proves what an assignment promises: right answers get full points, and each mistake loses what it says.

Every promise is a `Claim`. A `Verifier` checks one at a time, by grading as students' hand-ins are graded.
"""

from __future__ import annotations

from grader.verify.claims import Claim, ClaimKind, Held, claims, is_trained, untrained
from grader.verify.mutants import Mutant, doubled, mutants
from grader.verify.named import Named, Naming, named
from grader.verify.verifier import Verifier, failing, loses

__all__ = [
    "Claim",
    "ClaimKind",
    "Held",
    "Mutant",
    "Named",
    "Naming",
    "Verifier",
    "claims",
    "doubled",
    "failing",
    "is_trained",
    "loses",
    "mutants",
    "named",
    "untrained",
]
