"""For how long one hand-in holds a worker: the same for every assignment, whatever hangs in it.

What is counted is calls that were stopped, times what each may take: no clock of a busy machine.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from grader import calling, discovery, engine
from grader.declaration import Check, Loaded, Problem
from grader.engine import _Tries
from grader.errors import SandboxError
from grader.records import Answer, Case, FailureKind, Report, Status
from grader.sandbox.session import Session
from grader.taken import Refused, Taken

ROOT = Path(__file__).parents[2]
CALL_S = 0.5
HANG = "\n\ndef hang(*_, **__):\n    while True:\n        pass\n\n\n"


@cache
def assignments() -> dict[str, Loaded]:
    """With their suites drawn once, and calls of half a second; what they bear to one another stays."""
    return {one.name: _quick(one) for one in discovery.assignments()}


def _quick(assignment: Loaded) -> Loaded:
    ratio = CALL_S / assignment.limits.call_s
    limits = replace(assignment.limits, call_s=CALL_S, total_s=assignment.limits.total_s * ratio)
    problems = tuple(
        replace(
            problem,
            checks=tuple(_of_a_call(one, ratio) if isinstance(one, Check) else one for one in problem.checks),
        )
        for problem in assignment.problems
    )
    suites = {key: cache(draw) for key, draw in assignment.suites.items()}
    return replace(assignment, limits=limits, problems=problems, suites=suites)


def _of_a_call(check: Check, ratio: float) -> Check:
    instead = None if check.fallback is None else _of_a_call(check.fallback, ratio)
    return replace(check, call_s=check.call_s and check.call_s * ratio, fallback=instead)


# Of a notebook, definitions alone are asked, and its cells have a time of their own: test_notebook_shell.py.
NAMES = sorted(one.name for one in discovery.assignments() if not one.definitions_alone)


class Watch:
    """Counts the calls of all sessions that were stopped for their time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.hung: Counter[str] = Counter()
        asked = Session._asked

        def counted(session: Session, check: Check, cases: Sequence[Case], form: int) -> list[Answer]:
            known = session.import_failure
            answers = asked(session, check, cases, form)
            for failure in (answer.failure for answer in answers):
                is_new = failure is not None and failure.kind is FailureKind.TIME and failure is not known
                if is_new and failure is not None and "all calls together" not in failure.message:
                    self.hung[check.method or check.call] += 1
            return answers

        monkeypatch.setattr(Session, "_asked", counted)


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    return Watch(monkeypatch)


def model(name: str) -> dict[str, str]:
    """Return the files of the model hand-in."""
    assignment = assignments()[name]
    folder = ROOT / "src" / assignment.model_folder
    # What comes of training is in no repository: an empty file stands for it, so that code is asked at all.
    trained = [one for one in assignment.wanted[1:] if assignment.trained and one.also]
    empty = {(Path(one.path).parent / one.also[-1].replace("*", "")).as_posix(): "" for one in trained}
    return empty | {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.suffix in (".py", ".toml")
    }


def graded(tmp_path: Path, name: str, methods: tuple[str, ...], *, at_import: bool = False) -> Report:
    """Return the report on the model hand-in with these functions hanging."""
    folder = tmp_path / name
    for path, content in model(name).items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if path.endswith(".py"):
            content += HANG + "".join(f"{method} = hang\n" for method in methods) + "hang()\n" * at_import
        file.write_text(content)
    return engine.grade(folder, [assignments()[name]], engine.Options(assignment=name))


def written(name: str) -> tuple[str, ...]:
    """Return what students write."""
    return assignments()[name].wanted[0].methods


def asked(name: str) -> Iterator[tuple[Problem, Check]]:
    for problem in assignments()[name].problems:
        for check in problem.calls:
            yield problem, check


@pytest.mark.parametrize("name", NAMES)
def test_a_hand_in_that_hangs_everywhere_is_held_within_the_stated_time(
    tmp_path: Path, watch: Watch, name: str
) -> None:
    """No function is waited for more than three times, and all together not longer than they may take."""
    report = graded(tmp_path, name, written(name))
    assert report.status is Status.GRADED
    assert watch.hung
    assert max(watch.hung.values()) <= calling.HANGS
    assert sum(watch.hung.values()) * CALL_S <= assignments()[name].limits.total_s
    for problem, check in asked(name):
        for result in (one for one in report.problems if one.name == problem.name):
            of_check = [one for one in result.criteria if one.name in check.names]
            assert all(one.passed is False and one.message for one in of_check)


@pytest.mark.parametrize("name", NAMES)
def test_a_hand_in_that_hangs_at_import_is_waited_for_once(tmp_path: Path, watch: Watch, name: str) -> None:
    """Nothing of it is tried again."""
    report = graded(tmp_path, name, (), at_import=True)
    assert report.status is Status.GRADED
    assert sum(watch.hung.values()) <= 1


@pytest.mark.parametrize("name", NAMES)
def test_what_answers_keeps_its_points(tmp_path: Path, watch: Watch, name: str) -> None:
    """A function that hangs, the last that is asked first, costs what depends on it and nothing else."""
    *others, last = written(name)
    report = graded(tmp_path, name, (last,))
    assert report.status is Status.GRADED
    # A check that asks for a whole model, and no single function, is counted by its own name.
    whole = {check.call for problem, check in asked(name) if check.method is None and last in problem.needs}
    assert set(watch.hung) <= {last, *whole}
    for problem, check in asked(name):
        results = [one for one in report.problems if one.name == problem.name]
        for criterion in (one for result in results for one in result.criteria if one.name in check.names):
            methods = {check.method, *(one.method for one in check.outputs if one.name == criterion.name)}
            if methods & set(others) and last not in methods and "backward" not in str(methods):
                assert criterion.passed, (problem.name, criterion.name, criterion.message)


def test_three_hangs_decide_where_a_judge_forgives_some(tmp_path: Path, watch: Watch) -> None:
    """n-back's training may fail on two of five seeds: the third decides, and the report says so."""
    report = graded(tmp_path, "nback_rnn", ("RNN.train",))
    assert watch.hung == {"RNN.train": 3}
    (training,) = [one for problem in report.problems for one in problem.criteria if one.name == "training"]
    assert "after 3 such calls it was not asked any more" in str(training.message)
    (gradients,) = [one for problem in report.problems for one in problem.criteria if one.name == "dU"]
    assert gradients.passed


@pytest.mark.parametrize("name", NAMES)
def test_what_is_stated_covers_all_calls(name: str) -> None:
    """A hand-in may need its time and ours, and an import and one call of each function fit into it."""
    limits = discovery.by_name(name, discovery.assignments()).limits
    assert limits.held_s > limits.total_s >= 2 * limits.call_s


def test_a_second_try_begins_only_while_the_students_time_still_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sandbox that fails late fails once: both tries together would hold the worker for too long."""
    now, takes = [0.0], [1.0]
    tries: list[float] = []
    quick = assignments()["gru_cell"]

    def fails(_: Taken, asked: _Tries) -> Report:
        asked.begin()
        tries.append(now[0])
        now[0] += takes[0]
        raise SandboxError("the zygote is gone")

    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    with engine.Grader([quick], engine.Options(assignment="gru_cell")) as grader:
        monkeypatch.setattr(grader, "_grade", fails)
        taken = grader.take(ROOT / "src" / "gru_cell")
        for takes[0], expected in ((1.0, 2), (500.0, 1)):
            tries.clear()
            assert not isinstance(taken, Refused)
            assert grader.ask(taken).status is Status.ERROR
            assert len(tries) == expected
