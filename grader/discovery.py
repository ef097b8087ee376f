"""Finds the assignments: each is a folder with an assignment.py. Nothing else knows where they are."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import json
import sys
import traceback
from collections.abc import Collection, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, TypeVar

from grader import course_data
from grader.declaration import ORACLES, Assignment, Loaded, python_of
from grader.errors import DeclarationError, EquationError, GraderError, UsageError

BUILT_IN = Path(__file__).parent / "assignments"
SHARED = BUILT_IN / "shared"  # what several assignments provide


def assignments(*folders: Path) -> tuple[Loaded, ...]:
    """All assignments of these folders (of BUILT_IN, if none is given), by name.

    Raises:
        DeclarationError: one of them cannot be loaded, or two have one name.
    """
    found = [
        assignment(declared.parent)
        for folder in folders or (BUILT_IN,)
        for declared in sorted(folder.glob("*/assignment.py"))
    ]
    names = [assignment.name for assignment in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise DeclarationError(f"two folders declare an assignment of this name: {', '.join(twice)}")
    return tuple(sorted(found, key=lambda assignment: assignment.name))


A = TypeVar("A", bound=Assignment)


def by_name(name: str, known: Sequence[A]) -> A:
    """Return the assignment of that name.

    Raises:
        UsageError: there is none; the message lists what there is.
    """
    for assignment in known:
        if assignment.name == name:
            return assignment
    choices = ", ".join(assignment.name for assignment in known)
    raise UsageError(f"there is no assignment {name!r}; there are: {choices}")


def explained(error: BaseException, folder: Path) -> BaseException:
    """Return what went wrong in an assignment's folder as a DeclarationError that says in which file and
    line.

    What is a GraderError of another kind, or went wrong elsewhere than in the folder, is given back as it is.
    """
    if isinstance(error, GraderError) and not isinstance(error, DeclarationError):
        return error
    if isinstance(error, EquationError):
        return error
    what = str(error) if isinstance(error, DeclarationError) else f"{type(error).__name__}: {error}"
    if isinstance(error, SyntaxError) and Path(error.filename or "").parent == folder:
        return DeclarationError(f"{error.filename}, line {error.lineno}: {type(error).__name__}: {error.msg}")
    frames = [
        frame for frame in traceback.extract_tb(error.__traceback__) if folder in Path(frame.filename).parents
    ]
    if frames:
        return DeclarationError(f"{frames[-1].filename}, line {frames[-1].lineno}: {what}")
    if isinstance(error, DeclarationError) and str(folder) not in what:
        return DeclarationError(f"{folder}: {what}")
    return error


def digest(assignment: Loaded) -> str:
    """Hex SHA-256 of whatever in an assignment may change a grade: its folder, points and limits.

    The statement, and the right and wrong answers, do not belong to that.
    """
    sha256 = hashlib.sha256()
    points = [(problem.name, float(problem.points)) for problem in assignment.problems]
    handed_out = course_data.digests((*assignment.data, *assignment.lends))
    settled = (points, assignment.limits, str(assignment.sizes_of_one), *([handed_out] if handed_out else []))
    sha256.update(repr(settled).encode())  # as the course has them
    if assignment.derived_from:
        sha256.update(repr((assignment.adapter, assignment.derived_from)).encode())
    for path, content in sorted(assignment.provided.items()):
        sha256.update(repr((path, len(content))).encode(errors="surrogatepass"))
        sha256.update(content)
    for path, content in _files(assignment.folder, without=(*ORACLES, "statement.md")).items():
        sha256.update(repr((path, len(content))).encode(errors="surrogatepass"))
        sha256.update(content)
    return sha256.hexdigest()


def assignment(folder: Path) -> Loaded:
    """Return the assignment that a folder declares.

    Raises:
        DeclarationError: it cannot be loaded.
    """
    module_name = f"cellgrade_assignment_{folder.name}"
    # As a package, so that a long declaration can be several files: `from .truth import ...`.
    spec = importlib.util.spec_from_file_location(
        module_name, folder / "assignment.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module
    try:
        spec.loader.exec_module(module)
        declared = module.ASSIGNMENT
        adapter = _adapter(folder, declared)
        compile(adapter, str(folder / "adapter.py"), "exec")
    except (Exception, SystemExit) as error:  # whatever an assignment does wrong, it is named by its place
        placed = explained(error, folder)
        if not isinstance(placed, DeclarationError):
            placed = DeclarationError(f"{folder}: {type(error).__name__}: {error}")
        raise placed from error
    if not isinstance(declared, Assignment) or declared.name != folder.name:
        raise DeclarationError(
            f"{folder / 'assignment.py'} must declare ASSIGNMENT with name {folder.name!r}"
        )
    found = files_of(folder, declared.shares)
    for pattern in declared.stand_ins:
        if not any(fnmatchcase(path, pattern) for path in found["provided"]):
            raise DeclarationError(f"{folder}: stand_ins names {pattern!r}, and no provided file is that")
    try:
        _hold_together(folder, declared, found["starter"])
    except SyntaxError as error:
        raise DeclarationError(f"{folder}: the starter is not Python: {error}") from error
    return Loaded.of(
        declared,
        adapter=adapter,
        folder=folder,
        definitions=_definitions(declared, found["starter"]),
        found_suites=declared.suites,
        found_explains=declared.explains,
        **found,
    )


def files_of(folder: Path, shares: Sequence[str]) -> dict[str, Any]:
    """Return what an assignment's folder holds for hand-ins, by attribute of `Loaded`.

    Args:
        folder: the assignment's.
        shares: as an `Assignment` has them.

    Raises:
        DeclarationError: there is no such folder in `SHARED`.
    """
    provided = _files(folder / "provided")
    for name in shares:
        if not (shared := _files(SHARED / name)):
            raise DeclarationError(f"{folder}: shares names {name!r}, which {SHARED} does not have")
        provided = {**shared, **provided}
    published = folder / "solution.json"
    return {
        "starter": _files(folder / "starter"),
        "provided": provided,
        "solution": json.loads(published.read_text(encoding="utf-8")) if published.exists() else {},
    }


def _definitions(declared: Assignment, starter: Mapping[str, bytes]) -> Mapping[str, str]:
    """Return what the starter of the file that is graded defines, by digest."""
    from grader.inside import facts, source  # a listed assignment needs nothing of this

    given = [path for path in starter if fnmatchcase(path, declared.wanted[0].path)]
    return (
        facts.definitions(source.decode(python_of(given[0], starter[given[0]]))[0], "starter")
        if given
        else {}
    )


def _adapter(folder: Path, declared: object) -> str:
    """Return the source of the folder's adapter.py, or what the declaration has made."""
    made = declared.adapter if isinstance(declared, Assignment) else ""
    file = folder / "adapter.py"
    if made and file.exists():
        raise DeclarationError(f"{file}: the declaration makes an adapter of its own; delete this one")
    return made or file.read_text(encoding="utf-8")


def _hold_together(folder: Path, declared: Assignment, starter: Mapping[str, bytes]) -> None:
    """Find a name that the declaration asks of students, and the starter does not have."""
    for wanted in declared.wanted:
        given = [python_of(path, one) for path, one in starter.items() if fnmatchcase(path, wanted.path)]
        is_source = wanted.path.endswith((".py", ".ipynb"))
        there = _defined(given[0].decode("latin-1")) if given and is_source else None
        for name in (*wanted.defines, *wanted.methods, *wanted.given):
            if there is not None and name not in there:
                raise DeclarationError(f"{folder}: the starter's {wanted.path} defines no {name}")


def _defined(source: str) -> set[str]:
    """Return the top-level functions and classes of a source of ours, and methods as "Class.method"."""
    names = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        if isinstance(node, ast.ClassDef):
            names |= {f"{node.name}.{one.name}" for one in node.body if isinstance(one, ast.FunctionDef)}
    return names


def _files(folder: Path, without: Collection[str] = ()) -> dict[str, bytes]:
    """Return the files of a folder by their paths in it, in order.

    Args:
        folder: which.
        without: names of files and folders in it that are left out.
    """
    tops = [path for path in folder.glob("*") if path.name not in without]
    below = [path for top in tops if top.is_dir() for path in top.rglob("*")]
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted([*tops, *below])
        if path.is_file() and "__pycache__" not in path.parts
    }
