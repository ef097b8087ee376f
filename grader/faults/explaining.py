"""Names the causes of a hand-in's wrong values, of one cell on one suite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from grader.faults.confusions import confusion
from grader.faults.explained import Explained
from grader.faults.fault import Declared
from grader.faults.matching import Matcher
from grader.faults.modes import FACT, Mode
from grader.faults.so_far import so_far
from grader.faults.telling import mode, sentence
from grader.records import Arrays, Case, Cause, Keep, Suite


class Explainer:
    """Names causes; the same of all hand-ins is computed when it is first asked for.

    Args:
        declared: the cell, or the loop, with what is judged of it.
        suite: on which it is judged.
        keep: as a `Bench` has it.
        printed: letter of the equations -> what a sentence has for it.
    """

    def __init__(
        self, declared: Declared, suite: Suite, keep: Keep | None, printed: Mapping[str, str]
    ) -> None:
        self._matcher = _matcher(declared, suite, keep)
        self._printed = printed
        self._named: dict[Cause, Explained] = {}

    def prepare(self) -> None:
        """Compute what is the same for all hand-ins, or find it."""
        _ = self._matcher.known

    def __call__(
        self,
        cases: Sequence[Case],
        answers: Sequence[Arrays],
        wrong: Sequence[str],
        right: Sequence[str],
    ) -> list[Cause]:
        """Return the causes of what is wrong, and facts about what has none.

        Args:
            cases: what a hand-in was asked, the suite's first.
            answers: what it answered to each, output -> array.
            wrong, right: outputs with wrong values, and those that are right in every case.
        """
        declared = self._matcher.declared
        explanation = self._matcher.explain(cases, answers, wrong, right)
        is_all = len(explanation.causes) == 1 and {*wrong, *right} == declared.outputs.keys()
        is_all = is_all and not explanation.left | explanation.zero
        facts = [
            Cause(f"{name} is, in every case, {says}.", "", FACT, FACT, (name,))
            for name, says in explanation.facts
        ]
        known = {name for name, _ in explanation.facts}
        left = tuple(name for name in declared.outputs if name in explanation.left - known)
        if left and not explanation.causes and (says := so_far(declared, wrong, right)) is not None:
            facts.append(Cause(says, "", FACT, FACT, left))
        found = [(self._said(cause(declared, one, is_all)), one) for one in explanation.causes]
        self._named |= found
        return [*(named for named, _ in found), *map(self._said, facts)]

    def makes(self, named: Cause, inputs: Arrays, answer: Arrays, output: str) -> bool | None:
        """Whether a cause makes what was answered to inputs that no suite has; None if that cannot be told.

        Args:
            named: as it was named, of whichever hand-in.
            inputs: of the case.
            answer: what the hand-in answered to it, output -> array.
            output: the one that is asked about.
        """
        explained = self._named.get(named)
        return None if explained is None else self._matcher.makes(explained, inputs, answer, output)

    def _said(self, one: Cause) -> Cause:
        says = one.says
        for letter, shown in self._printed.items():
            says = says.replace(letter, shown)
        return replace(one, says=says)


def _matcher(declared: Declared, suite: Suite, keep: Keep | None) -> Matcher:
    from grader.faults.wiring import DeclaredLoop

    if not isinstance(declared, DeclaredLoop):
        return Matcher(declared, suite, keep)
    from grader.faults.loops import LoopMatcher  # which a cell needs nothing of

    return LoopMatcher(declared, suite, keep)


def cause(declared: Declared, explained: Explained, is_all: bool = True) -> Cause:
    """Return what a report says of an explanation.

    Args:
        declared: the cell.
        explained: what is explained, and by what.
        is_all: nothing else is wrong: then something can be said of backward as a whole.
    """
    outputs = [name for name in declared.outputs if name in explained.outputs]
    # Of what no case tells apart, another author's cell is likelier than a slip that comes to the same.
    faults = sorted(explained.faults, key=lambda one: not confusion(declared, one))
    first = faults[0]
    what = " and ".join([", ".join(outputs[:-1]), outputs[-1]] if len(outputs) > 1 else outputs)
    is_ = "is" if len(outputs) == 1 else "are"
    when = sentence(declared, faults, explained.factor)
    if explained.also is not None:
        when += f", and {sentence(declared, [explained.also])}"
    says = f"{what} {is_} exactly what comes out when {when}."
    # Of two, backward is true to the wrong forward only if it is to both.
    last = explained.also if explained.also is not None and first.mode is Mode.CONSISTENT else first
    is_one_way = explained.also is None or explained.also.mode is first.mode
    more = mode(last, list(declared.states), outputs) if is_all and is_one_way else ""
    more = f"{confusion(declared, first)} {more}".strip()
    return Cause(
        f"{says} {more}".strip(), first.equation, str(first.slip.kind), str(last.mode), tuple(outputs)
    )
