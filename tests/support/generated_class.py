"""A class whose grades are known: right, wrong and hostile hand-ins, broken archives, copies, versions.

Everything is drawn from one seed, as Autolab's download has it: `EMAIL_VERSION_handin.tar`.
"""

from __future__ import annotations

import gzip
import io
import itertools
import random
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import attack_runner
import shipped
from attack_runner import declared, lay

from grader.mistakes import Mistake

ROOT = Path(__file__).parents[2]
MODELS = ROOT / "src"
MODEL = (MODELS / "gru_cell" / "hw3" / "gru.py").read_text(encoding="utf-8")
WRONG = shipped.answers("gru_cell").mistakes
POINTS = {"GRU Cell Forward": (30, 1), "GRU Cell Backward": (70, 8)}  # points, criteria

HOSTILE = (
    "import os\nos._exit(0)\n",
    "import os\nprint('score 100', flush=True)\nos._exit(0)\n",
    "import ctypes\nctypes.string_at(0)\n",
    "import ctypes\nclass GRU_Cell:\n  __init__ = lambda *a: ctypes.string_at(0)\n",
    "import os\nclass GRU_Cell:\n  def __init__(self, *a): os.abort()\n",
    "import os\nos.write(3, bytes(range(256)) * 9)\n",
    "import os\nos.write(3, b'CGF1' + bytes(8) + b'9999')\nos._exit(0)\n",
    "import os\nos.close(3)\n",
    "(" * 5_000,
    "import os\nkept = []\nwhile True: kept.append(os.dup(1))\n",
    "def f(n):\n  try: f(n + 1)\n  finally: raise SystemExit(n)\nf(0)\n",
    "class E(BaseException):\n  def __str__(self): raise self\nraise E\n",
    "import os\nos.kill(os.getppid(), 9)\n",
    "open('/etc/passwd')\n",
)

# What hangs has an assignment of its own: on a busy machine limits as short as these would fail the honest.
HANGS = {
    "assignment.py": """
from grader.declaration import Assignment, Check, Limits, Output, Problem, Wanted
from grader.records import Case, Suite

check = Check("f", "cases", (Output("y"),))

def suite(seed):
    import numpy as np
    case = Case("one", seed, {"x": np.ones(2)})
    return Suite(seed, "0" * 64, (case,), ({"y": np.full(2, 2.0)},))

ASSIGNMENT = Assignment(
    name="patience", title="Patience", wanted=(Wanted("patience.py", defines=("f",)),),
    problems=(Problem("Patience", 10, (check,)),), suites={"cases": suite},
    limits=Limits(call_s=0.3, total_s=0.6, cpu_s=2),
)
""",
    "adapter.py": 'def f(module, given):\n    return {"y": module.f(given.arrays["x"])}\n',
    "starter/patience.py": "def f(x):\n    pass\n",
}
HANGING = ("while True: pass\n", "import time\ntime.sleep(900)\n", "def f(x):\n    while True: pass\n")


# Attacks whose report is a matter of chance or of the clock: they answer before they are asked, or hang.
LEFT_OUT = {"channel/forged_before_asked", "channel/later_alarm", "channel/absent_without_end"}

# Of tests/data/attacks, what takes about as long as an honest hand-in. Most have honest parts too, which earn
# at most what the head declares.
GROUPS = ("channel", "escape", "processes", "reports", "state", "values")
ATTACKS = sorted(
    attack
    for group in GROUPS
    for attack in (ROOT / "tests" / "data" / "attacks" / group).glob("*.py")
    if attack_runner.name(attack) not in LEFT_OUT
    and attack_runner.attacked(attack) == "gru_cell"
    and "call_s" not in declared(attack)
)


@dataclass
class Class:
    """Hand-ins as they are downloaded, and what must come of them.

    Attributes:
        folder: where they are.
        scores: student -> points of the version that counts; of an attack, what it may earn at most.
        attacks: students whose hand-in is one of tests/data/attacks.
        rejected: students whose hand-in cannot be graded.
        identical: student -> the others with the same files.
        versions: hand-ins in all, earlier versions included.
    """

    folder: Path
    scores: dict[str, float] = field(default_factory=dict)
    attacks: set[str] = field(default_factory=set)
    rejected: set[str] = field(default_factory=set)
    identical: dict[str, set[str]] = field(default_factory=dict)
    versions: int = 0


def generate(folder: Path, hand_ins: int, seed: int = 0) -> Class:
    """Write so many hand-ins into a folder."""
    folder.mkdir(parents=True)
    rng = random.Random(seed)
    made = Class(folder)
    kinds = _kinds(rng)
    # Of what is hostile, every third is a line or two of our own, so that their score is known.
    drawn = rng.sample(ATTACKS, len(ATTACKS))
    pairs = zip(drawn[::2], drawn[1::2], strict=False)
    attacks = itertools.cycle([one for pair in pairs for one in (*pair, None)])
    right: list[tuple[str, bytes]] = []
    while made.versions < hand_ins:
        student = f"s{made.versions:03d}@school.edu"
        kind = next(kinds)
        if kind == "copy" and right:
            other, source = rng.choice(right)
            _add(made, student, 1, packed({"hw3/gru.py": source}, mtime=made.versions), 100)
            alike = {other, student} | made.identical.get(other, set())
            for one in alike:
                made.identical[one] = alike - {one}
            continue
        if kind == "versions" and made.versions + 2 <= hand_ins:
            _add(made, student, 1, packed({"hw3/gru.py": b"(" + student.encode()}), 0)
        version = 2 if kind == "versions" else 1
        if kind == "hostile" and (attack := next(attacks)) is not None:
            _add(made, student, version, _attack(attack, student), float(declared(attack)["earns"]))
            made.attacks.add(student)
            continue
        content, score = _hand_in(kind, student, rng)
        if content is None:
            source = f"{MODEL}# {student}\n".encode()
            right.append((student, source))
            content, score = packed({"hw3/gru.py": source}), 100
        _add(made, student, version, content, score)
    return made


def lay_patience(folder: Path) -> Path:
    """Return the folder of assignments to which the hanging hand-ins belong."""
    for name, content in HANGS.items():
        path = folder / "patience" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return folder


def packed(files: Mapping[str, bytes], mtime: int = 0) -> bytes:
    """Return a tar.gz of these files; another time, and the archive differs while the hand-in does not."""
    memory = io.BytesIO()
    with tarfile.open(fileobj=memory, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mtime = len(content), mtime
            tar.addfile(member, io.BytesIO(content))
    return gzip.compress(memory.getvalue(), mtime=mtime)


def _kinds(rng: random.Random) -> Iterator[str]:
    counts = {"right": 34, "wrong": 30, "copy": 8, "versions": 8, "hostile": 10, "broken": 7, "hanging": 3}
    while True:
        hundred = [kind for kind, count in counts.items() for _ in range(count)]
        rng.shuffle(hundred)
        yield from hundred


def _hand_in(kind: str, student: str, rng: random.Random) -> tuple[bytes | None, float | None]:
    """Return an archive and its points, None for the points if it must be rejected; (None, 100) for a right
    one.
    """
    tail = f"\n# {student}\n".encode()
    if kind == "wrong":
        mistake = rng.choice(WRONG)
        return packed({"hw3/gru.py": mistake.files["hw3/gru.py"] + tail}), _declared(mistake)
    if kind == "hostile":
        return packed({"hw3/gru.py": rng.choice(HOSTILE).encode() + tail}), 0
    if kind == "hanging":
        return packed({"patience.py": rng.choice(HANGING).encode() + tail}), 0
    if kind == "broken":
        return rng.choice(BROKEN)(student.encode()), None
    return None, 100


def _attack(attack: Path, student: str) -> bytes:
    """Return an archive of an attack, which is the student's by the file beside it."""
    with tempfile.TemporaryDirectory() as folder:
        laid = lay(attack, MODELS, Path(folder))
        files = {
            path.relative_to(laid).as_posix(): path.read_bytes()
            for path in sorted(laid.rglob("*"))
            if path.is_file()
        }
    return packed({**files, "hw3/notes.txt": student.encode()})


def _declared(mistake: Mistake) -> float:
    fails = mistake.fails or {}
    return sum(
        points * (criteria - len(fails.get(name, ()))) / criteria
        for name, (points, criteria) in POINTS.items()
    )


BROKEN: tuple[Callable[[bytes], bytes], ...] = (
    lambda student: packed({"hw3/gru.py": student * 500})[:-30],
    lambda student: b"<!DOCTYPE html><title>Log in</title>" + student,
    lambda student: student,
    lambda student: b"%PDF-1.7\n" + student,
    lambda student: packed({"../gru.py": student}),
    lambda student: packed({"hw3/gru.py": b"", "hw3/gru.py/gru.py": student}),
    lambda student: packed({".DS_Store": student}),
)


def _add(made: Class, student: str, version: int, content: bytes, score: float | None) -> None:
    made.versions += 1
    (made.folder / f"{student}_{version}_handin.tar").write_bytes(content)
    made.scores[student] = score or 0.0
    made.rejected.discard(student)
    if score is None:
        made.rejected.add(student)
