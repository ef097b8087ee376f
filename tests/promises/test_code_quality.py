"""The code as a whole: formatted, linted, typed, and importing one way only."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard

import pytest

from grader import discovery

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
ENVIRONMENTS = {one.name: one.environment for one in discovery.assignments()}

# What each part of the house may import of ours, from the ground up. A part is a module, a package, or the
# folder of an assignment; `inside` and `report` are packages whose modules import one another freely.
MAY_IMPORT = {
    "reference": set(),
    "grader": set(),
    "grader.deadline": set(),
    "grader.errors": set(),
    "grader.records": set(),
    "grader.inside": set(),
    "grader.reproducible": set(),
    "grader.threads": set(),
    "grader.autolab_rules": set(),
    "grader.supervisor": {"grader.inside"},
    "grader.declaration": {"grader.errors", "grader.autolab_rules", "grader.records"},
    "grader.hints": {"grader.declaration", "grader.errors", "grader.records"},
    "grader.formatting": {"grader.records"},
    "grader.places": {"grader.records"},
    "grader.report": {"grader.autolab_rules", "grader.places", "grader.records"},
    "grader.cases": {"grader.records", "grader.reproducible"},
    "grader.suite": {"grader.cases", "grader.errors", "grader.records", "reference"},
    "grader.equations": {"grader.errors", "grader.records"},
    "grader.faults": {"grader.equations", "grader.records"},
    "grader.cell": {
        "grader.cases",
        "grader.declaration",
        "grader.equations",
        "grader.errors",
        "grader.faults",
        "grader.second",
        "grader.suite",
        "grader.records",
        "reference",
    },
    "grader.secret": {"grader.cases", "grader.errors"},
    "grader.remembered": set(),
    "grader.slices": {"grader.declaration", "grader.errors", "grader.records"},
    "grader.compare": {
        "grader.declaration",
        "grader.errors",
        "grader.formatting",
        "grader.records",
        "grader.slices",
    },
    "grader.outcomes": {"grader.compare", "grader.records"},
    "grader.leniency": {"grader.compare", "grader.outcomes", "grader.records"},
    "grader.snippet": {"grader.declaration", "grader.formatting", "grader.records"},
    "grader.verdicts": {
        "grader.compare",
        "grader.declaration",
        "grader.errors",
        "grader.leniency",
        "grader.outcomes",
        "grader.records",
        "grader.remembered",
        "grader.slices",
    },
    "grader.criteria": {
        "grader.compare",
        "grader.declaration",
        "grader.leniency",
        "grader.formatting",
        "grader.outcomes",
        "grader.snippet",
        "grader.verdicts",
        "grader.records",
    },
    "grader.score": {
        "grader.assigned",
        "grader.criteria",
        "grader.declaration",
        "grader.snippet",
        "grader.verdicts",
        "grader.records",
    },
    "grader.second": {
        "grader.compare",
        "grader.declaration",
        "grader.outcomes",
        "grader.suite",
        "grader.records",
        "grader.remembered",
    },
    "grader.policy": {"grader.declaration", "grader.errors", "grader.records"},
    "grader.assigned": {"grader.declaration", "grader.policy", "grader.records"},
    "grader.responses": {"grader.declaration", "grader.policy", "grader.records"},
    "grader.baked": {
        "grader.cases",
        "grader.declaration",
        "grader.discovery",
        "grader.errors",
        "grader.records",
        "grader.suite",
    },
    "grader.drawn": {"grader.baked", "grader.cases", "grader.declaration", "grader.secret", "grader.records"},
    "grader.options": {"grader.declaration", "grader.responses", "grader.secret"},
    "grader.course_data": {"grader.errors"},
    "grader.sources": {
        "grader.course_data",
        "grader.declaration",
        "grader.errors",
        "grader.inside",
        "grader.sandbox",
        "grader.snippet",
        "grader.records",
    },
    "grader.toplevel": {"grader.policy", "grader.sandbox", "grader.records"},
    "grader.discovery": {"grader.course_data", "grader.inside", "grader.declaration", "grader.errors"},
    "grader.listed": {
        "grader",
        "grader.baked",
        "grader.declaration",
        "grader.discovery",
        "grader.second",
    },
    "grader.intake": {"grader.declaration", "grader.errors", "grader.records"},
    "grader.sandbox": {
        "grader",
        "grader.deadline",
        "grader.declaration",
        "grader.errors",
        "grader.inside",
        "grader.threads",
        "grader.records",
    },
    "grader.assignments": {
        "grader.course_data",
        "grader.cases",
        "grader.cell",
        "grader.declaration",
        "grader.equations",
        "grader.executed",
        "grader.faults",
        "grader.second",
        "grader.suite",
        "grader.records",
        "reference",
    },
    "grader.pictures": set(),
    "grader.executed": {"grader.inside", "grader.pictures", "grader.records"},
    "grader.aside": {"grader.declaration", "grader.inside", "grader.sandbox", "grader.records"},
    "grader.calling": {
        "grader.compare",
        "grader.declaration",
        "grader.leniency",
        "grader.sandbox",
        "grader.verdicts",
        "grader.records",
    },
    "grader.diagnosis": {
        "grader.compare",
        "grader.criteria",
        "grader.declaration",
        "grader.drawn",
        "grader.errors",
        "grader.faults",
        "grader.leniency",
        "grader.outcomes",
        "grader.records",
        "grader.sandbox",
        "grader.score",
        "grader.snippet",
        "grader.verdicts",
        "grader.slices",
    },
    "grader.problems": {
        "grader.aside",
        "grader.assigned",
        "grader.declaration",
        "grader.diagnosis",
        "grader.calling",
        "grader.policy",
        "grader.sandbox",
        "grader.score",
        "grader.sources",
        "grader.records",
    },
    "grader.issuing": {
        "grader",
        "grader.declaration",
        "grader.errors",
        "grader.score",
        "grader.records",
    },
    "grader.taken": {"grader.deadline", "grader.declaration", "grader.records"},
    "grader.grading": {
        "grader.aside",
        "grader.declaration",
        "grader.diagnosis",
        "grader.drawn",
        "grader.options",
        "grader.policy",
        "grader.problems",
        "grader.responses",
        "grader.sandbox",
        "grader.sources",
        "grader.toplevel",
        "grader.issuing",
        "grader.taken",
        "grader.records",
    },
    "grader.engine": {
        "grader",
        "grader.baked",
        "grader.deadline",
        "grader.declaration",
        "grader.discovery",
        "grader.drawn",
        "grader.errors",
        "grader.grading",
        "grader.intake",
        "grader.options",
        "grader.places",
        "grader.sandbox",
        "grader.sources",
        "grader.issuing",
        "grader.taken",
        "grader.records",
    },
    "grader.batch": {
        "grader",
        "grader.course",
        "grader.declaration",
        "grader.discovery",
        "grader.engine",
        "grader.errors",
        "grader.hints",
        "grader.inside",
        "grader.intake",
        "grader.options",
        "grader.report",
        "grader.secret",
        "grader.threads",
        "grader.issuing",
        "grader.taken",
        "grader.records",
    },
    "grader.mistakes": {"grader.declaration", "grader.errors"},
    "grader.verify": {
        "grader.cases",
        "grader.course_data",
        "grader.declaration",
        "grader.engine",
        "grader.equations",
        "grader.errors",
        "grader.mistakes",
        "grader.sandbox",
        "grader.records",
    },
    "grader.course": {"grader.autolab_rules", "grader.declaration", "grader.errors", "grader.hints"},
    "grader.autolab": {
        "grader",
        "grader.autolab_rules",
        "grader.course",
        "grader.declaration",
        "grader.discovery",
        "grader.errors",
        "grader.intake",
        "grader.report",
        "grader.secret",
        "grader.records",
    },
    "grader.cli": {
        "grader",
        "grader.autolab",
        "grader.baked",
        "grader.batch",
        "grader.cases",
        "grader.course",
        "grader.course_data",
        "grader.declaration",
        "grader.discovery",
        "grader.drawn",
        "grader.engine",
        "grader.errors",
        "grader.hints",
        "grader.mistakes",
        "grader.report",
        "grader.sandbox",
        "grader.secret",
        "grader.supervisor",
        "grader.issuing",
        "grader.listed",
        "grader.taken",
        "grader.verify",
        "grader.records",
    },
    "grader.__main__": {"grader.cli", "grader.sandbox", "grader.supervisor", "grader.threads"},
}

# Within `grader.batch`: what each of its rooms, and each module beside them, may import of the others.
BATCH_MAY_IMPORT = {
    "entry": set(),
    "csv_table": set(),
    "results_folder": set(),
    "interruption": set(),
    "collect": {"csv_table", "entry", "results_folder"},
    "journal": {"entry", "results_folder"},
    "grade": {"entry", "interruption", "journal"},
    "gradebook": {"collect", "csv_table", "entry", "journal", "results_folder"},
    "run": {"collect", "entry", "grade", "gradebook", "interruption", "journal", "results_folder"},
}


def run(*command: str | Path, **variables: str) -> None:
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **variables}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def sources() -> Iterator[Path]:
    for folder in ("grader", "reference"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if not {"right", "wrong", "starter"} & set(path.parts):
                yield path


def part_of(module: str) -> str:
    """Return the part of the house that a dotted module belongs to."""
    names = module.split(".")
    if names[0] == "reference":
        return "reference"
    return ".".join(names[:2])


def imported(path: Path) -> Iterator[str]:
    """Yield the parts of the house that a file imports, relative imports (within a part) left out."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (part_of(alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module == "grader":
            # `from grader import records` imports a part, `import __version__` the package itself.
            for alias in node.names:
                is_part = f"grader.{alias.name}" in MAY_IMPORT
                yield f"grader.{alias.name}" if is_part else "grader"
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield part_of(node.module)


def test_the_code_is_formatted() -> None:
    """`ruff format` would change nothing."""
    run(BIN / "ruff", "format", "--check", ".")


def test_the_code_is_linted() -> None:
    """`ruff check` has nothing to say."""
    run(BIN / "ruff", "check", ".")


def test_the_code_is_typed() -> None:
    """mypy, strict, has nothing to say."""
    run(BIN / "mypy", "grader", "reference", "benchmarks", "tests")


@pytest.mark.parametrize("system", ["darwin", "win32"])
def test_the_code_is_typed_elsewhere(system: str) -> None:
    """On macOS and Windows nothing is used that Python does not have there."""
    run(BIN / "mypy", "--platform", system, "--cache-dir", f".mypy_cache/{system}", "grader", "reference")


@pytest.mark.parametrize(
    "adapter",
    sorted((ROOT / "grader" / "assignments").glob("*/adapter.py")),
    ids=lambda path: path.parent.name,
)
def test_an_adapter_is_typed_as_it_runs(adapter: Path) -> None:
    """An adapter is checked where `grader.inside` is called `inside`, as in the student's process."""
    run(BIN / "mypy", "--exclude", "^$", adapter.relative_to(ROOT), MYPYPATH="grader")


@pytest.mark.parametrize("path", list(sources()), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_run_one_way(path: Path) -> None:
    """A file imports only the parts of the house that stand below its own."""
    if path.name == "adapter.py":
        return  # the next test's
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    part = part_of(module)
    assert part in MAY_IMPORT, f"say in this test what {part} may import"
    ours = {name for name in imported(path) if name.split(".")[0] in ("grader", "reference", "src", "tests")}
    assert ours - {part} <= MAY_IMPORT[part]


def batch_rooms(path: Path) -> Iterator[str]:
    """Yield the rooms of `grader.batch`, and the modules beside them, that a file imports."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.ImportFrom) and node.module == "grader.batch":
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("grader.batch."):
            yield str(node.module).split(".")[2]
        elif isinstance(node, ast.Import):
            assert not [alias for alias in node.names if alias.name.startswith("grader.batch")], path


def test_the_rooms_of_a_batch_import_one_way() -> None:
    """Four rooms, and few modules beside them, in the order of the table: none imports what is above it."""
    folder = ROOT / "grader" / "batch"
    rooms = {path.stem for path in folder.iterdir()} - {"__init__", "__pycache__"}
    assert rooms == set(BATCH_MAY_IMPORT)
    for path in folder.rglob("*.py"):
        room = path.relative_to(folder).with_suffix("").parts[0]
        if room != "__init__":
            assert set(batch_rooms(path)) - {room} <= BATCH_MAY_IMPORT[room], path
    above = list(BATCH_MAY_IMPORT)
    for place, room in enumerate(above):
        assert BATCH_MAY_IMPORT[room] <= set(above[:place]), room


def test_a_batch_makes_json_of_reports_in_one_place() -> None:
    """A report stays a `Report` until its file is written: one module asks for a form of it."""
    folder = ROOT / "grader" / "batch"
    asking = [path for path in folder.rglob("*.py") if "rendered(" in path.read_text()]
    assert [path.relative_to(folder).as_posix() for path in asking] == ["gradebook/files.py"]
    assert not [path for path in folder.rglob("*.py") if "json_report" in path.read_text()]


@pytest.mark.parametrize(
    "path",
    [path for path in sources() if path.name == "adapter.py" or path.parent.name == "inside"],
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_a_students_process_gets_numpy_and_the_standard_library(path: Path) -> None:
    """What runs beside a hand-in imports nothing but what is there: NumPy, the standard library and `inside`.

    An adapter imports what its assignment's environment has as well.
    """
    found = {name.split(".")[0] for name in imported(path)}
    environment = ENVIRONMENTS.get(path.parent.name) if path.name == "adapter.py" else None
    packages = {*environment.packages} if environment else {"numpy"}
    assert found <= set(sys.stdlib_module_names) | packages | {"inside"}


def test_the_parts_have_no_circle() -> None:
    """The table above is a partial order: every part stands above all that it imports."""
    standing: set[str] = set()
    while len(standing) < len(MAY_IMPORT):
        free = {part for part, below in MAY_IMPORT.items() if part not in standing and below <= standing}
        assert free, f"these import one another: {set(MAY_IMPORT) - standing}"
        standing |= free


def test_the_engine_knows_no_assignment_by_name() -> None:
    """No module outside an assignment's folder holds the name of one."""
    names = [folder.parent.name for folder in (ROOT / "grader" / "assignments").glob("*/assignment.py")]
    assert names
    for path in sources():
        if "assignments" not in path.parts:
            assert not [name for name in names if f'"{name}"' in path.read_text()], path


# In a job, of files that Python and NumPy came with, read before there was a hand-in.
BYTECODE = ROOT / "grader" / "inside" / "stored.py"
WARM = ROOT / "grader" / "inside" / "warm.py"


def _reads_weights(call: ast.AST) -> TypeGuard[ast.Call]:
    if not isinstance(call, ast.Call):
        return False
    alone = [one for one in call.keywords if one.arg == "weights_only" and ast.unparse(one.value) == "True"]
    return ast.unparse(call.func) == "safetensors.torch.load" or (
        ast.unparse(call.func) == "torch.load" and bool(alone)
    )


def test_nothing_is_unpickled() -> None:
    """No module of ours reads a pickle, nor NumPy's formats that may hold one.

    Weights that were handed in are read in the job alone, which the hand-in owns anyway, and by what makes
    nothing but tensors of them: an adapter travels there as source, and no module of ours imports one. What
    reads them is used once before, on bytes of ours, in a zygote that has met no hand-in.
    """
    for path in sources():
        if path == BYTECODE:
            continue
        tree = ast.parse(path.read_bytes())
        in_a_job = path.name == "adapter.py" or path == WARM
        weights = {call.func for call in ast.walk(tree) if in_a_job and _reads_weights(call)}
        for node in ast.walk(tree):
            if node in weights:
                continue
            if isinstance(node, ast.ImportFrom):
                assert not {"adapter"} & {
                    *(node.module or "").split("."),
                    *(one.name for one in node.names),
                }, path
            if isinstance(node, ast.Import):
                assert not {"pickle", "shelve", "marshal"} & {alias.name for alias in node.names}, path
            if isinstance(node, ast.Attribute):
                reads = ast.unparse(node)
                assert node.attr not in ("loads", "load") or reads in ("json.loads", "tomllib.loads"), path


def test_torch_and_hypothesis_stay_out_of_an_import() -> None:
    """Importing the command line and the assignments imports neither torch, Hypothesis nor rich."""
    heavy = "{'torch', 'hypothesis', 'rich'} & set(sys.modules)"
    code = (
        f"import sys; from grader import cli, discovery; discovery.assignments(); assert not {heavy}, {heavy}"
    )
    run(sys.executable, "-c", code)


def test_no_module_is_longer_than_300_lines() -> None:
    """What is longer has more than one thing in it. Solutions and hand-ins are not ours to cut."""
    skipped = {"right", "wrong", "starter", "provided"}
    long = {
        path.relative_to(ROOT).as_posix(): count
        for part in ("grader", "reference")
        for path in (ROOT / part).rglob("*.py")
        if not skipped & set(path.parts) and (count := len(path.read_text().splitlines())) > 300
    }
    assert long == {}


# The same job, from within and from outside.
ON_BOTH_SIDES = {"Job": {"grader/inside/job.py", "grader/sandbox/process.py"}}


def test_one_class_name_means_one_thing() -> None:
    """Nowhere in the house, an assignment's own modules apart, are there two public classes of one name."""
    found: dict[str, set[str]] = {}
    for part in ("grader", "reference"):
        for path in (ROOT / part).rglob("*.py"):
            if "assignments" not in path.parts:
                for node in ast.walk(ast.parse(path.read_bytes())):
                    if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                        found.setdefault(node.name, set()).add(path.relative_to(ROOT).as_posix())
    assert {name: places for name, places in found.items() if len(places) > 1} == ON_BOTH_SIDES
