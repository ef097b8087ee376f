"""Whether what backward answers is the gradient of the student's own forward, where that is wrong.

One mistake in forward makes every gradient wrong that is right for it: then backward is done, and only the
forward is to be mended. Where the catalogue knows the forward, it knows that as well (mode "consistent");
else the hand-in's own forward is asked around a few cases, aside, and its slopes are held to what backward
claimed.

A course may give a share of the points for such a gradient: follow-through marks. None are given where the
forward does not depend on an array, or has no curve in it at all: the zero gradient of a constant is exact,
and that of a sum is what anybody can write down.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from grader.declaration import Check, GradientOf
from grader.diagnosis import own_forward
from grader.diagnosis.causes import VALUE
from grader.diagnosis.differences import Own
from grader.diagnosis.evidence import Evidence
from grader.diagnosis.own_forward import Found
from grader.faults import CONSISTENT, LOOP, TRUE_TO_IT
from grader.records import CriterionResult, OwnGradient, ProblemResult, earned
from grader.score import ALONE
from grader.verdicts import Verdict

WITHIN_S = 30.0  # of all that is asked of a hand-in here: some 100 calls of less than a millisecond


def followed(evidence: Evidence, rows: list[ProblemResult]) -> list[ProblemResult]:
    """Return the rows, each wrong gradient behind a wrong forward with whether it follows from that.

    Args:
        evidence: what is known of the hand-in.
        rows: with their causes.

    Raises:
        TooSlowError: the hand-in's forward is too slow to be asked so often.
        SandboxError: our own part failed.
    """
    wanted = [one for row in rows for one in _questions(evidence, row)]
    found = {one.name: Found() for one in wanted}
    if asking := [one for one in wanted if one.is_open(pays=evidence.follow_through > 0)]:
        with evidence.session.aside(WITHIN_S) as session:
            found |= {one.name: own_forward.found(session, evidence, one.check) for one in asking}
    told = {one.name: _with(evidence, one, one.and_known(found[one.name])) for one in wanted}
    return [told.get(row.name, row) for row in rows]


# --- what is to be told


@dataclass(frozen=True)
class _Question:
    """A backward with wrong values, behind a forward with wrong values.

    Attributes:
        row: of the gradebook.
        check, of: how backward is asked, and what it is the gradient of.
        wrong_forward: what of that is wrong.
        zero: names of gradients that are zero in every case.
    """

    row: ProblemResult
    check: Check
    of: GradientOf
    wrong_forward: frozenset[str]
    zero: frozenset[str]

    @property
    def name(self) -> str:
        """The problem's name."""
        return self.row.name

    @property
    def wrong(self) -> list[CriterionResult]:
        """The gradients that are wrong in their values."""
        return [
            one
            for one in self.row.criteria
            if one.name in self.of.by and one.passed is False and one.reason == VALUE
        ]

    def and_known(self, found: Found) -> Found:
        """Return what was found, and what the catalogue says, by all that was graded: of a cause that
        explains the forward as well.
        """
        known = {
            one.name: Own.ZERO if one.name in self.zero else Own.EXACT
            for one in self.wrong
            if one.cause is not None
            and one.cause.mode == CONSISTENT
            and self.wrong_forward <= {*one.cause.outputs}
        }
        return Found({**found.own, **known}, found.bends or bool(known))

    @property
    def is_explained(self) -> bool:
        """Whether the catalogue says of each wrong gradient what is wrong with it."""
        return all(one.cause is not None for one in self.wrong)

    def is_open(self, *, pays: bool) -> bool:
        """Whether the hand-in must be asked: where something is not explained, or by a loop's mistake, which
        says nothing of the way back; and where points are given for what is not known to be exact.
        """
        modes = {one.cause.mode for one in self.wrong if one.cause is not None}
        if not self.is_explained or LOOP in modes:
            return True
        return pays and len(self.and_known(Found()).own) < len(self.wrong)


def _questions(evidence: Evidence, row: ProblemResult) -> Iterator[_Question]:
    """Yield what is to be found out of a problem: nothing where forward is right, or did not answer."""
    failing = {one.name for one in row.criteria if one.passed is False and one.reason == VALUE}
    problem = next((one for one in evidence.assignment.problems if one.name == row.name), None)
    for check in problem.calls if problem is not None else ():
        of = check.gradient_of
        if of is None or not failing & {*of.by} or not {check.key, of.forward.key} <= evidence.answers.keys():
            continue
        wrong = {
            one.output.name: one.reason
            for one in evidence.judged[of.forward.key]
            if isinstance(one, Verdict) and one.output.name in of.made_of and not one.holds
        }
        if wrong and set(wrong.values()) == {VALUE}:
            claims = evidence.answers[check.key]
            zero = {
                name
                for name in of.by
                if not any(one.arrays[name].any() for one in claims if name in one.arrays)
            }
            yield _Question(row, check, of, frozenset(wrong), frozenset(zero))
            return


def _with(evidence: Evidence, question: _Question, found: Found) -> ProblemResult:
    """Return the row with what is known, and with the points that the course gives for it."""
    says = _sentence(question, found.own)
    earning = _earning(evidence, question, found)

    def of(one: CriterionResult) -> CriterionResult:
        own, share = found.own.get(one.name), earning.get(one.name, 0.0)
        is_wrong = one.passed is False and one.reason == VALUE
        if not share and not (is_wrong and own in (Own.EXACT, Own.NOT)):
            return one
        exact = own is not Own.NOT
        told = says if one.name in found.own else ""
        return replace(
            one,
            own_gradient=OwnGradient(exact, told, share),
            points=earned(one.max_points, [replace(one, own_gradient=OwnGradient(exact, "", share))])
            if share
            else one.points,
        )

    criteria = tuple(map(of, question.row.criteria))
    if not earning:
        return replace(question.row, criteria=criteria)
    points = earned(question.row.max_points, criteria)
    return replace(question.row, criteria=criteria, points=points)


def _earning(evidence: Evidence, question: _Question, found: Found) -> dict[str, float]:
    """Return what earns a share of its points: gradients, and what counts only together with such."""
    share = evidence.follow_through
    if not share or not found.bends:
        return {}
    earning = {
        one.name: share
        for one in question.wrong
        if found.own.get(one.name) is Own.EXACT
        and (one.method is None or one.method.name not in evidence.withheld)
    }
    problem = next(one for one in evidence.assignment.problems if one.name == question.name)
    only_with = {output.name: output.only_with for check in problem.calls for output in check.outputs}
    lost = {one.name for one in question.row.criteria if one.passed is False and one.reason in (VALUE, ALONE)}
    return earning | {
        name: share
        for name, needed in only_with.items()
        if needed and name in lost and all(one in earning for one in needed)
    }


def _sentence(question: _Question, own: Mapping[str, Own]) -> str:
    """Return what a student is told of all gradients together."""
    wrong = question.wrong
    exact = [one.name for one in wrong if own.get(one.name) is Own.EXACT]
    apart = [one.name for one in wrong if own.get(one.name) is Own.NOT]
    by_cause = any(one.cause is not None and TRUE_TO_IT in one.cause.says for one in wrong)
    # Where all that is wrong is explained, what is right was not asked about.
    names = [one.name for one in wrong] if question.is_explained else list(question.of.by)
    is_all = bool(exact) and {own.get(name) for name in names} <= {Own.EXACT, Own.ZERO}
    if by_cause or (question.is_explained and not is_all) or not (exact or apart):
        return ""  # what else there is to say, causes do
    if is_all:
        return "Your backward is the exact gradient of your own forward: only the forward is to be mended."
    if len(apart) == len(question.of.by):
        return "Your backward is not the gradient of your own forward either (checked numerically)."
    says = []
    if exact:
        are = "are" if len(exact) > 1 else "is"
        says.append(f"{_listed(exact)} {are} the exact gradient of your own forward")
    if apart:
        are = "are" if len(apart) > 1 else "is"
        either = "" if exact else " either"
        says.append(f"{_listed(apart)} {are} not the gradient of your own forward{either}")
    return f"{'; '.join(says)} (checked numerically)."


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
