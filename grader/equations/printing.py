"""Expressions in the statement's notation: "Wh (r ⊙ h) + Wx x"."""

from __future__ import annotations

from grader.equations.nodes import (
    Applied,
    Function,
    Hadamard,
    Letter,
    Negative,
    Node,
    Number,
    OverEntries,
    OverSamples,
    OverTime,
    Product,
    Slice,
    Slope,
    Stacked,
    Sum,
    Transposed,
    Zeros,
)

# How tightly the operations bind, from the loosest: what stands inside of a tighter one gets brackets.
IN_SUM, IN_HADAMARD, IN_PRODUCT, ALONE = range(4)


def text(node: Node, tight: int = IN_SUM) -> str:
    """Return the expression as a statement would have it.

    Args:
        node: the expression.
        tight: what it stands in: IN_SUM, IN_HADAMARD, IN_PRODUCT or ALONE.
    """
    match node:
        case Letter(name):
            # A part of an equation has that part for its name, which binds as loosely as it is written.
            return _bracketed(name, tight > IN_SUM and _is_open(name))
        case Number(value):
            return f"{value:g}"
        case Zeros():
            return "0"
        case Sum(terms):
            return _bracketed(_sum(terms), tight > IN_SUM)
        case Negative(of):
            return _bracketed(f"−{text(of, IN_HADAMARD)}", tight > IN_SUM)
        case Hadamard(factors):
            return _bracketed(" ⊙ ".join(text(one, IN_HADAMARD) for one in factors), tight > IN_HADAMARD)
        case Product(left, right):
            return _bracketed(f"{text(left, ALONE)} {text(right, IN_PRODUCT)}", tight > IN_PRODUCT)
        case Transposed(of):
            return f"{text(of, ALONE)}ᵀ"
        case Applied(function, of):
            return f"{function}({text(of)})"
        case Slope(function, of):
            y = text(of, IN_HADAMARD)
            if function is Function.TANH:
                return f"(1 − {y} ⊙ {y})"
            return _bracketed(f"{y} ⊙ (1 − {y})", tight > IN_HADAMARD)
    return _of_rows(node)


def _of_rows(node: Node) -> str:
    match node:
        case Stacked(parts):
            return f"[{'; '.join(text(one) for one in parts)}]"
        case Slice(of, index, among):
            return f"rows({text(of)}, {among[index]})"
        case OverSamples(of):
            return f"Σ_samples({text(of)})"
        case OverEntries(of):
            return f"Σ_entries({text(of)})"
        case OverTime(of):
            return f"Σ_t {text(of, ALONE)}"
    raise TypeError(node)


def _sum(terms: tuple[Node, ...]) -> str:
    first, *others = terms
    written = (
        text(first, IN_HADAMARD) if not isinstance(first, Negative) else f"−{text(first.of, IN_HADAMARD)}"
    )
    for one in others:
        sign, of = ("−", one.of) if isinstance(one, Negative) else ("+", one)
        written += f" {sign} {text(of, IN_HADAMARD)}"
    return written


def _is_open(name: str) -> bool:
    """Whether an operand that is called as it is written has an operation outside of all brackets."""
    depth = 0
    for sign in name:
        depth += (sign in "([") - (sign in ")]")
        if sign == " " and not depth:
            return True
    return False


def _bracketed(written: str, is_bracketed: bool) -> str:
    return f"({written})" if is_bracketed else written
