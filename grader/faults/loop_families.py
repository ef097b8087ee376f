"""The faults that are in several lines of a loop's wiring: the same in all of a sort, or two exchanged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations

from grader.equations.algebra import added
from grader.equations.nodes import Letter, Node, Sum, Zeros, letters
from grader.equations.through_time import indexed
from grader.faults.fault import Scope
from grader.faults.operations import Kind, Slip, exchanged
from grader.faults.through_words import Told
from grader.faults.wiring import At, DeclaredLoop, Wires, at

Alike = Mapping[tuple[str, str], Mapping[str, tuple[Node, Slip]]]
"""(sort of line, what was done) -> the lines in which it was done, with what is in them then."""


@dataclass
class Families:
    """Collects them.

    Attributes:
        declared: the loop.
        told: says what a fault is.
        shapes: of the cell's letters, on the probe case.
        keep: keeps one: the line that it stands for, all its lines, what was done, the sentence.
    """

    declared: DeclaredLoop
    told: Told
    shapes: Mapping[str, tuple[int, ...]]
    keep: Callable[..., None]

    @property
    def wires(self) -> Wires:
        """The loop's lines."""
        return self.declared.wires

    def collect(self, alike: Alike) -> None:
        """Add all of them; `alike` has what was done to single lines."""
        self._families(alike)
        self._carries()
        self._exchanges()
        self._for_another()

    def _families(self, alike: Alike) -> None:
        """Collect the same in all lines of a sort, or in those of all weights or all biases."""
        judged = {*self.declared.judged.values()}
        for (sort, _), all_ in alike.items():
            is_sum = sort.startswith("after")
            members = {key: one for key, one in all_.items() if key in judged or not is_sum}
            groups = [list(members)]
            if all(key.startswith("Σ ") for key in members):
                columns = {key: self.shapes[key.removeprefix("Σ ")][1] for key in members}
                groups += [[k for k in members if columns[k] == 1], [k for k in members if columns[k] != 1]]
            for group in groups:
                if len(group) < 2:
                    continue
                slip = members[group[0]][1]
                says = self.told.family(group, [members[key][1] for key in group])
                self.keep(group[0], {key: members[key][0] for key in group}, slip, says, Scope.FAMILY)

    def _carries(self) -> None:
        """Lose what is carried back, or take it otherwise, for all states alike."""
        carried = {
            name
            for node in self.wires.back_into.values()
            for name in letters(node)
            if indexed(name)[1] == At.AFTER
        }
        if not carried:
            return
        for some in (*([one] for one in sorted(carried)), sorted(carried)):
            lines = {
                key: _renamed(node, {name: _at_step(name, At.ALL_AFTER) for name in some})
                for key, node in self.wires.back_into.items()
                if {*letters(node)} & {*some}
            }
            lines |= {
                key: Letter(at(indexed(name)[0], At.ALL))
                for key, node in self.wires.after.items()
                for name in letters(node)
                if at(indexed(name)[0], At.AFTER) in some and indexed(name)[1] == At.FIRST
            }
            slip = Slip(Kind.STEP, Letter(some[0]), _at_step(some[0], At.ALL_AFTER))
            says = self.told.carried(At.ALL_AFTER, some if len(some) < len(carried) else ())
            self.keep(next(iter(lines)), lines, slip, says, Scope.FAMILY)
        if len(carried) < 2:
            return
        for step in (None, At.LATE, At.ALL_AFTER, At.ALONE):
            lines = {
                key: _renamed(node, {name: _at_step(name, step) for name in carried})
                for key, node in self.wires.back_into.items()
            }
            first = sorted(carried)[0]
            slip = (
                Slip(Kind.TERM, Letter(first))
                if step is None
                else Slip(Kind.STEP, Letter(first), _at_step(first, step))
            )
            says = self.told.carried(step)
            self.keep(next(iter(lines)), lines, slip, says, Scope.FAMILY)

    def _exchanges(self) -> None:
        """Two lines have each other's right-hand side, or two letters each other's place."""
        for lines in (self.wires.into, self.wires.kept, self.wires.after):
            for a, b in combinations(lines, 2):
                if self._shape(lines[a]) == self._shape(lines[b]):
                    slip = Slip(Kind.SIDES, Letter(a), Letter(b))
                    self.keep(a, {a: lines[b], b: lines[a]}, slip, self.told.exchanged(a, b), Scope.FAMILY)
        carried = [
            one
            for key, node in self.wires.back_into.items()
            for one in letters(node)
            if one.endswith(f"⟨{At.AFTER}⟩")
        ]
        for a, b in combinations(dict.fromkeys(carried), 2):
            if self.shapes[indexed(a)[0]] == self.shapes[indexed(b)[0]]:
                back = {key: exchanged(node, a, b) for key, node in self.wires.back_into.items()}
                slip = Slip(Kind.SIDES, Letter(a), Letter(b))
                self.keep(next(iter(back)), back, slip, self.told.exchanged(a, b), Scope.FAMILY)

    def _for_another(self) -> None:
        """Add what belongs to one sum to another one."""
        judged = {*self.declared.judged.values()}
        sums = {key: node for key, node in self.wires.after.items() if key.startswith("Σ ") and key in judged}
        for to, node in sums.items():
            alike = [key for key in sums if key != to and self._shape(sums[key]) == self._shape(node)]
            for group in ([key] for key in alike):
                self._added_to(to, group, sums)
            for kind in {key[2:4] for key in alike}:
                group = [key for key in alike if key[2:4] == kind]
                if len(group) > 1:
                    self._added_to(to, group, sums)

    def _added_to(self, to: str, group: list[str], sums: Mapping[str, Node]) -> None:
        lines: dict[str, Node] = {to: added(sums[to], *(sums[key] for key in group))}
        lines |= {key: Zeros(key.removeprefix("Σ ")) for key in group}
        slip = Slip(Kind.SIDES, Letter(to), Letter(group[0]))
        self.keep(to, lines, slip, self.told.added_to(to, group), Scope.FAMILY, more=5)

    def _shape(self, node: Node) -> tuple[int, ...] | None:
        names = [indexed(name)[0] for name in letters(node)]
        made = [self.wires.made_by.get(name, name) for name in names]
        found = [self.declared.sequences_of.get(name, name) for name in made]
        return self.shapes.get(found[0]) if found else None


def _renamed(node: Node, others: Mapping[str, Node]) -> Node:
    if isinstance(node, Letter):
        return others.get(node.name, node)
    if isinstance(node, Sum):
        return added(*(_renamed(one, others) for one in node.terms))
    return node


def _at_step(name: str, step: At | None) -> Node:
    base = indexed(name)[0]
    return Zeros(base) if step is None else Letter(at(base, step))
