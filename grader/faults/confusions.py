"""Whole confusions: a forward that is another author's cell, and not the one of the statement.

Of a GRU two choices are made otherwise by others, and each of both makes a cell that works: where the reset
meets the state, and which of the update gate's two factors keeps the old state. `reference.dialects` has them
as data. Of an LSTM it is whether two gates are one, and whether tanh is taken of the cell state.
"""

from __future__ import annotations

from grader.equations.nodes import ONE, Applied, Hadamard, Letter, Negative, Node, Product, Sum, letters
from grader.equations.printing import text
from grader.faults.fault import Declared, Fault, Scope
from grader.faults.modes import Mode
from grader.faults.operations import Kind

AFTER = "This is PyTorch's GRU, with the reset after the product: a working GRU, and not the one of Eq. ({})."
BEFORE = (
    "This is the GRU as it was first published, with the reset before the product: a working GRU, and not "
    "the one of Eq. ({})."
)
COUPLED = (
    "This is an LSTM with coupled gates, in which {} stands for {}: a working LSTM, and not the one of "
    "Eq. ({})."
)
PLAIN_STATE = (
    "This is an LSTM without tanh on its cell state, as some have it: a working LSTM, and not the one of "
    "Eq. ({})."
)
FORGET_BIAS = "TensorFlow's first LSTM adds 1 to its forget gate so; the statement leaves that to the bias."
KEEPS = "This is a working GRU of other books, in which {} keeps the old state; in Eq. ({}) it is {}."


def confusion(declared: Declared, fault: Fault) -> str:
    """Which other cell a wrong forward is; "" if it is none that is known."""
    if fault.mode not in (Mode.FORWARD, Mode.CONSISTENT) or fault.scope is not Scope.LINE:
        return ""
    slip = fault.slip
    if slip.kind is Kind.MOVED and _gates(declared, slip.part):
        after = isinstance(slip.by, Product) and slip.within is None
        return (AFTER if after else BEFORE).format(fault.equation)
    if slip.kind is Kind.GATE and (other := _coupled(declared, fault)):
        return COUPLED.format(f"1 − {other}", text(slip.part) if slip.part else "", fault.equation)
    if slip.kind is Kind.ACTIVATION and _is_of_state(declared, slip.part) and not (slip.by or slip.how):
        return PLAIN_STATE.format(fault.equation)
    if slip.kind is Kind.CONSTANT and slip.part is not None and "forget" in _remark(declared, fault.equation):
        return FORGET_BIAS
    if slip.kind in (Kind.SIDES, Kind.GATE):
        return _keeps(declared, fault)
    return ""


def _coupled(declared: Declared, fault: Fault) -> str:
    """Return the gate of which 1 − gate stands for another one of its line; "" if it is no such fault."""
    part, by, line = fault.slip.part, fault.slip.by, declared.program.by_letter.get(fault.letter)
    is_turned = isinstance(by, Sum) and by.terms[0] == ONE and isinstance(by.terms[1], Negative)
    gates = [*letters(by)] if by is not None and is_turned else []
    both = {part.name, *gates} if isinstance(part, Letter) else set()
    return gates[0] if line is not None and len(both) == 2 and both <= set(letters(line.node)) else ""


def _is_of_state(declared: Declared, part: Node | None) -> bool:
    """Whether it is tanh of a state that is handed on."""
    return isinstance(part, Applied) and part.of in [Letter(one) for one in declared.states.values()]


def _remark(declared: Declared, number: str) -> str:
    return " ".join(one.remark or "" for one in declared.program.equations if one.number == number)


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
