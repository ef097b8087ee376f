"""For how long one hostile hand-in holds a worker, for every assignment, under its real limits.

    .venv/bin/python -m benchmarks.held [--workers N] [--assignment NAME]... [--output FILE]

Every assignment's model hand-in is made hostile in each of the ways of `WAYS`; beside them stand all of
`tests/data/attacks`, each for its assignment. Each is graded as a batch's worker grades it, with the suite
drawn. What is measured is the time from reading the hand-in to its report, on the clock of the wall. Most
of it is waiting, so that more can be graded at once than there are cores; what keeps a core busy is then
measured too long, never too short.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

import attack_runner  # noqa: E402

from grader import discovery, engine  # noqa: E402
from grader.declaration import Loaded  # noqa: E402

MODELS = ROOT / "src"  # what the attacks stand beside

# Lines below a model hand-in: {call_s} is how long a call may take, {methods} what students write.
REPLACED = """
def _bad(*_, **__):
{body}

for _path in {methods}:
    *_owners, _name = _path.split(".")
    _owner = __import__("sys").modules[__name__]
    for _one in _owners:
        _owner = getattr(_owner, _one)
    setattr(_owner, _name, {what})
"""
HANG = "while True:\n    pass"
WAYS = {
    "hangs in every function": HANG,
    "hangs in its last function": HANG,
    "sleeps in every function": "import time\ntime.sleep(900)",
    "hangs at import": "",
    "imports as slowly as it may, then hangs": HANG,
    "answers as slowly as it may": "",
    "catches what is meant to stop it": "while True:\n    try:\n        while True:\n            pass\n"
    "    except BaseException:\n        pass",
    "raises 8,192 slashes from every call": "raise ValueError('/' * 8_192)",
    "raises 8,192 letters from every call": "raise ValueError('a' * 8_192)",
    "takes all memory in every call": "held = []\nwhile True:\n    held.append(bytearray(1 << 20))",
    "prints without end": "while True:\n    print('/' * 100_000)",
    "is a source that is long to read": "",
}


@dataclass(frozen=True)
class Held:
    """How long one hand-in held its worker."""

    assignment: str
    what: str
    seconds: float
    status: str


@cache
def assignments() -> dict[str, Loaded]:
    """By name, with suites that are drawn once."""
    return {
        one.name: replace(one, suites={key: cache(draw) for key, draw in one.suites.items()})
        for one in discovery.assignments()
    }


def written(assignment: Loaded, way: str) -> str:
    """Return what stands below the model's source to make it hostile in this way."""
    methods: Sequence[str] = assignment.wanted[0].methods
    slow_s = 0.9 * assignment.limits.call_s
    if way == "hangs at import":
        return HANG
    if way == "is a source that is long to read":
        return "".join(f"x{n} = [{n}, ({n}, {n}), -{n} ** 2, {{{n}: {n}}}]\n" for n in range(18_000))
    if way == "answers as slowly as it may":
        slowly = f"(lambda f: lambda *a, **k: (__import__('time').sleep({slow_s}), f(*a, **k))[1])"
        return REPLACED.format(
            body="    pass", methods=repr(methods), what=f"{slowly}(getattr(_owner, _name))"
        )
    body = "\n".join(f"    {line}" for line in WAYS[way].splitlines())
    chosen = methods[-1:] if way == "hangs in its last function" else methods
    below = REPLACED.format(body=body, methods=repr(tuple(chosen)), what="_bad")
    return f"import time\ntime.sleep({slow_s})\n{below}" if way.startswith("imports") else below


def lay(name: str, way: str, folder: Path) -> Path:
    """Write the hostile hand-in of an assignment, and return it."""
    model = ROOT / "src" / name
    for path in model.rglob("*"):
        if path.suffix in (".py", ".toml"):
            file = folder / path.relative_to(model)
            file.parent.mkdir(parents=True, exist_ok=True)
            below = f"\n\n{written(assignments()[name], way)}\n" if path.suffix == ".py" else ""
            file.write_text(path.read_text() + below)
    return folder


def held(name: str, what: str, attack: Path | None) -> Held:
    """Grade one, with suites that are there."""
    with tempfile.TemporaryDirectory() as folder:
        if attack is None:
            hand_in = lay(name, what, Path(folder))
        else:
            hand_in = attack_runner.lay(attack, MODELS, Path(folder))
        with engine.Grader(list(assignments().values()), engine.Options(assignment=name)) as grader:
            began = time.monotonic()
            report = grader.grade(hand_in)
            return Held(name, what, time.monotonic() - began, report.status.value)


def tasks(names: Sequence[str], with_attacks: bool) -> Iterator[tuple[str, str, Path | None]]:
    """Yield what there is to grade: assignment, in words, and the attack's file if it is one."""
    yield from ((name, way, None) for way in WAYS for name in names)
    if with_attacks:
        for path in sorted((ROOT / "tests" / "data" / "attacks").glob("*/*.py")):
            if (name := attack_runner.attacked(path)) in names:
                yield name, f"attack {attack_runner.name(path)}", path


def table(found: Sequence[Held], workers: int) -> str:
    """Return the figures, as Markdown."""
    lines = [
        "# How long one hand-in holds a worker",
        "",
        "    .venv/bin/python -m benchmarks.held --output benchmarks/HELD.md",
        "",
        f"{time.strftime('%Y-%m-%d')}; {os.cpu_count()} cores, {workers} gradings at once; Python "
        f"{platform.python_version()}. Wall time of one grading under the assignment's own limits, the suite",
        "drawn: the longest of all that were tried, which are the model hand-in made hostile in each of the",
        "ways below, and all of `tests/data/attacks`. What is stated is `Limits.held_s`.",
        "",
        "| assignment | tried | stated, s | longest, s | by one that |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name in sorted({one.assignment for one in found}):
        own = [one for one in found if one.assignment == name]
        worst = max(own, key=lambda one: one.seconds)
        stated_s = assignments()[name].limits.held_s
        lines.append(f"| `{name}` | {len(own)} | {stated_s:g} | {worst.seconds:.1f} | {worst.what} |")
    names = sorted({one.assignment for one in found})
    lines += ["", "By way, in seconds:", "", f"| | {' | '.join(f'`{name}`' for name in names)} |"]
    lines.append(f"| --- |{' --- |' * len(names)}")
    for way in WAYS:
        by_name = {one.assignment: one.seconds for one in found if one.what == way}
        cells = [f"{by_name[name]:.1f}" if name in by_name else "" for name in names]
        lines.append(f"| {way} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Grade all, print the table; exit 1 if one was held for longer than is stated, or ended in an error."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, metavar="N")
    parser.add_argument("--assignment", action="append", metavar="NAME")
    parser.add_argument("--way", action="append", choices=list(WAYS), metavar="WAY")
    parser.add_argument("--without-attacks", action="store_true")
    parser.add_argument("--output", type=Path, metavar="FILE")
    options = parser.parse_args()
    names = options.assignment or sorted(assignments())
    for name in names:
        for draw in assignments()[name].suites.values():
            draw(0)
    wanted = [
        task
        for task in tasks(names, not options.without_attacks)
        if not options.way or task[1] in options.way
    ]
    found = []
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(options.workers, mp_context=context) as workers:
        for future in [workers.submit(held, *task) for task in wanted]:
            found.append(one := future.result())
            print(
                f"{one.seconds:7.1f} s  {one.assignment}  {one.what}  ({one.status})",
                file=sys.stderr,
                flush=True,
            )
    written_down = table(found, options.workers)
    if options.output is None:
        print(written_down, end="")
    else:
        options.output.write_text(written_down)
    over = [one for one in found if one.seconds > assignments()[one.assignment].limits.held_s]
    wrong = [one for one in found if one.status == "error"]
    for one in (*over, *wrong):
        print(f"NOT AS STATED: {one}", file=sys.stderr)
    return 1 if over or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
