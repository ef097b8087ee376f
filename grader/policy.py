"""What the source of a hand-in says that a person should know: imports, syntax, what is left of the starter.

The facts were read inside a job, before any of the hand-in ran (`inside.source`); here they get words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from grader.declaration import Wanted
from grader.words import CriterionResult, Finding, ProblemResult, mistake, notice

Facts = Mapping[str, Mapping[str, Any]]

# A function of fewer nodes than this is written alike by many people.
LEAST_NODES = 150

# True of torch as of a file of the student's own that was forgotten.
NOT_THERE = "which is neither NumPy, nor Python's own, nor a file of the hand-in"


def findings(facts: Facts, starter: Mapping[str, Any], wanted: Wanted, main: str) -> Iterator[Finding]:
    """All that the source gives reason to say.

    Args:
        facts: path in the hand-in -> what `inside.source.facts` found, for the main file and what it imports.
        starter: the same for the starter's file; empty if there is none.
        wanted: what the assignment asks of the main file.
        main: its path in the hand-in.
    """
    for path, found in facts.items():
        if "error" in found:
            yield mistake(found["error"], _syntax_hint(found["error"]), path, found["line"])
        for imported in found.get("imports", ()):
            yield _about_import(path, imported)
    yield from _about_starter(facts.get(main, {}), starter, wanted, main)


def measured(facts: Facts, wanted: Wanted, main: str) -> dict[str, Finding]:
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
            main,
            one["line"],
        )
        for one in facts.get(main, {}).get("numerical", ())
        if one["name"] in wanted.methods and one["how"] in what
    }


def is_published(facts: Facts, solution: Mapping[str, Sequence[Any]], main: str) -> bool:
    """Whether every function of the published solution stands there: names and structure, token by token."""
    shapes = facts.get(main, {}).get("shapes", {})
    same = all(shapes.get(name) == list(shape) for name, shape in solution.items())
    return bool(solution) and same and sum(count for count, _ in solution.values()) >= LEAST_NODES


PUBLISHED = "it is, token by token, the solution that cellgrade publishes"


def forbidden_import(facts: Facts) -> str | None:
    """The first import of more than NumPy and Python's own, in whatever way, as a sentence; None if none."""
    for path, found in facts.items():
        for imported in found.get("imports", ()):
            return f"{path}, line {imported['line']}: imports {imported['package']}, {NOT_THERE}"
    return None


def _about_import(path: str, imported: Mapping[str, Any]) -> Finding:
    package, line, used = imported["package"], imported["line"], imported["used"]
    says = f"imports {package}, {NOT_THERE}"
    if imported["guarded"]:
        return notice(
            f"{says}; under `try` it raises ImportError, as on a machine without it", None, path, line
        )
    if used is None:
        return notice(f"{says}; it is never used, so it costs nothing", "Remove the import.", path, line)
    return mistake(
        f"{says}; it is used in line {used}",
        "Do it with NumPy; if it is a file of your own, hand it in too.",
        path,
        line,
    )


def _about_starter(
    found: Mapping[str, Any], starter: Mapping[str, Any], wanted: Wanted, main: str
) -> Iterator[Finding]:
    written, given = found.get("definitions"), starter.get("definitions")
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
    facts: Facts, starter: Mapping[str, Any], wanted: Wanted, main: str, problems: Sequence[ProblemResult]
) -> Iterator[Finding]:
    """What was to be left alone and was changed, where something that fails may depend on it."""
    written, given = facts.get(main, {}).get("definitions", {}), starter.get("definitions", {})
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


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _syntax_hint(error: str) -> str | None:
    if "Missing parentheses in call" in error or ("invalid syntax" in error and "print" in error):
        return "This looks like Python 2; it is graded with Python 3."
    if error.startswith(("TabError", "IndentationError")):
        return "Tabs and spaces are mixed, or a block is not indented: indent with four spaces throughout."
    if "null bytes" in error:
        return "This is not plain text, or it was saved as UTF-16: save it as UTF-8."
    return "The file must at least run: try `python3 -m py_compile` on it."
