"""A catalogue in flat form: arrays and plain JSON, which another process reads without compiling anything.

Of expressions each is written once, in a record that names its parts by their positions; all of these come
before it. Records of faults name expressions so, too. A record is read when its fault is asked for: of ten
thousand faults a hand-in needs a few.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar, overload

import numpy as np

from grader.equations import nodes
from grader.equations.nodes import Function, Node
from grader.faults.catalogue import MODES, SCOPES, Catalogue, Columns
from grader.faults.fault import Fault
from grader.faults.operations import Kind, Odd, Oddly, Slip
from grader.faults.values import ProbeCase
from grader.records import Array, Arrays

_T = TypeVar("_T")
Packed = tuple[Array, Array]
"""Where each record ends, and the text of all of them."""

# Kinds of fields: an expression, several; a name, several; a number; what is applied, what happens oddly.
NODE, NODES, TEXT, TEXTS, NUMBER, FUNCTION, ODD = range(7)
_FIELDS: Mapping[type[Node], Mapping[str, int]] = {
    nodes.Letter: {"name": TEXT},
    nodes.Number: {"value": NUMBER},
    nodes.Zeros: {"like": TEXT},
    nodes.Negative: {"of": NODE},
    nodes.Sum: {"terms": NODES},
    nodes.Hadamard: {"factors": NODES},
    nodes.Product: {"left": NODE, "right": NODE},
    nodes.Transposed: {"of": NODE},
    nodes.Applied: {"function": FUNCTION, "of": NODE},
    nodes.Slope: {"function": FUNCTION, "of": NODE},
    nodes.Stacked: {"parts": NODES},
    nodes.Slice: {"of": NODE, "index": NUMBER, "among": TEXTS},
    nodes.OverSamples: {"of": NODE},
    nodes.OverEntries: {"of": NODE},
    nodes.OverTime: {"of": NODE},
    Oddly: {"how": ODD, "of": NODE, "number": NUMBER, "part": NUMBER, "among": NUMBER},
}
_FORMS = [(one, *zip(*fields.items(), strict=True)) for one, fields in _FIELDS.items()]
_CODES = {one: code for code, one in enumerate(_FIELDS)}


def written(catalogue: Catalogue) -> tuple[Any, dict[str, Array]]:
    """Return the outputs of which there are arrays, in order, and the arrays of a catalogue by name."""
    expressions = _Expressions()
    faults = _packed(map(expressions.fault, catalogue.faults))
    ends, text = _packed(expressions.records)
    arrays = {
        "ends of expressions": ends,
        "expressions": text,
        "ends of faults": faults[0],
        "faults": faults[1],
    }
    arrays |= catalogue.columns.arrays
    arrays["breaks"] = catalogue.breaks
    for number, (at, made) in enumerate(catalogue.made.values()):
        arrays |= {f"made by {number}": at.astype(np.int32), f"made {number}": made}
    return list(catalogue.made), arrays


def read(outputs: Sequence[str], arrays: Arrays, case: ProbeCase) -> Catalogue:
    """Return the catalogue that was written so.

    Args:
        outputs: of which there are arrays.
        arrays: by name.
        case: the probe case.
    """
    expressions = _Records(
        (arrays["ends of expressions"], arrays["expressions"]), lambda said: _node(said, expressions)
    )
    faults = _Records((arrays["ends of faults"], arrays["faults"]), lambda said: _fault(said, expressions))
    made = {
        name: (arrays[f"made by {number}"], arrays[f"made {number}"]) for number, name in enumerate(outputs)
    }
    columns = Columns(*(arrays[name] for name in Columns.__dataclass_fields__))
    return Catalogue(case, faults, made, columns, arrays["breaks"])


def _packed(records: Iterable[Any]) -> Packed:
    said = [json.dumps(one, ensure_ascii=False, separators=(",", ":")).encode() for one in records]
    return np.cumsum([0, *map(len, said)], dtype=np.int64), np.frombuffer(b"".join(said), np.uint8)


class _Expressions:
    """Expressions as they are written: each once."""

    def __init__(self) -> None:
        self.records: list[Any] = []
        self._known: dict[Node, int] = {}

    def node(self, node: Node | None) -> int | None:
        """Return the position of an expression, after those of its parts."""
        if node is None:
            return None
        if node not in self._known:
            code = _CODES[type(node)]
            fields = [self._field(getattr(node, name), kind) for name, kind in _FIELDS[type(node)].items()]
            self._known[node] = len(self.records)
            self.records.append([code, *fields])
        return self._known[node]

    def _field(self, value: Any, kind: int) -> Any:
        if kind == NODE:
            return self.node(value)
        return [self.node(one) for one in value] if kind == NODES else value

    def fault(self, one: Fault) -> Any:
        """Return the record of a fault."""
        return [
            self._slip(one.slip),
            one.letter,
            one.equation,
            MODES.index(one.mode),
            SCOPES.index(one.scope),
            *(self._lines(lines) for lines in (one.lines, one.back, one.outputs, one.given)),
            one.places,
            [self._slip(other) for other in one.others],
            one.says,
            one.unlikely,
            one.is_multiple,
        ]

    def _slip(self, one: Slip) -> Any:
        return [one.kind, *map(self.node, (one.part, one.by, one.within)), one.here, one.how]

    def _lines(self, lines: Mapping[str, Node] | None) -> Any:
        return None if lines is None else [[name, self.node(node)] for name, node in lines.items()]


class _Records(Sequence[_T]):
    """Records that are read when they are asked for, and kept.

    Args:
        packed: all of them.
        made: record -> what it is of.
    """

    def __init__(self, packed: Packed, made: Callable[[Any], _T]) -> None:
        self._ends, self._text = packed
        self._made = made
        self._known: dict[int, _T] = {}

    def __len__(self) -> int:
        return len(self._ends) - 1

    @overload
    def __getitem__(self, at: int) -> _T: ...
    @overload
    def __getitem__(self, at: slice) -> list[_T]: ...
    def __getitem__(self, at: int | slice) -> _T | list[_T]:
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(len(self)))]
        if not 0 <= at < len(self):
            raise IndexError(at)
        if at not in self._known:
            text = self._text[self._ends[at] : self._ends[at + 1]].tobytes()
            self._known[at] = self._made(json.loads(text))
        return self._known[at]


def _node(said: Sequence[Any], known: Sequence[Node]) -> Node:
    made, _, kinds = _FORMS[said[0]]
    found: Node = made(*(_read(value, kind, known) for value, kind in zip(said[1:], kinds, strict=True)))
    return found


def _read(value: Any, kind: int, known: Sequence[Node]) -> Any:
    match kind:
        case 0:
            return known[value]
        case 1:
            return tuple(known[one] for one in value)
        case 3:
            return tuple(value)
        case 5:
            return Function(value)
        case 6:
            return Odd(value)
    return value


def _fault(said: Sequence[Any], known: Sequence[Node]) -> Fault:
    slip, letter, equation, mode, scope, lines, back, outputs, given, places, others, *more = said
    return Fault(
        _slip(slip, known),
        letter,
        equation,
        MODES[mode],
        SCOPES[scope],
        _lines(lines, known),
        None if back is None else _lines(back, known),
        _lines(outputs, known),
        _lines(given, known),
        tuple(places),
        tuple(_slip(one, known) for one in others),
        *more,
    )


def _slip(said: Sequence[Any], known: Sequence[Node]) -> Slip:
    kind, part, by, within, here, how = said
    part, by, within = (None if one is None else known[one] for one in (part, by, within))
    return Slip(Kind(kind), part, by, within, here, None if how is None else Odd(how))


def _lines(said: Sequence[tuple[str, int]], known: Sequence[Node]) -> dict[str, Node]:
    return {name: known[at] for name, at in said}
