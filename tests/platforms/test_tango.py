"""The image under Tango: its own `docker run` line, a lab that cellgrade wrote, hand-ins of all kinds.

The line is that of Tango's vmms/localDocker.py; what comes back is read by Autolab's rules.
"""

from __future__ import annotations

import io
import re
import subprocess
import tarfile
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest
import shipped

from grader import discovery
from grader.autolab import lab
from grader.autolab.dates import Dates
from grader.cli.batch import MOST_WORKERS
from grader.course import Course
from grader.report import autolab_reading
from grader.sandbox.jobs import FIRST_UID

pytestmark = pytest.mark.xdist_group("image")

ROOT = Path(__file__).parents[2]
FORWARD, BACKWARD = "GRU Cell Forward", "GRU Cell Backward"
ALL, NOTHING, NO_SCORE = (
    {FORWARD: 30, BACKWARD: 70},
    {FORWARD: 0, BACKWARD: 0},
    {FORWARD: None, BACKWARD: None},
)
GRU = discovery.by_name("gru_cell", discovery.assignments())
MODEL = (ROOT / "src" / "gru_cell" / "hw3" / "gru.py").read_text()
WRONG = shipped.wrong("gru_cell/backward/accumulator_for_weight")

# Where a container's own bookkeeping shows, and what Tango's line itself leaves.
EXPECTED_CHANGES = ("/home/mount", "/home/output", "/run", "/etc", "/var/log", "/dev")


@dataclass(frozen=True)
class Graded:
    """What Tango brings back: the feedback file, and what the container's file system kept."""

    feedback: str
    left: list[str]

    @property
    def scores(self) -> dict[str, float | None]:
        return dict(autolab_reading.read(self.feedback, [FORWARD, BACKWARD]))


Grade = Callable[..., Graded]


def lay_out(volume: Path, hand_in: bytes, image: str, limit_s: int, **limits: float) -> None:
    """Put into a folder what Tango mounts: the hand-in, and the Makefile and the archive of a lab."""
    assignment = replace(GRU, limits=replace(GRU.limits, **limits))  # type: ignore[arg-type]
    day = datetime(2026, 12, 1)
    setting = lab.Setting(Dates(day, day, day), image=image)
    course = Course("gru_cell", time_limit_s=limit_s)
    written = lab.write(assignment, course, setting, discovery.BUILT_IN)
    with tarfile.open(fileobj=io.BytesIO(written)) as tar:
        for name, beside in (("autograde-Makefile", "Makefile"), ("autograde.tar", "autograde.tar")):
            content = tar.extractfile(f"grucell/{name}")
            assert content is not None
            (volume / beside).write_bytes(content.read())
    (volume / "handin.tar").write_bytes(hand_in)


@pytest.fixture
def grade(image: str, tmp_path: Path) -> Grade:
    """Grade the bytes of a handin.tar as Tango does."""

    def run(hand_in: bytes, timeout_s: int = 120, course_limit_s: int = 0, **limits: float) -> Graded:
        volume = tmp_path / uuid.uuid4().hex
        volume.mkdir()
        lay_out(volume, hand_in, image, course_limit_s or timeout_s, **limits)
        name = f"test-{uuid.uuid4().hex}-{image}"
        autodriver = (
            f"autodriver -u 100 -f 104857600 -t {timeout_s} -o 1024000 autolab > output/feedback 2>&1"
        )
        options = f"-v {volume}/:/home/mount --network none"
        command = f'cp -r mount/* autolab/; su autolab -c "{autodriver}"; cp output/feedback mount/feedback'
        try:
            done = subprocess.run(
                [*f"docker run --name {name} {options} {image} sh -c".split(), command],
                capture_output=True,
                text=True,
                timeout=1200,
            )
            assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
            changed = subprocess.run(["docker", "diff", name], capture_output=True, text=True, check=True)
        finally:
            subprocess.run(["docker", "rm", "-f", name], capture_output=True)
        kept = [line[2:] for line in changed.stdout.splitlines() if line[0] != "D"]
        left = [path for path in kept if not path.startswith(EXPECTED_CHANGES)]
        return Graded((volume / "feedback").read_bytes().decode("ascii"), left)

    return run


def packed(source: str | None) -> bytes:
    """Return a tar.gz with hw3/gru.py, made by tar as students do; with nothing, if there is no source."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        if source is not None:
            member = tarfile.TarInfo("hw3/gru.py")
            member.size = len(source.encode())
            tar.addfile(member, io.BytesIO(source.encode()))
    return buffer.getvalue()


def hold(graded: Graded) -> None:
    """Assert what must be so whatever was handed in: how it ended, both lines, and nothing left behind."""
    assert graded.feedback.splitlines()[0] == "Autodriver: Job exited with status 0"
    assert autolab_reading.read_feedback(graded.feedback)
    # Folders whose files came and went are listed as changed themselves.
    assert set(graded.left) <= {"/home", "/home/autograde", "/tmp", "/var", "/var/tmp"}, graded.left


@pytest.mark.parametrize(
    ("hand_in", "scores"),
    [
        pytest.param(packed(MODEL), ALL, id="right"),
        pytest.param(
            packed((WRONG / "hw3" / "gru.py").read_text()), {FORWARD: 30, BACKWARD: 61.25}, id="wrong"
        ),
        pytest.param(packed(None), NOTHING, id="empty archive"),
        pytest.param(b"", NOTHING, id="0 bytes"),
        pytest.param(b"I will hand in tomorrow.\n", NOTHING, id="plain text"),
        pytest.param(packed(MODEL)[:-40], NOTHING, id="cut off"),
    ],
)
def test_a_hand_in_gets_its_points(grade: Grade, hand_in: bytes, scores: dict[str, float]) -> None:
    """Right, wrong or no hand-in at all: Autolab records what it is worth, and shows why."""
    graded = grade(hand_in)
    hold(graded)
    assert graded.scores == scores


def test_the_report_says_which_layers_are_on(grade: Grade) -> None:
    """autograde is not root: one layer is off and said to be, for staff and below what students look for."""
    feedback = grade(packed(MODEL)).feedback
    assert feedback.splitlines()[1] == "Your hand-in is being graded. The report will stand below."
    assert feedback.index("GRU Cell Backward  ") < feedback.index("For course staff: NOT ISOLATED: ")
    assert "own user id: cellgrade was not started as root" in " ".join(feedback.split())
    assert "few system calls (seccomp)" in " ".join(feedback.split())


FORGED = '{"scores": {"GRU Cell Forward": 30, "GRU Cell Backward": 70}, "scoreboard": [100]}'

HOSTILE = {
    "hangs at import": "while True:\n    pass\n",
    "floods": "while True:\n    print('x' * 4096)\n",
    "floods the real stdout": "import os\nwhile True:\n    os.write(1, b'x' * 4096)\n",
    "forges the last line at exit": f"import atexit\natexit.register(print, '''{FORGED}''')\n",
    "forges the last line later": (
        "import os, sys\n"
        "for fd in range(64):\n"
        "    try:\n"
        f"        os.write(fd, b'''\\n{FORGED}\\n''')\n"
        "    except OSError:\n"
        "        pass\n"
        "os._exit(0)\n"
    ),
    "appends to the log": (
        "for path in ('/home/autograde/output.log', '../output.log', 'output.log'):\n"
        "    try:\n"
        f"        open(path, 'a').write('''\\n{FORGED}\\n''')\n"
        "    except OSError:\n"
        "        pass\n"
    ),
    "becomes a daemon": (
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        f"        while True:\n            time.sleep(1)\n            print('''{FORGED}''', flush=True)\n"
    ),
    "forks without end": (
        "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass\n"
    ),
    "starts threads without end": (
        "import threading, time\nwhile True:\n    threading.Thread(target=time.sleep, args=(99,)).start()\n"
    ),
    "kills everybody": "import os\nos.kill(-1, 9)\n",
    "fills the disk": (
        "n = 0\nwhile True:\n    n += 1\n    with open(f'/var/tmp/{n}', 'wb') as file:\n"
        "        file.write(bytes(1 << 24))\n"
    ),
    "takes all memory": "kept = []\nwhile True:\n    kept.append(bytearray(1 << 24))\n",
    "crashes": "import ctypes\nctypes.string_at(0)\n",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_hand_in_earns_nothing_and_leaves_nothing(grade: Grade, name: str) -> None:
    """Its scores are 0, the last line is ours, and the container holds no file or process of it."""
    graded = grade(packed(HOSTILE[name]), call_s=1, total_s=3, cpu_s=2)
    hold(graded)
    assert graded.scores == NOTHING


def test_a_hostile_hand_in_that_is_right_gets_its_points_and_no_more(grade: Grade) -> None:
    """Printing a last line of its own beside a right answer changes nothing."""
    graded = grade(packed(f"{MODEL}\n\nimport atexit\nprint('''{FORGED.replace('30', '999')}''')\n"))
    hold(graded)
    assert graded.scores == ALL


@pytest.mark.parametrize("course_limit_s", [0, 900], ids=["course.toml says it", "lowered in Autolab alone"])
def test_the_grading_ends_before_tango_ends_it(grade: Grade, course_limit_s: int) -> None:
    """A backward that never returns uses up the time; forward keeps its points, the last line is there.

    Also where course.toml still has a longer limit: autodriver tells the job its own.
    """
    began_s = time.monotonic()
    hold(grade(packed(MODEL)))
    limit_s = min(900, max(30, round(5 * (time.monotonic() - began_s))))  # however busy this machine is
    hangs = f"{MODEL}\n\ndef forever(*_):\n    while True:\n        pass\n\n\nGRU_Cell.backward = forever\n"
    limits = {"call_s": 900, "total_s": 900, "cpu_s": 900}
    graded = grade(packed(hangs), timeout_s=limit_s, course_limit_s=course_limit_s, **limits)
    hold(graded)
    assert graded.scores == {FORWARD: 30, BACKWARD: 0}


JOBS_AT_ONCE = 6


def test_jobs_at_once_do_not_take_processes_from_one_another(image: str, tmp_path: Path) -> None:
    """Each may have a dozen, and all together have more: the kernel counts by user id over the whole host."""
    (tmp_path / "volume").mkdir()
    lay_out(tmp_path / "volume", packed(MODEL), image, 300)
    ids = uuid.uuid4().hex
    command = (
        'cp -r mount/* autolab/; su autolab -c "autodriver -u 12 -f 104857600 -t 300 -o 1024000 autolab'
        ' > output/feedback 2>&1"; cat output/feedback'
    )
    jobs = [
        subprocess.Popen(
            [
                *f"docker run --rm --name test-{ids}-{number} --network none".split(),
                *f"-v {tmp_path / 'volume'}/:/home/mount:ro {image} sh -c".split(),
                command,
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(JOBS_AT_ONCE)
    ]
    said = [job.communicate(timeout=600)[0] for job in jobs]
    assert [dict(autolab_reading.read(one, [FORWARD, BACKWARD])) for one in said] == [ALL] * JOBS_AT_ONCE


def test_no_account_of_another_image_has_autogrades_user_id(image: str) -> None:
    """1001, the second that useradd makes, is every other image's too; and no job of ours has it."""
    command = "docker run --rm --network none".split()
    done = subprocess.run([*command, image, "id", "-u", "autograde"], capture_output=True, text=True)
    uid = int(done.stdout)
    assert 60_705 < uid < 61_184, "where neither useradd, systemd nor Debian put anybody"
    header = (ROOT / "autodriver" / "autodriver.h").read_text()
    first, count = (
        int(re.findall(rf"define JOB_UID_{name} (\d+)U", header)[0]) for name in ("FIRST", "COUNT")
    )
    assert uid not in range(first, first + count)
    assert first >= FIRST_UID + MOST_WORKERS


def test_the_limit_on_processes_is_named_when_it_strikes(image: str, tmp_path: Path) -> None:
    """Staff read whose limit it is and how to raise it; nothing is recorded."""
    (tmp_path / "volume").mkdir()
    lay_out(tmp_path / "volume", packed(MODEL), image, 300)
    command = (
        'cp -r mount/* autolab/; su autolab -c "autodriver -u LIMIT -f 104857600 -t 300 -o 1024000 autolab'
        ' > output/feedback 2>&1"; cat output/feedback'
    )
    for limit in (2, 4):
        done = subprocess.run(
            [
                *f"docker run --rm --network none -v {tmp_path / 'volume'}/:/home/mount:ro {image}".split(),
                *("sh", "-c", command.replace("LIMIT", str(limit))),
            ],
            capture_output=True,
            text=True,
        )
        assert dict(autolab_reading.read(done.stdout, [FORWARD, BACKWARD])) == NO_SCORE
        assert "-u of autodriver" in " ".join(done.stdout.split()), done.stdout


def test_it_works_as_tangos_own_autodriver_starts_it(image: str, tmp_path: Path) -> None:
    """There HOME is a folder that has been moved away, and the limits hold for all of autograde together."""
    tmp_path.chmod(0o755)
    (tmp_path / "handin.tar").write_bytes(packed(MODEL))
    limits = "ulimit -u 100; ulimit -f 102400; export HOME=/home/autolab/gone"
    command = f"{limits}; cellgrade grade --format autolab --assignment gru_cell /handed/handin.tar"
    done = subprocess.run(
        [
            *f"docker run --rm --network none -v {tmp_path}:/handed:ro {image} su autograde -c".split(),
            command,
        ],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert autolab_reading.read(done.stdout, [FORWARD, BACKWARD]) == ALL


def test_a_fault_of_ours_records_no_score(grade: Grade, monkeypatch: pytest.MonkeyPatch) -> None:
    """A course.toml that cannot be read: no zero that looks earned."""
    monkeypatch.setattr("grader.course.written", lambda *_: "seed = oops\n")
    graded = grade(packed(MODEL))
    assert graded.scores == NO_SCORE
    assert "is not TOML" in graded.feedback


def test_the_image_is_all_that_tango_needs(image: str) -> None:
    """`cellgrade image-check` finds nothing missing, and the image has no ENTRYPOINT."""
    check = subprocess.run(
        ["docker", "run", "--rm", "--network", "none", image, "cellgrade", "image-check"],
        capture_output=True,
        text=True,
    )
    assert check.returncode == 0, check.stdout
    assert "WRONG" not in check.stdout
    asked = "{{json .Config.Entrypoint}} {{json .Config.User}} {{json .Config.WorkingDir}}"
    about = subprocess.run(
        ["docker", "image", "inspect", "--format", asked, image], capture_output=True, text=True, check=True
    )
    assert about.stdout.split() == ["null", '""', '"/home"']


@pytest.mark.parametrize(
    ("breakage", "says"),
    [
        ("rm /usr/local/bin/autodriver", "autodriver"),
        ("chmod 755 /usr/local/bin/autodriver", "chmod 4755"),
        ("rm /usr/bin/pkill", "missing: pkill"),
        ("rmdir /var/tmp", "/var/tmp"),
        ("chmod 755 /tmp", "chmod 1777 /tmp"),
        ("usermod --shell /usr/sbin/nologin autograde", "its shell is /usr/sbin/nologin"),
        ("userdel autolab", "useradd"),
        ("chown root /home/output", "chown autolab: /home/output"),
        ("chmod 777 /home/autograde", "chmod go-w /home/autograde"),
        ("rm -r /opt/cellgrade-student", "cellgrade doctor"),
    ],
)
def test_what_is_missing_is_named(image: str, breakage: str, says: str) -> None:
    """Each thing that Tango would stumble over is found by `image-check`, with what to do about it."""
    check = subprocess.run(
        [
            "docker",
            "run",
            "--rm",
            "--network",
            "none",
            image,
            "sh",
            "-c",
            f"{breakage}; cellgrade image-check",
        ],
        capture_output=True,
        text=True,
    )
    assert check.returncode == 1, check.stdout + check.stderr
    wrong = check.stdout[check.stdout.index("WRONG") :]
    assert says in wrong


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ("--cap-drop CHOWN", "without --cap-drop CHOWN"),
        ("--cap-drop DAC_OVERRIDE", "without --cap-drop DAC_OVERRIDE"),
        ("--cap-drop FOWNER", "without --cap-drop FOWNER"),
        ("-m 100m", "the container may have 100 MiB"),
        ("--pids-limit 8", "without --pids-limit 8"),
        ("--ulimit nproc=20", "without --ulimit nproc=20"),
    ],
)
def test_where_grading_fails_the_image_check_fails(image: str, options: str, says: str) -> None:
    """With each of these no whole job comes to its points, under Tango's autodriver or under ours."""
    check = subprocess.run(
        [*f"docker run --rm --network none {options} {image} cellgrade image-check".split()],
        capture_output=True,
        text=True,
    )
    assert check.returncode == 1, check.stdout + check.stderr
    assert says in check.stdout[check.stdout.index("WRONG") :]
    assert "Tango cannot grade with this image" in check.stdout
    assert "Traceback" not in check.stdout + check.stderr


def test_a_job_that_gets_no_points_is_found(image: str) -> None:
    """All parts may be there and grading fail all the same: a whole job is run, and what it said is shown."""
    breakage = "rm /opt/cellgrade/lib/python3*/site-packages/torch/__init__.py"
    check = subprocess.run(
        [*f"docker run --rm --network none {image} sh -c".split(), f"{breakage}; cellgrade image-check"],
        capture_output=True,
        text=True,
    )
    assert check.returncode == 1
    assert "WRONG a job: su autolab, autodriver, make" in check.stdout
    assert "| The grader failed, not you; nothing was recorded." in check.stdout
