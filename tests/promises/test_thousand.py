"""One thousand gradings in a row, a tenth of them hostile: nothing adds up, and nobody notices the others."""

from __future__ import annotations

import os
import resource
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from grader import discovery, engine
from grader.declaration import Limits, Loaded
from grader.records import Report, Status
from grader.report import autolab, json_report, text

GRADINGS = 1_000
MODEL = Path(__file__).parents[2] / "src" / "gru_cell" / "hw3" / "gru.py"
WARM = 200  # gradings, until every cache of Python and NumPy has what it keeps
GROWTH_KIB = 3_072  # over the other 800: four kibibytes for each would be a leak
LIMITS = Limits(call_s=0.2, total_s=0.4, cpu_s=2, memory_bytes=384 << 20, output_bytes=1 << 20)

HOSTILE = {
    "ends the process": "import os\nos._exit(0)\n",
    "ends it with a plea": "import os\nprint('score 100', flush=True)\nos._exit(0)\n",
    "crashes": "import ctypes\nctypes.string_at(0)\n",
    "crashes later": "import ctypes\nclass GRU_Cell:\n  __init__ = lambda *a: ctypes.string_at(0)\n",
    "aborts": "import os\nclass GRU_Cell:\n  def __init__(self, *a): os.abort()\n",
    "loops": "class GRU_Cell:\n  def __init__(self, *a):\n    while True: pass\n",
    "floods": "while True: print('x' * 10_000)\n",
    "sends garbage": "import os\nos.write(3, bytes(range(256)) * 9)\n",
    "sends half a frame": "import os\nos.write(3, b'CGF1' + bytes(8) + b'9999')\nos._exit(0)\n",
    "hangs up": "import os\nos.close(3)\n",
    "takes all memory": "x = []\nwhile True: x.append(bytearray(1 << 24))\n",
    "cannot be parsed": "(" * 5_000,
    "takes every file": "import os\nkept = []\nwhile True: kept.append(os.dup(1))\n",
    "nests exceptions": "def f(n):\n  try: f(n + 1)\n  finally: raise SystemExit(n)\nf(0)\n",
    "has a hostile exception": "class E(BaseException):\n  def __str__(self): raise self\nraise E\n",
}


def few_cases() -> Loaded:
    """Return the GRU cell with two of its cases: what is to be looked at here does not come from
    the others.
    """
    assignment = discovery.by_name("gru_cell", discovery.assignments())
    suite = assignment.suites["cells"](0)
    few = replace(suite, cases=suite.cases[:2], expected=suite.expected[:2], lookalikes=())
    return replace(assignment, suites={"cells": lambda _: few})


def rendered(report: Report) -> str:
    return json_report.render(report) + autolab.render(report) + text.render(report)


def resident_kib() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() >> 10


def children(pid: int) -> list[str]:
    return [
        one for task in Path(f"/proc/{pid}/task").iterdir() for one in (task / "children").read_text().split()
    ]


def ours_open() -> tuple[int, list[str]]:
    """How many descriptors are open here, and our children: the zygotes."""
    return len(os.listdir("/proc/self/fd")), children(os.getpid())


def jobs() -> list[str]:
    return [job for zygote in children(os.getpid()) for job in children(int(zygote))]


def test_a_thousand_gradings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Honest hand-ins get the same report to the byte, hostile ones no point; nothing adds up."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    model = MODEL.read_text()
    honest = {
        "right": model,
        "wrong": model.replace("np.tanh", "np.sin"),
        "half": model.replace("return d", "return 0 * d"),
    }
    paths = {}
    for name, source in (honest | HOSTILE).items():
        paths[name] = tmp_path / name / "gru.py"
        paths[name].parent.mkdir()
        paths[name].write_text(source)
    patient = few_cases()
    impatient = replace(patient, limits=LIMITS)  # not for the honest: a busy machine may let them wait
    hostile, others = list(HOSTILE), list(honest)
    before = children(os.getpid())

    first: dict[str, str] = {}
    graded: Counter[str] = Counter()
    with (
        engine.Grader([patient], engine.Options()) as for_honest,
        engine.Grader([impatient], engine.Options()) as for_hostile,
    ):
        for number in range(GRADINGS):
            name = hostile[number // 10 % len(hostile)] if number % 10 == 5 else others[number % len(others)]
            report = (for_honest if name in honest else for_hostile).grade(paths[name])
            assert report.status is Status.GRADED, (number, name, report.message)
            graded[name] += 1
            if name in honest:
                said = rendered(report)
                assert said == first.setdefault(name, said), (number, name)
                assert report.score == {"right": 100}.get(name, report.score)
            else:
                assert report.score == 0, (number, name)
            if number == WARM:
                warm_kib, at_start = resident_kib(), ours_open()
        until = time.monotonic() + 5
        while (left := jobs()) and time.monotonic() < until:
            time.sleep(0.01)
        at_end, end_kib = ours_open(), resident_kib()

    assert sum(graded.values()) == GRADINGS
    assert sum(graded[name] for name in HOSTILE) == GRADINGS // 10
    assert min(graded.values()) >= GRADINGS // 10 // len(HOSTILE)
    assert len(set(first.values())) == len(honest)  # so that "the same" says something
    assert at_end == at_start
    assert left == []
    assert children(os.getpid()) == before
    assert list(temporary.iterdir()) == []
    assert end_kib - warm_kib < GROWTH_KIB
