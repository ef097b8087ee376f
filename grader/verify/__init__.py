"""Proves what an assignment promises: right answers get full points, and each mistake loses what it says.

Every promise is a `Claim`. A `Verifier` checks one at a time, by grading as students' hand-ins are graded.
"""

from __future__ import annotations

from grader.verify.claims import Claim, Held, Kind, claims
from grader.verify.mutants import Mutant, mutants
from grader.verify.verifier import Verifier, failing

__all__ = ["Claim", "Held", "Kind", "Mutant", "Verifier", "claims", "failing", "mutants"]
