"""Whole confusions: a forward that is another author's cell, and not the one of the statement.

Two choices are made otherwise by others, and each of both makes a cell that works: where the reset meets the
state, and which of the update gate's two factors keeps the old state. `reference.dialects` has them as data.
"""

from __future__ import annotations

from grader.equations.nodes import ONE, Hadamard, Letter, Negative, Node, Product, Sum, letters
from grader.faults.fault import Declared, Fault, Mode, Scope
from grader.faults.operations import Kind

AFTER = "This is PyTorch's GRU, with the reset after the product: a working GRU, and not the one of Eq. ({})."
BEFORE = (
    "This is the GRU as it was first published, with the reset before the product: a working GRU, and not "
    "the one of Eq. ({})."
)
KEEPS = "This is a working GRU of other books, in which {} keeps the old state; in Eq. ({}) it is {}."


def confusion(declared: Declared, fault: Fault) -> str:
    """Which other cell a wrong forward is; "" if it is none that is known."""
    if fault.mode not in (Mode.FORWARD, Mode.CONSISTENT) or fault.scope is not Scope.LINE:
        return ""
    slip = fault.slip
    if slip.kind is Kind.MOVED and _gates(declared, slip.part):
        after = isinstance(slip.by, Product) and slip.within is None
        return (AFTER if after else BEFORE).format(fault.equation)
    if slip.kind in (Kind.SIDES, Kind.GATE):
        return _keeps(declared, fault)
    return ""


def _gates(declared: Declared, part: Node | None) -> bool:
    """Whether it is a gate, by which the state is reset."""
    return isinstance(part, Letter) and part.name in declared.program.by_letter


def _keeps(declared: Declared, fault: Fault) -> str:
    """Return the blend of old state and candidate with the gate's two factors exchanged."""
    line = declared.program.by_letter.get(fault.letter)
    found = _blend(line.node) if line is not None else None
    if found is None or set(fault.lines) != {fault.letter}:
        return ""
    changed = _blend(fault.lines[fault.letter])
    gate, kept, let_in = found
    if changed is None or changed != (gate, let_in, kept):
        return ""
    old = kept if kept in declared.program.data else let_in
    statement, others = (gate, f"1 − {gate}") if old == kept else (f"1 − {gate}", gate)
    return KEEPS.format(others, fault.equation, statement)


def _blend(node: Node) -> tuple[str, str, str] | None:
    """(z, a, b) of z ⊙ a + (1 − z) ⊙ b, in whatever order; None if it is nothing of the kind."""
    if not isinstance(node, Sum) or len(node.terms) != 2:
        return None
    plain: dict[str, tuple[str, ...]] = {}
    turned: dict[str, tuple[str, ...]] = {}
    for term in node.terms:
        if not isinstance(term, Hadamard) or len(term.factors) != 2:
            return None
        for one, other in (term.factors, term.factors[::-1]):
            if isinstance(one, Sum) and one.terms[0] == ONE and isinstance(one.terms[1], Negative):
                turned[next(letters(one))] = tuple(letters(other))
            elif isinstance(one, Letter):
                plain[one.name] = tuple(letters(other))
    gates = [gate for gate in turned if gate in plain]
    if len(gates) != 1 or len(plain[gates[0]]) != 1 or len(turned[gates[0]]) != 1:
        return None
    return gates[0], plain[gates[0]][0], turned[gates[0]][0]
