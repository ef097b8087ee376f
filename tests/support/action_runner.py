"""Runs an action's steps as a GitHub runner does, on this machine: inputs, expressions, files, commands.

It knows the expressions that action.yml uses, and raises on any other. Of `uses:` steps it knows
upload-artifact, whose files it collects; all else is run for real.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import runner_rules
from ruamel.yaml import YAML

UPLOAD = re.compile(r"actions/upload-artifact@[0-9a-f]{40}")


@dataclass
class Run:
    """What came of running an action.

    Attributes:
        failed: whether a step did.
        log: all that the steps printed.
        annotations: what a pull request shows.
        summary: Markdown of the job's page.
        outputs: the action's.
        artifacts: name -> file name -> content.
        steps: names of those that ran.
    """

    failed: bool = False
    log: str = ""
    annotations: list[runner_rules.Command] = field(default_factory=list)
    summary: str = ""
    outputs: dict[str, str] = field(default_factory=dict)
    artifacts: dict[str, dict[str, bytes]] = field(default_factory=dict)
    steps: list[str] = field(default_factory=list)

    def said(self, kind: str) -> list[str]:
        """Return the messages of one kind of annotation."""
        return [one.data for one in self.annotations if one.name == kind]


def load(path: Path) -> Any:
    """Return a YAML file, by YAML 1.2, in which `on` is a word."""
    return YAML(typ="safe").load(path)


def run(
    action: Path,
    workspace: Path,
    temporary: Path,
    inputs: Mapping[str, str],
    environment: Mapping[str, str],
    base_sha: str = "",
    as_user: Sequence[str] = (),
) -> Run:
    """Run a composite action.

    Args:
        action: folder of action.yml.
        workspace: the checkout.
        temporary: the runner's folder for its files; made here.
        inputs: as the workflow gives them.
        environment: GITHUB_EVENT_NAME, GITHUB_SHA, and what replaces this machine's own, such as PATH.
        base_sha: `github.event.pull_request.base.sha`.
        as_user: a command before each script, which makes it another user's.
    """
    temporary.mkdir(exist_ok=True)
    declared = load(action / "action.yml")
    assert set(inputs) <= set(declared["inputs"]), "a runner warns of unknown inputs"
    context: dict[str, str] = {
        f"inputs.{name}": inputs.get(name, one.get("default", "")) for name, one in declared["inputs"].items()
    }
    context["github.event.pull_request.base.sha"] = base_sha
    result = Run()
    for number, step in enumerate(declared["runs"]["steps"]):
        if result.failed or not _holds(step.get("if", "true"), context):
            continue
        result.steps.append(step["name"])
        if "uses" in step:
            _upload(step, context, result)
        else:
            _script(
                step, context, result, action, workspace, temporary / f"step{number}", environment, as_user
            )
    result.outputs = {name: _filled(one["value"], context) for name, one in declared["outputs"].items()}
    return result


def _script(
    step: Mapping[str, Any],
    context: dict[str, str],
    result: Run,
    action: Path,
    workspace: Path,
    files: Path,
    environment: Mapping[str, str],
    as_user: Sequence[str],
) -> None:
    assert step["shell"] == "bash"
    files.mkdir()
    (files / "script.sh").write_text(step["run"])
    (files / "temp").mkdir()
    for name in ("output", "env", "summary"):
        (files / name).touch()
    for path in (files, *files.iterdir()):
        path.chmod(0o777)
    variables = {
        "PATH": os.environ["PATH"],
        "HOME": str(files.parent),
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_WORKSPACE": str(workspace),
        "GITHUB_ACTION_PATH": str(action),
        "GITHUB_OUTPUT": str(files / "output"),
        "GITHUB_ENV": str(files / "env"),
        "GITHUB_STEP_SUMMARY": str(files / "summary"),
        "GITHUB_TOKEN": "a-token-that-no-student-may-see",
        "RUNNER_TEMP": str(files / "temp"),
        **({"DOCKER_HOST": os.environ["DOCKER_HOST"]} if "DOCKER_HOST" in os.environ else {}),
        **environment,
        **{name: _filled(value, context) for name, value in step.get("env", {}).items()},
    }
    done = subprocess.run(
        [*as_user, "bash", "--noprofile", "--norc", "-e", "-o", "pipefail", files / "script.sh"],
        cwd=workspace,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=600,
    )
    output = done.stdout.decode(errors="replace")
    result.log += output
    shown = [one for one in runner_rules.commands(output) if one.name in ("error", "warning", "notice")]
    result.annotations += shown
    result.failed = done.returncode != 0
    result.summary += (files / "summary").read_text()
    assert (files / "env").read_text() == "", "an action that sets variables for other steps"
    for name, value in runner_rules.assigned((files / "output").read_text()).items():
        context[f"steps.{step.get('id')}.outputs.{name}"] = value


def _upload(step: Mapping[str, Any], context: Mapping[str, str], result: Run) -> None:
    assert UPLOAD.fullmatch(step["uses"]), step["uses"]
    given = {name: _filled(value, context) for name, value in step["with"].items()}
    folder = Path(given["path"])
    files = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
    assert files
    assert given["name"] not in result.artifacts
    result.artifacts[given["name"]] = files


def _filled(text: str, context: Mapping[str, str]) -> str:
    """Return a value with its expressions evaluated; what is not set is empty, as for a runner."""
    return re.sub(r"\$\{\{(.*?)\}\}", lambda found: _value(found[1].strip(), context), str(text))


def _value(expression: str, context: Mapping[str, str]) -> str:
    if literal := re.fullmatch("'([^']*)'", expression):
        return literal[1]
    assert re.fullmatch(
        r"inputs\.[a-z-]+|steps\.[a-z]+\.outputs\.[a-z_]+|github\.event\.pull_request\.base\.sha", expression
    ), f"an expression that this runner does not know: {expression}"
    assert not expression.startswith("inputs.") or expression in context, f"no such input: {expression}"
    return context.get(expression, "")


def _holds(condition: str, context: Mapping[str, str]) -> bool:
    """Whether a condition of comparisons joined by && holds."""
    if condition == "true":
        return True
    pairs = [part.split("!=") for part in condition.split("&&")]
    assert all(len(pair) == 2 for pair in pairs), condition
    return all(
        _value(left.strip(), context).lower() != _value(right.strip(), context).lower()
        for left, right in pairs
    )
