"""The rules for the notebook's source: where imports stand, what stands beside definitions, no ready GRU."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from grader.records import Finding, Judged, mistake

UNREAD = "nothing of the notebook could be read: see what is said of it above"
MOST_SHOWN = 5  # places in one sentence


def more(path: str, facts: Mapping[str, Any]) -> tuple[Judged, Sequence[Finding]]:
    """Judge whether it is more than the given notebook."""
    if facts.get("rules") is None:
        return _no_notebook(path), ()
    return (_given() if _is_given(facts) else Judged(True)), ()


def _is_given(facts: Mapping[str, Any]) -> bool:
    return set(facts.get("untouched", ())) >= {"GRU.__init__", "GRU.step", "GRU.output"}


def _given() -> Judged:
    hint = "Complete GRU.__init__, GRU.step and GRU.output."
    return Judged(False, "it is the given notebook: the class GRU is not written", hint, "starter")


def imports(path: str, facts: Mapping[str, Any]) -> tuple[Judged, Sequence[Finding]]:
    """Judge whether all imports stand in one code cell, at the top."""
    rules = facts.get("rules")
    if rules is None:
        return _no_notebook(path), ()
    said = [
        mistake(
            f"`{one['shown']}` stands in another cell than the other imports",
            "Move it into the cell with the imports, at the top.",
            path,
            one["line"],
            one["cell"],
        )
        for one in rules["imports"]
    ]
    if (below := rules.get("below")) is not None:
        said.insert(
            0,
            mistake(
                f"the imports stand below other code, in cell {below['above']}",
                "Make the cell with the imports the first code cell.",
                path,
                below["line"],
                below["cell"],
            ),
        )
    return _ruled(said, "imports", facts), said


def definitions(path: str, facts: Mapping[str, Any]) -> tuple[Judged, Sequence[Finding]]:
    """Judge whether cells with definitions hold nothing else."""
    rules = facts.get("rules")
    if rules is None:
        return _no_notebook(path), ()
    said = [
        mistake(
            f"`{one['shown']}` stands beside a definition in one cell",
            "Put it into a cell of its own: what defines functions and classes is taken out and tested.",
            path,
            one["line"],
            one["cell"],
        )
        for one in rules["beside"]
    ]
    return _ruled(said, "beside", facts), said


def _no_notebook(path: str) -> Judged:
    if path.lower().endswith(".ipynb"):
        return Judged(False, UNREAD, reason="unread")
    return Judged(
        False, "no notebook was handed in", "Hand in the notebook itself, a08_NAME.ipynb.", "missing"
    )


def _ruled(said: Sequence[Finding], reason: str, facts: Mapping[str, Any]) -> Judged:
    if not said:
        return _given() if _is_given(facts) else Judged(True)
    places = [f"cell {one.cell}, line {one.line}: {one.message}" for one in said[:MOST_SHOWN]]
    more = f"; and {len(said) - MOST_SHOWN} more" if len(said) > MOST_SHOWN else ""
    first = said[0]
    return Judged(
        False,
        "; ".join(places) + more,
        first.hint,
        reason,
        file=first.file,
        line=first.line,
        cell=first.cell,
    )


def doors(path: str, facts: Mapping[str, Any]) -> tuple[Judged, Sequence[Finding]]:
    """Judge whether the source does without torch's own GRU, as far as that can be read."""
    said = [
        mistake(
            f"`{one['what']}` is torch's own GRU, which the statement does not allow: Question 2 (a) is lost",
            "Write out Equations (1) to (4), of nn.Linear, nn.Sigmoid and the like.",
            path,
            one["line"],
            one.get("cell"),
        )
        for one in facts.get("doors", ())
    ]
    return _ruled(said, "door", facts), said
