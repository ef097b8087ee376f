"""What goes to a job in one message, and what may come back: answers are held to what an answer may be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from grader.declaration import Check
from grader.inside import bounds, calls
from grader.records import Answer, Arrays, Case, Failure, FailureKind
from grader.sandbox.failures import NO_ANSWER, raised

# What is sent at once.
MAX_GROUP, MAX_GROUP_BYTES = 256, 4 << 20


def groups(cases: Sequence[Case]) -> Iterator[Sequence[Case]]:
    """Yield the cases in the groups in which they are sent.

    The first is alone: where it ends all, as when a function is missing, the others are not even begun.
    """
    begin, size_bytes = 0, 0
    for at, case in enumerate(cases):
        if at == 1 or at - begin == MAX_GROUP or size_bytes > MAX_GROUP_BYTES:
            yield cases[begin:at]
            begin, size_bytes = at, 0
        size_bytes += sum(array.nbytes for array in case.inputs.values())
    if begin < len(cases):
        yield cases[begin:]


def request(check: Check, cases: Sequence[Case], form: int) -> tuple[dict[str, Any], Arrays]:
    """Return what a job is told to make a call of a check on each of these cases."""
    about, arrays = calls.packed(
        [calls.SentCase(case.seed, case.strided, case.interleaved, case.inputs) for case in cases]
    )
    return {**about, "do": "call", "call": check.call, "form": form, "outputs": list(check.answered)}, arrays


def checked(call: str, about: Mapping[str, Any], arrays: Mapping[str, Any], outputs: Sequence[str]) -> Answer:
    """Return the job's answer, held to what an answer may be: it may have been made by anyone in there."""
    known = {
        name: array for name, array in arrays.items() if name in outputs and array.size <= bounds.MAX_ENTRIES
    }
    if "raised" in about:
        return Answer(known, failure=raised(call, about["raised"]))
    absent = about.get("absent")
    if not isinstance(absent, dict) or not all(isinstance(reason, str) for reason in absent.values()):
        return Answer(failure=Failure(FailureKind.GARBLED, f"{call} {NO_ANSWER}"))
    missing = {
        name: absent.get(name, "is missing")[: bounds.MAX_REASON] for name in outputs if name not in known
    }
    return Answer(known, missing)
