"""A suite as a flat file has it: its cases and truths, and what its functions say of each case."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from grader.baked import flat
from grader.cases import Seed
from grader.records import Arrays, Case, Lookalike, Suite
from grader.suite import Lazily

Written = dict[str, Any]


def written(suite: Suite, arrays: flat.Arrays, *, pool: bool) -> Written:
    """Return what an index says of a suite, its arrays added to those of the file.

    What is only told of a suite on request, how far float32 is off and what a known wrong answer looks like,
    is asked here, for each of its cases.

    Args:
        suite: as drawn.
        arrays: those of the file.
        pool: write down the pool of a secret, too; else it is drawn where it is asked.
    """
    rounding = suite.float32
    return {
        "seed": [str(int(suite.seed)), getattr(suite.seed, "keyed", False), getattr(suite.seed, "scale", 1)],
        "sha256": suite.sha256,
        "cases": [
            {
                **_case(case, expected, arrays),
                "float32": None if rounding is None else _placed(rounding(case), arrays),
                "lookalikes": [_placed(one.of(case), arrays) for one in suite.lookalikes],
            }
            for case, expected in zip(suite.cases, suite.expected, strict=True)
        ],
        "lookalikes": [one.says for one in suite.lookalikes],
        "float32": rounding is not None,
        "truth": suite.truth is not None,
        "loss": suite.loss is not None,
        "chosen": suite.chosen,
        "pool": len(suite.pool),
        "pooled": _pooled(suite, arrays) if pool and suite.pool else None,
    }


def read(said: Written, file: flat.Flat, fresh: Callable[[], Suite]) -> Suite:
    """Return the suite of which an index says this.

    Args:
        said: what the index says.
        file: where its arrays are.
        fresh: draws it: asked for what is not in the file, such as what is true of other cases.
    """
    cases = tuple(_read_case(one, file) for one in said["cases"])
    stored = {id(case): one for case, one in zip(cases, said["cases"], strict=True)}

    def float32(case: Case) -> Arrays:
        if id(case) in stored:
            return _arrays(stored[id(case)]["float32"], file)
        rounding = fresh().float32
        assert rounding is not None
        return rounding(case)

    def like(number: int, case: Case) -> Arrays:
        if id(case) in stored:
            return _arrays(stored[id(case)]["lookalikes"][number], file)
        return fresh().lookalikes[number].of(case)

    def truth(inputs: Arrays) -> Arrays:
        by = fresh().truth
        assert by is not None
        return by(inputs)

    def loss(inputs: Arrays) -> float:
        by = fresh().loss
        assert by is not None
        return by(inputs)

    number, keyed, scale = said["seed"]
    return Suite(
        seed=Seed(int(number), keyed, scale),
        sha256=said["sha256"],
        cases=cases,
        expected=tuple(_arrays(one["expected"], file) for one in said["cases"]),
        lookalikes=tuple(
            Lookalike(says, partial(like, number)) for number, says in enumerate(said["lookalikes"])
        ),
        float32=float32 if said["float32"] else None,
        pool=_read_pool(said, file, fresh) if said["pool"] else (),
        chosen=said["chosen"],
        truth=truth if said["truth"] else None,
        loss=loss if said["loss"] else None,
    )


def _case(case: Case, expected: Arrays, arrays: flat.Arrays) -> Written:
    return {
        "label": case.label,
        "seed": case.seed,
        "strided": case.strided,
        "interleaved": case.interleaved,
        "sizes": list(case.sizes.items()),
        "inputs": _placed(case.inputs, arrays),
        "expected": _placed(expected, arrays),
    }


def _read_case(said: Written, file: flat.Flat) -> Case:
    return Case(
        said["label"],
        said["seed"],
        _arrays(said["inputs"], file),
        said["strided"],
        said["interleaved"],
        dict(said["sizes"]),
    )


def _pooled(suite: Suite, arrays: flat.Arrays) -> Sequence[flat.Place]:
    """Write down a pool: what an index would say of each of its cases, one after the other, and their ends.

    Of thousands a hand-in is asked a few: what is said of the others need not be read.
    """
    said = [json.dumps(_case(case, truth, arrays)).encode() for case, truth in suite.pool]
    ends = np.cumsum([0, *map(len, said)], dtype="<i8")
    return arrays.place(ends), arrays.place(np.frombuffer(b"".join(said), "|u1"))


def _read_pool(said: Written, file: flat.Flat, fresh: Callable[[], Suite]) -> Lazily[tuple[Case, Arrays]]:
    if said["pooled"] is None:
        return Lazily(said["pool"], lambda position: fresh().pool[position])
    ends, text = (file.array(place) for place in said["pooled"])

    def one(position: int) -> tuple[Case, Arrays]:
        found = json.loads(text[ends[position] : ends[position + 1]].tobytes())
        return _read_case(found, file), _arrays(found["expected"], file)

    return Lazily(said["pool"], one)


def _placed(named: Arrays, arrays: flat.Arrays) -> list[Any]:
    """Return the places of arrays with their names, in order: what is handed over keeps its order."""
    return [[name, *arrays.place(array)] for name, array in named.items()]


def _arrays(said: Sequence[Any], file: flat.Flat) -> Arrays:
    return {name: file.array(place) for name, *place in said}
