"""Whether two checkouts of cellgrade come to the same reports, hand-in by hand-in.

    .venv/bin/python -m benchmarks.two_checkouts OLD NEW [--without-attacks] [--more FOLDER] [--workers N]

Every assignment's model, starter, right answers, mistakes and attacks, all as they are in NEW, and each
subfolder of FOLDER/ASSIGNMENT, go through `cellgrade batch` of both. It prints how many JSON reports are the
same to the byte, in how many a sentence differs, and which hand-ins have another verdict: another status, or
points or a criterion that differ. The exit status is 1 if there is any of these.

An attack that takes all the time or memory there is may end in two ways on two days: look at those by hand.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

import attack_runner  # noqa: E402
import shipped  # noqa: E402

from grader import mistakes  # noqa: E402

REJECTED_OR_GRADED = 0, 3  # exit statuses of a batch that has come to its end


def lay_own(name: str, folder: Path, with_attacks: bool) -> None:
    """Write the assignment's own hand-ins into the folder, one folder each."""
    answers = shipped.answers(name)
    given = {"model": answers.model, "starter": shipped.known(name).starter}
    right = {f"right-{style}": files for style, files in answers.right.items()}
    for called, files in (given | right).items():
        if files:
            mistakes.laid(files, folder / called)
    for mistake in answers.mistakes:
        mistake.laid(folder / f"wrong-{mistake.path.replace('/', '-')}")
    if with_attacks:
        for attack in sorted((ROOT / "tests" / "data" / "attacks").glob("*/*.py")):
            if attack_runner.attacked(attack) == name:
                called = f"attack-{attack_runner.name(attack).replace('/', '-')}"
                (folder / called).mkdir()
                laid = attack_runner.lay(attack, ROOT / "src", folder / called)
                if laid != folder / called:  # an archive
                    laid.rename(folder / f"{called}{laid.suffix}")
                    shutil.rmtree(folder / called)


def reports(checkout: Path, name: str, hand_ins: Path, results: Path, workers: int) -> dict[str, str]:
    """Hand-in -> the JSON report on it that this checkout's own cellgrade writes.

    Raises:
        SystemExit: the batch did not come to its end.
    """
    command = [checkout / ".venv" / "bin" / "cellgrade", "batch", hand_ins, "--out", results]
    options = ["--assignment", name, "--workers", str(workers), "--yes"]
    ended = subprocess.run([*map(str, command), *options], cwd=checkout, capture_output=True, text=True)
    if ended.returncode not in REJECTED_OR_GRADED:
        raise SystemExit(f"{checkout}, {name}: {ended.stderr}")
    return {path.stem: path.read_text() for path in (results / "reports").glob("*.json")}


def verdict(report: str) -> list[Any]:
    """Return what a student gets: the status, the points, and which criteria hold."""
    said = json.loads(report)
    problems = [
        (one["name"], one["points"], [(row["name"], row["passed"], row["points"]) for row in one["criteria"]])
        for one in said["problems"]
    ]
    return [said["status"], said["score"], problems]


def compared(old: dict[str, str], new: dict[str, str]) -> Iterator[tuple[str, str]]:
    """(hand-in, what came of it) for each: "same", "sentences" or "VERDICT"."""
    for hand_in in sorted(old.keys() | new.keys()):
        if hand_in not in old or hand_in not in new or verdict(old[hand_in]) != verdict(new[hand_in]):
            yield hand_in, "VERDICT"
        else:
            yield hand_in, "same" if old[hand_in] == new[hand_in] else "sentences"


def main() -> int:
    """Grade all in both checkouts, print what differs."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("old", type=Path, help="the folder of a checkout, set up")
    parser.add_argument("new", type=Path)
    parser.add_argument("--assignment", action="append", metavar="NAME", choices=shipped.NAMES)
    parser.add_argument("--without-attacks", action="store_true")
    parser.add_argument("--more", type=Path, metavar="FOLDER", help="FOLDER/ASSIGNMENT/HAND_IN")
    parser.add_argument("--workers", type=int, default=2, metavar="N")
    options = parser.parse_args()
    differ = False
    with tempfile.TemporaryDirectory() as scratch:
        for name in options.assignment or shipped.NAMES:
            hand_ins = Path(scratch) / name
            lay_own(name, hand_ins, not options.without_attacks)
            if options.more is not None and (options.more / name).is_dir():
                shutil.copytree(options.more / name, hand_ins, dirs_exist_ok=True)
            found = {
                side: reports(checkout, name, hand_ins, Path(scratch) / f"{name}-{side}", options.workers)
                for side, checkout in (("old", options.old), ("new", options.new))
            }
            came = dict(compared(found["old"], found["new"]))
            counts = {kind: list(came.values()).count(kind) for kind in ("same", "sentences", "VERDICT")}
            print(
                f"{name}: {len(came)} hand-ins, {counts['same']} reports the same to the byte, "
                f"{counts['sentences']} with other sentences, {counts['VERDICT']} with another verdict"
            )
            for hand_in, kind in came.items():
                if kind != "same":
                    print(f"    {kind}: {hand_in}")
            differ = differ or counts["VERDICT"] > 0
    return int(differ)


if __name__ == "__main__":
    sys.exit(main())
