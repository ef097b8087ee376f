"""The lines of a cell's two ways, and what may stand in them by mistake."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from grader.equations import way_back
from grader.equations.nodes import Applied, Function, Letter, Node, Sum, Zeros, letters, with_below
from grader.equations.printing import text
from grader.equations.program import Line, Term
from grader.equations.program import Program as Forward
from grader.equations.sizes import of as size_of
from grader.equations.way_back import WayBack
from grader.faults.collected import Collected
from grader.faults.fault import Declared
from grader.faults.operations import Slip
from grader.faults.rules import Rules

Member = tuple[Node, Slip]
"""What stands in a line that is wrong, and what was done."""
_NAME = re.compile(r"[^\W\d_][\w′]*")


@dataclass(frozen=True)
class Ways:
    """Both ways of a cell, on the probe case.

    Attributes:
        declared: the cell.
        found: where faults are kept.
    """

    declared: Declared
    found: Collected

    @cached_property
    def forward(self) -> dict[str, Line]:
        """Letter -> its line of the way forward."""
        return {line.letter: line for line in self.declared.program.lines}

    @cached_property
    def backward(self) -> dict[str, Line]:
        """Letter -> its line of the way back."""
        return {line.letter: line for line in self.declared.back.lines}

    @cached_property
    def known(self) -> way_back.Known:
        """What the ways back of wrong forwards have in common."""
        return {}

    @property
    def nodes(self) -> Mapping[str, Node]:
        """Letter -> what its line says, of both ways."""
        return self.found.case.program.lines

    @cached_property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Of all letters, on the probe case."""
        return {name: array.shape for name, array in self.found.case.true.items()}

    @property
    def samples(self) -> int:
        """How many there are on the probe case."""
        return self.found.case.sizes["samples"]

    @property
    def data(self) -> tuple[str, ...]:
        """The letters that each sample has its own of."""
        return self.declared.program.data

    @cached_property
    def seeds(self) -> tuple[str, ...]:
        """The derivatives that are handed in."""
        return tuple(self.declared.seeds.values())

    @cached_property
    def primal(self) -> dict[str, str]:
        """Derivative -> the letter that it is the derivative by."""
        return {d: of for of, d in self.declared.back.derivative.items()}

    @cached_property
    def d_data(self) -> list[str]:
        """The derivatives by what each sample has its own of."""
        return [self.declared.back.derivative[name] for name in self.data]

    @cached_property
    def d_weights(self) -> list[str]:
        """The derivatives by the weights that the loss depends on."""
        found = [self.declared.back.derivative[name] for name in self.declared.program.weights]
        return [one for one in found if not isinstance(self.nodes[one], Zeros)]

    @cached_property
    def made(self) -> dict[str, str]:
        """Number of an equation -> the letter that it defines; of what is stacked, none."""
        all_ = self.declared.program.equations
        return {one.number: one.left[0] for one in all_ if len(one.left) == 1}

    def before(self, name: str) -> tuple[str, ...]:
        """Return the letters that may stand in a line: not those that need what it makes."""
        behind = self.found.case.program.behind(name)
        known = (
            (*self.declared.program.given, *self.seeds)
            if name in self.backward
            else self.declared.program.given
        )
        lines = (*self.forward, *self.backward) if name in self.backward else tuple(self.forward)
        return tuple(one for one in (*known, *lines) if one not in behind)

    def rules(self, name: str, opens: bool = True) -> Rules:
        """Return what may go wrong in a line."""
        auxiliary = (one for one in self.forward if one not in self.made.values())
        opened = {*self.backward, *auxiliary} - {name} if opens else ()
        return Rules(self.nodes, self.shapes, self.before(name), self.data, opened)

    def number(self, name: str, new: Node | None = None, slip: Slip | None = None) -> str:
        """Return the number of the equation that a line is of, or goes back through.

        Args:
            name: the line's letter.
            new: what stands there; then it is that of the terms that differ.
            slip: what was done.

        Returns:
            "" where the terms go back through several.
        """
        if slip is not None and slip.here:
            of = self.backward.get(slip.here) or self.forward[slip.here]
            lost = [term.through for term in of.terms if term.node in (slip.part, slip.within)]
            return lost[0] if len(lost) == 1 else self.number(slip.here)
        line = self.backward.get(name) or self.forward.get(name)
        if line is None:
            return ""
        there = set(new.terms if isinstance(new, Sum) else (new,)) if new is not None else set()
        changed = [term.through for term in line.terms if term.node not in there] or [
            term.through for term in line.terms
        ]
        return changed[0] if len(set(changed)) == 1 else ""

    def gate(self, name: str) -> str:
        """Return the character that the letters of a line's gate have in common: z of z, a_z, dz, Wzh."""
        return self.gate_of(self.number(name)) or name[:1]

    def gate_of(self, number: str) -> str:
        """Return the character of the gate that an equation defines; "" of none."""
        return self.made.get(number, "")[:1]

    def by_activation(self, members: Mapping[str, Member]) -> Iterator[dict[str, Member]]:
        """Yield lines that are wrong alike: all of them, and those of the gates of each activation, which are
        often made in one line.
        """
        if len(members) < 2:
            return
        yield dict(members)
        sorts: dict[Function | None, dict[str, Member]] = {}
        for name, one in members.items():
            made = self.nodes.get(self.made.get(self.number(name), ""))
            function = made.function if isinstance(made, Applied) else None
            sorts.setdefault(function, {})[name] = one
        yield from (some for some in sorts.values() if 1 < len(some) < len(members))

    def key(self, gate: str, slip: Slip) -> str:
        """Return what was done, without the gate's character: the same for what is done to all
        gates alike.
        """
        parts = [text(one) if one is not None else "" for one in (slip.part, slip.by)]
        known = self.shapes
        blank = [
            _NAME.sub(lambda m: m[0].replace(gate, "?") if m[0].rstrip("ᵀ") in known else m[0], one)
            for one in parts
        ]
        return f"{slip.kind}|{'|'.join(blank)}|{'here' if slip.here else ''}|{slip.how}"

    def derived(self, changes: Mapping[str, Node]) -> tuple[dict[str, Node], WayBack] | None:
        """Return the way forward with other lines, and the way back derived of it; None without one."""
        order = list(self.forward)
        for name, node in changes.items():
            here = order.index(name)
            if any(one in self.forward and order.index(one) >= here for one in letters(node)):
                return None
        lines: list[Line] = []
        shapes = dict(self.declared.program.shapes)
        try:
            for name, line in self.forward.items():
                if name not in changes:
                    lines.append(line)
                    continue
                number = line.terms[0].through
                for other, node in _flat(name, changes[name]):
                    lines.append(Line(other, (Term(node, number),)))
                    if other not in shapes:
                        shape = size_of(node, shapes)
                        assert shape is not None
                        shapes[other] = shape
            declared = self.declared.program
            back = way_back.derived(
                Forward(tuple(lines), shapes, declared.given, declared.data),
                self.declared.seeds,
                self.known if len(shapes) == len(declared.shapes) else None,
            )
        except (TypeError, AssertionError, KeyError):
            return None
        self.found.case.program.shapes.update(back.shapes)
        return {line.letter: line.node for line in lines}, back


def _flat(name: str, node: Node) -> Iterator[tuple[str, Node]]:
    """Yield a line, after lines of their own for the activations inside of it."""
    count = 0
    made: list[tuple[str, Node]] = []

    def go(one: Node, is_outside: bool) -> Node:
        nonlocal count
        below = tuple(go(each, False) for each in one.below)
        one = with_below(one, below) if below else one
        if isinstance(one, Applied) and not is_outside:
            count += 1
            made.append((f"{name}_{count}_", one))
            return Letter(f"{name}_{count}_")
        return one

    whole = go(node, True)
    yield from made
    yield name, whole
