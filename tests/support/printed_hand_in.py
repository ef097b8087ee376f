"""A cell with a fault in it, printed as a hand-in: the equations and their way back, line by line, in NumPy.

The model hand-in gets another forward and another backward. In them all arrays are matrices with a column for
each sample, as the equations have them; they are turned where they come in and where they go out.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping

from grader.cell.derived import Derived
from grader.equations.nodes import (
    Applied,
    Function,
    Hadamard,
    Letter,
    Negative,
    Node,
    Number,
    OverSamples,
    Product,
    Slice,
    Slope,
    Stacked,
    Sum,
    Transposed,
    Zeros,
    letters,
)
from grader.equations.sizes import Dimensions
from grader.faults.fault import Declared, Fault
from grader.faults.operations import Odd, Oddly
from grader.mistakes import Files

HELPERS = """

def _sigmoid(a, more=0.0):
    return 1.0 / (1.0 + np.exp(-a) + more)


def _slope_of_sigmoid(y):
    return y * (1.0 - y)


def _slope_of_tanh(y):
    return 1.0 - y * y


def _only(x, sample, at):
    kept = np.zeros(x.shape)
    kept[:, at] = x[:, sample]
    return kept
"""
ODD: Mapping[Odd, str] = {
    Odd.FIRST_SAMPLE: "np.broadcast_to({x}[:, :1], {x}.shape)",
    Odd.ONLY_FIRST: "_only({x}, 0, 0)",
    Odd.ONLY_LAST: "_only({x}, -1, -1)",
    Odd.LAST_IN_FIRST: "_only({x}, -1, 0)",
    Odd.SUMMED: "np.broadcast_to({x}.sum(axis=1, keepdims=True), {x}.shape)",
    Odd.MEAN: "{x}.mean(axis=1, keepdims=True)",
    Odd.OVER_COUNT: "{x} / n_samples",
    Odd.TIMES_COUNT: "{x} * n_samples",
    Odd.FIRST_COLUMN: "{x}[:, :1]",
    Odd.FIRST_ENTRY: "np.broadcast_to({x}[:1, :1], {x}.shape)",
    Odd.WHOLE_NUMBERS: "np.trunc({x})",
    Odd.RELU: "np.maximum({x}, 0.0)",
    Odd.POSITIVE: "({x} > 0) * 1.0",
    Odd.ONES: "np.ones_like({x})",
    Odd.NOTHING: "np.zeros_like({x})",
}


class CannotBePrintedError(Exception):
    """Nobody can hand this in: forward would need what backward makes."""


def hand_in(model: Files, cell: Derived, declared: Declared, fault: Fault | None) -> Files:
    """Return the model hand-in with the equations of a fault in it; without one, with the statement's.

    Raises:
        CannotBePrintedError: no hand-in has this fault.
    """
    ((path, content),) = [(p, c) for p, c in model.items() if f"class {cell.name}".encode() in c]
    printed = _Printed(cell, declared, fault)
    methods = {"forward": printed.forward(), "backward": printed.backward()}
    return {**model, path: _replaced(content.decode(), cell.name, methods).encode()}


def _replaced(source: str, name: str, methods: Mapping[str, list[str]]) -> str:
    lines = source.split("\n")
    (class_,) = [one for one in ast.parse(source).body if isinstance(one, ast.ClassDef) and one.name == name]
    found = [one for one in class_.body if isinstance(one, ast.FunctionDef) and one.name in methods]
    for one in sorted(found, key=lambda each: -each.lineno):
        assert one.end_lineno is not None
        lines[one.lineno - 1 : one.end_lineno] = [f"    {line}" for line in methods[one.name]]
    return "\n".join(lines) + HELPERS


class _Printed:
    def __init__(self, cell: Derived, declared: Declared, fault: Fault | None) -> None:
        self.cell, self.declared = cell, declared
        self.statement = {line.letter for line in declared.program.lines}
        lines = {line.letter: line.node for line in (*declared.program.lines, *declared.back.lines)}
        self.given: Mapping[str, Node] = fault.given if fault else {}
        self.outputs = {
            name: fault.outputs.get(name, Letter(letter)) if fault else Letter(letter)
            for name, letter in declared.outputs.items()
        }
        self.lines = {**lines, **(fault.back or {}), **fault.lines} if fault else lines
        self.names: dict[str, str] = {}

    def forward(self) -> list[str]:
        """Return a method's lines."""
        call = self.cell.forward
        written = [
            str(one) if isinstance(one, str) else f"state_{at}" for at, one in enumerate(call.arguments)
        ]
        body = [
            f"{', '.join(map(str, one))} = {name}"
            for name, one in zip(written, call.arguments, strict=True)
            if not isinstance(one, str)
        ]
        called = {name: self.cell.letters[name] for name in call.names}
        body += [f"{self.name(of)} = {self._entering(of, name)}" for name, of in called.items()]
        body.append(f"n_input, n_samples = {self.name(self.cell.letters[call.names[0]])}.shape")
        body.append(f"n_hidden = {self.name(self.cell.letters[call.names[1]])}.shape[0]")
        body += [f"{self.name(one)} = {self._entering(one, f'self.{one}')}" for one in self.cell.weights]
        body += self._given(self.declared.program.data)
        wanted = [self.outputs[name] for name in self.declared.states]
        seeds = set(self.declared.seeds.values())
        known = {*self.declared.program.given}
        order = self._ordered([*(Letter(one) for one in sorted(self.statement)), *wanted], known)
        if {*order} & {*self.declared.back.shapes} - {*self.declared.program.shapes} or seeds & set(
            self._used(order, wanted)
        ):
            raise CannotBePrintedError
        body += [f"{self.name(one)} = {self.source(self.lines[one])}" for one in order]
        body += ["kept = dict(locals())", "del kept['self']", "self.kept = kept"]
        self.computed = {*order, *known}
        found = [
            self._leaving(self.declared.states[name], self.source(self.outputs[name]))
            for name in self.declared.states
        ]
        body.append(f"return {', '.join(found)}")
        return _method(f"forward(self, {', '.join(written)})", body)

    def backward(self) -> list[str]:
        """Return a method's lines; those of forward must have been asked for."""
        call = self.cell.backward
        body = [f"{self.name(one)} = self.kept['{self.name(one)}']" for one in sorted(self.computed)]
        body += [f"n_{one} = self.kept['n_{one}']" for one in ("input", "hidden", "samples")]
        body += [f"{self.name(one)} = {self._entering(one, one)}" for one in call.names]
        body += self._given(call.names)
        gradients = [name for name in self.outputs if name not in self.declared.states]
        order = self._ordered([self.outputs[name] for name in gradients], {*self.computed, *call.names})
        body += [f"{self.name(one)} = {self.source(self.lines[one])}" for one in order]
        leaving = {
            name: self._leaving(self.declared.outputs[name], self.source(self.outputs[name]))
            for name in gradients
        }
        body += [f"self.{name} = {made}" for name, made in leaving.items() if name not in call.returned]
        body.append(f"return {', '.join(leaving[name] for name in call.returned)}")
        return _method(f"backward(self, {', '.join(call.names)})", body)

    def name(self, letter: str) -> str:
        """Return a letter as Python has it."""
        if letter not in self.names:
            plain = "".join(one if one.isalnum() else "_" for one in letter.replace("′", "_new"))
            taken = {*self.names.values()}
            while plain in taken or not plain.isidentifier():
                plain = f"{plain}_" if plain[:1].isalpha() else f"v{plain}"
            self.names[letter] = plain
        return self.names[letter]

    def _given(self, names: Iterable[str]) -> list[str]:
        """Return what stands for what is given from the start, all at once."""
        changed = [one for one in names if one in self.given]
        if not changed:
            return []
        made = ", ".join(self.source(self.given[one]) for one in changed)
        return [f"{', '.join(self.name(one) for one in changed)} = {made}"]

    def _used(self, order: Iterable[str], wanted: Iterable[Node]) -> Iterator[str]:
        for node in (*(self.lines[one] for one in order), *wanted):
            yield from letters(node)

    def _ordered(self, wanted: Iterable[Node], known: set[str]) -> list[str]:
        """Letters in an order in which each stands below what it needs."""
        done, order, begun = set(known), list[str](), set[str]()

        def visit(name: str) -> None:
            if name in done:
                return
            if name in begun or name not in self.lines:
                raise CannotBePrintedError
            begun.add(name)
            for one in letters(self.lines[name]):
                visit(one)
            done.add(name)
            order.append(name)

        for node in wanted:
            for name in letters(node):
                visit(name)
        return order

    def _shape(self, letter: str) -> Dimensions:
        return self.declared.back.shapes[letter]

    def _entering(self, letter: str, written: str) -> str:
        shape = self._shape(letter)
        if shape.has_samples and self.cell.cell.batch is not None:
            return f"np.asarray({written}).T"
        return f"np.reshape({written}, (-1, 1))" if shape.is_vector or shape.has_samples else written

    def _leaving(self, letter: str, written: str) -> str:
        shape = self._shape(letter)
        if shape.has_samples and self.cell.cell.batch is not None:
            return f"({written}).T"
        return f"({written})[:, 0]" if shape.is_vector or shape.has_samples else written

    def source(self, node: Node) -> str:
        """Return an expression as NumPy, with all the brackets that there can be."""
        of = self.source
        match node:
            case Letter(name):
                return self.name(name)
            case Number(value):
                return repr(value)
            case Zeros(like):
                rows, columns = (
                    " + ".join("1" if one == "1" else f"n_{one}" for one in size)
                    for size in (self._shape(like).rows, self._shape(like).columns)
                )
                return f"np.zeros(({rows}, {columns}))"
            case Negative(below):
                return f"(-{of(below)})"
            case Sum(terms):
                return f"({' + '.join(map(of, terms))})"
            case Hadamard(factors):
                return f"({' * '.join(map(of, factors))})"
            case Product(left, right):
                return f"({of(left)} @ {of(right)})"
            case Transposed(below):
                return f"{of(below)}.T"
            case Applied(function, below):
                return f"{'np.tanh' if function is Function.TANH else '_sigmoid'}({of(below)})"
            case Slope(function, below):
                return f"_slope_of_{'tanh' if function is Function.TANH else 'sigmoid'}({of(below)})"
            case Stacked(parts):
                return f"np.concatenate([{', '.join(map(of, parts))}])"
            case Slice(below, index, among):
                assert all(self._shape(one).rows == ("hidden",) for one in among)
                return f"{of(below)}[{index} * n_hidden:{index + 1} * n_hidden]"
            case OverSamples(below):
                return f"{of(below)}.sum(axis=1, keepdims=True)"
            case Oddly(how=Odd.SIGMOID_PLUS, of=below, number=number):
                return f"_sigmoid({of(below)}, {number!r})"
            case Oddly(how=Odd.INTERLEAVED, of=below, part=part, among=count):
                return f"{of(below)}[{part}::{count}]"
            case Oddly(how=how, of=below) if how in ODD:
                return f"({ODD[how].format(x=of(below))})"
        raise TypeError(node)


def _method(head: str, body: Iterable[str]) -> list[str]:
    return [f"def {head}:", *(f"    {line}" for line in body)]
