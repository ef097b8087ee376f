"""What is to be said of a hand-in's top level: what failed, what was left out, what came from where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from grader import policy
from grader.policy import Facts, place
from grader.records import FailureKind, Finding, HandIn, Stopped, mistake, notice
from grader.sandbox.importing import Import

MOST = 3  # statements that are told one by one
TOLD = "# told: "  # begins a given module of which is told that it was taken

_REPAIRED = {
    "print": (
        "Python 2's print statements were left out",
        "Write print(...): it is graded with Python 3.",
    ),
    "tabs": (
        "tabs are mixed with spaces; they were read as spaces here, since only one reading makes sense",
        "Indent with four spaces throughout: Python itself refuses the file as it is.",
    ),
}


def about_sources(
    facts: Facts, hand_in: HandIn, given: Mapping[str, str], main: str, also: Sequence[str]
) -> Iterator[Finding]:
    """Yield what was left out of the sources, stood in for, or is there twice.

    Args:
        facts: path -> what `inside.facts.of_outline` found.
        hand_in: all that was submitted.
        given: path -> text of the modules that the homework gives.
        main: path of the file that is graded.
        also: paths of others that may define what it lacks.
    """
    if main in hand_in.notebooks:
        yield from _about_notebook(hand_in, main)
    for path, found in policy.graded(facts, (main, *also)).items():
        for one in found.get("repaired", ()):
            message, hint = _REPAIRED[one["what"]]
            yield notice(message, hint, path, *_at(one))
        for one in found.get("idle", ()):
            message = "google.colab is there in Colab alone; what is asked of it here is not done"
            yield notice(message, None, path, *_at(one))
        if old := found.get("old_numpy", ()):
            names = _listed([f"np.{one['name']}" for one in old])
            message = f"{names}: NumPy dropped this name; here it still means what it did"
            yield notice(message, "Write it as today's NumPy does.", path, *_at(old[0]))
        for one in found.get("again", ()):
            message = f"{one['name']} is defined {one['count']} times: this definition, the last, counts"
            yield notice(message, None, path, *_at(one))
        for module in found.get("given", ()):
            first = given.get(module, "").partition("\n")[0]
            if first.startswith(TOLD):
                yield notice(first.removeprefix(TOLD), None, path)
    yield from _about_doubles(facts, (main, *also))


def _at(one: Mapping[str, Any]) -> tuple[int | None, int | None]:
    return one.get("line"), one.get("cell")


def _about_notebook(hand_in: HandIn, main: str) -> Iterator[Finding]:
    left_out = hand_in.notebooks[main].left_out
    if left_out:
        counts = Counter(what for what, _, _ in left_out)
        kinds = _listed([what if n == 1 else f"{n} times {what}" for what, n in counts.items()])
        _, cell, line = left_out[0]
        yield notice(f"only a notebook understands this, so it was left out: {kinds}", None, main, line, cell)


def _about_doubles(facts: Facts, paths: Sequence[str]) -> Iterator[Finding]:
    """Yield what is defined in two files, and not alike."""
    first: dict[str, tuple[str, str]] = {}
    for path in paths:
        differing: dict[str, list[str]] = {}
        for name, digest in facts.get(path, {}).get("definitions", {}).items():
            where, other = first.setdefault(name, (path, digest))
            if where != path and other != digest:
                differing.setdefault(where, []).append(name)
        for where, names in differing.items():
            message = f"{_listed(names)} can be found here and, differently, in {where}: what is there counts"
            yield notice(message, "Hand in one version of each.", path)


def about_running(importing: Import, main: str | None) -> Iterator[Finding]:
    """Yield what of the top level did not run to its end, and what was taken from other files."""
    needed = [one for one in importing.stopped if one.needed and one.failure is not None]
    others = [one for one in importing.stopped if not one.needed and one.failure is not None]
    for one in needed[:MOST]:
        yield mistake(f"{_said(one)}; what needs it fails, the rest was run", *_where(one))
    if len(needed) > MOST:
        places = _listed([_placed(one) for one in needed[MOST:]])
        yield mistake(f"this failed at the top level as well, and what needs it fails: {places}")
    if others:
        first, alike = others[0], len(others) - 1 + importing.more
        more = (
            f", and {alike} more like it did not run to {'their' if alike > 1 else 'its'} end"
            if alike
            else ""
        )
        message = f"{_said(first)}{more}; the rest was run, and costs nothing by this"
        yield notice(message, *_where(first))
    if importing.definitions_alone and not importing.as_asked:
        message = "what defines nothing was left out, since it took too long or ended the process"
        yield notice(message, 'Put it below `if __name__ == "__main__":`.', main)
    by_path: dict[str, list[str]] = {}
    for name, path in importing.taken.items():
        by_path.setdefault(path, []).append(name)
    for path, names in by_path.items():
        yield notice(f"{_listed(names)}: taken from this file, since {main} has none", None, path)


def _said(one: Stopped) -> str:
    assert one.failure is not None
    message = one.failure.message.partition("\n")[0]
    return message if one.failure.kind is FailureKind.RAISED else f"{message}, and was left out"


def _where(one: Stopped) -> tuple[str | None, str, int | None, int | None]:
    assert one.failure is not None
    return one.failure.hint, one.file, one.line, one.cell


def _placed(one: Stopped) -> str:
    return f"{one.file}, {place(one.line, one.cell)}"


def _listed(names: Sequence[str]) -> str:
    shown = [*names[:5], *([f"{len(names) - 5} more"] if len(names) > 5 else [])]
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)
