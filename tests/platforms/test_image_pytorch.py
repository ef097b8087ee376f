"""The image for hand-ins written in PyTorch, on a real engine: a notebook is run and graded in it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import made_course
from shipped import ROOT


def graded(image: str, data: Path | None, out: Path) -> subprocess.CompletedProcess[str]:
    """Grade the model notebook in a fresh container without a network."""
    course = ("--volume", f"{data}:/course:ro", "--env", "CELLGRADE_DATA=/course") if data is not None else ()
    notebook = ROOT / "src" / "gru_notebook" / "a08_model.ipynb"
    mounted = ("--volume", f"{notebook}:/handin/a08_model.ipynb:ro", "--volume", f"{out}:/out")
    command = "cellgrade grade --format json --files /out /handin/a08_model.ipynb".split()
    return subprocess.run(
        ["docker", "run", "--rm", "--network", "none", *course, *mounted, image, *command],
        capture_output=True,
        text=True,
        timeout=540,
    )


def test_a_notebook_is_graded_and_comes_out_as_it_ran(pytorch_image: str, tmp_path: Path) -> None:
    """All points but a person's, every layer on, and the notebook with its pictures beside the report."""
    data, out = made_course.lay(tmp_path / "course"), tmp_path / "out"
    out.mkdir()
    done = graded(pytorch_image, data, out)
    report = json.loads(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert report["isolation"]["isolated"]
    criteria = [one for problem in report["problems"] for one in problem["criteria"]]
    assert all(one["passed"] is not False for one in criteria), [one for one in criteria if not one["passed"]]
    executed = json.loads((out / "executed.ipynb").read_text())
    assert any(cell.get("outputs") for cell in executed["cells"])
    assert list(out.glob("*.png"))


def test_where_the_text_or_torch_is_missing_nothing_is_recorded(
    image: str, pytorch_image: str, tmp_path: Path
) -> None:
    """It is our fault, in a sentence that says what to do, and nobody's zero."""
    for name, data, says in (
        (pytorch_image, None, "CELLGRADE_DATA"),
        (image, made_course.lay(tmp_path / "course"), "make torch"),
    ):
        done = graded(name, data, tmp_path)
        assert done.returncode == 3, done.stdout + done.stderr
        report = json.loads(done.stdout)
        assert report["status"] == "error"
        assert report["score"] is None
        assert says in report["message"]


def test_no_other_image_has_torch_beside_hand_ins(image: str) -> None:
    """What most courses pull is no larger for it."""
    found = subprocess.run(
        ["docker", "run", "--rm", image, "ls", "/opt"], capture_output=True, text=True, check=True
    )
    assert found.stdout.split() == ["cellgrade", "cellgrade-student"]
