"""What each weight of a cell does, read off the equations; and so what torch's cell calls it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum

from grader.equations.nodes import (
    Hadamard,
    Letter,
    Negative,
    Node,
    Product,
    Stacked,
    Sum,
    Transposed,
    letters,
)
from grader.equations.program import Program
from grader.equations.reading import Equation


class Does(IntEnum):
    """What a weight does, in the order in which the weights of a case are drawn."""

    BY_INPUT = 0  # W x
    BY_STATE = 1  # W h, or W (r ⊙ h)
    BY_BOTH = 2  # W [h; x]
    BY_ENTRY = 3  # p ⊙ c
    BIAS_BESIDE_INPUT = 4  # b, or the first of two
    BIAS_BESIDE_STATE = 5  # d, of W x + b + V h + d

    @property
    def is_bias(self) -> bool:
        """Whether it is added, and multiplies nothing."""
        return self in (Does.BIAS_BESIDE_INPUT, Does.BIAS_BESIDE_STATE)


@dataclass(frozen=True)
class Role:
    """What a weight does in an equation.

    Attributes:
        does: what.
        equation: in which.
        onto: of a weight for [h; x], the letters in there, from the left.
    """

    does: Does
    equation: Equation
    onto: tuple[str, ...] = ()

    @property
    def gate(self) -> str:
        """The letter of the equation."""
        return self.equation.left[0]


def roles(program: Program, inputs: str) -> dict[str, Role]:
    """Weight, or part of a stacked one -> what it does where it stands first.

    Args:
        program: of the cell.
        inputs: the letter of the input.
    """
    found: dict[str, Role] = {}
    for equation in program.equations:
        if len(equation.left) == 1:
            for name, does, onto in _in(equation.right, program, inputs, Does.BIAS_BESIDE_INPUT):
                found.setdefault(name, Role(does, equation, onto))
    return found


def biases(found: Mapping[str, Role], gate: str) -> tuple[str, ...]:
    """Return the biases in the equation of a gate, in their order."""
    return tuple(name for name, role in found.items() if role.gate == gate and role.does.is_bias)


def _in(node: Node, program: Program, inputs: str, bias: Does) -> Iterator[tuple[str, Does, tuple[str, ...]]]:
    """(weight, what it does, onto what) in an expression; `bias`: what one that is added here would do."""
    match node:
        case Sum(terms):
            for one in terms:
                inner = one.of if isinstance(one, Negative) else one
                for name, does, onto in _in(inner, program, inputs, bias):
                    # A bias goes with the product that it stands behind.
                    if does in (Does.BY_STATE, Does.BY_BOTH):
                        bias = Does.BIAS_BESIDE_STATE if does is Does.BY_STATE else Does.BIAS_BESIDE_INPUT
                    elif does is Does.BY_INPUT:
                        bias = Does.BIAS_BESIDE_INPUT
                    yield name, does, onto
        case Letter(name):
            if _is_weight(name, program):
                yield name, bias, ()
        case Product(left, right):
            name = next(letters(left), "")
            if isinstance(left, Letter | Transposed) and _is_weight(name, program):
                yield name, *_onto(right, inputs)
            else:
                yield from _in(left, program, inputs, bias)
            if isinstance(right, Letter) and _is_weight(right.name, program):
                yield right.name, Does.BY_ENTRY, ()
            elif not isinstance(right, Letter):
                yield from _in(right, program, inputs, bias)
        case Hadamard(factors):
            for one in factors:
                if isinstance(one, Letter) and _is_weight(one.name, program):
                    yield one.name, Does.BY_ENTRY, ()
                elif not isinstance(one, Letter):
                    yield from _in(one, program, inputs, bias)
        case _:
            for one in node.below:
                yield from _in(one, program, inputs, bias)


def _onto(right: Node, inputs: str) -> tuple[Does, tuple[str, ...]]:
    if isinstance(right, Stacked):
        return Does.BY_BOTH, tuple(next(letters(one), "") for one in right.parts)
    return (Does.BY_INPUT if right == Letter(inputs) else Does.BY_STATE), ()


def _is_weight(name: str, program: Program) -> bool:
    shape = program.shapes.get(name)
    return shape is not None and not shape.has_samples
