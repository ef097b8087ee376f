"""Expressions made of others, in their plainest form: no brackets within brackets, signs in front."""

from __future__ import annotations

from grader.equations.nodes import (
    ONE,
    Hadamard,
    Negative,
    Node,
    Product,
    Sum,
    Transposed,
    Zeros,
    with_below,
)


def negative(node: Node) -> Node:
    """Return the expression with the other sign; twice is not at all."""
    if isinstance(node, Negative):
        return node.of
    return node if isinstance(node, Zeros) else Negative(node)


def added(*terms: Node) -> Node:
    """Return the sum, without brackets inside and without zeros."""
    flat = [one for term in terms for one in (term.terms if isinstance(term, Sum) else (term,))]
    some = [one for one in flat if not isinstance(one, Zeros)] or flat[:1]
    return Sum(tuple(some)) if len(some) > 1 else some[0]


def times(*factors: Node) -> Node:
    """Return the product entry by entry, without brackets inside and ones; signs come to the front."""
    flat: list[Node] = []
    sign = 1
    for factor in factors:
        if isinstance(factor, Negative):
            factor, sign = factor.of, -sign
        flat += factor.factors if isinstance(factor, Hadamard) else (factor,)
    flat = [one for one in flat if one != ONE] or [ONE]
    product = Hadamard(tuple(flat)) if len(flat) > 1 else flat[0]
    return product if sign > 0 else negative(product)


def product(left: Node, right: Node) -> Node:
    """Return the matrix product; signs come to the front."""
    sign = 1
    if isinstance(left, Negative):
        left, sign = left.of, -sign
    if isinstance(right, Negative):
        right, sign = right.of, -sign
    found = Product(left, right)
    return found if sign > 0 else negative(found)


def transposed(node: Node) -> Node:
    """Rows for columns; twice is not at all."""
    return node.of if isinstance(node, Transposed) else Transposed(node)


def entry_by_entry(node: Node) -> Node:
    """Return the expression with ⊙ for every matrix product: what it says where all letters are numbers."""
    below = tuple(entry_by_entry(one) for one in node.below)
    return times(*below) if isinstance(node, Product) else with_below(node, below)
