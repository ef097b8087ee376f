"""What an assignment's folder declares. The engine knows these types and no assignment by name.

An assignment is a folder with

    assignment.py   declares ASSIGNMENT = Assignment(...)
    adapter.py      calls the hand-in the way the homework says; travels to the student's process as source
                    (none, where the declaration makes it: grader/cell)
    statement.md    what is asked, in our own words
    starter/        what students are given to fill in
    provided/       modules that a hand-in may import without bringing them
    right/<style>/  right answers, which get full points
    mistakes.toml   wrong answers, each made of a right one, with exactly what it loses: see grader/mistakes
    wrong/<problem>/<mistake>/   those of them that are whole hand-ins of their own

and a model hand-in in `src/<assignment>/`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from grader import autolab_rules
from grader.errors import DeclarationError
from grader.words import Answer, Explain, Judged, Suite

RIGHT, WRONG, MISTAKES = "right", "wrong", "mistakes.toml"
ORACLES = (RIGHT, WRONG, MISTAKES)
"""Of an assignment's folder, what shows how the homework is done: no grading needs it, nobody is given it."""


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
    """

    name: str
    shape: Shape = Shape.EXACT
    each: tuple[int, ...] = ()
    method: str | None = None
    show: str | None = None
    only_with: tuple[str, ...] = ()


Judge = Callable[[Suite, Sequence[Answer]], Sequence[Judged]]
"""(suite, answers, one per case) -> one verdict per output of the check."""

Read = Callable[[Mapping[str, tuple[str, bytes]]], Judged]
"""(wanted path -> (path in the hand-in, content) of the files that are there) -> the verdict. Runs in the
grader, on bytes of the student's: it must not run, unpack or evaluate any of them."""


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
            company.
        spelt: for each form, the Python expression that is handed over: "delta[None, :]".
        instead: another check of the same outputs, asked when one of them fails here; an output that holds
            there counts. Its suite has its own truth.
        title: how this check is called, for the notice when it is asked instead of another: "with our
            rnn_cell_forward in place of yours".
        judge: decides the outputs from all answers, in place of the comparison with the truth.
        call_s: wall-clock seconds for each call; None for those of `Assignment.limits`.
        method: the wanted function or method that it asks, such as "GRU_Cell.forward"; reports point at it.
    """

    call: str
    suite: str
    outputs: tuple[Output, ...]
    forms: tuple[str, ...] = ("",)
    paste: tuple[str, ...] = ()
    meanwhile: tuple[str, ...] = ()
    spelt: tuple[str, ...] = ()
    instead: Check | None = None
    title: str = ""
    judge: Judge | None = None
    call_s: float | None = None
    method: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What tells it apart from the other checks of its problem: its call and its suite."""
        return self.call, self.suite

    @property
    def chain(self) -> tuple[Check, ...]:
        """This check, and one after the other what is asked instead."""
        return (self, *(self.instead.chain if self.instead is not None else ()))

    @property
    def names(self) -> tuple[str, ...]:
        """The outputs' names."""
        return tuple(output.name for output in self.outputs)


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


class Without(StrEnum):
    """What becomes of a problem when the hand-in lacks what it needs."""

    FAIL = "fail"  # it is asked all the same, and fails
    LEAVE_OUT = "leave out"  # it was optional
    PERSON = "person"  # it may be there in another form: a person looks


class Response(StrEnum):
    """What a course makes of something in the source that is right by its values."""

    NOTICE = "notice"  # it is told, and costs nothing
    PERSON = "person"  # a person decides
    FAIL = "fail"  # what it answers does not count


@dataclass(frozen=True)
class Problem:
    """A row of the gradebook. Its criteria are what its checks judge.

    Attributes:
        name: as in the gradebook.
        points: to be had; 0 for what is judged and worth nothing.
        checks: how it is judged.
        needs: functions ("rnn_forward") and methods ("RNN.train") that the main file must define.
        without: what becomes of it when one of `needs` is missing.
    """

    name: str
    points: float
    checks: tuple[Check | Reading | Person, ...]
    needs: tuple[str, ...] = ()
    without: Without = Without.FAIL

    @property
    def criteria(self) -> tuple[str, ...]:
        """The names of all criteria, in order."""
        return tuple(name for check in self.checks for name in check.names)

    @property
    def is_manual(self) -> bool:
        """Whether a person decides all of it."""
        return all(
            isinstance(check, Person) or (isinstance(check, Reading) and check.person)
            for check in self.checks
        )

    def fate(self, lacking: Sequence[str], *, unparsed: bool) -> Without:
        """Decide what becomes of it where the hand-in lacks something.

        Args:
            lacking: what of `needs` is not there.
            unparsed: some of it may stand in lines that Python cannot read. That is failed, and not missing:
                its error is what the student must read. But where it may be there in another form, a person
                reads the error.

        Returns:
            Without.FAIL as well where nothing is lacking: it is asked.
        """
        if not lacking or (unparsed and self.without is not Without.PERSON):
            return Without.FAIL
        return self.without

    @property
    def calls(self) -> tuple[Check, ...]:
        """The checks that ask the hand-in."""
        return tuple(check for check in self.checks if isinstance(check, Check))


@dataclass(frozen=True)
class Wanted:
    """A file that the hand-in must hold.

    Attributes:
        path: where the statement puts it, such as "hw3/gru.py"; a pattern where students choose part of the
            name, such as "homework6_*.py".
        places: folders that are as right as the path's own, such as "mytorch"; "" is the root.
        also: other file names that are accepted (fnmatch patterns), such as "gru_cell.py".
        defines: top-level names by which it is recognised, such as "GRU_Cell".
        methods: functions and methods that the student writes, such as "GRU_Cell.forward".
        given: those that the starter gives and that are to be left alone, such as "GRU_Cell.__init__".
        required: without it the hand-in is rejected. At least one wanted file must always be there.
    """

    path: str
    places: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    defines: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    required: bool = True


class SizesOfOne(StrEnum):
    """What becomes of a criterion that fails only where a size is 1, and holds in all other cases."""

    TELL = "tell"  # it counts, and the report says in which cases it fails
    COUNT = "count"  # it fails


class Environment(StrEnum):
    """What is installed where a hand-in runs, beside Python itself. NumPy always is."""

    NUMPY = "numpy"
    TORCH = "torch"  # for homeworks that are written in PyTorch; costs 200 MiB and a second at the start

    @property
    def packages(self) -> tuple[str, ...]:
        """What may be imported beside Python's own modules."""
        return ("numpy",) if self is Environment.NUMPY else ("numpy", "torch")


OURS_S = 30.0
"""Of a grading, seconds that are not the student's: reading the hand-in, starting jobs, a second try when one
does not start, judging. On a busy machine; it takes a tenth of it on another."""


@dataclass(frozen=True)
class Limits:
    """What a student process may use.

    Attributes:
        call_s: wall-clock seconds for importing the hand-in, and for each call.
        model_s: what the model hand-in takes for its slowest call, about; for messages. Limits are multiples
            of it that no right answer comes near.
        total_s: wall-clock seconds for the whole submission.
        cpu_s: processor seconds for one process.
        memory_bytes: address space of one process.
        output_bytes: what it may print before it is stopped.
    """

    call_s: float = 10.0
    model_s: float | None = None
    total_s: float = 60.0
    cpu_s: int = 30
    memory_bytes: int = 1 << 30
    output_bytes: int = 32 << 20

    @property
    def held_s(self) -> float:
        """Seconds for which one hand-in may keep a grader busy, whatever it does."""
        return self.total_s + OURS_S

    @property
    def compared(self) -> str:
        """The end of a sentence about a call that took too long."""
        return f"; the model answer takes {self.model_s:g} s" if self.model_s is not None else ""


@dataclass(frozen=True)
class Assignment:
    """One homework: what is asked, what it is worth, how a hand-in is called, what is true.

    Attributes:
        name: its folder's name.
        title: what a person reads.
        wanted: the files; the first is the module that is imported.
        archive: form that the statement asks for ("tar.gz"); another one gets a notice.
        problems: the gradebook's rows.
        suites: key -> function that draws the suite for a seed. Called by the grader alone; imports torch
            when called, not before.
        limits: what a student process may use.
        environment: what is installed there.
        sizes_of_one: whether what fails only where a size is 1 costs anything.
        probes: calls beside the problems, made once all of these hold.
        imports: lines of Python that what a student pastes begins with, beside those for NumPy and for the
            hand-in itself.
        adapter: source of the adapter: of adapter.py, filled in by discovery, unless it is declared.
        derived_from: the equations of the statement, where cases, truth and adapter are derived from them.
        explains: key of a suite -> what makes, of the suite, what names the causes of wrong values.
        told: a sentence of every report that is graded, about what is held to be true; "" for none.
        shares: names of folders in `assignments/shared` whose files are provided as well.
        starter: path -> content of what students are given, filled in by discovery.
        provided: path -> content of modules that the hand-in may import where it brings none of its own;
            filled in by discovery from the folder `provided`. Whoever imports one that begins with a line
            `# told: SENTENCE` is told so.
        stand_ins: patterns of those of them that only stand in, where a hand-in runs, for what students have
            in full (a plotting library); they are never handed out.
        solution: function or method of the published solution -> [number of nodes, digest] of its shape, as
            `inside.numerical` has it; filled in by discovery from solution.json.
        folder: where it was found, filled in by discovery.
    """

    name: str
    title: str
    wanted: tuple[Wanted, ...]
    problems: tuple[Problem, ...]
    suites: Mapping[str, Callable[[int], Suite]]
    archive: str | None = None
    limits: Limits = field(default_factory=Limits)
    environment: Environment = Environment.NUMPY
    sizes_of_one: SizesOfOne = SizesOfOne.TELL
    probes: tuple[Probe, ...] = ()
    imports: tuple[str, ...] = ()
    stand_ins: tuple[str, ...] = ()
    shares: tuple[str, ...] = ()
    adapter: str = field(default="", repr=False)
    derived_from: str = field(default="", repr=False)
    explains: Mapping[str, Callable[[Suite], Explain]] = field(default_factory=dict, repr=False)
    told: str = ""
    starter: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    provided: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    solution: Mapping[str, Sequence[Any]] = field(default_factory=dict, repr=False)
    folder: Path | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Hold the declaration to what the platforms can carry.

        Raises:
            DeclarationError: a problem's name would break Autolab's last line, its points are no points, or
                something is named twice.
        """
        names = [problem.name for problem in self.problems]
        # Autolab's database holds names that differ only in case to be the same.
        counted = Counter(name.lower() for name in names)
        if not names or counted.most_common(1)[0][1] > 1:
            raise DeclarationError(
                f"{self.name}: problems must have distinct names, by more than their case, got {names}"
            )
        for problem in self.problems:
            for what, name, wrong in (
                ("problem", problem.name, autolab_rules.problem(problem.name)),
                *(("criterion", one, autolab_rules.criterion(one)) for one in problem.criteria),
            ):
                if wrong is not None:
                    raise DeclarationError(
                        f"{self.name}: Autolab cannot carry the {what} name {name!r}: {wrong}"
                    )
            if not (math.isfinite(problem.points) and problem.points >= 0):
                raise DeclarationError(
                    f"{self.name}, {problem.name}: points are a number, 0 or more, not {problem.points!r}"
                )
            if len(set(problem.criteria)) != len(problem.criteria) or not problem.criteria:
                raise DeclarationError(
                    f"{self.name}, {problem.name}: criteria must be distinct, got {problem.criteria}"
                )
            for check in problem.calls:
                self._hold_check(problem, check)
            _hold_dependences(self.name, problem)
            keys = [one.key for check in problem.calls for one in check.chain]
            if len(set(keys)) != len(keys):
                raise DeclarationError(
                    f"{self.name}, {problem.name}: two checks make the same call on the same suite"
                )
        if not self.wanted:
            raise DeclarationError(f"{self.name}: no file is wanted")
        for probe in self.probes:
            if probe.check.suite not in self.suites or probe.check.judge is None:
                raise DeclarationError(f"{self.name}: the probe {probe.check.call} needs a suite and a judge")

    def _hold_check(self, problem: Problem, check: Check) -> None:
        if check.suite not in self.suites:
            raise DeclarationError(f"{self.name}, {problem.name}: there is no suite {check.suite!r}")
        if check.spelt and len(check.spelt) != len(check.forms):
            raise DeclarationError(
                f"{self.name}, {problem.name}: {check.call} has {len(check.forms)} forms, and spells "
                f"{len(check.spelt)}"
            )
        written = {*self.wanted[0].methods, *self.needs} if self.wanted else set()
        for method in (check.method, *(output.method for output in check.outputs)):
            if method is not None and method not in written:
                raise DeclarationError(f"{self.name}, {problem.name}: {method} is not a wanted method")
        if check.instead is not None:
            if check.instead.names != check.names or not check.instead.title:
                raise DeclarationError(
                    f"{self.name}, {problem.name}: what is asked instead of {check.call} must have the same "
                    "outputs, and a title"
                )
            self._hold_check(problem, check.instead)

    @property
    def calls(self) -> tuple[str, ...]:
        """The functions that the adapter must define."""
        asked = [one for problem in self.problems for check in problem.calls for one in check.chain]
        return tuple(dict.fromkeys(check.call for check in (*asked, *(probe.check for probe in self.probes))))

    @property
    def written(self) -> tuple[str, ...]:
        """The top-level names of the main file that students define, such as "GRU_Cell"."""
        main = self.wanted[0]
        tops = (name.partition(".")[0] for name in (*main.defines, *main.methods, *self.needs))
        return tuple(dict.fromkeys(tops))

    @property
    def rows(self) -> tuple[str, ...]:
        """The problems that a platform gets a score for from us, all of them undecided where we fail.

        What is worth nothing is no row of a gradebook; what a person decides alone is not ours to touch,
        unless there is nothing else.
        """
        worth = [problem for problem in self.problems if problem.points]
        ours = [problem for problem in worth if not problem.is_manual]
        return tuple(problem.name for problem in ours or worth)

    @property
    def handed_out(self) -> Mapping[str, bytes]:
        """Those of the provided modules that students are given, path -> content."""
        return {
            path: content
            for path, content in self.provided.items()
            if not any(fnmatchcase(path, pattern) for pattern in self.stand_ins)
        }

    @property
    def needs(self) -> tuple[str, ...]:
        """What the main file must define for one problem or another."""
        return tuple(dict.fromkeys(name for problem in self.problems for name in problem.needs))

    @property
    def max_score(self) -> float:
        """Points to be had."""
        return sum(problem.points for problem in self.problems)


def _hold_dependences(assignment: str, problem: Problem) -> None:
    """Hold `Output.only_with` to criteria that stand by themselves: then nothing depends on itself."""
    outputs = [output for check in problem.calls for one in check.chain for output in one.outputs]
    depending = {output.name for output in outputs if output.only_with}
    for output in outputs:
        for name in output.only_with:
            if name not in problem.criteria or name in depending:
                raise DeclarationError(
                    f"{assignment}, {problem.name}: {output.name} counts only with {name!r}, which must be a "
                    "criterion of this problem that counts by itself"
                )
