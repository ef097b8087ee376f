"""Grades every attack and writes down what became of each; `tests/promises/test_attacks.py` judges it.

    python attack_runner.py ATTACKS MODELS OUTPUT [notebooks]

Needs nothing but an installed cellgrade, so that it runs wherever cellgrade does: as another user, or in a
container that has no pytest and no tests. ATTACKS is the folder of attacks, MODELS that of the model hand-ins
by assignment, OUTPUT where a JSON object goes: an attack's "group/name" -> what is known of its grading alone
(see `watched`) and, as "later", of its gradings behind others' hand-ins (see `one_after_the_other`). With
`notebooks`, each attack arrives as a notebook, below a cell that raises.

The suites are drawn once, then forked workers take the attacks one by one: while one waits for an attack that
hangs, the other goes on. A worker adopts every process that a grading leaves behind, and so finds it.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import json
import multiprocessing
import os
import re
import runpy
import sys
import tempfile
import time
import traceback
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from grader import discovery, engine
from grader.cases import Seed
from grader.declaration import Limits, Loaded
from grader.records import Report
from grader.report import autolab, json_report, text
from grader.sandbox.jobs import FIRST_UID

# The file that each assignment is graded by.
MAINS = {
    "gru_cell": "hw3/gru.py",
    "lstm_gru_theory": "gru_gradients.py",
    "nback_rnn": "homework6_model.py",
    "rnn_step_by_step": "rnn_step_by_step.py",
    "torch_gru_cell": "hw3/gru_cell.py",
    "torch_lstm_cell": "hw3/lstm_cell.py",
}
MARK = "cana" + "ry_of_"
LATER_S = 20.0  # for each call of what does not hang, behind others
CHUNK = 60  # attacks that one grader meets
WORKERS = 2
PR_SET_CHILD_SUBREAPER = 36
GONE_WITHIN_S = 2.0  # for a process that is about to end
MOST_TEXT = 400_000  # characters of a rendered report that are kept: more than any may have


def declared(attack: Path) -> dict[str, str]:
    """Return the `# key: value` lines at its head."""
    found = {}
    for line in attack.read_text(encoding="utf-8").splitlines():
        if not (match := re.match(r"# ([a-z_ ]+): (.+)", line)):
            break
        found[match[1]] = match[2]
    return found


def name(attack: Path) -> str:
    """How it is called in the results: its group and its own name."""
    return f"{attack.parent.name}/{attack.stem}"


def attacked(attack: Path) -> str:
    """Return the assignment that it is a hand-in for: the one that it names, or that its folder is
    called by.
    """
    named = declared(attack).get("assignment", attack.parent.name)
    return named if named in MAINS else "gru_cell"


@cache
def assignment(of: str) -> Loaded:
    """Return an assignment, its suites drawn once."""
    found = discovery.by_name(of, discovery.assignments())
    return replace(found, suites={key: cache(draw) for key, draw in found.suites.items()})


def limited(of: str, call_s: float) -> Loaded:
    """Return an assignment under limits that are short, so that what hangs does not hang long."""
    limits = Limits(call_s=call_s, total_s=8 * call_s, cpu_s=5, memory_bytes=1 << 30, output_bytes=1 << 20)
    return replace(assignment(of), limits=limits)


def grade(hand_in: Path, call_s: float, of: str = "gru_cell") -> Report:
    """Return the report of a grader of its own."""
    return engine.grade(hand_in, [limited(of, call_s)], engine.Options(assignment=of))


def victim(of: str, model: str) -> str:
    """Return a classmate's hand-in: the model, with marks in its source and names, and in what it prints."""
    mark = MARK + hashlib.sha256(of.encode()).hexdigest()[:16]
    arrays = "np.ones(1_000) if 'np' in globals() else 0"
    return f"{model}\n\n{mark} = ['{mark}' * 100, {arrays}]\nprint('{mark}' * 9)\n"


def one_after_the_other(attacks: list[Path], models: Path) -> dict[str, list[dict[str, Any]]]:
    """Grade attacks for one assignment by one grader, each behind a classmate's hand-in or another attack.

    What looks for classmates (the group neighbours) is asked as the second and, at last, behind all the
    others.

    Returns:
        For each attack what `of_report` says of its gradings.
    """
    of = attacked(attacks[0])
    first = [attack for attack in attacks if attack.parent.name == "neighbours"]
    rest = [attack for attack in attacks if attack not in first]
    order: list[Path | None] = [one for attack in first for one in (None, attack)]
    order += [None, *rest, None, *first]
    found: dict[str, list[dict[str, Any]]] = {name(attack): [] for attack in attacks}
    model = (models / of / MAINS[of]).read_text(encoding="utf-8")
    with engine.Grader([limited(of, LATER_S)], engine.Options(assignment=of)) as grader:
        for attack in order:
            with tempfile.TemporaryDirectory(dir="/tmp") as folder:
                hand_in = Path(folder)
                if attack is None:
                    (hand_in / MAINS[of]).parent.mkdir(parents=True, exist_ok=True)
                    (hand_in / MAINS[of]).write_text(victim(of, model), encoding="utf-8")
                    report = grader.grade(hand_in)
                    assert report.score > 0, text.render(report)
                else:
                    graded = of_report(grader.grade(lay(attack, models, hand_in)))
                    graded["marks"] = MARK in graded["text"] + graded["json"] + graded["autolab"]
                    found[name(attack)].append(graded)
    return found


def watched(attack: Path, models: Path, *, as_notebook: bool = False) -> dict[str, Any]:
    """Grade one attack, and say what came of it and what it left behind.

    Returns:
        What `of_report` says, or the traceback as "crashed" if the grader raised; beside it
        "processes": command lines of those that still live,
        "files": paths of temporary files, and of files of the hand-in that came, went or changed,
        "objects": shared memory, semaphores and queues of the kernel's, which outlive processes,
        "descriptors": how many more are open,
        "memory_kib": the grader's largest resident set,
        "seconds" that it held a worker, and "assignment".
    """
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        hand_in, temporary = Path(folder, "handin"), Path(folder, "tmp")
        temporary.mkdir()
        hand_in.mkdir()
        graded = lay(attack, models, hand_in)
        main = hand_in / MAINS[attacked(attack)]
        if as_notebook and main.exists():
            cells = notebook(main.read_text(encoding="utf-8"))
            main.with_suffix(".ipynb").write_text(cells, encoding="utf-8")
            main.unlink()
        before, descriptors = contents(hand_in), len(os.listdir("/proc/self/fd"))
        objects = kernel_objects()
        tempfile.tempdir = str(temporary)
        _forget_peak()
        started = time.monotonic()
        try:
            found = of_report(grade(graded, call_s(attack), attacked(attack)))
        except BaseException:
            found = {"crashed": traceback.format_exc()}
        finally:
            tempfile.tempdir = None
        found["seconds"] = time.monotonic() - started
        found["assignment"] = attacked(attack)
        found["memory_kib"] = _peak_kib()
        found["processes"] = _left_behind()
        found["descriptors"] = len(os.listdir("/proc/self/fd")) - descriptors
        found["objects"] = sorted(kernel_objects() - objects)
        changed = {path for path, _ in before.items() ^ contents(hand_in).items()}
        found["files"] = sorted(changed) + [str(path) for path in temporary.rglob("*")]
        return found


def lay(attack: Path, models: Path, folder: Path) -> Path:
    """Write the hand-in into a folder, and return what is to be graded."""
    of = attacked(attack)
    if attack.parent.name == "archives":
        archive = folder / "handin.tar"
        runpy.run_path(str(attack))["build"](archive)
        return archive
    main, *others = re.split(r"^# file: (.+)\n", attack.read_text(encoding="utf-8"), flags=re.MULTILINE)
    head, place = declared(attack), Path(MAINS[of])
    files = {place.name: main}
    if head.get("honest") != "no":
        files["honest.py"] = (models / of / place).read_text(encoding="utf-8")
    if "with" in head:
        files[head["with"]] = (attack.parent.parent / head["with"]).read_text(encoding="utf-8")
    files |= {
        path.encode().decode("unicode_escape"): content
        for path, content in zip(others[::2], others[1::2], strict=True)
    }
    for path, content in files.items():
        file = Path(os.path.normpath(folder / place.parent / path))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    return folder


def notebook(source: str) -> str:
    """Return a notebook with the source in its second cell; the first one raises."""
    cells: list[dict[str, object]] = [
        {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": text}
        for text in ("class Test(not_there):\n    pass", source)
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4})


def contents(folder: Path) -> dict[str, str]:
    """Every file below a folder, by a digest of what is in it."""
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
        for path in folder.rglob("*")
    }


def kernel_objects() -> set[str]:
    """Return what of a job's, or of ours, lives in the kernel without a process: System V's objects, and
    POSIX's.

    Those of other users are none of our business, and come and go meanwhile.
    """
    users = {os.geteuid(), FIRST_UID}
    found = set()
    for table in Path("/proc/sysvipc").glob("*"):
        titles, *rows = (line.split() for line in table.read_text().splitlines())
        for row in rows:
            about = dict(zip(titles, row, strict=True))
            if {int(about["uid"]), int(about["cuid"])} & users:
                found.add(f"{table.name} {row[1]}, key {row[0]}")
    for folder in (Path("/dev/shm"), Path("/dev/mqueue")):
        for path in folder.glob("*"):
            with contextlib.suppress(OSError):  # gone meanwhile
                found |= {str(path)} if path.lstat().st_uid in users else set()
    return found


def of_report(report: Report) -> dict[str, Any]:
    """Return a report as JSON, with its three renderings. "problems": the points of those that no person
    decides.
    """
    decided = [problem for problem in report.problems if problem.max_points and not problem.is_for_a_person]
    return {
        "status": report.status.name,
        "score": report.score,
        "problems": {problem.name: problem.points for problem in decided},
        "message": report.message,
        "printed": report.stdout.text + report.stderr.text,
        "on": sorted(report.isolation.on) if report.isolation else None,
        "off": sorted(report.isolation.off) if report.isolation else None,
        "autolab": autolab.render(report)[:MOST_TEXT],
        "text": text.render(report)[:MOST_TEXT],
        "json": json_report.render(report)[:MOST_TEXT],
    }


def _adopt_orphans() -> None:
    """Become the parent of whatever loses its own below us; else init would, and we could not find it."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "PR_SET_CHILD_SUBREAPER")


def _left_behind() -> list[str]:
    """Return the command lines of all processes below this one that do not end by themselves in a moment."""
    until = time.monotonic() + GONE_WITHIN_S
    while True:
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        living = _descendants()
        if not living or time.monotonic() >= until:
            return list(living.values())
        time.sleep(0.02)


def _descendants() -> dict[int, str]:
    parents, names = {}, {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError):  # it ended meanwhile
            before, _, after = (entry / "stat").read_text(errors="replace").rpartition(")")
            state, parent = after.split()[:2]
            parents[int(entry.name)] = int(parent)
            names[int(entry.name)] = f"{before.partition('(')[2]} ({entry.name}, state {state})"
    below = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in below} - below:
        below |= more
    return {pid: names[pid] for pid in below - {os.getpid()}}


def _forget_peak() -> None:
    """Let the kernel begin anew with our largest resident set: what came before was another attack's."""
    with contextlib.suppress(OSError):  # an undumpable process of an ordinary user may not; then it is of all
        Path("/proc/self/clear_refs").write_text("5")


def _peak_kib() -> int:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


def call_s(attack: Path) -> float:
    """Seconds that each of its calls may take."""
    return float(declared(attack).get("call_s", "0.5"))


def _chunks(attacks: list[Path]) -> list[list[Path]]:
    """Return what is asked one after the other, by assignment: all that neither hangs nor stays outside of a
    job.
    """
    again = [
        attack
        for attack in attacks
        if attack.parent.name == "neighbours"
        or ("call_s" not in declared(attack) and attack.parent.name not in ("archives", "resources"))
    ]
    chunks = []
    for of in MAINS:
        its = [attack for attack in again if attacked(attack) == of]
        chunks += [its[at : at + CHUNK] for at in range(0, len(its), CHUNK)]
    return chunks


def _all(attacks: list[Path], models: Path, *, as_notebooks: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(WORKERS, mp_context=context, initializer=_adopt_orphans) as workers:
        under_way = {
            name(attack): workers.submit(watched, attack, models, as_notebook=as_notebooks)
            for attack in attacks
        }
        # What is met behind others does not depend on the form that it comes in.
        chunks = [] if as_notebooks else _chunks(attacks)
        later = [workers.submit(one_after_the_other, chunk, models) for chunk in chunks]
        for attack, future in under_way.items():
            try:
                found[attack] = future.result()
            except Exception as error:  # a worker was killed, or the attack's file is broken
                found[attack] = {"crashed": "".join(traceback.format_exception(error))}
        for chunk in later:
            for attack, graded in chunk.result().items():
                found[attack]["later"] = graded
    return found


def main(attacks: str, models: str, output: str, form: str = "") -> None:
    """Grade all; those that hang first, so that none hangs alone at the end."""
    for of in MAINS:
        for draw in assignment(of).suites.values():
            draw(
                Seed(0)
            )  # as the engine asks for it; a worker that drew would hang: torch's threads are not forked
    files = sorted(
        Path(attacks).glob("*/*.py"), key=lambda attack: ("call_s" not in declared(attack), attack)
    )
    found = _all(files, Path(models), as_notebooks=form == "notebooks")
    Path(output).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
