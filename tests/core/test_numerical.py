"""Gradients that are measured, and solutions that are published: told from the source alone."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import published_solutions
import pytest
import shipped
from read_sources import facts_of

from grader import discovery, policy
from grader.declaration import Loaded, Wanted, python_of
from grader.inside import facts, numerical, source
from grader.inside.trees import walk

ROOT = Path(__file__).parents[2]
ASSIGNMENTS = discovery.assignments()


def measured(text: str) -> dict[str, str]:
    """Return function -> how it measures its gradients."""
    tree = ast.parse(text)
    return {one["name"]: one["how"] for one in numerical.found(walk(tree), dict(facts.functions(tree)))}


CENTRAL = """
def slope(self, name, at):
    W = getattr(self, name)
    W[at] += 1e-5
    up = self.forward(self.x, self.h)
    W[at] -= 2e-5
    down = self.forward(self.x, self.h)
    return ((up - down) * self.delta).sum() / (2 * 1e-5)
"""
WAYS = {
    "in backward itself": """
EPS = 1e-6
class GRU_Cell:
    def forward(self, x, h):
        return x
    def backward(self, delta):
        base = self.forward(self.x, self.h)
        self.Wzx[0, 0] += EPS
        self.dWzx = (self.forward(self.x, self.h) - base) @ delta / EPS
""",
    "in a function that it calls": """
class GRU_Cell:
    def backward(self, delta):
        return slope(lambda W: self.forward(W), self.W)
def slope(f, W, h=1e-4):
    change = f(W + h) - f(W - h)
    return change / (2 * h)
""",
    "by a large factor": """
class GRU_Cell:
    def backward(self, delta):
        step = 10 ** -5
        return (self.f(self.W + step) - self.f(self.W - step)) * (0.5 / step)
""",
    "with the precision's root": """
import numpy as np
class GRU_Cell:
    def backward(self, delta):
        e = np.sqrt(np.finfo(float).eps)
        a, b = self.f(self.W + e), self.f(self.W)
        return np.sum(delta * (a - b)) / e
""",
}
COMPLEX = """
import numpy as np
class GRU_Cell:
    def backward(self, delta):
        return self.forward(self.x + 1e-30j).imag / 1e-30
"""


@pytest.mark.parametrize("text", WAYS.values(), ids=WAYS)
def test_differences_are_told(text: str) -> None:
    """A difference of two values over a small step, wherever in the file backward finds it."""
    assert measured(text)["GRU_Cell.backward"] == "differences"
    assert "GRU_Cell.forward" not in measured(text)


def test_complex_steps_are_told() -> None:
    """An imaginary part where something is complex is a derivative that nobody derived."""
    assert measured(COMPLEX) == {"GRU_Cell.backward": "complex steps"}


@pytest.mark.parametrize(
    "text",
    [
        "def backward(a, b):\n    return (a - b) / (a + 1e-8)",
        "def train(p, g, v):\n    return p - 1e-3 * g / (v ** 0.5 + 1e-8)",
        "def backward(a, b):\n    return (a - b) / 2",
        "def forward(a):\n    return 1 / (1 + 2.7 ** -a)",
        "def normal(a, m):\n    eps = 1e-5\n    return (a - m) / eps",
    ],
)
def test_what_only_has_small_numbers_is_not_accused(text: str) -> None:
    """Adam's 1e-8, a rate, a mean taken off: none of them measures a gradient."""
    assert measured(text) == {}


def sources(pattern: str) -> list[Path]:
    return [path for path in sorted(ROOT.glob(pattern)) if "provided" not in path.parts]


@pytest.mark.parametrize("name", shipped.NAMES)
def test_no_hand_in_of_ours_is_accused(name: str) -> None:
    """The model, right answers in all styles, and wrong ones derive their gradients."""
    wrong = [path for one in shipped.all_wrong(name) for path in sorted(shipped.wrong(one).rglob("*.py"))]
    for path in [
        *sources(f"src/{name}/**/*.py"),
        *sources(f"grader/assignments/{name}/right/**/*.py"),
        *wrong,
    ]:
        found = facts_of(source.decode(path.read_bytes())[0], path.name, lambda _: True)
        assert found.get("numerical", []) == [], path


def main_facts(path: Path) -> dict[str, Any]:
    return {"main": facts_of(source.decode(path.read_bytes())[0], path.name, lambda _: True)}


@pytest.mark.parametrize("assignment", ASSIGNMENTS, ids=lambda one: one.name)
def test_what_is_known_of_a_solution_is_true(assignment: Loaded) -> None:
    """solution.json is what `python tests/support/published_solutions.py` writes today."""
    assert dict(assignment.solution) == json.loads(json.dumps(published_solutions.known(assignment)))


@pytest.mark.parametrize("assignment", ASSIGNMENTS, ids=lambda one: one.name)
def test_no_right_answer_in_another_style_is_taken_for_ours(assignment: Loaded) -> None:
    """Who wrote it differently wrote it."""
    for path in sources(f"grader/assignments/{assignment.name}/right/*/**/*.py"):
        assert not policy.is_published(main_facts(path), assignment.solution), path


@pytest.mark.parametrize("assignment", ASSIGNMENTS, ids=lambda one: one.name)
def test_layout_comments_and_numbers_hide_no_solution(assignment: Loaded, tmp_path: Path) -> None:
    """Formatted anew, without comments and with other numbers it is the same; another name is another.

    What is too short to tell who wrote it is never taken for ours.
    """
    folder, wanted = ROOT / "src" / assignment.model_folder, assignment.wanted[0].path
    handed_in, *_ = sorted(one for one in folder.rglob("*") if one.relative_to(folder).match(wanted))
    original = tmp_path / f"{handed_in.stem}.py"
    original.write_bytes(python_of(handed_in.name, handed_in.read_bytes()))
    if sum(nodes for nodes, _ in assignment.solution.values()) < policy.LEAST_NODES:
        assert not policy.is_published(main_facts(original), assignment.solution)
        return
    text = ast.unparse(ast.parse(original.read_text())).replace("3000", "2999")
    disguised = original
    disguised.write_text("# my own work\n" + text.replace("\n\n", "\n\n# a remark\n"))
    assert policy.is_published(main_facts(disguised), assignment.solution)
    name = next(iter(assignment.solution)).rpartition(".")[2]
    disguised.write_text(text.replace(f"def {name}(", f"def {name}_("))
    assert not policy.is_published(main_facts(disguised), assignment.solution)


def test_a_function_in_another_file_is_seen_as_well() -> None:
    """What is taken from a file beside the main one is judged there, and named there."""
    measuring = facts_of(CENTRAL, "other.py", lambda _: True)
    name = measuring["numerical"][0]["name"]
    wanted = Wanted("gru.py", methods=(name,))
    found = policy.measured({"gru.py": {}, "other.py": measuring}, wanted)
    assert (found[name].file, found[name].line) == ("other.py", measuring["numerical"][0]["line"])
