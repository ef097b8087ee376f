"""Jobs that are fresh processes: all that holds of a job that a zygote has forked holds of them.

The tests of the conversation and of the layers are those of the zygote's jobs, run once more. What another
system lacks is taken from a Python first in `test_elsewhere.py`.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import shipped
from attack_runner import declared, lay
from real_jobs import SHORT, handed_in, started_without, started_zygote
from test_layers import test_a_layer_stops_what_it_is_there_for  # noqa: F401
from test_sandbox import (  # noqa: F401 - pytest finds them here as well, and this module's `zygote` for them
    ROUNDS,
    test_a_call_gets_fresh_inputs,
    test_a_failed_import_is_every_calls_failure,
    test_a_forged_answer_adds_no_arrays,
    test_a_statement_that_ends_the_job_is_left_out_of_the_next,
    test_a_statement_that_raises_costs_itself_alone,
    test_an_answer_before_the_question_is_no_answer,
    test_an_import_that_answers_for_itself_is_every_calls_failure,
    test_deaths_are_told_apart,
    test_forged_answers_are_no_answers,
    test_large_answers_fit_or_are_told,
    test_processor_time_is_limited_whatever_the_clock_says,
    test_the_whole_has_its_own_limit,
    test_too_much_memory_is_a_memory_error,
    test_what_goes_to_a_job_may_be_large,
    test_what_is_printed_before_a_crash_is_kept,
    test_what_is_printed_is_cut_with_a_count,
    test_what_is_printed_is_kept_in_order,
)

from grader import discovery, engine
from grader.declaration import Loaded
from grader.engine import Options
from grader.errors import SandboxError
from grader.inside.lockdown import LAYERS
from grader.records import FailureKind, Report, Status
from grader.report import json_report
from grader.sandbox.fresh import Fresh
from grader.sandbox.killed import KilledError
from grader.sandbox.pipe_line import PipeLine

ROOT = Path(__file__).parents[2]
# What must be trained first is no model hand-in without that; the tests of these homeworks train them.
READY = [one.name for one in discovery.assignments() if not one.trained]
MODELS = [ROOT / "src" / name for name in READY if not name.startswith("torch")]
WRONG = shipped.all_wrong(*READY)[::17]
ATTACKS = ROOT / "tests" / "data" / "attacks"
HOSTILE = """
    resources/endless_loop resources/stdout_flood resources/stderr_flood resources/null_pointer
    resources/signals_blocked resources/fork_bomb resources/hundred_gigabytes resources/stop_itself
    channel/exit_midway channel/garbage channel/half_frame channel/hang_up channel/close_everything
    channel/scan_descriptors processes/daemon
    processes/end_by_every_signal escape/list_folders state/stdout_replaced
""".split()

# They answer twice: which of the two is met first is a race, in either way of starting a job.
RACES = "channel/forged_before_asked channel/two_frames channel/next_question".split()


@pytest.fixture(scope="module")
def zygote() -> Iterator[Fresh]:
    """Yield what starts jobs here, in place of a zygote."""
    with started_zygote(), Fresh() as fresh:
        yield fresh


@cache
def assignment(name: str) -> Loaded:
    found = discovery.by_name(name, discovery.assignments())
    return replace(found, suites={key: cache(draw) for key, draw in found.suites.items()})


def hold_both_ways(graded: Loaded, hand_in: Path, monkeypatch: pytest.MonkeyPatch) -> Report:
    """Grade by the zygote and by fresh processes; the reports are the same, byte for byte."""
    by_zygote = engine.grade(hand_in, [graded], Options(assignment=graded.name))
    monkeypatch.setattr(engine, "launcher", Fresh)
    afresh = engine.grade(hand_in, [graded], Options(assignment=graded.name))
    assert afresh.status is not Status.ERROR, afresh.message
    assert json_report.render(afresh) == json_report.render(by_zygote)
    return afresh


@pytest.mark.parametrize("model", MODELS, ids=lambda path: path.name)
def test_a_model_hand_in_gets_the_same_report(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every model hand-in has all points, and the report that the zygote's job gives it."""
    graded = assignment(model.name)
    sure = sum(problem.points for problem in graded.problems if not problem.is_manual)
    assert hold_both_ways(graded, model, monkeypatch).score >= sure


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_answer_gets_the_same_report(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wrong is found, and told in the same words."""
    graded = assignment(wrong.partition("/")[0])
    report = hold_both_ways(graded, shipped.wrong(wrong), monkeypatch)
    assert not all(one.passed for problem in report.problems for one in problem.criteria)


@pytest.mark.parametrize("name", HOSTILE + RACES)
def test_an_attack_gets_the_same_report(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It earns no more, and its report says the same, where that is not left to chance."""
    attack = ATTACKS / f"{name}.py"
    call_s = float(declared(attack).get("call_s", "0.5"))
    limits = replace(SHORT, call_s=call_s, total_s=8 * call_s)
    graded = replace(assignment("gru_cell"), limits=limits)
    hand_in = lay(attack, ROOT / "src", tmp_path)
    if name in RACES:
        monkeypatch.setattr(engine, "launcher", Fresh)
        report = engine.grade(hand_in, [graded], Options())
        assert report.status is Status.GRADED
    else:
        report = hold_both_ways(graded, hand_in, monkeypatch)
    assert report.score <= float(declared(attack)["earns"])


def processes_in(session: int) -> list[str]:
    """Those of a session that still run."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, sid = stat.read_text(errors="replace").rpartition(")")[2].split()[:4]
        except OSError:  # it ended meanwhile
            continue
        if int(sid) == session and state not in "ZX":
            found.append(stat.parent.name)
    return found


@pytest.mark.parametrize("end", ["time.sleep(60)", "os._exit(0)", "os.close(3); time.sleep(60)"])
def test_children_that_hold_the_pipes_are_no_trouble(
    end: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With every layer off a job can have children: they end with it, and nothing is left or waited for.

    Nobody can see that such a job is dead, or has closed its channel, before its time is up.
    """
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    open_files, threads = len(os.listdir("/proc/self/fd")), threading.active_count()
    text = f"{ROUNDS}import os, time\ndef f(x):\n  if os.fork() == 0: time.sleep(60)\n  {end}\n"
    short = replace(SHORT, call_s=0.5)
    with (
        started_without(LAYERS, Fresh) as fresh,
        handed_in(fresh, text, unsandboxed=True, limits=short) as one,
    ):
        assert one.value("g").tolist() == [1, 2, 3]
        job = one.session._job
        assert job is not None
        assert isinstance(job._line, PipeLine)
        session = job._line.process.pid
        assert processes_in(session) == [str(session)]
        assert one.failure("f").kind is FailureKind.TIME
        assert one.value("g").tolist() == [1, 2, 3]
        assert one.session.isolation is not None
        assert not one.session.isolation.on
    until = time.monotonic() + 5
    while (processes_in(session) or threading.active_count() > threads) and time.monotonic() < until:
        time.sleep(0.01)
    assert processes_in(session) == []
    assert threading.active_count() == threads
    assert len(os.listdir("/proc/self/fd")) == open_files
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("delay_s", [0.0, 0.2])
def test_a_job_that_is_killed_is_nothing_of_the_students(delay_s: float) -> None:
    """Killed from outside between two calls or during one, it is known for that: the grader asks all anew."""
    with Fresh() as fresh, handed_in(fresh, "import time\ndef f(x): time.sleep(0.4); return x") as hand_in:
        hand_in.value()
        job = hand_in.session._job
        assert job is not None
        assert isinstance(job._line, PipeLine)
        timer = threading.Timer(delay_s, os.kill, (job._line.process.pid, signal.SIGKILL))
        timer.start()
        if not delay_s:
            timer.join()
        with pytest.raises(KilledError, match="killed from outside"):
            hand_in.value()
        timer.join()


def test_a_question_that_nobody_reads_is_no_trouble() -> None:
    """A job that is too busy to read megabytes, or has closed where they come from, fails in its time."""
    large = np.zeros((1 << 9, 1 << 10))
    for end, kind in (("while True: pass", FailureKind.TIME), ("os.close(4)", FailureKind.GARBLED)):
        text = (
            "import os, signal\n"
            f"def late(*_):\n  {end}\n"
            "def f(x):\n"
            "  signal.signal(signal.SIGALRM, late); signal.setitimer(signal.ITIMER_REAL, 0.1); return x\n"
        )
        with Fresh() as fresh, handed_in(fresh, text, limits=replace(SHORT, call_s=0.5)) as hand_in:
            hand_in.value()
            time.sleep(0.3)
            answer = hand_in.ask(x=large)
            assert answer.failure is not None
            assert answer.failure.kind in (kind, FailureKind.EXITED)


def test_a_job_stands_in_an_empty_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even with nothing kept from it, what it writes where it stands is gone with it."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    text = (
        "import os\n"
        "def f(x):\n"
        "  os.chdir(HERE)\n"
        "  os.chmod('.', 0o755)\n"
        "  assert os.listdir('.') == []\n"
        "  open('mine', 'w').write('x')\n"
        "  return x\n"
    )
    with started_without(LAYERS, Fresh) as fresh:
        kept = list(tmp_path.iterdir())
        for _ in range(2):
            with handed_in(fresh, "HERE = None\n" + text, unsandboxed=True) as hand_in:
                job = hand_in.session._alive()
                assert isinstance(job._line, PipeLine)
                [folder] = (path for path in tmp_path.iterdir() if path not in kept)
                hand_in.session.close()
            with handed_in(fresh, f"HERE = {str(folder)!r}\n{text}", unsandboxed=True) as hand_in:
                hand_in.session._alive()
                [now] = (path for path in tmp_path.iterdir() if path not in kept)
                now.rename(folder)
                hand_in.value()
                assert [path.name for path in folder.iterdir()] == ["mine"]
                folder.rename(now)
            assert list(tmp_path.iterdir()) == kept


def test_a_python_that_does_not_do_what_it_should_is_our_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is no program, one that ends at once: each is named, and nothing is left."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    open_files = len(os.listdir("/proc/self/fd"))
    python = tmp_path / "python"
    monkeypatch.setenv("CELLGRADE_STUDENT_PYTHON", str(python))
    for script, says in (
        ("no program", "does not start"),
        ("#!/bin/sh\necho oh dear >&2; exit 1", "oh dear"),
        ("#!/bin/sh\necho CGF1", "could not be locked down"),
        ("#!/bin/sh\nkill -9 $$", "could not be locked down"),
    ):
        python.write_text(script + "\n")
        python.chmod(0o755)
        with Fresh() as fresh, pytest.raises(SandboxError, match=says):
            fresh.start({})
    assert list(temporary.iterdir()) == []
    assert len(os.listdir("/proc/self/fd")) == open_files
