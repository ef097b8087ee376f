"""Faults of the way forward: in forward alone, with a backward that is true to it, or in backward alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations

from grader.equations.algebra import added, times
from grader.equations.nodes import ONE, Applied, Function, Hadamard, Letter, Node, Number, Sum, letters
from grader.faults.fault import Fault, Scope
from grader.faults.lines import Ways
from grader.faults.modes import Mode
from grader.faults.operations import Kind, Odd, Oddly, Slip, everywhere, exchanged, rebuilt, renamed

# What somebody may have added to a sigmoid's denominator: little, or −1, so that only exp(−a) is left of it.
ADDED = (1e-2, 1e-3, 1e-4, 1e-5, -1.0)


@dataclass
class Forward:
    """Collects them.

    Attributes:
        ways: the cell's two ways.
    """

    ways: Ways
    _alike: dict[str, dict[str, tuple[Node, Slip]]] = field(default_factory=dict)

    def collect(self) -> None:
        """Add all of them to `Ways.found`."""
        for name, line in self.ways.forward.items():
            node, gate = line.node, self.ways.gate(name)
            for new, slip in everywhere(node, self.ways.rules(name)):
                self._both(slip, name, {name: new})
                self._alike.setdefault(self.ways.key(gate, slip), {}).setdefault(name, (new, slip))
            for a, b in combinations(sorted(set(letters(node))), 2):
                if self.ways.shapes[a] == self.ways.shapes[b]:
                    self._both(
                        Slip(Kind.SIDES, Letter(a), Letter(b), within=node),
                        name,
                        {name: exchanged(node, a, b)},
                    )
            self._exchanged_rules(name, node)
        self._families()
        self._weights_exchanged()
        self._stacks()
        self._sigmoids()
        self._forget_biases()
        self._first_samples()

    def _both(
        self,
        slip: Slip,
        name: str,
        changes: Mapping[str, Node],
        scope: Scope = Scope.LINE,
        others: tuple[Slip, ...] = (),
    ) -> None:
        """Collect a wrong forward in all its modes."""
        ways = self.ways
        number = ways.number(name)
        places = tuple(changes) if len(changes) > 1 else ()
        fault = Fault(
            slip,
            name,
            number,
            Mode.FORWARD,
            scope,
            dict(changes),
            places=places,
            others=others,
            unlikely=self._is_without_name(slip),
        )
        ways.found.add(fault)
        if not ways.declared.gradients:
            return
        found = ways.derived(changes)
        if found is None:
            return
        forward, back = found
        lines = {line.letter: line.node for line in back.lines}
        called = ways.declared.derivatives(back)
        wanted: dict[str, Node] = {one: Letter(letter) for one, letter in called.items()}
        aux = {one: node for one, node in forward.items() if one not in ways.forward or one in changes}
        ways.found.add(replace(fault, mode=Mode.CONSISTENT, lines=aux, back=lines, outputs=wanted))
        self._borrowed(fault, forward, lines)

    def _is_without_name(self, slip: Slip) -> bool:
        """Whether a letter stands there that the statement has not: what is the same of its own letters is
        likelier.
        """
        by = slip.by.name if isinstance(slip.by, Letter) else ""
        return slip.kind is Kind.LETTER and by in self.ways.forward and by not in self.ways.made.values()

    def _borrowed(self, fault: Fault, forward: Mapping[str, Node], back: Mapping[str, Node]) -> None:
        """Forward is right, and backward, or one line of it, that of the wrong one."""
        ways = self.ways
        fault = replace(fault, places=fault.places or (fault.letter,))
        new = {one: node for one, node in forward.items() if one not in ways.forward}
        new |= {one: node for one, node in back.items() if one not in ways.backward}
        changed = {one: back[one] for one in ways.backward if one in back and back[one] != ways.nodes[one]}
        lost = [one for one in ways.backward if one not in back]
        if len(changed) > 1 and not lost:
            ways.found.add(replace(fault, mode=Mode.BORROWED, scope=Scope.FAMILY, lines={**new, **changed}))
        for one, node in changed.items():
            number = ways.number(one, node)
            more = new if set(letters(node)) & new.keys() else {}
            ways.found.add(
                replace(
                    fault,
                    mode=Mode.BORROWED,
                    scope=Scope.USE,
                    letter=one,
                    equation=number,
                    lines={**more, one: node},
                )
            )

    def _exchanged_rules(self, name: str, node: Node) -> None:
        """Let the factors of a product get each other's derivative: that of (a ⊙ a + b ⊙ b) / 2."""
        for product in _products(node):
            if not self.ways.declared.gradients:
                return
            half = [times(Number(0.5), one, one) for one in product.factors]
            found = self.ways.derived({name: _put(node, product, added(*half))})
            if found is None or len(product.factors) != 2:
                continue
            back = {line.letter: line.node for line in found[1].lines}
            changed = {
                one: back[one]
                for one in self.ways.backward
                if one in back and back[one] != self.ways.nodes[one]
            }
            slip = Slip(Kind.RULE, *product.factors, within=product)
            number = self.ways.number(name)
            self.ways.found.add(Fault(slip, name, number, Mode.BACKWARD, lines=changed))

    def _families(self) -> None:
        for members in self._alike.values():
            for some in self.ways.by_activation(members):
                name, (_, slip) = next(iter(some.items()))
                others = tuple(other for _, other in some.values())[1:]
                self._both(slip, name, {one: new for one, (new, _) in some.items()}, Scope.FAMILY, others)

    def _weights_exchanged(self) -> None:
        """Two gates have got each other's weights."""
        ways = self.ways
        inside = [name for name in ways.forward if name not in ways.made.values() and name.startswith("a_")]
        plain = {
            *ways.declared.program.given,
            *(one for stack in ways.declared.stacks.values() for one in stack),
        }
        for a, b in combinations(inside, 2):
            used = {*letters(ways.nodes[a]), *letters(ways.nodes[b])}
            if ways.shapes[a] == ways.shapes[b] and used <= plain:
                slip = Slip(Kind.ORDER, Letter(a[2:]), Letter(b[2:]))
                self._both(slip, a, {a: ways.nodes[b], b: ways.nodes[a]})

    def _stacks(self) -> None:
        """Put the parts of stacked weights in another order, in forward and backward or in forward alone."""
        ways, stacks = self.ways, list(self.ways.declared.stacks.values())
        if not stacks:
            return
        orders: list[tuple[Slip, dict[str, Node]]] = []
        for i, j in combinations(range(len(stacks[0])), 2):
            pairs = [(left[i], left[j]) for left in stacks]
            change = {a: ways.nodes[b] for a, b in (*pairs, *((b, a) for a, b in pairs))}
            orders.append((Slip(Kind.ORDER, Letter(stacks[0][i]), Letter(stacks[0][j])), change))
        strands: dict[str, Node] = {}
        for whole, left in ways.declared.stacks.items():
            for i, one in enumerate(left):
                strands[one] = Oddly(Odd.INTERLEAVED, Letter(whole), part=i, among=len(left))
        orders.append((Slip(Kind.ORDER, Letter(next(iter(ways.declared.stacks)))), strands))
        for slip, change in orders:
            self._both(slip, next(iter(change)), change)
            uses = {
                one: renamed(line.node, change)
                for one, line in ways.forward.items()
                if set(letters(line.node)) & change.keys()
            }
            ways.found.add(Fault(slip, next(iter(change)), "", Mode.FORWARD, Scope.FAMILY, uses))

    def _sigmoids(self) -> None:
        ways = self.ways
        gates = {
            name: line.node.of
            for name, line in ways.forward.items()
            if isinstance(line.node, Applied) and line.node.function is Function.SIGMOID
        }
        for number in ADDED if gates else ():
            lines: dict[str, Node] = {one: Oddly(Odd.SIGMOID_PLUS, of, number) for one, of in gates.items()}
            slip = Slip(Kind.CONSTANT, None, Number(number))
            ways.found.add(Fault(slip, next(iter(gates)), "", Mode.FORWARD, Scope.FAMILY, lines))

    def _forget_biases(self) -> None:
        """Add 1 to what goes into a gate, as TensorFlow's first LSTM does for the forget gate."""
        for name, line in self.ways.forward.items():
            if isinstance(line.node, Applied) and line.node.function is Function.SIGMOID:
                new = Applied(Function.SIGMOID, Sum((line.node.of, ONE)))
                self._both(Slip(Kind.CONSTANT, line.node.of, ONE), name, {name: new})

    def _first_samples(self) -> None:
        """Let the first sample of what is given stand for all, in all of forward or in the gates alone."""
        ways = self.ways
        if ways.samples == 1:
            return
        for count in range(1, len(ways.data) + 1):
            for names in combinations(ways.data, count):
                first: dict[str, Node] = {one: Oddly(Odd.FIRST_SAMPLE, Letter(one)) for one in names}
                slip, *others = (Slip(Kind.SAMPLES, Letter(one), how=Odd.FIRST_SAMPLE) for one in names)
                gates = [
                    one for one in ways.forward if one.startswith("a_") and one not in ways.made.values()
                ]
                for where in (ways.forward, gates):
                    self._renamed(slip, first, where, tuple(others))

    def _renamed(
        self, slip: Slip, change: Mapping[str, Node], where: Iterable[str], others: tuple[Slip, ...]
    ) -> None:
        ways = self.ways
        lines = {
            one: renamed(ways.nodes[one], change)
            for one in where
            if set(letters(ways.nodes[one])) & change.keys()
        }
        if lines:
            where_ = next(iter(lines))
            ways.found.add(Fault(slip, where_, "", Mode.FORWARD, Scope.GROUP, lines, others=others))


def _products(node: Node) -> Iterable[Hadamard]:
    if isinstance(node, Hadamard):
        yield node
    for one in node.below:
        yield from _products(one)


def _put(node: Node, old: Node, new: Node) -> Node:
    if node == old:
        return new
    return rebuilt(node, tuple(_put(one, old, new) for one in node.below)) if node.below else node
