"""What the source of a hand-in says that a person should know: imports, syntax, what is left of the starter.

The facts were read inside a job, before any of the hand-in ran (`inside.facts`); here they get words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from grader.declaration import Loaded, Wanted
from grader.errors import Rejection
from grader.records import CriterionResult, Failure, Finding, Method, ProblemResult, mistake, notice

Facts = Mapping[str, Mapping[str, Any]]

# A function of fewer nodes than this is written alike by many people.
LEAST_NODES = 150

# True of torch as of a file of the student's own that was forgotten.
NOT_THERE = "which is neither NumPy, nor Python's own, nor a file of the hand-in"


def findings(facts: Facts, given: Mapping[str, str], wanted: Wanted, main: str) -> Iterator[Finding]:
    """All that the source gives reason to say.

    Args:
        facts: path in the hand-in -> what `inside.facts` found, for the main file and what it imports.
        given: the definitions of the starter's file; empty if there is none.
        wanted: what the assignment asks of the main file.
        main: its path in the hand-in.
    """
    for path, found in facts.items():
        if "error" in found:
            hint = syntax_hint(found["error"])
            yield mistake(found["error"], hint, path, found["line"], found.get("cell"))
        yield from _about_lost(path, found)
        for imported in found.get("imports", ()):
            yield _about_import(path, imported)
    yield from _about_starter(facts.get(main, {}), given, wanted, main)


def measured(facts: Facts, wanted: Wanted) -> dict[str, Finding]:
    """Which of the wanted functions measure a gradient instead of deriving it, and what is said of each."""
    what = {
        "differences": "a difference of two values, divided by a small step",
        "complex steps": "the imaginary part after a complex step",
    }
    return {
        one["name"]: notice(
            f"{one['name']} measures its gradients: {what[one['how']]}; their values are right, but no "
            "derivative is written out",
            "Derive them by the chain rule, and keep this for checking what you derived.",
            path,
            one["line"],
            one.get("cell"),
        )
        for path, found in facts.items()
        for one in found.get("numerical", ())
        if one["name"] in wanted.methods and one["how"] in what
    }


def is_published(facts: Facts, solution: Mapping[str, Sequence[Any]]) -> bool:
    """Whether every function of the published solution stands there: names and structure, token by token."""
    shapes: dict[str, Any] = {}
    for found in facts.values():
        shapes = {**found.get("shapes", {}), **shapes}  # what comes first counts, as it does when asked
    same = all(shapes.get(name) == list(shape) for name, shape in solution.items())
    return bool(solution) and same and sum(count for count, _ in solution.values()) >= LEAST_NODES


PUBLISHED = "it is, token by token, the solution that cellgrade publishes"


def forbidden_import(facts: Facts) -> str | None:
    """Return the first import of more than NumPy and Python's own, in whatever way, as a sentence; None if
    none.
    """
    for path, found in facts.items():
        for imported in found.get("imports", ()):
            where = place(imported["line"], imported.get("cell"))
            return f"{path}, {where}: imports {imported['package']}, {NOT_THERE}"
    return None


def hold_strictly(facts: Facts, main: str) -> None:
    """Do nothing, unless a hand-in imports more than is allowed, or hides what it imports.

    Raises:
        Rejection: it does.
    """
    if not facts:
        raise Rejection(f"what {main} imports could not be read: Python's own parser does not survive it")
    if (forbidden := forbidden_import(facts)) is not None:
        hint = (
            "Remove the import and hand in again: this course fails hand-ins for it, as its statement says."
        )
        raise Rejection(forbidden, hint)


def about_reading(unread: Failure | None, main: str | None) -> Iterator[Finding]:
    """Say why nothing is known of the source: then nothing counts as left out, and all of it is asked."""
    if unread is not None:
        message = f"{unread.message}; so whatever is not there counts as failed, also where it is optional"
        hint = (
            "Take out what is far longer or deeper nested than a program; what it imports was read with it."
        )
        yield mistake(message, hint, main)


def about_encoding(main: str, odd_lines: Mapping[str, int]) -> Iterator[Finding]:
    """Say in which line the main file is not UTF-8.

    Args:
        main: its path.
        odd_lines: path -> first line that is not UTF-8.
    """
    if main in odd_lines:
        message = "this line is not UTF-8; the file was read as Latin-1"
        hint = "Save the file as UTF-8: Python itself refuses it as it is."
        yield notice(message, hint, main, odd_lines[main])


def place(line: int | None, cell: int | None) -> str:
    """Where it is: "line 3", in a notebook "cell 14, line 3"."""
    return f"line {line}" if cell is None else f"cell {cell}, line {line}"


def written(facts: Facts, paths: Sequence[str]) -> dict[str, Method]:
    """Return what is defined of all that is looked for, by name, in the first of these files that has it."""
    found: dict[str, Method] = {}
    owners: dict[str, str] = {}
    for path in paths:
        said = facts.get(path, {})
        for name, line in said.get("lines", {}).items():
            if owners.setdefault(name.partition(".")[0], path) == path:  # a class is taken as a whole
                found[name] = Method(name, path, line, said.get("cells", {}).get(name))
    return found


def graded(facts: Facts, paths: Sequence[str]) -> Facts:
    """Return the facts of what is graded: the main file, what it reaches, and what else something is taken
    of.
    """
    supplying = {method.file for method in written(facts, paths).values()}
    return {path: found for path, found in facts.items() if path in supplying or "beside" not in found}


def lost(facts: Facts, main: str) -> set[str]:
    """Names of what the main file defines in lines that do not parse, of its classes' methods as well."""
    return {name for one in facts.get(main, {}).get("lost", ()) for name in one["names"]}


def first_error(facts: Facts, main: str) -> str | None:
    """Return the first thing in the main file that does not parse, with its place; None if all does."""
    found = facts.get(main, {})
    for one in ([found] if "error" in found else []) + [*found.get("lost", ())]:
        return f"{place(one['line'], one.get('cell'))}: {one['error']}"
    return None


def _about_lost(path: str, found: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield what does not parse: each definition by itself, and the rest together."""
    others = [one for one in found.get("lost", ()) if not one["names"]]
    for one in found.get("lost", ()):
        if one["names"]:
            message = f"{one['error']}; so {_listed(one['names'])} {_be(one['names'])} passed over here"
            yield mistake(
                f"{message}, and the rest was read",
                syntax_hint(one["error"]),
                path,
                one["line"],
                one.get("cell"),
            )
    if others:
        first = others[0]
        lines = place(first["first"], first.get("cell"))
        if first["last"] > first["first"]:
            lines += f" to {first['last']}"
        message = f"{first['error']}; {lines} {'was' if lines.count(' to ') == 0 else 'were'} passed over"
        if len(others) > 1:
            message += f", and {len(others) - 1} more such places"
        yield notice(f"{message}; the rest was read", None, path, first["line"], first.get("cell"))


def _be(names: Sequence[str]) -> str:
    return "was" if len(names) == 1 else "were"


def _about_import(path: str, imported: Mapping[str, Any]) -> Finding:
    package, line, used = imported["package"], imported["line"], imported["used"]
    cell, used_cell = imported.get("cell"), imported.get("used_cell")
    says = f"imports {package}, {NOT_THERE}"
    if imported["guarded"]:
        return notice(
            f"{says}; under `try` it raises ImportError, as on a machine without it", None, path, line, cell
        )
    if used is None:
        return notice(
            f"{says}; it is never used, so it costs nothing", "Remove the import.", path, line, cell
        )
    return mistake(
        f"{says}; it is used in {place(used, used_cell)}",
        "Do it with NumPy; if it is a file of your own, hand it in too.",
        path,
        line,
        cell,
    )


def with_untouched(found: Mapping[str, Any], assignment: Loaded) -> Mapping[str, Any]:
    """Return the facts of the main file, and "untouched": what students write and is as in the starter."""
    if not found:
        return found
    written, given = found.get("definitions", {}), assignment.definitions
    asked = assignment.wanted[0].methods
    return {
        **found,
        "untouched": [name for name in asked if name in given and written.get(name) == given[name]],
    }


def _about_starter(
    found: Mapping[str, Any], given: Mapping[str, str], wanted: Wanted, main: str
) -> Iterator[Finding]:
    written = found.get("definitions")
    if not written or not given:
        return
    untouched = [name for name in wanted.methods if name in given and written.get(name) == given[name]]
    if untouched and untouched == list(wanted.methods):
        yield mistake(
            f"this is the starter, unchanged: {_listed(untouched)} are still to be written", None, main
        )
    else:
        for name in untouched:
            yield mistake(f"{name} is still as in the starter", None, main)


def about_given(
    facts: Facts, given: Mapping[str, str], wanted: Wanted, main: str, problems: Sequence[ProblemResult]
) -> Iterator[Finding]:
    """Yield what was to be left alone and was changed, where something that fails may depend on it."""
    written = facts.get(main, {}).get("definitions", {})
    lines = facts.get(main, {}).get("lines", {})
    failing = [one for problem in problems for one in problem.criteria if one.passed is False]
    for name in wanted.given:
        if name not in given or name not in written or written[name] == given[name]:
            continue
        if any(_may_depend(one, name.rpartition(".")[2]) for one in failing):
            yield notice(
                f"{name} differs from the starter's, and what fails here may depend on it",
                "The weights are set from outside after it has run: keep its arguments and its attributes.",
                main,
                lines.get(name),
            )


def _may_depend(criterion: CriterionResult, method: str) -> bool:
    """Whether it raised in that method, or for want of an attribute."""
    if criterion.reason != "raised":
        return False
    told = f"{criterion.message}\n{criterion.traceback}"
    return f"in {method}\n" in told or f"{method}()" in told or "AttributeError" in told


def _listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def syntax_hint(error: str) -> str | None:
    """Return what such a syntax error usually comes from, and what to do about it."""
    if "Missing parentheses in call" in error or ("invalid syntax" in error and "print" in error):
        return "This looks like Python 2; it is graded with Python 3."
    if error.startswith(("TabError", "IndentationError")):
        return "Tabs and spaces are mixed, or a block is not indented: indent with four spaces throughout."
    if "null bytes" in error:
        return "This is not plain text, or it was saved as UTF-16: save it as UTF-8."
    return "The file must at least run: try `python3 -m py_compile` on it."
