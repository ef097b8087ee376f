"""What goes wrong with the grader itself in a batch: tried again, then listed apart, never a zero."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from batch_runs import alive, batch, below, kill, start, tree

from grader import discovery
from grader.batch import run
from grader.batch.grade import grading, process
from grader.batch.grade.setup import Setup
from grader.batch.grade.workers import Workers
from grader.batch.gradebook.files import Wishes
from grader.batch.results_folder import JOURNAL
from grader.batch.run import Choices
from grader.declaration import OURS_S
from grader.errors import GraderError, UsageError

ROOT = Path(__file__).parents[2]

# An assignment whose own judge does what the hand-in's first line says: our part goes wrong, not theirs.
DECLARATION = """
import os, sys, time
from pathlib import Path
from grader.declaration import Assignment, Limits, Problem, Reading, Wanted
from grader.records import Judged

COUNTS = Path({counts!r})
GROWN = []

def read(files):
    (_, content), = files.values()
    what, _, often = content.decode().splitlines()[0].strip("# ").partition(" ")
    name = content.decode().splitlines()[1].strip("# ")
    with open(COUNTS / name, "a") as file:
        file.write(str(os.getpid()) + "\\n")
    so_far = len((COUNTS / name).read_text().splitlines())
    if not often or so_far <= int(often):
        if what == "die":
            os.kill(os.getpid(), 9)
        if what == "exit":
            print("the worker is out of luck", file=sys.stderr)
            os._exit(7)
        if what == "hang":
            time.sleep(900)
        if what == "raise":
            raise ZeroDivisionError("ours")
        if what.startswith("wait-for-"):
            until = time.monotonic() + 50
            while not (COUNTS / what.removeprefix("wait-for-")).exists():
                if time.monotonic() > until:
                    raise TimeoutError(what)
                time.sleep(0.01)
        if what == "grow":
            GROWN.append(b"x" * (400 << 20))
    return Judged(True)

ASSIGNMENT = Assignment(
    name="shaky", title="Shaky", wanted=(Wanted("shaky.py", defines=("f",)),),
    problems=(Problem("Shaky", 10, (Reading("there", read),)),), suites={{}},
    limits=Limits(call_s=1, total_s=1),
)
"""


class Shaky:
    """A class whose hand-ins say how our own judge goes wrong on them."""

    def __init__(self, folder: Path) -> None:
        self.handins, self.results = folder / "handins", folder / "results"
        self.assignments, self.counts = folder / "assignments", folder / "counts"
        (self.assignments / "shaky" / "starter").mkdir(parents=True)
        self.handins.mkdir()
        self.counts.mkdir()
        shaky = self.assignments / "shaky"
        (shaky / "assignment.py").write_text(DECLARATION.format(counts=str(self.counts)))
        (shaky / "adapter.py").write_text("")
        (shaky / "starter" / "shaky.py").write_text("# nothing\n# starter\ndef f():\n    pass\n")

    def hand_in(self, student: str, does: str, content: str | None = None) -> None:
        (self.handins / student).mkdir(exist_ok=True)
        source = f"# {does}\n# {content or student}\ndef f():\n    pass\n"
        (self.handins / student / "shaky.py").write_text(source)

    def run(self, workers: int = 2, *, mixed: bool = False) -> run.Ended:
        setup = Setup(assignments=str(self.assignments))
        choices = Choices([str(self.handins)], self.results, setup, workers, mixed=mixed)
        known = discovery.assignments(discovery.BUILT_IN, self.assignments)
        return run.run(choices, known, None)

    def report(self, student: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = json.loads((self.results / "reports" / f"{student}.json").read_text())
        return found

    def tries(self, name: str) -> int:
        return len((self.counts / name).read_text().splitlines())


@pytest.fixture
def shaky(tmp_path: Path) -> Shaky:
    return Shaky(tmp_path)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait 9 s for what hangs: soon, and enough for what does not, on a machine that has much to do."""
    monkeypatch.setattr(grading, "MARGIN_S", 8.0 - OURS_S)


@pytest.mark.parametrize(
    ("does", "tries", "said"),
    [
        ("die", 3, "was killed by SIGKILL"),
        ("exit", 2, "ended by itself (exit status 7): the worker is out of luck"),
        ("hang", 1, "did not answer, and was stopped"),
        ("raise", 2, "ZeroDivisionError: ours"),
    ],
)
def test_a_fault_that_lasts_is_listed_apart(shaky: Shaky, does: str, tries: int, said: str) -> None:
    """No score, a report that says why, everybody else graded, and the next run tries again."""
    shaky.hand_in("ann", "nothing")
    shaky.hand_in("bob", does)
    shaky.hand_in("cy", "nothing")
    ended = shaky.run()
    assert (ended.tally.done, ended.tally.faults, ended.tally.total) == (2, 1, 3)
    assert shaky.tries("bob") == tries
    assert shaky.report("bob")["status"] == "error"
    assert shaky.report("bob")["score"] is None
    assert said in shaky.report("bob")["message"]
    assert shaky.report("ann")["score"] == shaky.report("cy")["score"] == 10
    assert "bob" in (shaky.results / "summary.txt").read_text()

    shaky.hand_in("bob", "nothing")
    ended = shaky.run()
    assert (ended.tally.done, ended.tally.faults, ended.tally.graded) == (3, 0, 1)
    assert shaky.report("bob")["score"] == 10


@pytest.mark.parametrize(
    ("does", "tries"),
    [("die", grading.TRIES), ("exit", grading.TRIES_ASKED), ("raise", grading.TRIES_ASKED)],
)
def test_a_fault_that_passes_shows_nowhere(shaky: Shaky, does: str, tries: int, tmp_path: Path) -> None:
    """What goes well at the last try comes to the same bytes as if nothing had happened."""
    shaky.hand_in("bob", f"{does} {tries - 1}")
    ended = shaky.run()
    assert (ended.tally.done, ended.tally.faults) == (1, 0)
    assert shaky.tries("bob") == tries
    disturbed = tree(shaky.results)
    shaky.results = tmp_path / "again"
    shaky.run()
    assert tree(shaky.results) == disturbed


@pytest.mark.parametrize("workers", [1, 3])
def test_copies_of_a_fault_do_not_cost_their_tries_again(shaky: Shaky, workers: int) -> None:
    """Ten students with one hand-in on which we fail: tried twice in all, and ten are listed."""
    for number in range(10):
        shaky.hand_in(f"s{number}", "raise", content="same")
    shaky.hand_in("ann", "nothing")
    ended = shaky.run(workers)
    assert (ended.tally.done, ended.tally.faults) == (1, 10)
    assert shaky.tries("same") == grading.TRIES_ASKED
    assert {shaky.report(f"s{number}")["submission"]["hand_in"] for number in range(10)} == {
        f"s{number}" for number in range(10)
    }


def test_copies_are_graded_once(shaky: Shaky) -> None:
    """By one worker or several at once, now and later, one grading is enough for ten students."""
    for number in range(10):
        shaky.hand_in(f"s{number}", "nothing", content="same")
    assert shaky.run(workers=3).tally.graded == 1
    assert shaky.run(workers=3).tally.graded == 0
    shaky.hand_in("late", "nothing", content="same")
    assert shaky.run(workers=3).tally.graded == 0
    assert shaky.tries("same") == 1
    assert shaky.report("late")["score"] == 10


def test_a_grade_that_has_changed_on_the_disk_is_graded_again(shaky: Shaky, tmp_path: Path) -> None:
    """One turned bit in the journal: the grade is the right one again, and somebody is told."""
    for student in ("ann", "bob"):
        shaky.hand_in(student, "nothing")
    shaky.run()
    before = tree(shaky.results)
    path = shaky.results / JOURNAL
    content = path.read_bytes()
    at = content.index(b'"points": 10.0') + len(b'"points": ')
    path.write_bytes(content[:at] + b"9" + content[at + 1 :])  # 90.0, in a number of four digits
    said = batch(shaky.results, "--assignments", shaky.assignments, shaky.handins)
    assert "a row of the journal did not fit" in said.stderr
    assert "(1 graded just now)" in said.stdout
    assert tree(shaky.results) == before
    assert "did not fit" not in batch(shaky.results, "--assignments", shaky.assignments, shaky.handins).stderr


@pytest.mark.parametrize("there", [None, 0o755, 0o777])
def test_results_are_for_who_runs_the_batch(shaky: Shaky, there: int | None) -> None:
    """Others on the machine may not look into the folder, a new one or one that is there."""
    shaky.hand_in("ann", "nothing")
    if there is not None:
        shaky.results.mkdir()
        shaky.results.chmod(there)
    for _ in range(2):
        shaky.run()
        assert shaky.results.stat().st_mode & 0o777 == 0o700
        shaky.results.chmod(there or 0o755)


def test_where_everything_fails_the_batch_gives_up(shaky: Shaky) -> None:
    """When ten have failed by our fault, and the starter too, a person hears of it at once."""
    starter = shaky.assignments / "shaky" / "starter" / "shaky.py"
    starter.write_text("# raise\n# starter\ndef f():\n    pass\n")
    for number in range(40):
        shaky.hand_in(f"s{number:02d}", "raise")
    with pytest.raises(
        GraderError, match=r"hand-ins all failed by our fault: .*ZeroDivisionError(?s:.*)too: "
    ):
        shaky.run()
    assert shaky.tries("starter") == 1
    assert len(list(shaky.counts.iterdir())) < 20


@pytest.mark.parametrize("does", ["raise", "exit", "die", "hang"])
def test_ten_in_front_end_no_batch(shaky: Shaky, does: str) -> None:
    """Where the starter is graded it is they: all others have points, and they are listed for a person."""
    for number in range(10):
        shaky.hand_in(f"a{number}", does)
    for number in range(30):
        shaky.hand_in(f"b{number:02d}", "nothing")
    ended = shaky.run()
    assert (ended.tally.done, ended.tally.faults, ended.tally.total) == (30, 10, 40)
    assert {shaky.report(f"b{number:02d}")["score"] for number in range(30)} == {10}
    assert {shaky.report(f"a{number}")["score"] for number in range(10)} == {None}
    book = (shaky.results / "gradebook.csv").read_text()
    assert all(f"b{number:02d}" in book for number in range(30))
    said = (shaky.results / "summary.txt").read_text()
    assert all(f"a{number}" in said for number in range(10))


HOSTILE = {
    "loops": "while True:\n    pass",
    "sleeps": "import time\ntime.sleep(900)",
    "eats": "held = []\nwhile True:\n    held.append(bytearray(1 << 20))",
    "crashes": "import ctypes\nctypes.string_at(0)",
    "exits": "import os\nos._exit(0)",
    "prints": "while True:\n    print('x' * 100_000)",
    "recurses": "import sys\nsys.setrecursionlimit(1 << 30)\ndef f():\n    f()\nf()",
    "kills": "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\nos.kill(0, signal.SIGKILL)",
    "slashes": "raise ValueError('/' * 8_192)",
    "closes": "import os\nos.closerange(0, 100)",
}


@pytest.mark.parametrize("where", ["at import", "in forward"])
def test_ten_that_exhaust_their_jobs_cost_nobody_else_anything(tmp_path: Path, where: str) -> None:
    """Their zeros say why, thirty right answers behind them have all points, and the batch ends well.

    At import they have all points as well: the definitions alone are graded.
    """
    model = (ROOT / "src" / "gru_cell" / "hw3" / "gru.py").read_text()
    handins, results = tmp_path / "handins", tmp_path / "results"
    for at, (name, what) in enumerate(HOSTILE.items()):
        (handins / f"a{at}" / "hw3").mkdir(parents=True)
        lines = "\n".join(f"    {line}" for line in what.splitlines())
        replaced = f"{model}\n\ndef bad(*_):\n{lines}\n\n\nGRU_Cell.forward = bad\n"
        source = f"{what}\n{model}" if where == "at import" else replaced
        (handins / f"a{at}" / "hw3" / "gru.py").write_text(f"# {name}\n{source}")
    for number in range(30):
        (handins / f"b{number:02d}" / "hw3").mkdir(parents=True)
        (handins / f"b{number:02d}" / "hw3" / "gru.py").write_text(f"{model}\n# {number}\n")
    course = tmp_path / "course.toml"
    course.write_text("[limits]\ncall_s = 1\ntotal_s = 4\ncpu_s = 3\nmemory_mib = 512\noutput_mib = 1\n")
    batch(results, "--workers", 2, "--course", course, "--assignment", "gru_cell", handins)
    reports = {path.stem: json.loads(path.read_text()) for path in (results / "reports").glob("*.json")}
    assert len(reports) == 40
    for name, report in reports.items():
        assert report["status"] == "graded"
        if name.startswith("b") or where == "at import":
            assert report["score"] == 100, name
        else:
            assert report["score"] == 0, name
            criteria = [one for problem in report["problems"] for one in problem["criteria"]]
            assert all(one["message"] for one in criteria)
    assert (results / "gradebook.csv").read_text().count("b") >= 30


def test_workers_that_do_not_start_are_said(
    shaky: Shaky, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With their own last words, instead of being started for ever."""
    shaky.hand_in("ann", "nothing")
    monkeypatch.setattr(process, "BOOT", "raise SystemExit('no such luck')")
    with pytest.raises(GraderError, match=r"a worker does not start: it ended by itself .*no such luck"):
        shaky.run()


def test_a_worker_that_has_grown_is_replaced(shaky: Shaky) -> None:
    """After 256 MiB more than at first another one takes its place."""
    for number in range(4):
        shaky.hand_in(f"s{number}", "grow")
    ended = shaky.run(workers=1)
    assert ended.tally.done == 4
    pids = [(shaky.counts / f"s{number}").read_text() for number in range(4)]
    assert len(set(pids)) > 1


def test_a_worker_that_is_killed_while_it_has_nothing_to_do_is_replaced() -> None:
    """Nobody's answer is lost, and the next question is answered by another one."""

    async def ask_two() -> tuple[str, str]:
        async with Workers(Setup(), 1) as workers:
            first = await workers.ready(0)
            (killed,) = [pid for pid in below(os.getpid()) if Path(f"/proc/{pid}/cmdline").read_bytes()]
            os.kill(killed, signal.SIGKILL)
            async with asyncio.timeout(60):
                while not first.is_worn:
                    await asyncio.sleep(0.01)
            second = await workers.ready(0)
            assert second is not first
            answer = await second.ask({"do": "take", "path": "/nonexistent"}, 60)
            return answer["do"], str(Path(f"/proc/{killed}").exists())

    assert asyncio.run(ask_two()) == ("unknown", "False")


def test_a_worker_that_was_stopped_is_asked_nothing_more() -> None:
    """Whoever comes next gets another one at once, and loses no try to one that is about to end."""

    async def ask_two() -> str:
        async with Workers(Setup(), 1) as workers:
            first = await workers.ready(0)
            with pytest.raises(process.LostError, match="did not answer, and was stopped"):
                await first.ask({"do": "take", "path": "/nonexistent"}, 0)
            answer = await (await workers.ready(0)).ask({"do": "take", "path": "/nonexistent"}, 60)
            return str(answer["do"])

    assert asyncio.run(ask_two()) == "unknown"


def test_who_waits_for_an_identical_hand_in_holds_no_worker(
    shaky: Shaky, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the first of two copies is graded, the worker that has read the second goes on to others."""
    monkeypatch.setattr(grading, "MARGIN_S", 60.0)
    shaky.hand_in("ann", "wait-for-cy", content="same")  # it is graded once cy has been
    shaky.hand_in("bob", "wait-for-cy", content="same")
    shaky.hand_in("cy", "nothing")
    ended = shaky.run(workers=2)
    assert (ended.tally.done, ended.tally.faults, ended.tally.graded) == (3, 0, 2)
    assert shaky.tries("same") == 1
    assert {shaky.report(student)["score"] for student in ("ann", "bob", "cy")} == {10}


def test_a_worker_imports_nothing_that_it_does_not_use() -> None:
    """It is started anew after each fault of ours: no coroutines, no database, nothing of platforms."""
    heavy = ("asyncio", "sqlite3", "rich", "yaml", "csv", "torch", "hypothesis")
    code = "import sys; from grader.batch.grade import worker; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    imported = done.stdout.split()
    assert not set(heavy) & set(imported)
    ours = {name for name in imported if name.startswith("grader.batch")}
    assert not [name for name in ours if ".collect" in name or ".gradebook" in name]
    assert "grader.batch.journal.journal" not in ours


def test_a_hand_in_that_nobody_recognises_waits_for_a_person(shaky: Shaky) -> None:
    """It has no grade and no zero; the report asks for --assignment; the others are graded."""
    shaky.hand_in("ann", "nothing")
    (shaky.handins / "bob").mkdir()
    (shaky.handins / "bob" / "poem.txt").write_text("roses are red")
    ended = shaky.run(mixed=True)
    assert (ended.tally.done, ended.tally.faults, ended.tally.unknown) == (1, 0, 1)
    assert shaky.report("bob")["score"] is None
    assert "--assignment" in shaky.report("bob")["message"]


@pytest.mark.parametrize("killed", [1, 2, 3, 4], ids=["batch", "and who leads", "and worker", "and zygote"])
def test_a_batch_that_is_killed_leaves_no_process(tmp_path: Path, killed: int) -> None:
    """Whoever of those above it is killed: a hand-in that sleeps for ever is gone a moment later."""
    folder = tmp_path / "handins" / "ann" / "hw3"
    folder.mkdir(parents=True)
    (folder / "gru.py").write_text("import time\ntime.sleep(900)\n")
    process = start(tmp_path / "results", "--workers", 1, tmp_path / "handins")
    until = time.monotonic() + 60
    there: list[int] = []
    while time.monotonic() < until:
        time.sleep(1)  # then it is asleep, and hears nothing
        before, there = there, below(process.pid)
        if len(there) == 4 and there == before:
            break
    assert len(there) == 4  # who leads, worker, zygote, job
    everybody = [process.pid, *there]
    for pid in reversed(everybody[:killed]):  # from below: else the next would be ended, not killed
        kill(pid)
    process.communicate()
    assert alive(everybody, within_s=5) == []
    course = tmp_path / "course.toml"
    course.write_text("[limits]\ncall_s = 0.5\ntotal_s = 1\n")
    batch(tmp_path / "results", "--workers", 1, "--course", course, tmp_path / "handins")
    assert list((tmp_path / "tmp").iterdir()) == []  # what the killed one left is gone, too


def test_a_batch_of_one_that_failed_exits_with_3(shaky: Shaky) -> None:
    """Exit status 3 says that somebody has no grade by our fault, and 0 that all have one."""
    shaky.hand_in("ann", f"raise {grading.TRIES}")
    arguments = ("--assignments", shaky.assignments, shaky.handins)
    assert "1 have none" in batch(shaky.results, *arguments, status=3).stdout
    assert "1 of 1 hand-ins have a grade" in batch(shaky.results, *arguments, status=0).stdout


def test_a_template_that_is_not_there_is_said_before_anything_is_graded(shaky: Shaky) -> None:
    """Nobody waits an hour to hear it."""
    shaky.hand_in("ann", "nothing")
    choices = Choices([str(shaky.handins)], shaky.results, wishes=Wishes(template=Path("no.csv")))
    with pytest.raises(UsageError, match=r"no\.csv cannot be read"):
        run.run(choices, discovery.assignments(), None)
    assert not shaky.results.exists()
