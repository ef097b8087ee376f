"""The faults of the way back, where forward is right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

from grader.equations.algebra import added
from grader.equations.nodes import Applied, Function, Letter, Node, Zeros, letters
from grader.equations.program import Line
from grader.faults.fault import Fault, Scope
from grader.faults.lines import Ways
from grader.faults.modes import Mode
from grader.faults.operations import Kind, Odd, Oddly, Slip, everywhere, exchanged, renamed
from grader.faults.whole import whole


@dataclass
class Backward:
    """Collects them.

    Attributes:
        ways: the cell's two ways.
    """

    ways: Ways
    _alike: dict[str, dict[str, tuple[Node, Slip]]] = field(default_factory=dict)

    def collect(self) -> None:
        """Add all of them to `Ways.found`."""
        for name, line in self.ways.backward.items():
            node, gate = line.node, self.ways.gate(name)
            for new, slip in everywhere(node, self.ways.rules(name)):
                self._add(slip, name, {name: new}, number=self.ways.number(name, new, slip))
                if not slip.here or slip.here in self.ways.forward:
                    self._alike.setdefault(self.ways.key(gate, slip), {}).setdefault(name, (new, slip))
            for new, slip in self._whole(name):
                self._add(slip, name, {name: new})
            for a, b in combinations(sorted(set(letters(node))), 2):
                if self.ways.shapes[a] == self.ways.shapes[b]:
                    new = exchanged(node, a, b)
                    slip = Slip(Kind.SIDES, Letter(a), Letter(b), within=node)
                    self._add(slip, name, {name: new}, number=self.ways.number(name, new))
            self._in_all_terms(name, line)
            self._multiples(name)
            self._stacked_for_another(name)
        self._families()
        self._groups()
        self._everywhere()
        self._orders()
        self._all_alike()

    def collect_likely(self) -> None:
        """Add those that are no exchange of letters, each in one line."""
        for name, line in self.ways.backward.items():
            rules = replace(self.ways.rules(name, opens=False), scope=())
            for new, slip in everywhere(line.node, rules):
                self._add(slip, name, {name: new}, number=self.ways.number(name, new, slip))
            for new, slip in self._whole(name):
                self._add(slip, name, {name: new})

    def _add(
        self,
        slip: Slip,
        name: str,
        lines: Mapping[str, Node],
        scope: Scope = Scope.LINE,
        number: str | None = None,
        unlikely: int = 0,
        is_multiple: bool = False,
        others: tuple[Slip, ...] = (),
    ) -> None:
        places = tuple(lines) if len(lines) > 1 else ()
        number = self.ways.number(name) if number is None else number
        self.ways.found.add(
            Fault(
                slip,
                name,
                number,
                Mode.BACKWARD,
                scope,
                dict(lines),
                places=places,
                unlikely=unlikely,
                is_multiple=is_multiple,
                others=others,
            )
        )

    def _whole(self, name: str) -> Iterator[tuple[Node, Slip]]:
        return whole(name, self.ways.nodes[name], self.ways.shapes[name], self.ways.samples, True)

    def _in_all_terms(self, name: str, line: Line) -> None:
        """Collect the same in several terms of a line, such as in those of all gates."""
        rules = replace(self.ways.rules(name, opens=False), scope=())
        alike: dict[str, dict[int, tuple[Node, Slip]]] = {}
        for i, term in enumerate(line.terms if len(line.terms) > 1 else ()):
            for new, slip in everywhere(term.node, rules):
                key = self.ways.key(self.ways.gate_of(term.through), slip)
                alike.setdefault(key, {}).setdefault(i, (new, slip))
        for members in alike.values():
            if len(members) > 1:
                nodes = [members[i][0] if i in members else term.node for i, term in enumerate(line.terms)]
                slip, *others = (one for _, one in members.values())
                self._add(slip, name, {name: added(*nodes)}, Scope.FAMILY, "", others=tuple(others))

    def _multiples(self, name: str) -> None:
        """Collect multiples that are added: a weight decay, weights that are trained meanwhile."""
        ways = self.ways
        if name in ways.d_weights:
            for other in ways.before(name):
                if ways.shapes[other] == ways.shapes[name] and other not in (*ways.forward, *ways.backward):
                    new = added(ways.nodes[name], Letter(other))
                    slip = Slip(Kind.ADDED, Letter(other))
                    self._add(slip, name, {name: new}, is_multiple=True)
        if name in ways.d_data:
            for weight in ways.declared.program.weights:
                d = ways.declared.back.derivative[weight]
                if weight in letters(ways.nodes[name]) and name not in ways.found.case.program.behind(d):
                    new = renamed(ways.nodes[name], {weight: added(Letter(weight), Letter(d))})
                    self._add(
                        Slip(Kind.ADDED, Letter(d), Letter(weight)), name, {name: new}, is_multiple=True
                    )

    def _stacked_for_another(self, name: str) -> None:
        """All parts of one stacked array stand for those of another, or of its gradient."""
        ways, stacks = self.ways, self.ways.declared.stacks
        used = set(letters(ways.nodes[name]))
        behind = ways.found.case.program.behind(name)
        gradients = {
            f"d{whole_}": tuple(ways.declared.back.derivative.get(one, "") for one in left)
            for whole_, left in stacks.items()
        }
        for whole_, left in stacks.items():
            for other, its in {**stacks, **gradients}.items():
                fits = all(
                    ways.shapes.get(a) == ways.shapes[b] and a not in behind
                    for a, b in zip(its, left, strict=True)
                )
                if set(left) <= used and its != left and fits:
                    others = {a: Letter(b) for a, b in zip(left, its, strict=True)}
                    slip = Slip(Kind.LETTER, Letter(whole_), Letter(other))
                    self._add(slip, name, {name: renamed(ways.nodes[name], others)})

    def _families(self) -> None:
        for members in self._alike.values():
            for some in self.ways.by_activation(members):
                name, (_, slip) = next(iter(some.items()))
                others = tuple(other for _, other in some.values())[1:]
                numbers = {self.ways.number(one, new, slip) for one, (new, slip) in some.items()}
                number = numbers.pop() if len(numbers) == 1 else ""
                lines = {one: new for one, (new, _) in some.items()}
                self._add(slip, name, lines, Scope.FAMILY, number, others=others)

    def _groups(self) -> None:
        """Collect what a letter is at several of its uses: on the way to dx and dh, in all gradients of
        weights.
        """
        ways = self.ways
        subsets = [one for count in range(2, len(ways.data) + 1) for one in combinations(ways.d_data, count)]
        parts = [
            ways.declared.back.derivative.get(one, "")
            for left in ways.declared.stacks.values()
            for one in left
        ]
        weights = [one for one in (*ways.d_weights, *parts) if one in ways.backward]
        for name in ways.backward:
            rules = ways.rules(name, opens=False)
            others: list[tuple[Node, Slip]] = [(Zeros(name), Slip(Kind.TERM, Letter(name), here=name))]
            others += [(new, slip) for new, slip in everywhere(ways.nodes[name], rules)]
            for group in (*subsets, tuple(weights)):
                used = [one for one in group if name in letters(ways.nodes[one])]
                if len(used) < 2:
                    continue
                for new, slip in others:
                    lines = {one: renamed(ways.nodes[one], {name: new}) for one in used}
                    self._add(slip, name, lines, Scope.GROUP, ways.number(name, new))

    def _everywhere(self) -> None:
        """Collect letters that stand for another on all of the way back, or two for each other."""
        ways = self.ways
        weights = {*ways.d_weights, *ways.declared.program.weights}
        state = {ways.shapes[name] for name in ways.data}
        vectors = [
            one
            for one in (*ways.data, *ways.forward, *ways.seeds, *ways.backward)
            if one not in weights and ways.shapes[one] in state
        ]
        for a in vectors:
            for b in vectors:
                if a == b or ways.shapes[a] != ways.shapes[b]:
                    continue
                if a not in ways.backward and b not in ways.backward:
                    lines = {
                        one: renamed(line.node, {a: Letter(b)})
                        for one, line in ways.backward.items()
                        if a in letters(line.node)
                    }
                    if len(lines) > 1:
                        self._add(Slip(Kind.LETTER, Letter(a), Letter(b)), "", lines, Scope.GROUP, "")
                if a < b and self._form(a) == self._form(b):
                    lines = {
                        one: exchanged(line.node, a, b)
                        for one, line in ways.backward.items()
                        if {a, b} & set(letters(line.node))
                    }
                    if lines:
                        self._add(
                            Slip(Kind.SIDES, Letter(a), Letter(b)), "", lines, Scope.GROUP, "", unlikely=20
                        )

    def _form(self, name: str) -> tuple[bool, bool, bool]:
        node = self.ways.nodes.get(name)
        is_activated = isinstance(node, Applied) and node.function in (Function.SIGMOID, Function.TANH)
        is_back = name in self.ways.backward or name in self.ways.seeds
        return is_back, name.removeprefix("d").startswith("a_"), is_activated

    def _orders(self) -> None:
        """Gradients are stacked in another order."""
        ways, stacks = self.ways, list(self.ways.declared.stacks.values())
        for i, j in combinations(range(len(stacks[0])), 2) if stacks else ():
            lines: dict[str, Node] = {}
            for whole_, left in ways.declared.stacks.items():
                name = ways.declared.back.derivative[whole_]
                called = ways.declared.back.derivative
                lines[name] = exchanged(ways.nodes[name], called[left[i]], called[left[j]])
            self._add(
                Slip(Kind.ORDER, Letter(stacks[0][i]), Letter(stacks[0][j])),
                next(iter(lines)),
                lines,
                number="",
            )

    def _all_alike(self) -> None:
        """Collect what happens to all gradients of a sort as a whole."""
        ways = self.ways
        biases = [one for one in ways.d_weights if ways.shapes[one][1] == 1]
        matrices = [one for one in ways.d_weights if ways.shapes[one][1] != 1]
        families: list[Sequence[str]] = [ways.d_weights, matrices, biases]
        families += [
            one for count in range(2, len(ways.data) + 1) for one in combinations(ways.d_data, count)
        ]
        for shape in {ways.shapes[one] for one in ways.d_weights}:
            families.append([one for one in ways.d_weights if ways.shapes[one] == shape])
        for end in sorted({one[-1] for one in ways.d_weights}):
            mine = [one for one in ways.d_weights if one[-1] == end]
            families.append(mine)
            families += [[one for one in mine if one in kind] for kind in (matrices, biases)]
        for family in families:
            made: dict[tuple[Kind, Node | None, Odd | None], dict[str, Node]] = {}
            for name in family if len(family) > 1 else ():
                for new, slip in self._whole(name):
                    key = (slip.kind, slip.by, slip.how)
                    made.setdefault(key, {})[name] = new
            for (kind, by, how), lines in made.items():
                if len(lines) == len(family):
                    self._add(Slip(kind, Letter(family[0]), by, how=how), family[0], lines, Scope.FAMILY, "")
        self._only_a_sample()

    def _only_a_sample(self) -> None:
        """One sample alone counts in the gradients of all weights."""
        ways = self.ways
        if ways.samples == 1:
            return
        parts = [
            ways.declared.back.derivative.get(one, "")
            for left in ways.declared.stacks.values()
            for one in left
        ]
        of = [one for one in (*ways.d_weights, *parts) if one in ways.backward]
        for odd in (Odd.ONLY_FIRST, Odd.ONLY_LAST):
            only: dict[str, Node] = {
                one: Oddly(odd, Letter(one))
                for one in ways.backward
                if ways.shapes[one][1] == ways.samples and one not in ways.d_data
            }
            lines = {
                one: renamed(ways.nodes[one], only)
                for one in of
                if set(letters(ways.nodes[one])) & only.keys()
            }
            self._add(Slip(Kind.SAMPLES, how=odd), "", lines, Scope.FAMILY, "")
