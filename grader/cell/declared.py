"""What the declaration of a one-cell homework says: what its equations cannot."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from grader.errors import DeclarationError
from reference.dialects import Dialect

# A vector such as delta, and how a student hands it over in another shape.
SPELT = {"(hidden,)": "{}", "(1, hidden)": "{}.reshape(1, -1)", "(hidden, 1)": "{}.reshape(-1, 1)"}

Argument = str | tuple["Argument", ...]
"""The name of an array, or several in a tuple."""


@dataclass(frozen=True)
class Cell:
    """One step of a recurrent cell, as a homework asks for it.

    Attributes:
        made: how an instance is made of the two sizes: "GRU_Cell(input, hidden)", in the class's order.
        forward: how the step is asked for, and what it returns: "h, c = forward(x, (h, c))". First the input,
            then the states; it returns the new states in their order.
        backward: the same for the way back: "dx, dh, dc = backward(dh_next, dc_next)". It is handed the
            derivatives of the loss by the new states, in the order in which forward returns those, and
            returns those by the input and by the old states.
        torch: how torch's own cell is told the same, from `reference.dialects`; None where torch has no such
            cell. Then the equations are the truth.
        gates: the equations' letter of a gate -> the dialect's, where they differ: {"g": "n"}.
        letters: an array's name -> its letter in the equations, where they differ: {"h_prev_t": "h"}. Without
            it a new state's letter is that of its name with a prime, "h′", or else its name.
        stacked: equations that say of which letters an array is stacked: "[W_i; W_f; W_g; W_o] = weight_ih".
        numbers: the numbers of the equations, where the statement has others as well.
        batch: the smallest and the largest number of samples, in rows; None where there is one, as a vector.
        gradients: names of what backward is judged by, in the order of the gradebook; those of the weights,
            and then what is returned, if empty.
        forms: shapes in which hand-ins take the derivatives, of "(hidden,)", "(1, hidden)" and "(hidden, 1)",
            in the order in which they are tried. Of a batch there is one alone.
        also: a weight's name -> another one that a class may have in its place.
    """

    made: str
    forward: str
    backward: str
    torch: Dialect | None = None
    gates: Mapping[str, str] = field(default_factory=dict)
    letters: Mapping[str, str] = field(default_factory=dict)
    stacked: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()
    batch: tuple[int, int] | None = None
    gradients: str = ""
    forms: tuple[str, ...] = ("(hidden,)",)
    also: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Hold the declaration to what can be asked for.

        Raises:
            DeclarationError: a form is unknown, or goes with a batch.
        """
        if unknown := [form for form in self.forms if form not in SPELT]:
            raise DeclarationError(f"the form {unknown[0]!r} is none of {', '.join(SPELT)}")
        if self.batch is not None and self.forms != ("(hidden,)",):
            raise DeclarationError("a batch is handed over in one form alone: leave `forms` out")


@dataclass(frozen=True)
class Call:
    """A method, what it is handed and what it returns.

    Attributes:
        method: its name.
        arguments: names of arrays, in their order, some of them in a tuple.
        returned: names of what it returns; of several, in a tuple.
    """

    method: str
    arguments: tuple[Argument, ...]
    returned: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all arrays that it is handed, in their order."""
        return tuple(flat(self.arguments))


def flat(argument: Argument) -> Iterator[str]:
    """Yield the names in an argument, from the left."""
    if isinstance(argument, str):
        yield argument
        return
    for one in argument:
        yield from flat(one)


def call(written: str) -> Call:
    """Return the call that a line such as "h, c = forward(x, (h, c))" makes.

    Raises:
        DeclarationError: it is no such line.
    """
    try:
        (line,) = ast.parse(written).body
        assert isinstance(line, ast.Assign)
        (target,) = line.targets
        assert isinstance(line.value, ast.Call)
        assert isinstance(line.value.func, ast.Name)
        returned = tuple(flat(_names(target)))
        return Call(line.value.func.id, tuple(_names(one) for one in line.value.args), returned)
    except (AssertionError, SyntaxError, ValueError):
        raise DeclarationError(
            f"{written!r} is no call that returns arrays by name, such as 'h, c = forward(x, (h, c))'"
        ) from None


def made(written: str) -> tuple[str, tuple[str, ...]]:
    """Return the class and its arguments, of a line such as "GRU_Cell(input, hidden)".

    Raises:
        DeclarationError: it is no such line.
    """
    found = call(f"cell = {written}") if "=" not in written else None
    if found is None or sorted(found.names) != ["hidden", "input"]:
        raise DeclarationError(f"{written!r} must be a class with its two sizes: 'GRU_Cell(input, hidden)'")
    return found.method, found.names


def _names(node: ast.expr) -> Argument:
    if isinstance(node, ast.Name):
        return node.id
    assert isinstance(node, ast.Tuple)
    return tuple(_names(one) for one in node.elts)
