"""The action on pull requests, run as a runner does: real git, a real engine, real files behind variables."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree

import action_runner
import pytest
import shipped
from action_runner import Run
from pull_requests import LSTM_STARTER, NOBODY, PullRequest, git, git_of_another

from grader.report import json_reading

ROOT = Path(__file__).parents[2]
WRONG = shipped.wrong("gru_cell/backward/carry_dropped") / "hw3" / "gru.py"
OUR_WORKFLOW = ROOT / ".github" / "workflows" / "grade.yml"
GRU, LSTM = "src/gru_cell/hw3/gru.py", "src/torch_lstm_cell/hw3/lstm_cell.py"

engine = pytest.mark.xdist_group("image")


@pytest.fixture
def pull_request(tmp_path: Path) -> PullRequest:
    return PullRequest(tmp_path)


@pytest.fixture
def tmp_path(tmp_path: Path) -> Iterator[Path]:
    """Yield a folder whose name tries the scripts' quoting."""
    folder = tmp_path / "a b"
    folder.mkdir()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def act(
    pull_request: PullRequest,
    image: str = "none",
    inputs: Mapping[str, str] | None = None,
    workspace: Path | None = None,
    action: Path = ROOT,
    as_user: Sequence[str] = (),
    **environment: str,
) -> Run:
    """Run the action on a pull request."""
    workspace = workspace or pull_request.checkout()
    return action_runner.run(
        action,
        workspace,
        pull_request.folder / "runner",
        {"image": image, **(inputs or {})},
        {
            **NOBODY,
            "GITHUB_EVENT_NAME": "pull_request",
            "GITHUB_SHA": git_of_another(workspace) if (workspace / ".git").exists() else "0" * 40,
            **environment,
        },
        base_sha=git(pull_request.origin, "rev-parse", "main"),
        as_user=as_user,
    )


def read(path: str) -> str:
    return (ROOT / path).read_text()


# --- what a pull request changes


@engine
def test_a_right_answer_gets_all_points(image: str, pull_request: PullRequest) -> None:
    """Score, summary, report, JUnit XML and Classroom's result say the same; only what changed is graded."""
    pull_request.write(GRU, read(GRU))
    run = act(pull_request, image, {"fail-under": "100"})
    assert not run.failed, run.log
    assert (run.outputs["score"], run.outputs["max_score"]) == ("100", "100")
    assert run.said("error") == []
    assert "`src/gru_cell`: 100 / 100" in run.summary
    assert "lstm" not in run.summary
    assert "NOT ISOLATED" not in run.summary
    files = run.artifacts["cellgrade"]
    assert set(files) == {"report.json", "junit.xml"}
    report = json_reading.read(files["report.json"].decode())
    assert report.score == 100
    assert report.isolation is not None
    assert report.isolation.isolated
    assert ElementTree.fromstring(files["junit.xml"]).get("failures") == "0"
    assert run.outputs["result"]


@engine
def test_a_wrong_answer_is_shown_where_it_is_assigned(image: str, pull_request: PullRequest) -> None:
    """The gradient that is wrong is said at its last assignment; the rest has its points; nothing fails."""
    source = WRONG.read_text()
    pull_request.write(GRU, source)
    run = act(pull_request, image)
    assert not run.failed, run.log
    assert run.outputs["score"] == "91.25"
    (error,) = (one for one in run.annotations if one.name == "error")
    assert error.properties["file"] == GRU
    assert source.splitlines()[int(error.properties["line"]) - 1].lstrip().startswith("dh = ")
    assert "dh" in error.properties["title"]
    assert "```python" in run.summary


@engine
@pytest.mark.parametrize(("level", "says"), [("equation", "The mistake is on the way back"), ("arrays", "")])
def test_a_course_decides_what_a_pull_request_is_told(
    image: str, pull_request: PullRequest, level: str, says: str
) -> None:
    """In the log, the annotations, the summary and the artifact alike; its seed and its points hold, too."""
    pull_request.write(GRU, WRONG.read_text())
    settings = f'assignment = "gru_cell"\nseed = 5\n[hints]\nlevel = "{level}"\n'
    pull_request.write("grading/course.toml", f'{settings}[points]\n"GRU Cell Forward" = 10\n')
    run = act(pull_request, image, {"course": "grading/course.toml"})
    assert not run.failed, run.log
    assert (run.outputs["score"], run.outputs["max_score"]) == ("71.25", "80")
    (error,) = (one for one in run.annotations if one.name == "error")
    shown = [run.log, run.summary, error.data, run.artifacts["cellgrade"]["report.json"].decode()]
    assert all(says in one for one in shown)
    assert not any("one of the ways back" in one for one in shown)
    assert json.loads(shown[-1])["suite"]["seed"] is None
    assert "hint:" not in error.data or says


@engine
def test_a_score_below_the_bar_fails_at_the_end(image: str, pull_request: PullRequest) -> None:
    """With `fail-under` the last step fails, after everything has been shown and kept."""
    pull_request.write(GRU, read("examples/course-template/" + GRU) + "\n# changed\n")
    run = act(pull_request, image, {"fail-under": "60"})
    assert run.failed
    assert run.steps[-1] == "Say how it went"
    assert run.outputs["score"] == "0"
    assert run.artifacts["cellgrade"]["report.json"]
    assert any("starter" in said for said in run.said("error"))


@engine
def test_what_raises_and_what_is_forbidden_is_shown_at_its_line(
    image: str, pull_request: PullRequest
) -> None:
    """The import at the import's line, the exception at the line that raised it."""
    lines = read(GRU).splitlines()
    at = next(
        i
        for i, line in enumerate(lines)
        if line.lstrip().startswith("def forward(") and "h" in line and i > 60
    )
    body = next(i for i in range(at, len(lines)) if lines[i].rstrip().endswith('"""') and i > at)
    lines.insert(body + 1, "        torch.zeros(1)")
    lines.insert(0, "import torch")
    pull_request.write(GRU, "\n".join(lines) + "\n")
    run = act(pull_request, image)
    places = {int(one.properties["line"]): one.data for one in run.annotations if one.name == "error"}
    assert "imports torch" in places[1]
    assert "ModuleNotFoundError" in places[body + 3]
    assert run.outputs["score"] == "0"


@engine
def test_several_assignments_are_graded_each(image: str, pull_request: PullRequest) -> None:
    """Each has its report and its lines; the outputs are of all together."""
    pull_request.write(GRU, read(GRU))
    pull_request.write(LSTM, (LSTM_STARTER / "hw3" / "lstm_cell.py").read_text() + "# another\n")
    run = act(pull_request, image, {"path": "src/gru_cell\n\n  src/torch_lstm_cell/  \n"})
    assert not run.failed, run.log
    assert sorted(run.artifacts["cellgrade"]) == [
        "junit.xml",
        "report-1-gru_cell.json",
        "report-2-torch_lstm_cell.json",
    ]
    assert (run.outputs["score"], run.outputs["max_score"]) == ("100", "200")
    assert {one.properties.get("file") for one in run.annotations if one.name == "error"} == {LSTM}


def test_a_pull_request_that_changes_none_says_so(pull_request: PullRequest) -> None:
    """It passes, without an engine or an image; what the base branch changed meanwhile is not its doing."""
    pull_request.write("README.md", "changed\n")
    run = act(pull_request)
    assert not run.failed
    assert run.steps == ["Find what to grade"]
    assert run.said("notice") == ["This changes no hand-in, so there is nothing to grade."]
    assert "nothing to grade" in run.summary
    assert run.outputs["score"] == ""


def test_copies_of_what_is_there_are_not_graded(pull_request: PullRequest) -> None:
    """Under another name, in another place, in parts: what the base branch has already is nobody's work."""
    source = pull_request.origin / "src" / "gru_cell"
    shutil.copytree(source, pull_request.origin / "src" / "copy")
    shutil.copy(source / "hw3" / "gru.py", pull_request.origin / "src" / "torch_lstm_cell" / "hw3")
    (pull_request.origin / "src" / "flat").mkdir()
    shutil.copy(source / "hw3" / "gru.py", pull_request.origin / "src" / "flat" / "other.py")
    run = act(pull_request)
    assert not run.failed, run.log
    assert run.steps == ["Find what to grade"]
    copies = [said for said in run.said("notice") if "nothing but what the base branch has" in said]
    assert len(copies) == 3


BROKEN_MODULES = '[submodule "x"\n\tpath = /// not closed'
HIDDEN_MODULES = '[submodule "x"]\n\tpath = src/gru_cell\n\turl = x\n\tignore = all\n'


@pytest.mark.parametrize("modules", [None, BROKEN_MODULES, HIDDEN_MODULES])
@pytest.mark.parametrize("path", ["src/gru_cell", "src/mine/hw3/mytorch"])
def test_a_submodule_is_the_students_mistake(
    pull_request: PullRequest, path: str, modules: str | None
) -> None:
    """It is said with what to do, whatever .gitmodules says; there is no score, and no fault of ours."""
    shutil.rmtree(pull_request.origin / path, ignore_errors=True)
    if path.startswith("src/mine"):
        pull_request.write("src/mine/hw3/gru.py", read(GRU))
    pull_request.link(path)
    if modules is not None:
        pull_request.write(".gitmodules", modules)
    run = act(pull_request)
    assert run.failed
    assert run.steps[-1] == "Say how it went"
    assert f"{path} is a git submodule" in run.said("error")[0]
    assert "could not be graded, and has no score" in run.said("error")[-1]
    assert not any("not the student's fault" in said for said in run.said("error"))
    assert run.outputs["score"] == ""


@pytest.mark.parametrize("modules", [BROKEN_MODULES, "\0", "a" * 100_000])
def test_a_gitmodules_that_is_none_stops_nothing(pull_request: PullRequest, modules: str) -> None:
    """git refuses it where it reads it; what the pull request changes is found all the same."""
    pull_request.write(".gitmodules", modules)
    run = act(pull_request)
    assert not run.failed, run.log
    assert run.said("notice") == ["This changes no hand-in, so there is nothing to grade."]


@engine
def test_what_is_required_counts_whatever_else_is_there(image: str, pull_request: PullRequest) -> None:
    """Copies of right answers neither raise the score of a wrong one nor come before it."""
    wrong = WRONG.read_text()
    pull_request.write(GRU, wrong)
    for name in ("a", "z"):
        pull_request.write(f"src/{name}/hw3/gru.py", read(GRU) + f"# {name}\n")
    pull_request.write("src/b/hw3/lstm_cell.py", read(LSTM))
    run = act(pull_request, image, {"required": "gru_cell\n"})
    assert not run.failed, run.log
    assert (run.outputs["score"], run.outputs["max_score"]) == ("91.25", "100")
    assert run.summary.startswith("## `src/gru_cell`: 91.25 / 100")
    assert run.summary.count("This does not count") == 3


@engine
def test_what_is_required_and_not_there_is_no_points(image: str, pull_request: PullRequest) -> None:
    """Nor does a right answer stand in for one that could not be graded."""
    pull_request.write(LSTM, read(LSTM))
    run = act(pull_request, image, {"required": "gru_cell"})
    assert (run.outputs["score"], run.outputs["max_score"]) == ("0", "100")
    assert any("no hand-in here that counts as gru_cell" in said for said in run.said("error"))


@engine
def test_beside_what_cannot_be_graded_nothing_required_has_a_score(
    image: str, pull_request: PullRequest
) -> None:
    """The folder that nobody recognises may be the one that was required."""
    pull_request.write("src/mine/notes.py", "x = 1\n")
    pull_request.write("src/a/hw3/gru.py", read(GRU))
    run = act(pull_request, image, {"required": "gru_cell"})
    assert run.failed
    assert run.outputs["score"] == ""


def test_a_deleted_hand_in_is_said_to_be_deleted(pull_request: PullRequest) -> None:
    """There is nothing to grade in it, and that is no error."""
    shutil.rmtree(pull_request.origin / "src" / "gru_cell")
    run = act(pull_request)
    assert not run.failed, run.log
    assert run.said("notice")[0] == "src/gru_cell is deleted here: there is nothing to grade in it."
    assert run.steps == ["Find what to grade"]


@pytest.mark.parametrize(
    "odd", ["with a space", "new\nline", "::error::x", "-rf", "ünïcode", "a*[b]?", "$(id)`id`", "a,b:c"]
)
@engine
def test_odd_names_are_names(image: str, pull_request: PullRequest, odd: str) -> None:
    """Whatever a folder is called, it is graded, and its name is never taken for a command or a pattern."""
    pull_request.write(f"src/{odd}/hw3/gru.py", read(GRU))
    run = act(pull_request, image)
    assert not run.failed, run.log
    assert run.outputs["score"] == "100"
    assert run.said("error") == []
    assert len(run.said("notice")) == 2  # its grade, and that it is a solution that is published


def test_links_are_not_followed(pull_request: PullRequest) -> None:
    """A folder that is a link to somewhere on the runner is not mounted into any container."""
    (pull_request.origin / "src" / "linked").symlink_to("/etc")
    run = act(pull_request)
    assert run.said("warning") == ["src/linked is a link, or is reached through one: it is not graded."]
    assert run.steps == ["Find what to grade"]


def test_on_other_events_everything_is_found(pull_request: PullRequest) -> None:
    """A push has no base to compare with: all hand-ins count."""
    run = act(pull_request, GITHUB_EVENT_NAME="push")
    assert "to be graded: src/gru_cell\n" in run.log
    assert "to be graded: src/torch_lstm_cell\n" in run.log


# --- what goes wrong before the grading


def test_without_history_it_says_what_to_do(pull_request: PullRequest) -> None:
    """With one commit alone nobody can say what changed."""
    pull_request.write(GRU, "x = 1\n")
    run = act(pull_request, workspace=pull_request.checkout(depth=1))
    assert run.failed
    assert "fetch-depth: 2" in run.said("error")[0]


def test_a_checkout_of_the_head_is_compared_with_where_it_began(pull_request: PullRequest) -> None:
    """With `ref:` of the head and the whole history, only the pull request's own changes count."""
    pull_request.write(GRU, "x = 1\n")
    workspace = pull_request.checkout(depth=99, ref="pull")
    git(workspace, "fetch", "--quiet", "origin", "main")
    run = act(pull_request, workspace=workspace, GITHUB_SHA="0" * 40)
    assert "to be graded: src/gru_cell\n" in run.log
    assert "lstm" not in run.log


def test_without_a_checkout_it_says_so(pull_request: PullRequest) -> None:
    """An empty workspace is the workflow's mistake."""
    empty = pull_request.folder / "empty"
    empty.mkdir()
    run = act(pull_request, workspace=empty, GIT_CEILING_DIRECTORIES=str(pull_request.folder))
    assert run.failed
    assert "use actions/checkout" in run.said("error")[0]


@pytest.mark.parametrize("event", ["pull_request_target", "workflow_run"])
def test_it_does_not_run_where_there_are_secrets(pull_request: PullRequest, event: str) -> None:
    """Triggers that give a stranger's code a token are refused."""
    run = act(pull_request, GITHUB_EVENT_NAME=event)
    assert run.failed
    assert "Use 'pull_request'" in run.said("error")[0]


@pytest.mark.parametrize(
    ("path", "says"), [("/etc", "leads out"), ("src/../..", "leads out"), ("scr/*", "Nothing matches")]
)
def test_a_wrong_path_is_the_workflows_mistake(pull_request: PullRequest, path: str, says: str) -> None:
    """It is said, not passed over as a pull request that changes nothing."""
    run = act(pull_request, inputs={"path": path}, GITHUB_EVENT_NAME="push")
    assert run.failed
    assert says in run.said("error")[0]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("seed", "-1"),
        ("seed", "1; id"),
        ("strict", "yes"),
        ("course", "nowhere.toml"),
        ("course", "../course.toml"),
        ("course", "/etc/hostname"),
        ("memory", "much"),
        ("timeout-minutes", "0"),
        ("fail-under", "ten"),
    ],
)
@engine
def test_a_wrong_input_is_named(image: str, pull_request: PullRequest, name: str, value: str) -> None:
    """The sentence says which input, and what it should be."""
    pull_request.write(GRU, "x = 1\n")
    run = act(pull_request, image, {name: value})
    assert run.failed
    assert f"The input '{name}' is" in run.said("error")[-1]


@engine
def test_it_runs_as_an_ordinary_user(image: str) -> None:
    """As on GitHub's machines: whose files are closed to others, and who may talk to the engine.

    The container's root has no right to others' files, so what it is given must be open to it; and what it
    writes for the runner must be the runner's. In a checkout of root's, git wants to be told that it may.
    """
    if os.geteuid() != 0:  # then every other test here is this one
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pull_request = PullRequest(folder)
        pull_request.write(GRU, read(GRU))
        workspace = pull_request.checkout()
        for entry in ("action.yml", "action"):
            subprocess.run(["cp", "-r", ROOT / entry, folder], check=True)
        subprocess.run(["chmod", "-R", "a+rX", folder], check=True)
        subprocess.run(["chown", "-R", "1234:1234", workspace / "src"], check=True)
        subprocess.run(["chmod", "-R", "go=", workspace / "src"], check=True)
        (folder / "runner").mkdir()
        (folder / "runner").chmod(0o777)
        socket = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock").removeprefix("unix://")
        group = str(os.stat(socket).st_gid)
        with contextlib.suppress(
            OSError
        ):  # on another disk; then the folders around it must be open to others
            os.link(socket, folder / "docker.sock")
            socket = str(folder / "docker.sock")
        run = act(
            pull_request,
            image,
            workspace=workspace,
            action=folder,
            as_user=["setpriv", "--reuid=1234", "--regid=1234", f"--groups={group}"],
            DOCKER_HOST=f"unix://{socket}",
        )
    assert not run.failed, run.log
    assert run.outputs["score"] == "100"
    assert "NOT ISOLATED" not in run.summary


@engine
def test_a_folder_of_no_assignment_is_said_and_the_others_graded(
    image: str, pull_request: PullRequest
) -> None:
    """What cannot be recognised is no fault of the grader's, and no reason not to grade the rest."""
    pull_request.write("src/notes/notes.py", "x = 1\n")
    pull_request.write(GRU, read(GRU))
    run = act(pull_request, image)
    assert run.failed
    assert "src/notes cannot be graded as this workflow asks" in run.said("error")[0]
    assert run.outputs["score"] == "100"


# --- our own faults


def derived(image: str, lines: str, name: str) -> str:
    """Return an image that is broken on purpose."""
    built = subprocess.run(
        ["docker", "build", "--network", "none", "--tag", name, "-"],
        input=f"FROM {image}\n{lines}",
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stderr
    return name


def is_our_fault(run: Run) -> bool:
    last = run.said("error")[-1]
    return run.failed and run.outputs["score"] == "" and "not the student's fault" in last


@engine
def test_an_image_that_cannot_be_had_is_our_fault(image: str, pull_request: PullRequest) -> None:
    """No score, and a sentence that says whose fault it is not."""
    pull_request.write(GRU, read(GRU))
    run = act(pull_request, "localhost:1/no/such:image")
    assert is_our_fault(run), run.log
    assert "cannot be pulled" in run.said("error")[0]


@engine
def test_a_grader_that_fails_is_our_fault(image: str, pull_request: PullRequest) -> None:
    """Its report is shown and kept, and records nothing."""
    broken = derived(image, "RUN rm -rf /opt/cellgrade-student", "cellgrade_test_broken")
    pull_request.write(GRU, read(GRU))
    run = act(pull_request, broken)
    assert is_our_fault(run), run.log
    assert any("The grader failed, not you" in said for said in run.said("error"))
    assert json.loads(run.artifacts["cellgrade"]["report.json"])["status"] == "error"
    assert "nothing was recorded" in run.summary


def instead_of_grading(image: str, script: str, name: str) -> str:
    """Return the image with something else in place of `cellgrade grade`; its other commands are there."""
    wrapper = f'#!/bin/sh\n[ "$1" = grade ] || exec /opt/cellgrade/bin/cellgrade "$@"\n{script}\n'
    packed = base64.b64encode(wrapper.encode()).decode()
    put = f"echo {packed} | base64 -d > /usr/local/bin/wrapper && chmod +x /usr/local/bin/wrapper"
    return derived(image, f"RUN {put} && ln -sf wrapper /usr/local/bin/cellgrade", name)


SPY = """
exec >&2
env; id; cat /proc/self/status /proc/net/dev /proc/mounts
cd /; find hand-in; touch hand-in/x /x; echo "$@"
cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max
exit 7
"""


@engine
def test_the_container_gets_the_hand_in_and_nothing_else(image: str, pull_request: PullRequest) -> None:
    """No token, no variable of the runner's, no git folder, no network, no place to write, few capabilities.

    The image here tells what it sees, and ends without a report: which is our fault, too.
    """
    spy = instead_of_grading(image, SPY, "cellgrade_test_spy")
    pull_request.write(GRU, read(GRU))
    pull_request.write("src/gru_cell/.hidden/x", "")
    run = act(pull_request, spy, {"path": ".", "seed": "5", "strict": "true", "assignment": "gru_cell"})
    assert is_our_fault(run), run.log
    seen = run.said("error")[0]
    assert "docker run ended with exit status 7" in seen
    assert "token" not in seen
    assert "GITHUB" not in seen
    assert "RUNNER" not in seen
    assert "docker.sock" not in seen
    assert ".git/" not in seen
    assert "hand-in/work space/src/gru_cell/hw3/gru.py" in seen
    capabilities = {
        line.split()[0]: int(line.split()[1], 16) for line in seen.splitlines() if line.startswith("Cap")
    }
    assert capabilities["CapEff:"] == capabilities["CapBnd:"] == 1 << 5 | 1 << 6 | 1 << 7 | 1 << 18
    assert "NoNewPrivs:\t1" in seen
    assert "touch: cannot touch 'hand-in/x': Read-only file system" in seen
    assert "touch: cannot touch '/x': Read-only file system" in seen
    assert "eth0" not in seen
    assert "grade --format json --seed 5 --assignment=gru_cell --strict /hand-in/work space" in seen
    assert str(2 << 30) in seen


def no_container_is_left(image: str) -> bool:
    filtered = ["docker", "ps", "--all", "--quiet", "--filter", f"ancestor={image}"]
    return subprocess.run(filtered, capture_output=True, text=True, check=True).stdout == ""


@engine
def test_a_grading_that_takes_too_long_is_stopped(image: str, pull_request: PullRequest) -> None:
    """When the time is up no container is left. It is our fault: a student's own time ends long before."""
    endless = instead_of_grading(image, "trap '' TERM; while :; do sleep 1; done", "cellgrade_test_endless")
    pull_request.write(GRU, read(GRU))
    # A minute is the least that the input can say; here `timeout` takes seconds for minutes.
    hasty = pull_request.folder / "bin"
    hasty.mkdir()
    (hasty / "timeout").write_text(
        '#!/bin/sh\nexec /usr/bin/timeout "$1" "${2%m}s" "${@:3}"\n'.replace("sh", "bash", 1)
    )
    (hasty / "timeout").chmod(0o755)
    run = act(pull_request, endless, {"timeout-minutes": "3"}, PATH=f"{hasty}:{os.environ['PATH']}")
    assert is_our_fault(run), run.log
    assert "Grading src/gru_cell took more than 3 minutes and was stopped." in run.said("error")
    assert no_container_is_left(endless)


@engine
def test_a_grading_that_needs_too_much_memory_is_said_to(image: str, pull_request: PullRequest) -> None:
    """What the kernel has killed is not taken for what took too long."""
    hungry = instead_of_grading(image, "exec tail /dev/zero", "cellgrade_test_hungry")
    pull_request.write(GRU, read(GRU))
    run = act(pull_request, hungry, {"memory": "20m"})
    assert is_our_fault(run), run.log
    assert "it may need more than 20m of memory" in run.said("error")[0]


@engine
def test_a_report_without_end_does_not_fill_the_disk(image: str, pull_request: PullRequest) -> None:
    """What is more than any report has is not written, and whoever wrote it is ended."""
    flood = instead_of_grading(image, "exec yes", "cellgrade_test_flood")
    pull_request.write(GRU, read(GRU))
    run = act(pull_request, flood)
    assert is_our_fault(run), run.log
    assert len(run.artifacts["cellgrade"]["report.json"]) == 64 << 20
    assert no_container_is_left(flood)


# --- hostile hand-ins

HOSTILE = '''
import os, sys, numpy as np
print("::error::" + "owned")
print("##[error]owned")
print("::stop-commands::x")
print("::add-path::/tmp")
print("\\n::set-output name=score::1000\\r::set-env name=PATH::/x")
sys.stderr.write("::error::owned\\n")

class GRU_Cell:
    def __init__(self, d, h):
        self.d, self.h = d, h

    def forward(self, x, h):
        {forward}

    def backward(self, delta):
        raise ValueError("```\\n::error file=a,line=1::owned%0A::error::owned\\n# owned @everyone <img src=x>|\\n[owned](http://x)")
'''  # fmt: skip


@pytest.mark.parametrize(
    "forward",
    [
        "raise ValueError('::error::owned')",
        "while True: pass",
        "print('::error::owned\\n' * 10**7)",
        "[os.fork() for _ in range(100)]",
        "os.kill(os.getppid(), 9)",
        "return np.ones((1 << 34,))",
    ],
    ids=["raises", "hangs", "floods", "forks", "kills", "memory"],
)
@engine
def test_a_hostile_hand_in_says_nothing_in_our_name(
    image: str, pull_request: PullRequest, forward: str
) -> None:
    """It is graded, gets nothing, and none of what it prints is a command, Markdown or XML."""
    pull_request.write(GRU, HOSTILE.replace("{forward}", forward))
    run = act(pull_request, image)
    assert not run.failed, run.log
    assert (run.outputs["score"], run.outputs["max_score"]) == ("0", "100")
    for one in run.annotations:
        assert one.properties["title"] != "owned"
        assert not one.data.startswith("owned")
        assert one.properties.get("file") in (GRU, None)
    assert {one.name for one in run.annotations} <= {"error", "notice"}
    report = json_reading.read(run.artifacts["cellgrade"]["report.json"].decode())
    assert report.score == 0
    assert len(run.summary) < 1 << 20
    ElementTree.fromstring(run.artifacts["cellgrade"]["junit.xml"])


# --- the image that the action builds


@engine
def test_without_a_named_image_it_builds_one(image: str, pull_request: PullRequest) -> None:
    """From the Dockerfile beside action.yml. The engine here has no bridge: builds use the host's network."""
    shim = pull_request.folder / "bin"
    shim.mkdir()
    docker = shutil.which("docker")
    (shim / "docker").write_text(
        f'#!/bin/bash\n[[ $1 != build ]] || set -- build --network host "${{@:2}}"\nexec {docker} "$@"\n'
    )
    (shim / "docker").chmod(0o755)
    pull_request.write(GRU, read(GRU))
    run = act(pull_request, "", PATH=f"{shim}:{os.environ['PATH']}")
    assert not run.failed, run.log
    assert run.outputs["score"] == "100"


@engine
def test_our_own_workflow_grades_the_model_hand_ins(image: str, tmp_path: Path) -> None:
    """That of every assignment in NumPy, and nothing else in src: all points, but for those of a person."""
    workspace = tmp_path / "checkout"
    shutil.copytree(ROOT / "src", workspace / "src", ignore=shutil.ignore_patterns("__pycache__"))
    steps = action_runner.load(OUR_WORKFLOW)["jobs"]["grade"]["steps"]
    run = action_runner.run(
        ROOT,
        workspace,
        tmp_path / "runner",
        {"image": image, **steps[-1]["with"]},
        {"GITHUB_EVENT_NAME": "push", "GITHUB_SHA": "0" * 40},
    )
    assert not run.failed, run.log
    assert run.said("error") == []
    files = run.artifacts["cellgrade"]
    reports = [json_reading.read(text.decode()) for name, text in files.items() if name.endswith(".json")]
    assert {report.assignment for report in reports} == {*shipped.ANYWHERE}
    for report in reports:
        criteria = [one for problem in report.problems for one in problem.criteria]
        assert all(one.passed is not False for one in criteria)
