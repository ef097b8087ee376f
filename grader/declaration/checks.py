"""How a hand-in is judged: by calls, by readings of its files, by a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np

from grader.declaration.choices import HintLevel
from grader.records import Answer, Arrays, Finding, Judged, Notebook, Suite


class Shape(StrEnum):
    """How strictly an answer's shape is held to the true one."""

    EXACT = "exact"  # weights and their gradients
    VECTOR = "vector"  # axes of length 1 may differ, with a notice: (n,), (1, n) and (n, 1) are one vector


@dataclass(frozen=True)
class Output:
    """An array that a call must answer with, and how it is compared.

    Attributes:
        name: the criterion's name, and the adapter's key.
        shape: how strictly the shape is held.
        each: axes of the true array along which every slice is held to its own scale (samples, steps).
        method: the function or method that answers with it, where it is not the check's.
        show: the Python expression that it is below the lines of `Check.paste`, such as "cell.dWzh"; its
            name, unless given.
        only_with: criteria of the same problem without which this one earns nothing, right or not: for
            numbers that anybody can write down, since they are printed somewhere, or that any code returns.
        blocks: of an array that is stacked of equal blocks of rows, what these are called, from the top.
    """

    name: str
    shape: Shape = Shape.EXACT
    each: tuple[int, ...] = ()
    method: str | None = None
    show: str | None = None
    only_with: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()


Files = Mapping[str, tuple[str, bytes]]
"""Wanted path -> path in the hand-in and content, of the files that are there."""


@dataclass(frozen=True)
class HandedIn:
    """What a judge may look at beside the answers, of which what is said of `Read` holds.

    Attributes:
        files: those that are wanted and there.
        notebook: what is graded, where it is one.
    """

    files: Files = field(default_factory=dict)
    notebook: Notebook | None = None


Judge = Callable[[Suite, Sequence[Answer]], Sequence[Judged]]
"""(suite, answers, one per case) -> one verdict per output of the check."""

JudgeOfHandIn = Callable[[Suite, Sequence[Answer], HandedIn], Sequence[Judged]]
"""The same as a `Judge`, which also looks at the hand-in."""

Read = Callable[[Files], Judged]
"""(the files that are there) -> the verdict. Runs in the
grader, on bytes of the student's: it must not run, unpack or evaluate any of them."""


Rules = Callable[[str, Mapping[str, Any]], tuple[Judged, Sequence[Finding]]]
"""(path of the main file, what was found in it before any of it ran, as `inside.facts` has it; nothing where
it could not be read) -> the verdict, and what is said of each place."""

Loss = Callable[[Arrays, Arrays], float]
"""(a case's inputs, what a way forward answered on it) -> the scalar that a way back is the gradient of.
Raises ValueError where an answer does not have as many entries as it should."""


def products(handed_in: Mapping[str, str]) -> Loss:
    """Return the scalar that is a sum of products, where its derivatives are handed to a way back.

    Args:
        handed_in: output of the way forward -> the input that is the derivative by it, such as delta.
    """

    def loss(inputs: Arrays, answered: Arrays) -> float:
        return sum(
            float(np.sum(inputs[delta] * answered[name].reshape(inputs[delta].shape)))
            for name, delta in handed_in.items()
        )

    return loss


@dataclass(frozen=True)
class GradientOf:
    """What the outputs of a way back are the gradients of.

    Attributes:
        forward: how the way forward is asked; the cases of the way back have all the inputs that it needs.
        made_of: those of its outputs that the scalar is made of.
        loss: makes the scalar.
        by: output of the way back -> the input that it is the derivative by.
    """

    forward: Check
    made_of: tuple[str, ...]
    loss: Loss
    by: Mapping[str, str]


@dataclass(frozen=True)
class Check:
    """One function of the adapter, asked on every case of a suite.

    Attributes:
        call: the adapter's function.
        suite: key of `Assignment.suites`.
        outputs: the criteria, in equal shares.
        forms: the ways to hand the arguments over, in words, in the order in which they are tried on the
            probe case; the first that works is used for all cases.
        paste: lines of Python that make the call, for a student to paste below the lines that set a case's
            inputs; "<form>" in them stands for what `spelt` has for the form that was used.
        meanwhile: lines that use a second instance, pasted before the last of `paste` where a case asks for
            interleaved.
        spelt: for each form, the Python expression that is handed over: "delta[None, :]".
        fallback: another check of the same outputs, asked when one of them fails here; an output that holds
            there counts. Its suite has its own truth.
        title: how this check is called, for the notice when it is asked instead of another: "with our
            rnn_cell_forward in place of yours".
        answers: names of the arrays that it answers with, where they are not its outputs': then it has a
            judge.
        judge: decides the outputs from all answers, in place of the comparison with the truth.
        judge_of_hand_in: the same, with a look at the hand-in itself; in place of `judge`.
        call_s: wall-clock seconds for each call; None for those of `Assignment.limits`.
        method: the wanted function or method that it asks, such as "GRU_Cell.forward"; reports point at it.
        gradient_of: of a way back, what its outputs are the gradients of; None where no way forward is asked.
        hints: the most that students are told of a mistake here, whatever the course says: EQUATION where
            a derivation by hand is what is graded, since the term that is wrong in it would be the answer.
    """

    call: str
    suite: str
    outputs: tuple[Output, ...]
    forms: tuple[str, ...] = ("",)
    paste: tuple[str, ...] = ()
    meanwhile: tuple[str, ...] = ()
    spelt: tuple[str, ...] = ()
    fallback: Check | None = None
    title: str = ""
    answers: tuple[str, ...] = ()
    judge: Judge | None = None
    judge_of_hand_in: JudgeOfHandIn | None = None
    call_s: float | None = None
    method: str | None = None
    gradient_of: GradientOf | None = field(default=None, repr=False, compare=False)
    hints: HintLevel = HintLevel.ALL

    @property
    def key(self) -> tuple[str, str]:
        """What tells it apart from the other checks of its problem: its call and its suite."""
        return self.call, self.suite

    @property
    def chain(self) -> tuple[Check, ...]:
        """This check, and one after the other what is asked instead."""
        return (self, *(self.fallback.chain if self.fallback is not None else ()))

    @property
    def names(self) -> tuple[str, ...]:
        """The outputs' names."""
        return tuple(output.name for output in self.outputs)

    @property
    def answered(self) -> tuple[str, ...]:
        """The names of the arrays that a job answers with."""
        return self.answers or self.names

    @property
    def is_judged(self) -> bool:
        """Whether a judge of its own decides."""
        return self.judge is not None or self.judge_of_hand_in is not None


@dataclass(frozen=True)
class Reading:
    """A criterion that is read off the hand-in's files, without running anything.

    Attributes:
        name: the criterion's.
        read: gives the verdict.
        person: it only gathers facts for a person, who decides.
    """

    name: str
    read: Read
    person: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The criterion's name, alone."""
        return (self.name,)


@dataclass(frozen=True)
class Rule:
    """A criterion that is read off the source of the main file, before any of it runs.

    Attributes:
        name: the criterion's.
        read: gives the verdict, and a finding for each place.
    """

    name: str
    read: Rules

    @property
    def names(self) -> tuple[str, ...]:
        """The criterion's name, alone."""
        return (self.name,)


@dataclass(frozen=True)
class Person:
    """A criterion that a person decides.

    Attributes:
        name: the criterion's.
        task: what the person is to read, a sentence.
    """

    name: str
    task: str

    @property
    def names(self) -> tuple[str, ...]:
        """The criterion's name, alone."""
        return (self.name,)


@dataclass(frozen=True)
class Probe:
    """A call beside the problems: what its judge says is told, and costs nothing.

    Attributes:
        check: how it is asked; it has a judge.
        derive: makes the probe's cases of the suite that the check names.
    """

    check: Check
    derive: Callable[[Suite], Suite]
