"""The image without torch, on a real engine: it grades as the whole one does, and says what it cannot do."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import shipped
from shipped import ANYWHERE, ROOT

from benchmarks import docker, store
from grader import discovery
from grader.records import Status
from grader.report import json_reading

MOST_MIB, MOST_STUDENT_MIB = 350, 150
WRONG = (
    "gru_cell/backward/reset_path_dropped",
    "torch_gru_cell/backward/accumulator_for_weight",
    "torch_lstm_cell/forward/first_sample_for_all",
    "rnn_step_by_step/rnn_backward/carry_alone",
    "nback_rnn/application/recursion_dropped",
    "lstm_gru_theory/question_4/sign_turned",
)
# Grades each folder of /hands, and writes down what comes of it, with the exit status. All other forms of a
# report are made of this one.
GRADES = """
for hand in /hands/*/*; do
  name=$(basename "$(dirname "$hand")")
  echo "=== $hand"
  cellgrade grade --assignment "$name" --for instructor --format json "$hand" 2>&1
  echo "=== $?"
done
"""


def run_in(image: str, *command: str, options: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """Run a command in a fresh container without a network."""
    return subprocess.run(
        ["docker", "run", "--rm", "--network", "none", *options, image, *command],
        capture_output=True,
        text=True,
        timeout=540,
    )


def read_only(folder: Path, at: str) -> tuple[str, ...]:
    return ("--volume", f"{folder}:{at}:ro")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """Options that mount the model hand-in of gru_cell as a student packs it."""
    tar = tmp_path_factory.mktemp("model") / "handin.tar"
    subprocess.run(["tar", "-czf", tar, "-C", ROOT / "src" / "gru_cell", "hw3"], check=True)
    return ("--volume", f"{tar}:/handin.tar:ro")


@pytest.fixture(scope="module")
def reports(image: str, baked_image: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Return what both images print of every assignment's model and of a wrong answer."""
    hands = tmp_path_factory.mktemp("hands")
    hands.chmod(0o755)
    for path in WRONG:
        name = path.partition("/")[0]
        shutil.copytree(shipped.wrong(path), hands / name / "wrong")
        shutil.copytree(
            ROOT / "src" / name, hands / name / "right", ignore=shutil.ignore_patterns("__pycache__")
        )
    whole, baked = (
        run_in(one, "bash", "-c", GRADES, options=read_only(hands, "/hands")).stdout
        for one in (image, baked_image)
    )
    return whole, baked


def by_hand_in(printed: str) -> dict[tuple[str, str], str]:
    """Return what was printed, by assignment and "right" or "wrong"."""
    found = re.findall(r"^=== /hands/(\w+)/(\w+)\n(.*?)^=== 0$", printed, re.MULTILINE | re.DOTALL)
    return {(name, which): text for name, which, text in found}


# --- it grades


def test_both_images_print_the_same_bytes(reports: tuple[str, str]) -> None:
    """Of the model of every assignment that is graded there, and of a wrong answer to each."""
    whole, baked = reports
    assert {path.partition("/")[0] for path in WRONG} == set(ANYWHERE)
    assert len(by_hand_in(baked)) == 2 * len(ANYWHERE)
    assert baked == whole


def test_every_model_gets_full_points_without_torch(reports: tuple[str, str]) -> None:
    """All that is not left to a person."""
    for (name, which), text in by_hand_in(reports[1]).items():
        report = json_reading.read(text)
        assert report.status is Status.GRADED, report.message
        if which == "right":
            assert report.score == report.max_score - report.undecided, name


def test_every_mistake_is_named_without_torch(reports: tuple[str, str]) -> None:
    """Its cause is said, and the smallest case is shown."""
    for (name, which), text in by_hand_in(reports[1]).items():
        if which == "wrong":
            criteria = [one for row in json_reading.read(text).problems for one in row.criteria]
            assert any(one.cause is not None for one in criteria), name
            assert any(one.counterexample is not None for one in criteria), name


def test_torch_is_not_there(baked_image: str) -> None:
    """No environment can import it, and no file of it is left."""
    for python in ("/opt/cellgrade/bin/python", "/opt/cellgrade-student/bin/python", "python3"):
        done = run_in(baked_image, python, "-c", "import torch")
        assert "No module named 'torch'" in done.stderr
    assert run_in(baked_image, "find", "/opt", "/usr", "-name", "torch").stdout == ""


def test_tango_can_use_it(baked_image: str) -> None:
    """A whole job runs in it: autodriver is owned by root and sets its user, as in the other image."""
    run = run_in(baked_image, "cellgrade", "image-check")
    assert run.returncode == 0, run.stdout + run.stderr
    assert "Tango can grade with this image." in run.stdout


def test_every_layer_of_the_sandbox_is_on(baked_image: str) -> None:
    """As in the whole image."""
    run = run_in(baked_image, "cellgrade", "doctor")
    assert run.returncode == 0, run.stdout + run.stderr
    assert "OFF" not in run.stdout


# --- what needs torch


@pytest.mark.parametrize("options", [("--seed", "5"), ("--course", "/course/course.toml")], ids=" ".join)
def test_cases_that_are_not_baked_are_our_fault(
    baked_image: str, model: tuple[str, ...], tmp_path: Path, options: tuple[str, ...]
) -> None:
    """Another seed, or a course's points: said in a sentence, and neither a traceback nor a zero."""
    (tmp_path / "course.toml").write_text(
        'assignment = "gru_cell"\nseed = 5\n[points]\n"GRU Cell Forward" = 1\n'
    )
    mounted = (*model, *read_only(tmp_path, "/course"))
    command = ("cellgrade", "grade", *options, "/handin.tar")
    run = run_in(baked_image, *command, options=mounted)
    assert run.returncode == 3, run.stdout + run.stderr
    said = " ".join((run.stdout + run.stderr).split())
    assert (
        "gru_cell is not baked for this seed and these settings; and it cannot be drawn here, since " in said
    )
    assert "torch is not installed. Run `cellgrade bake` with the same options where it is" in said
    assert "Traceback" not in said
    autolab = run_in(baked_image, *command, "--format", "autolab", options=mounted)
    scores = json.loads(autolab.stdout.rstrip().splitlines()[-1])["scores"]
    assert set(scores.values()) == {None}


def test_cases_that_were_baked_elsewhere_are_graded(
    image: str, baked_image: str, model: tuple[str, ...], tmp_path: Path
) -> None:
    """What the image with torch bakes is all that the other one lacks; both print the same."""
    shelf = ("--volume", f"{tmp_path}:/suites", "--env", "CELLGRADE_CACHE=/suites")
    command = ("cellgrade", "grade", "--seed", "5", "--format", "autolab", "/handin.tar")
    assert run_in(image, "cellgrade", "bake", "--seed", "5", "gru_cell", options=shelf).returncode == 0
    whole, baked = (run_in(one, *command, options=(*model, *shelf)) for one in (image, baked_image))
    assert '"GRU Cell Backward": 70' in baked.stdout.splitlines()[-1]
    assert baked.stdout == whole.stdout


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Return a folder with an assignment of somebody's own: gru_cell under another name."""
    shutil.copytree(ROOT / "grader" / "assignments" / "gru_cell", tmp_path / "my_gru")
    declared = tmp_path / "my_gru" / "assignment.py"
    declared.write_text(declared.read_text().replace('"gru_cell"', '"my_gru"'))
    return tmp_path


def test_an_assignment_of_ones_own_is_not_verified(baked_image: str, own: Path) -> None:
    """What, why, and what to do."""
    run = run_in(
        baked_image, "cellgrade", "verify", "--assignments", "/own", "my_gru", options=read_only(own, "/own")
    )
    assert run.returncode == 3
    said = run.stdout + run.stderr
    assert "my_gru cannot be verified here, since torch is not installed, and verify draws its cases" in said
    assert "Traceback" not in said


def test_nothing_is_baked(baked_image: str) -> None:
    """Nor does `bake` end in a traceback."""
    run = run_in(baked_image, "cellgrade", "bake", "--seed", "5", "gru_cell")
    assert run.returncode == 3
    assert "gru_cell cannot be drawn here, since torch is not installed." in run.stderr
    assert "Traceback" not in run.stdout + run.stderr


# --- what it weighs


def test_it_is_small(baked_image: str) -> None:
    """The image, and the students' environment in it."""
    assert docker.mib(baked_image) < MOST_MIB
    assert docker.student_mib(baked_image) < MOST_STUDENT_MIB


def test_both_images_share_their_layers(image: str, baked_image: str) -> None:
    """All but torch, the code and the suites are the same ones, built and stored once."""
    asks = ("image", "inspect", "--format", "{{json .RootFS.Layers}}")
    whole, baked = (json.loads(docker.said(*asks, one)) for one in (image, baked_image))
    shared = [a for a, b in zip(whole, baked, strict=False) if a == b]
    assert len(shared) >= len(docker.BASE)
    assert whole[: len(shared)] == shared


def test_the_benchmark_weighed_the_layers_as_they_are(image: str, baked_image: str) -> None:
    """What docs/image.md quotes of each layer: within a tenth and 3 MiB."""
    told = store.read()["docker"]["figures"]["layers"]
    for target, name in {"whole": image, "baked": baked_image}.items():
        assert told[target] == pytest.approx(docker.layers(name, target), rel=0.1, abs=3)


def test_known_is_what_is_baked(baked_image: str) -> None:
    """A file of suites for every assignment whose cases hold no text of a course's."""
    listed = run_in(baked_image, "ls", "/opt/cellgrade/share/cellgrade/suites").stdout.split()
    suites = {one.partition("-seed0-")[0] for one in listed if one.endswith(".suites")}
    assert suites == {one.name for one in discovery.assignments() if not one.data}
