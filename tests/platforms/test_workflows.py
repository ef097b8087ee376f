"""The action, its scripts, the workflows and the course's template: by what linters know of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import action_runner
import pytest

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "examples" / "course-template"
WORKFLOWS = [path / ".github" / "workflows" / "grade.yml" for path in (ROOT, TEMPLATE)]
STARTER = ROOT / "grader" / "assignments" / "gru_cell" / "starter"
BIN = Path(sys.executable).parent


def tool(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([BIN / command[0], *command[1:]], cwd=ROOT, capture_output=True, text=True)


def test_the_action_and_the_workflows_have_the_form_that_github_wants() -> None:
    """By the schemas that editors check with."""
    done = tool("check-jsonschema", "--builtin-schema", "vendor.github-actions", "action.yml")
    assert done.returncode == 0, done.stdout
    done = tool("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *WORKFLOWS)
    assert done.returncode == 0, done.stdout


def test_a_security_linter_has_nothing_to_say() -> None:
    """No expression in a script, no action that is not pinned, no right too many, no token left behind."""
    done = tool("zizmor", "--offline", "--persona", "auditor", "--no-progress", "action.yml", *WORKFLOWS)
    assert done.returncode == 0, done.stdout
    assert "No findings" in done.stdout


def test_the_security_linter_sees_a_planted_hole(tmp_path: Path) -> None:
    """An input that is put into a script is found."""
    planted = (
        (ROOT / "action.yml").read_text().replace("run: bash ", "run: echo ${{ inputs.path }}; bash ", 1)
    )
    (tmp_path / "action.yml").write_text(planted)
    done = tool("zizmor", "--offline", "--no-progress", tmp_path / "action.yml")
    assert done.returncode != 0
    assert "template-injection" in done.stdout


def test_the_scripts_are_clean() -> None:
    """ShellCheck has nothing to say, at its strictest level."""
    scripts = sorted((ROOT / "action").glob("*.sh"))
    assert len(scripts) >= 5
    done = tool("shellcheck", "--external-sources", "--severity=style", *scripts)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", WORKFLOWS, ids=["ours", "template"])
def test_a_workflow_can_do_no_harm(path: Path) -> None:
    """`pull_request`, a token that only reads, one run at a time, an end, and enough history."""
    workflow = action_runner.load(path)
    assert "pull_request" in workflow["on"]
    assert set(workflow["on"]) <= {"pull_request", "push"}
    assert workflow["permissions"] == {}
    assert workflow["concurrency"]["cancel-in-progress"] is True
    (job,) = workflow["jobs"].values()
    assert job["permissions"] == {"contents": "read"}
    assert job["timeout-minutes"]
    checkout, grade = job["steps"]
    assert checkout["with"] == {"fetch-depth": 2, "persist-credentials": False}
    assert set(grade["with"]) <= set(action_runner.load(ROOT / "action.yml")["inputs"])


def test_the_template_hands_out_the_starter() -> None:
    """What students get from it is what the assignment gives."""
    files = sorted(path.relative_to(STARTER) for path in STARTER.rglob("*.py"))
    assert files
    for file in files:
        assert (TEMPLATE / "src" / "gru_cell" / file).read_bytes() == (STARTER / file).read_bytes()


def test_the_documents_say_that_the_score_is_no_grade() -> None:
    """Where a course begins, and where students look."""
    said = " ".join((TEMPLATE / "README.md").read_text().split())
    assert "A pull request can change its own workflow" in said
    assert "not your grade" in said
