"""`cellgrade batch` as a person meets it: its options, its bar, Ctrl-C, and what it leaves."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time
from fcntl import ioctl
from pathlib import Path

import pyte
import pytest
from batch_runs import LIMIT_S, alive, batch, below, command, environment, start, tree, wait_for_results
from generated_class import MODEL, generate, packed

from grader import discovery, engine
from grader.batch.grade.progress import Lines, progress
from grader.batch.grade.tally import Tally
from grader.batch.results_folder import JOURNAL
from grader.cli import batch as cli
from grader.cli import main
from grader.report import json_report

SLOW = "import time\ntime.sleep(1)\n"


def lay(folder: Path, **students: str) -> Path:
    """Return a class of folders, each with a hw3/gru.py of this source."""
    for student, source in students.items():
        (folder / student / "hw3").mkdir(parents=True, exist_ok=True)
        (folder / student / "hw3" / "gru.py").write_text(source)
    return folder


def lay_slow(folder: Path, slow: int = 30) -> Path:
    """One that is graded at once, and others that take a second each."""
    return lay(folder, ann=MODEL, **{f"s{number:02d}": f"{SLOW}# {number}\n" for number in range(slow)})


def score(results: Path, student: str) -> float | None:
    found: float | None = json.loads((results / "reports" / f"{student}.json").read_text())["score"]
    return found


def test_a_class_of_two(tmp_path: Path) -> None:
    """Reports, gradebook, summary and journal, and a last line that says where to look."""
    handins = lay(tmp_path / "in", ann=MODEL, bob="def (")
    done = batch(tmp_path / "out", handins)
    assert "2 of 2 hand-ins have a grade (2 graded just now)" in done.stdout
    assert str(tmp_path / "out" / "summary.txt") in done.stdout
    files = {"gradebook.csv", "summary.txt"}
    files |= {f"reports/{student}.{suffix}" for student in ("ann", "bob") for suffix in ("json", "txt")}
    assert set(tree(tmp_path / "out")) == files
    assert (score(tmp_path / "out", "ann"), score(tmp_path / "out", "bob")) == (100, 0)
    assert (tmp_path / "out" / "gradebook.csv").read_bytes().startswith(b"\xef\xbb\xbf"), (
        "Excel reads no UTF-8"
    )


def test_what_is_not_graded_is_said_at_once(tmp_path: Path) -> None:
    """A file that is no hand-in, and one that fits no assignment: a line for each, exit status 3."""
    handins = lay(tmp_path / "in", ann=MODEL)
    (handins / "notes.pdf").write_bytes(b"%PDF-")
    (handins / "bob").mkdir()
    (handins / "bob" / "poem.txt").write_text("roses are red")
    done = batch(tmp_path / "out", "--mixed", handins, status=3)
    assert "1 fit no assignment, or cannot be read: --assignment says which one it is." in done.stdout
    assert "1 file or folder of the INPUTs was not graded." in done.stdout
    assert "no fault of the students" not in done.stdout


def test_what_changed_is_graded_again_and_nothing_else(tmp_path: Path) -> None:
    """Another file, seed, strictness or share of follow-through is another key; the same again is none."""
    handins = lay(tmp_path / "in", ann=MODEL, bob=f"{MODEL}# bob\n")
    course = tmp_path / "course.toml"
    course.write_text("follow_through = 0.5\n")
    several = (((), 2), (("--seed", 3), 2), (("--strict",), 2), (("--course", course), 2), ((), 0))
    for arguments, graded in several:
        done = batch(tmp_path / "out", handins, *arguments)
        assert f"({graded} graded just now)" in done.stdout, arguments
    lay(handins, bob="def (")
    assert "(1 graded just now)" in batch(tmp_path / "out", handins).stdout
    assert score(tmp_path / "out", "bob") == 0
    lay(handins, bob=f"{MODEL}# bob\n")
    assert "(0 graded just now)" in batch(tmp_path / "out", handins).stdout
    assert score(tmp_path / "out", "bob") == 100


def test_an_assignment_that_changed_is_another(tmp_path: Path) -> None:
    """Points of an assignment of the course's own are part of the key, though the suite is the same."""
    handins = lay(tmp_path / "in", ann=MODEL)
    own = tmp_path / "own" / "our_gru"
    built_in = Path(cli.__file__).parent.parent / "assignments" / "gru_cell"
    shutil.copytree(built_in, own, ignore=shutil.ignore_patterns("wrong", "__pycache__"))
    declared = (own / "assignment.py").read_text()
    for points, graded in ((30, 1), (30, 0), (20, 1)):
        (own / "assignment.py").write_text(declared.replace('Forward": 30', f'Forward": {points}'))
        shutil.rmtree(own / "__pycache__", ignore_errors=True)  # two changes within a second
        done = batch(tmp_path / "out", "--assignments", own.parent, "--assignment", "our_gru", handins)
        assert f"({graded} graded just now)" in done.stdout
        assert score(tmp_path / "out", "ann") == 70 + points


def test_a_courses_settings_hold_for_the_batch(tmp_path: Path) -> None:
    """Points and seed of a course.toml hold in every report, and are of the key; the seed is not told."""
    handins, settings = lay(tmp_path / "in", ann=MODEL), tmp_path / "course.toml"
    suites = []
    for points, seed, graded in ((40, 5, 1), (40, 5, 0), (50, 5, 1), (50, 6, 1)):
        settings.write_text(
            f'assignment = "gru_cell"\nseed = {seed}\n[points]\n"GRU Cell Forward" = {points}\n'
        )
        done = batch(tmp_path / "out", "--course", settings, handins)
        assert f"({graded} graded just now)" in done.stdout
        assert score(tmp_path / "out", "ann") == 70 + points
        suites.append(json.loads((tmp_path / "out" / "reports" / "ann.json").read_text())["suite"])
    assert {suite["seed"] for suite in suites} == {None}
    assert suites[0]["sha256"] == suites[1]["sha256"] == suites[2]["sha256"] != suites[3]["sha256"]


def test_the_same_files_in_another_form_are_graded_once(tmp_path: Path) -> None:
    """A folder, a tar.gz and a zip with the same files are graded once, as are a lone file and its tar; each
    report is that of its own hand-in, with what is to be said of its form.
    """
    handins = lay(tmp_path / "in", ann=MODEL)
    (handins / "bob.tar.gz").write_bytes(packed({"hw3/gru.py": MODEL.encode()}))
    shutil.make_archive(str(handins / "cy"), "zip", handins / "ann")
    (handins / "dan.py").write_text(MODEL)
    (handins / "eve.tar").write_bytes(packed({"dan.py": MODEL.encode()}))
    done = batch(tmp_path / "out", handins)
    assert "(2 graded just now)" in done.stdout
    with engine.Grader(discovery.assignments(), engine.Options()) as grader:
        for name in ("ann", "bob.tar.gz", "cy.zip", "dan.py", "eve.tar"):
            report = json_report.render(grader.grade(handins / name))
            assert (tmp_path / "out" / "reports" / f"{name.split('.')[0]}.json").read_text() == report
    assert "is a zip" in (tmp_path / "out" / "reports" / "cy.txt").read_text()
    assert "is a zip" not in (tmp_path / "out" / "reports" / "bob.txt").read_text()


def test_a_student_who_is_gone_is_moved_away(tmp_path: Path) -> None:
    """A report of an earlier run is kept, though not beside the new ones; what is not ours is left alone."""
    handins, out = lay(tmp_path / "in", ann=MODEL, bob="def ("), tmp_path / "out"
    batch(out, handins)
    before = tree(out)
    (out / "reports" / "notes.txt").write_text("mine")
    shutil.move(handins / "bob", tmp_path / "bob")
    batch(out, handins)
    assert not (out / "reports" / "bob.json").exists()
    assert tree(out)["earlier/reports/bob.txt"] == before["reports/bob.txt"]
    assert (out / "reports" / "notes.txt").read_text() == "mine"
    shutil.move(tmp_path / "bob", handins / "bob")
    assert "(0 graded just now)" in batch(out, handins).stdout
    assert tree(out)["reports/bob.txt"] == before["reports/bob.txt"]


def test_every_version_is_graded_if_asked(tmp_path: Path) -> None:
    """The latest counts; the earlier ones have their reports in versions/, until they are not asked for."""
    made = generate(tmp_path / "in", 60)
    batch(tmp_path / "out", "--versions", "all", "--assignment", "gru_cell", made.folder)
    earlier = sorted((tmp_path / "out" / "versions").glob("*/1.json"))
    assert len(earlier) == made.versions - len(made.scores) > 1
    for path in earlier:
        assert json.loads(path.read_text())["score"] == 0
        assert score(tmp_path / "out", path.parent.name) == 100
    batch(tmp_path / "out", "--assignment", "gru_cell", made.folder)
    assert not (tmp_path / "out" / "versions").exists()
    assert len(list((tmp_path / "out" / "earlier" / "versions").glob("*/1.json"))) == len(earlier)


def test_manual_points_come_from_marks(tmp_path: Path) -> None:
    """What a person decides is listed with a form to fill in; filled in, it counts and the form is gone."""
    root = Path(cli.__file__).parent.parent.parent
    shutil.copytree(root / "src" / "lstm_gru_theory", tmp_path / "in" / "ann")
    out = tmp_path / "out"
    first = batch(out, tmp_path / "in")
    assert "wait for a person" in first.stdout
    form = (out / "marks-to-fill-in.csv").read_text()
    lines = form.splitlines()
    marks = tmp_path / "marks.csv"
    marks.write_text("\n".join([lines[0], *(line.replace(",,", ",0.5,", 1) for line in lines[1:])]) + "\n")
    second = batch(out, "--marks", marks, tmp_path / "in")
    assert "wait for a person" not in second.stdout
    assert not (out / "marks-to-fill-in.csv").exists()
    assert (out / "earlier" / "marks-to-fill-in.csv").read_text() == form
    assert (out / "gradebook.csv").read_bytes() != b""


def test_a_form_that_was_filled_in_where_it_lies_is_not_written_over(tmp_path: Path) -> None:
    """Whether it is given as the marks or forgotten: hours of a person's work are in it."""
    root = Path(cli.__file__).parent.parent.parent
    shutil.copytree(root / "src" / "lstm_gru_theory", tmp_path / "in" / "ann")
    out = tmp_path / "out"
    form = out / "marks-to-fill-in.csv"
    batch(out, tmp_path / "in")
    batch(out, tmp_path / "in")
    filled = form.read_text().replace(",,", ",0.5,", 1)
    form.write_text(filled)
    for options in ([], ["--marks", form]):
        assert "has been filled in" in batch(out, *options, tmp_path / "in", status=2).stderr
        assert form.read_text() == filled
    form.rename(tmp_path / "marks.csv")
    batch(out, "--marks", tmp_path / "marks.csv", tmp_path / "in")
    assert filled.count("\n") - 2 == form.read_text().count("\n") - 1


def test_no_platform_gets_the_points_of_two_assignments_in_one_column(tmp_path: Path) -> None:
    """Nobody's GRU is another's LSTM; our own gradebook and the summary are there all the same."""
    root = Path(cli.__file__).parent.parent.parent
    for name in ("gru_cell", "torch_lstm_cell"):
        shutil.copytree(root / "src" / name, tmp_path / "in" / f"{name}@x.edu")
    said = batch(tmp_path / "out", "--gradebook", "moodle", tmp_path / "in", status=2).stderr
    assert "hand-ins of gru_cell and torch_lstm_cell" in said
    assert {"gradebook.csv", "summary.txt"} <= set(os.listdir(tmp_path / "out"))
    assert "gradebook-moodle.csv" not in os.listdir(tmp_path / "out")


def test_marks_may_call_a_student_as_the_list_does(tmp_path: Path) -> None:
    """By the login, say, where the hand-ins go by the email."""
    root = Path(cli.__file__).parent.parent.parent
    shutil.copytree(root / "src" / "lstm_gru_theory", tmp_path / "in" / "ann")
    (tmp_path / "class.csv").write_text("email,login\nann@x.edu,ann\n")
    (tmp_path / "marks.csv").write_text("student,problem,points\nann,Question 1,4\n")
    options = ["--students", tmp_path / "class.csv", "--marks", tmp_path / "marks.csv"]
    batch(tmp_path / "out", *options, tmp_path / "in")
    assert "Question 1" not in (tmp_path / "out" / "marks-to-fill-in.csv").read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--workers", "0"], "workers are a number from 1 to"),
        (["--workers", "two"], "workers are a number from 1 to"),
        (["--platform", "floppy"], "--platform is one of"),
        (["--assignment", "floppy"], "there is no assignment 'floppy'"),
        (["--gradebook", "canvas"], "--gradebook canvas needs --template"),
        (["--template", "x.csv"], "--template needs --gradebook"),
        (["--students", "no.csv"], "no.csv"),
    ],
)
def test_wrong_usage_is_a_sentence(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is wrong with the options is said before anything is made."""
    handins = lay(tmp_path / "in", ann=MODEL)
    assert main(["batch", "--out", str(tmp_path / "out"), str(handins), *arguments]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_results_that_are_none_are_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder with other things in it is not ours to write to; nor is a file."""
    handins = lay(tmp_path / "in", ann=MODEL)
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "thesis.tex").touch()
    assert main(["batch", "--out", str(tmp_path / "home"), str(handins)]) == 2
    assert "holds other things" in capsys.readouterr().err
    assert os.listdir(tmp_path / "home") == ["thesis.tex"]
    assert main(["batch", "--out", str(tmp_path / "home" / "thesis.tex"), str(handins)]) == 2
    assert "cannot be made" in capsys.readouterr().err


def test_results_that_cannot_be_written_are_said(tmp_path: Path) -> None:
    """An ordinary user who may not write there reads so, with exit status 2."""
    handins, out = lay(tmp_path / "in", ann=MODEL), tmp_path / "out"
    out.mkdir(mode=0o555)
    run = by_an_ordinary_user(command(out, handins))
    assert run.returncode == 2, run.stderr
    assert f"cannot write to {out}: Permission denied" in run.stderr
    assert os.listdir(out) == []


def test_a_folder_that_cannot_be_read_costs_the_others_nothing(tmp_path: Path) -> None:
    """It is listed, and everybody else is graded, in a folder and by a pattern."""
    handins, out = lay(tmp_path / "in", ann=MODEL, bob=MODEL), tmp_path / "out"
    (handins / "bob").chmod(0)
    for given in (handins, handins / "*"):
        run = by_an_ordinary_user(command(out, given))
        assert run.returncode == 0, run.stderr
        assert f"{handins / 'bob'} cannot be read: Permission denied" in (out / "summary.txt").read_text()
        assert score(out, "ann") == 100
    (handins / "bob").chmod(0o700)


def by_an_ordinary_user(arguments: list[str]) -> subprocess.CompletedProcess[str]:
    """Run it. Root may read and write everywhere, but for these rights."""
    rights = "-dac_override,-dac_read_search"
    before = ["setpriv", f"--bounding-set={rights}", f"--inh-caps={rights}"] if os.geteuid() == 0 else []
    return subprocess.run(
        [*before, *arguments], env=environment(), capture_output=True, text=True, timeout=LIMIT_S
    )


def test_a_full_disk_ends_the_batch_with_a_sentence(tmp_path: Path) -> None:
    """Exit status 3, and with room the same command goes on."""
    handins = lay(tmp_path / "in", **{f"s{number:02d}": f"{MODEL}# {number}\n" for number in range(20)})
    limited = ["prlimit", "--fsize=49152", *command(tmp_path / "out", handins)]
    run = subprocess.run(limited, env=environment(), capture_output=True, text=True, timeout=120)
    assert run.returncode == 3, run.stderr
    assert "make room, and give the same command again" in run.stderr
    assert "Traceback" not in run.stderr
    done = batch(tmp_path / "out", handins)
    assert "20 of 20" in done.stdout
    assert "(20 graded" not in done.stdout  # something had been kept


def test_two_batches_at_once(tmp_path: Path) -> None:
    """The second is told by which process the folder is taken, and the first goes on."""
    handins = lay_slow(tmp_path / "in")
    first = start(tmp_path / "out", "--workers", 1, handins)
    try:
        assert wait_for_results(first, tmp_path / "out")
        second = batch(tmp_path / "out", handins, status=2)
        taken_by = re.search(r"\(process (\d+)\)", second.stderr)
        assert taken_by is not None
        assert int(taken_by[1]) in below(first.pid)
        assert first.poll() is None
    finally:
        first.kill()
        first.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_asked_to_stop_it_stops_cleanly_and_says_how_to_go_on(tmp_path: Path, number: int) -> None:
    """Exit status 130, no process and no temporary file left, the lock gone, the journal whole."""
    handins, out, temporary = lay_slow(tmp_path / "in"), tmp_path / "out", tmp_path / "tmp"
    temporary.mkdir()
    process = subprocess.Popen(
        command(out, "--workers", "2", handins),
        env=environment(TMPDIR=str(temporary)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert wait_for_results(process, out)
    there = below(process.pid)
    process.send_signal(number)
    said, errors = process.communicate(timeout=30)
    assert process.returncode == 130, errors
    assert re.search(
        r"Stopped\. [1-9][0-9]* of 31 hand-ins have their grade .* the same command goes on", said
    )
    assert "Traceback" not in errors
    assert alive(there, 5) == []
    assert list(temporary.iterdir()) == []
    assert os.listdir(out) == [JOURNAL]


def test_nohup_is_heeded(tmp_path: Path) -> None:
    """A batch that was started to outlive its terminal does."""
    handins = lay_slow(tmp_path / "in", slow=3)
    process = start(
        tmp_path / "out", handins, preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)
    )
    assert wait_for_results(process, tmp_path / "out")
    process.send_signal(signal.SIGHUP)
    process.communicate(timeout=60)
    assert process.returncode == 0


class Terminal:
    """A batch on a terminal of its own, and what is to be seen there."""

    def __init__(self, *arguments: str, term: str = "xterm-256color") -> None:
        self.screen = pyte.Screen(100, 24)
        self._stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            variables = environment(TERM=term)
            for name in ("CI", "NO_COLOR", "COLUMNS", "LINES"):
                variables.pop(name, None)
            os.execve(arguments[0], arguments, variables)
        ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.screen.display)

    def until(self, pattern: str, within_s: float = 60) -> str:
        """Read on until the screen shows that, or nothing more comes."""
        end = time.monotonic() + within_s
        while not re.search(pattern, self.text) and time.monotonic() < end:
            if select.select([self._fd], [], [], 0.1)[0]:
                try:
                    got = os.read(self._fd, 1 << 16)
                except OSError:  # the other end is closed
                    break
                self.raw += got
                self._stream.feed(got)
        assert re.search(pattern, self.text), self.text
        return self.text

    def press(self, keys: bytes) -> None:
        os.write(self._fd, keys)

    def exit_status(self) -> int:
        with contextlib.suppress(AssertionError):
            self.until("(?!)", 30)  # drain
        _, status = os.waitpid(self.pid, 0)
        os.close(self._fd)
        return os.waitstatus_to_exitcode(status)


def test_the_bar_is_drawn_on_a_terminal(tmp_path: Path) -> None:
    """In one line that is drawn again: done, rate, time left and mean; then the last words below it."""
    handins = lay_slow(tmp_path / "in", slow=9)
    terminal = Terminal(*command(tmp_path / "out", "--workers", "2", handins))
    terminal.until(r"━.* [3-9]/10 graded, [0-9.]+/s, 0:[0-9]{2} left, mean [0-9]+ %")
    text = terminal.until(r"10 of 10 hand-ins have a grade")
    assert terminal.exit_status() == 0
    assert len(re.findall(r"/10 graded", text)) == 1  # drawn over, not below one another
    assert "10/10 graded, mean 10 %" in text
    assert not terminal.screen.cursor.hidden


def test_ctrl_c_at_a_terminal(tmp_path: Path) -> None:
    """Ctrl-C as the keyboard sends it, to every process of the terminal: a clean stop, the cursor back."""
    handins = lay_slow(tmp_path / "in")
    terminal = Terminal(*command(tmp_path / "out", "--workers", "2", handins))
    terminal.until(r" [1-9]/31 graded")
    there = below(terminal.pid)
    assert there
    terminal.press(b"\x03")
    text = terminal.until(r"the same command goes on")
    assert terminal.exit_status() == 130
    assert "Traceback" not in text
    assert not terminal.screen.cursor.hidden
    assert alive(there, 5) == []


def test_a_second_ctrl_c_ends_at_once(tmp_path: Path) -> None:
    """Even when the workers take their time to end, and without leaving them."""
    handins = lay_slow(tmp_path / "in")
    terminal = Terminal(*command(tmp_path / "out", "--workers", "2", handins))
    terminal.until(r" [1-9]/31 graded")
    there = below(terminal.pid)
    for pid in there[1:]:  # all but who leads; what is stopped cannot end by itself
        os.kill(pid, signal.SIGSTOP)
    terminal.press(b"\x03")
    time.sleep(0.5)
    terminal.press(b"\x03")
    assert terminal.exit_status() == 130
    for pid in there:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
    assert alive(there, 5) == []
    batch(tmp_path / "out", lay(tmp_path / "two", ann=MODEL))


def test_a_terminal_that_cannot_draw_gets_lines(tmp_path: Path) -> None:
    """TERM=dumb: no control codes at all."""
    handins = lay(tmp_path / "in", ann=MODEL)
    terminal = Terminal(*command(tmp_path / "out", handins), term="dumb")
    terminal.until("1 of 1 hand-ins have a grade")
    assert terminal.exit_status() == 0
    assert b"\x1b" not in terminal.raw


def test_a_log_gets_plain_lines(tmp_path: Path) -> None:
    """Without a terminal there are no control codes; the last line has all."""
    done = batch(tmp_path / "out", lay(tmp_path / "in", ann=MODEL, bob="def ("))
    assert "\x1b" not in done.stderr
    assert "\r" not in done.stderr
    assert done.stderr.endswith("2/2 graded, mean 50 %\n")


def test_lines_come_now_and_then(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """However long it takes: at most twenty lines and a last one, none within ten seconds of another."""
    clock = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: clock)
    path = tmp_path / "log"
    with open(path, "w") as stream:
        tally = Tally(5_000)
        with progress(tally, stream) as lines:
            assert isinstance(lines, Lines)
            while tally.done < 5_000:
                clock += 0.25
                tally.add(1, 2)
                lines.show()
    said = path.read_text().splitlines()
    assert 15 <= len(said) <= 22
    assert re.fullmatch(r"[0-9]+/5000 graded, 4\.[0-9]/s, 2[0-9]:[0-9]{2} left, mean 50 %", said[0])
    assert said[-1] == "5000/5000 graded, mean 50 %"


def test_a_closed_stderr_is_no_obstacle(tmp_path: Path) -> None:
    """Nobody watches: graded all the same."""
    handins = lay(tmp_path / "in", ann=MODEL)
    line = " ".join(f"'{part}'" for part in command(tmp_path / "out", handins))
    done = subprocess.run(["sh", "-c", f"{line} 2>&-"], env=environment(), capture_output=True, timeout=60)
    assert done.returncode == 0
    assert score(tmp_path / "out", "ann") == 100


def test_faults_stand_apart(tmp_path: Path) -> None:
    """In the counts they are neither done nor part of the mean."""
    tally = Tally(3)
    tally.add(1, 2)
    tally.add_fault()
    path = tmp_path / "log"
    with open(path, "w") as stream, progress(tally, stream):
        pass
    assert re.search(r"1/3 graded, .*mean 50 %, 1 failed by our fault", path.read_text())


@pytest.mark.parametrize(
    ("said", "expected"), [("150000 100000", 2), ("50000 100000", 1), ("max 100000", None)]
)
def test_a_container_is_not_overrun(said: str, expected: int | None, tmp_path: Path) -> None:
    """Workers are as many as the cores that a container grants, not as many as the machine has."""
    (tmp_path / "cpu.max").write_text(said + "\n")
    allowed = len(os.sched_getaffinity(0))
    assert cli.cores(tmp_path / "cpu.max") == min(allowed, expected or allowed)
    assert cli.cores(tmp_path / "none") == allowed


def test_a_folder_of_hand_ins_cannot_stand_in_for_our_modules(tmp_path: Path) -> None:
    """A worker imports nothing from the folder in which the batch is started."""
    handins = lay(tmp_path / "in", ann=MODEL)
    for name in ("json.py", "numpy.py", "grader.py", "torch.py"):
        (handins / name).write_text("raise SystemExit('imported from a hand-in')\n")
    before = [sys.executable, "-P", "-c", "from grader.__main__ import run; run()"]
    done = subprocess.run(
        [*before, "batch", "--out", str(tmp_path / "out"), str(handins / "ann")],
        cwd=handins,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
