"""Where in the student's source a wrong array is assigned last: what reports point at."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from functools import cache

from grader.declaration import Check, Output
from grader.policy import Facts
from grader.records import Method, SourceLine

Assigned = Mapping[str, Mapping[str, SourceLine]]
"""Function or method -> what it assigns, as `inside.assigned` writes it -> where."""


def assigned(facts: Facts, written: Mapping[str, Method]) -> Assigned:
    """Return what each function that counts assigns, and where.

    Args:
        facts: path in the hand-in -> what `inside.facts` found.
        written: which file each function is taken of, see `policy.written`.
    """
    return {
        name: {
            what: SourceLine(method.file, place["line"], place.get("cell"))
            for what, place in facts[method.file].get("assigned", {}).get(name, {}).items()
        }
        for name, method in written.items()
    }


def place(check: Check, output: Output, known: Assigned) -> SourceLine | None:
    """Return where an output is assigned last; None if that cannot be told from the source.

    An attribute is looked for in the function that is asked, then in the other methods of its class but
    `__init__`, which only prepares it.
    """
    name = output.method or check.method or ""
    what = _what(check.paste[-1:], output.show or output.name, output.name)
    if what is None:
        return None
    owner, dot, _ = name.rpartition(".")
    beside = [one for one in known if dot and one.startswith(f"{owner}.") and one != f"{owner}.__init__"]
    for one in [name, *(beside if what.startswith(".") else ())]:
        if (found := known.get(one, {}).get(what)) is not None:
            return found
    return None


@cache
def _what(call: Sequence[str], shown: str, name: str) -> str | None:
    """Return what an expression that shows an output is of the function that the call asks: ".dWx", "[0]".

    Of an attribute that may have one of several names, it is the one that the output itself has.
    """
    part: ast.expr = ast.parse(shown, mode="eval").body
    if isinstance(part, ast.Call) and getattr(part.func, "id", None) == "getattr":
        return f".{name}"
    if isinstance(part, ast.Attribute):
        return f".{part.attr}"
    try:
        (statement,) = ast.parse("".join(call).replace("<form>", "_")).body
    except (SyntaxError, ValueError):  # lines for a person, or none
        return None
    index: object = None
    while isinstance(part, ast.Subscript):  # of dxt[1][2], and of gradients["dxt"][1][2], the first
        index, part = getattr(part.slice, "value", None), part.value
    if not isinstance(part, ast.Name) or not isinstance(statement, ast.Assign):
        return None
    (target,) = statement.targets
    if isinstance(target, ast.Tuple):
        names = [getattr(one, "id", None) for one in target.elts]
        return f"[{names.index(part.id)}]" if part.id in names else None
    if getattr(target, "id", None) != part.id:
        return None
    return f"[{index}]" if isinstance(index, str | int) else ""
