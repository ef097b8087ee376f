"""One homework: what is asked, what it is worth, how a hand-in is called, what is true."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from grader import autolab_rules
from grader.declaration.checks import Check, GradientOf, Probe
from grader.declaration.choices import SizesOfOne
from grader.declaration.limits import Environment, Limits
from grader.declaration.problems import Problem, Wanted
from grader.errors import DeclarationError
from grader.records import Explain, Further, Keep, Suite

RIGHT, WRONG, MISTAKES = "right", "wrong", "mistakes.toml"

ORACLES = (RIGHT, WRONG, MISTAKES)
"""Of an assignment's folder, what shows how the homework is done: no grading needs it, nobody is given it."""

Explaining = Callable[[Mapping[str, Suite], Keep], Explain]


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
        trained: patterns of those files of a hand-in that come of training, and that no repository holds: a
            model hand-in without them is no right answer yet, and nothing is verified with it.
        model: folder of its model hand-in beside the others', where that has not the assignment's name: one
            hand-in may be graded for two assignments.
        probes: calls beside the problems, made once all of these hold.
        imports: lines of Python that what a student pastes begins with, beside those for NumPy and for the
            hand-in itself.
        adapter: source of the adapter, where the declaration makes it; else it is the folder's adapter.py.
        derived_from: the equations of the statement, where cases, truth and adapter are derived from them.
        explains: key of a suite -> what makes, of all suites and of what keeps things that are computed once,
            what names the causes of wrong values. Of several suites that have the same it is made once.
        further: key of a suite -> how more cases like its own are made: from these the smallest one that
            fails is found. Without it, that is one of the suite's.
        definitions_alone: functions and classes are asked with nothing of the file's top level run but what
            defines them: for notebooks that train when they are run.
        data: the course's files by which its suites are drawn, such as "ptb/ptb.valid.txt": see
            `grader.course_data`.
        lends: such files that a hand-in may open -> the name under which it finds them.
        carries: patterns of files of the hand-in, beside its sources, whose content goes to its job, where it
            may open them. With these or `lends`, what it saves can be opened again, and lies on no disk.
        told: a sentence of every report that is graded, about what is held to be true; "" for none.
        shares: names of folders in `assignments/shared` whose files are provided as well.
        stand_ins: patterns of provided modules that only stand in, where a hand-in runs, for what students
            have in full (a plotting library); they are never handed out.
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
    trained: tuple[str, ...] = ()
    model: str = ""
    probes: tuple[Probe, ...] = ()
    imports: tuple[str, ...] = ()
    stand_ins: tuple[str, ...] = ()
    shares: tuple[str, ...] = ()
    adapter: str = field(default="", repr=False)
    derived_from: str = field(default="", repr=False)
    explains: Mapping[str, Explaining] = field(default_factory=dict, repr=False)
    further: Mapping[str, Callable[[], Further]] = field(default_factory=dict, repr=False)
    definitions_alone: bool = False
    data: tuple[str, ...] = ()
    lends: Mapping[str, str] = field(default_factory=dict)
    carries: tuple[str, ...] = ()
    told: str = ""

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
        if check.gradient_of is not None:
            self._hold_gradient(problem, check, check.gradient_of)
        if check.fallback is not None:
            if check.fallback.names != check.names or not check.fallback.title:
                raise DeclarationError(
                    f"{self.name}, {problem.name}: what is asked instead of {check.call} must have the same "
                    "outputs, and a title"
                )
            self._hold_check(problem, check.fallback)

    def _hold_gradient(self, problem: Problem, check: Check, of: GradientOf) -> None:
        asked = [one.key for other in self.problems for one in other.calls]
        if of.forward.key not in asked or not {*of.made_of} <= {*of.forward.names}:
            raise DeclarationError(
                f"{self.name}, {problem.name}: {check.call} is the gradient of {', '.join(of.made_of)} of "
                f"{of.forward.call}, which no problem asks for"
            )
        if odd := sorted({*of.by} - {*check.names}):
            raise DeclarationError(
                f"{self.name}, {problem.name}: {odd[0]} is to be a derivative, and {check.call} has no such "
                "output"
            )

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
    def model_folder(self) -> str:
        """Name of the folder of its model hand-in, in that of all of them."""
        return self.model or self.name

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
