"""Measures what a job costs: forked, locked down by all layers, asked once and ended, beside a bare fork.

    .venv/bin/python benchmarks/jobs.py [--rounds N]

Both are forks of a process that has NumPy in memory, and alternate within one run: whatever else the machine
does hits both. README.md says what the figures mean.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import time
from pathlib import Path

from grader import inside
from grader.declaration import Check, Limits, Output
from grader.records import Case, Isolation
from grader.sandbox import environment, student
from grader.sandbox.brief import Brief
from grader.sandbox.jobs import Jobs, job_uid
from grader.sandbox.session import Session
from grader.sandbox.zygote import Zygote

# As the zygote does, without a channel and without layers; told over its standard input.
BARE = """
import gc, os, sys
sys.path.append(sys.argv[1])
from inside import preload
preload.everything(["numpy"])
gc.freeze()
for _ in sys.stdin.buffer.raw:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    os.write(1, b"x")
"""
SOURCE = "def f():\n    return 1.0\n"
ADAPTER = "def f(module, given):\n    return {'y': module.f()}\n"


def job(zygote: Zygote) -> Isolation:
    """Return a hand-in's whole time: inspected, imported, asked once, ended. Says which layers were on."""
    brief = Brief({"f.py": SOURCE}, "f.py", "f.py", ADAPTER, calls=("f",), limits=Limits())
    with Session(Jobs(zygote, job_uid(os.geteuid())), brief) as session:
        session.inspect()
        answer = session.ask(Check("f", "f", (Output("y"),)), Case("case", 0, {}), 0)
        assert answer.failure is None
        assert answer.arrays["y"] == 1.0
        assert session.isolation is not None
        return session.isolation


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", metavar="N", type=int, default=500, help="default: 500")
    rounds = parser.parse_args().rounds
    command = [
        str(environment.student_python()),
        "-s",
        "-P",
        "-c",
        BARE,
        str(Path(inside.__file__).parent.parent),
    ]
    forker = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, env=student.VARIABLES
    )
    assert forker.stdin is not None
    assert forker.stdout is not None
    jobs_ms, forks_ms = [], []
    with Zygote() as zygote, forker:
        for number in range(rounds + 10):
            begin_s = time.perf_counter()
            isolation = job(zygote)
            between_s = time.perf_counter()
            forker.stdin.write(b"\n")
            forker.stdout.read(1)
            if number >= 10:  # the first ones find nothing in the caches
                jobs_ms.append(1_000 * (between_s - begin_s))
                forks_ms.append(1_000 * (time.perf_counter() - between_s))
        forker.stdin.close()
    for name, figures in (("job, all of it", jobs_ms), ("bare fork", forks_ms)):
        print(f"{name:16}{statistics.median(figures):6.2f} ms ({min(figures):.2f}-{max(figures):.2f})")
    print(f"medians of {rounds} rounds, load {os.getloadavg()[0]:.2f}; layers on: {', '.join(isolation.on)}")
    if isolation.off:
        print(f"layers OFF: {'; '.join(isolation.off)}")


if __name__ == "__main__":
    main()
