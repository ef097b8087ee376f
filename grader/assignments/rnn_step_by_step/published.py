"""The tables of numbers that the homework prints: tables.json, the draws behind them, and their suites.

A table gives for each function the seed, the arrays that are drawn from it in their order (`randn` of each
shape), and what was printed of the answer: rows and single entries, and the shapes or lengths of the whole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from grader.records import Arrays, Case, Suite
from grader.suite import digest

from .functions import FUNCTIONS

LABEL = "the published table"


@cache
def tables() -> dict[str, Any]:
    """tables.json, by function name."""
    found: dict[str, Any] = json.loads((Path(__file__).parent / "tables.json").read_text(encoding="utf-8"))
    return found


def quantities(name: str) -> tuple[str, ...]:
    """Return what a function's table prints, such as "a_next[4]"."""
    return tuple(tables()[name]["expected"])


def criterion(quantity: str) -> str:
    """Return the criterion of a printed quantity."""
    return f"table {quantity}"


def stands_for(name: str, quantity: str) -> str:
    """Return the array that a function is to be right in on all cases, for a printed quantity of it to count.

    Numbers that are printed can be written down. An entry of a cache is one of the arrays that go through the
    function; of `caches` it is x itself, which any code can return, so that it stands for the states.
    """
    whole, *indices = re.findall(r"\w+", quantity)
    if whole == "cache":
        return ("a_next", "c_next")[int(indices[0])]
    return "a" if whole == "caches" else whole


def inputs(name: str) -> Arrays:
    """Return the arrays with which a right hand-in answers what a function's table prints.

    Two of the recipes take some reading. The table of rnn_cell_backward was printed by a notebook that drew a
    bias under another name, and went on with the ba of rnn_forward's example: the draw is made and thrown
    away, and ba is the other one. The table of lstm_backward has 7 inputs and derivatives for the first 4
    steps: the others have no effect, and are left out; its Wy and by were not drawn, since nothing that is
    printed depends on them, and are zeros.
    """
    function, arrays = FUNCTIONS[name], _drawn(name)
    if name == "rnn_cell_backward":
        arrays["ba"] = _drawn("rnn_forward")["ba"]
    if name == "lstm_backward":
        arrays["x"] = arrays["x"][:, :, : arrays["da"].shape[2]]
        arrays |= {"Wy": np.zeros((2, 5)), "by": np.zeros((2, 1))}
    return {key: arrays[key] for key in (*function.inputs, *function.parameters, *function.deltas)}


def suite(name: str, seed: int) -> Suite:
    """Return the table of a function as a suite of one case. What is true is what is printed, to its last
    digit.
    """
    case = Case(LABEL, tables()[name]["seed"], inputs(name))
    return Suite(seed, digest([case]), (case,), (printed(name),))


def printed(name: str, version: str = "expected") -> Arrays:
    """Return the printed numbers by criterion; nothing, if there is no such version of the table."""
    values = tables()[name].get(version, {})
    return {criterion(quantity): np.array(value, dtype=np.float64) for quantity, value in values.items()}


def looked_up(arrays: Arrays, wanted: Iterable[str]) -> Arrays:
    """By criterion, the rows and entries of whole arrays: of `a`, for "a[4][1]".

    An entry of caches stands for one of x: it is x that caches[1] is. A cache begins with the states.
    """
    tuples = {"caches": (None, arrays.get("x")), "cache": (arrays.get("a_next"), arrays.get("c_next"))}
    found = {}
    for quantity in wanted:
        whole, *indices = re.findall(r"\w+", quantity)
        value: Any = tuples[whole] if whole in tuples else arrays[whole]
        for index in indices:
            value = value[int(index)]
        found[criterion(quantity)] = np.array(value)
    return found


def _drawn(name: str) -> dict[str, Any]:
    """Every draw of a table's recipe, in order; a name in it that is no input's is drawn all the same."""
    random = np.random.RandomState(tables()[name]["seed"])
    return {key: random.randn(*shape) for key, shape in tables()[name]["draws"]}
