"""Every assignment, held to what `cellgrade verify` checks of it, and to what its reports say beside."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from shipped import NAMES, ROOT, answers, known

from grader import policy
from grader.records import Cause
from grader.report import text
from grader.verify import Claim, ClaimKind, Held, Verifier, claims, is_trained

SHIPPED = [(name, claim) for name in NAMES for claim in claims(known(name), answers(name))]
# What must be trained first is trained, and held to its claims, by the assignment's own tests: what is left
# out here must be said to be unproven.
UNTRAINED = [
    (name, claim)
    for name, claim in SHIPPED
    if claim.kind in (ClaimKind.MODEL, ClaimKind.RIGHT, ClaimKind.MISTAKE)
    and not is_trained(known(name), claim.files)
]
ALL = [one for one in SHIPPED if one not in UNTRAINED]
# Those of them that are our own model but for numbers and names, because mistakes are made of them.
OURS = {"right/few_steps", "right/plain_number"}

Check = Callable[[str, Claim], Held]


def of(*kinds: ClaimKind) -> pytest.MarkDecorator:
    """Return the claims of these kinds, one test each."""
    chosen = [(name, claim) for name, claim in ALL if claim.kind in kinds]
    ids = [f"{name}-{claim.about}" for name, claim in chosen]
    return pytest.mark.parametrize(("name", "claim"), chosen, ids=ids)


@pytest.fixture(scope="module")
def check() -> Iterator[Check]:
    """Yield what checks a claim; each assignment has one verifier for all of them."""
    verifiers: dict[str, Verifier] = {}

    def checked(name: str, claim: Claim) -> Held:
        if name not in verifiers:
            verifiers[name] = Verifier(known(name), answers(name))
        return verifiers[name].check(claim)

    yield checked
    for verifier in verifiers.values():
        verifier.__exit__(None)


@pytest.mark.parametrize("name", sorted({name for name, _ in UNTRAINED}))
def test_what_was_not_trained_is_not_said_to_hold(check: Check, name: str) -> None:
    """A model without its weights proves nothing: of each claim that it would have to prove, that is said."""
    for other, claim in UNTRAINED:
        if other == name:
            held = check(name, claim)
            assert held.is_open
            assert held.report is None
            assert "come of training" in (held.note or "")


@of(ClaimKind.POINTS, ClaimKind.TRUTH)
def test_points_can_be_had_and_gradients_are_slopes(check: Check, name: str, claim: Claim) -> None:
    """Each problem is lost by some mistake; each true gradient is what central differences find."""
    held = check(name, claim)
    compared = [one for problem in known(name).problems for one in problem.calls if not one.is_judged]
    assert held.wrong == ()
    assert (held.note is None) is bool(compared or claim.kind is ClaimKind.POINTS)


@of(ClaimKind.MODEL)
def test_the_model_hand_in_gets_full_points(check: Check, name: str, claim: Claim) -> None:
    """src/<assignment> is right in every case; all there is to say is that it is published."""
    held = check(name, claim)
    assert held.wrong == ()
    assert held.report is not None
    assert [one.message for one in held.report.findings] == [policy.PUBLISHED]


@of(ClaimKind.STARTER)
def test_the_starter_gets_nothing(check: Check, name: str, claim: Claim) -> None:
    """What students are given earns no point, and the report says that it is the starter."""
    held = check(name, claim)
    assert held.wrong == ()
    assert held.report is not None
    assert held.report.score == 0
    assert "this is the starter, unchanged" in held.report.findings[0].message


@of(ClaimKind.RIGHT)
def test_a_right_answer_in_another_style_gets_full_points(check: Check, name: str, claim: Claim) -> None:
    """Right solutions that are written quite differently earn everything, and are not taken for ours."""
    held = check(name, claim)
    assert held.wrong == ()
    assert held.report is not None
    said = " ".join(one.message for one in held.report.findings)
    assert (policy.PUBLISHED in said) is (claim.about in OURS)
    assert "measures its gradients" not in said


@of(ClaimKind.MISTAKE)
def test_a_mistake_loses_exactly_what_it_says(check: Check, name: str, claim: Claim) -> None:
    """Exactly the declared criteria fail, as declared; what the report says to paste prints what it says."""
    held = check(name, claim)
    assert held.wrong == ()
    assert held.report is not None
    examples = [
        [(one.cause, one.counterexample) for one in problem.criteria if one.counterexample is not None]
        for problem in held.report.problems
    ]
    assert held.snippets == sum(map(len, examples))
    whole = set(text.render(held.report).splitlines())
    above: set[Cause] = set()  # a mistake is shown once
    for of_problem in examples:
        first = next((example for cause, example in of_problem if cause not in above), None)
        assert first is None or set(first.call) <= whole
        above |= {cause for cause, _ in of_problem if cause is not None}


@pytest.mark.parametrize("name", NAMES)
def test_there_are_enough_mistakes(name: str) -> None:
    """An assignment ships at least ten, each with what it fails, and some are shown with lines to paste."""
    assert len(answers(name).mistakes) >= 10
    assert all(one.fails for one in answers(name).mistakes)
    assert any(
        "value" in why.values() for one in answers(name).mistakes for why in (one.fails or {}).values()
    )


@of(ClaimKind.MODEL)
def test_every_array_leads_to_what_the_student_wrote_for_it(check: Check, name: str, claim: Claim) -> None:
    """Each criterion that runs code names a function of the model hand-in, with the line of its `def`."""
    report = check(name, claim).report
    assert report is not None
    asked = {
        output
        for p in known(name).problems
        for check_ in p.calls
        for output in check_.names
        if check_.method is not None or any(one.method for one in check_.outputs)
    }
    found = 0
    for criterion in (one for problem in report.problems for one in problem.criteria):
        if criterion.name in asked:
            assert criterion.method is not None, criterion.name
            lines = _lines(ROOT / "src" / name / criterion.method.file, criterion.method.cell)
            defined = criterion.method.name.rpartition(".")[2]
            assert lines[criterion.method.line - 1].lstrip().startswith(f"def {defined}(")
            found += 1
    assert found >= len(asked)


def _lines(path: Path, cell: int | None) -> list[str]:
    """Return the lines of a file, or of a cell of a notebook."""
    if cell is None:
        return path.read_text().splitlines()
    source = json.loads(path.read_text())["cells"][cell - 1]["source"]
    return (source if isinstance(source, str) else "".join(source)).splitlines()
