"""What letters, equations and places are called in a sentence for a student."""

from __future__ import annotations

from collections.abc import Sequence

from grader.equations.nodes import Letter, Node, Slope, letters
from grader.equations.printing import text
from grader.faults.fault import Declared, Fault, Scope
from grader.faults.modes import Mode


class Names:
    """The words for one cell.

    Args:
        declared: the cell.
        factor: of what is added a number of times, that number.
    """

    def __init__(self, declared: Declared, factor: float | None) -> None:
        self.declared, self.factor = declared, factor
        self.primal = {
            d: of for of, d in declared.back.derivative.items() if d not in declared.seeds.values()
        }
        self.public = {*declared.program.shapes, *declared.seeds.values()}
        self.outputs = {letter: name for name, letter in declared.derivatives(declared.back).items()}
        self.remarks = {one.left[0]: one.remark for one in declared.program.equations if one.remark}
        self.made = {one.number: one.left[0] for one in declared.program.equations}

    def is_back(self, fault: Fault) -> bool:
        """Whether the place is on the way back, so that nothing there is quoted."""
        return fault.mode is Mode.BACKWARD

    def at(self, fault: Fault, of: str = "in") -> str:
        """Where: "in Eq. (1)", "on the way back through Eq. (1)"."""
        numbers = self.numbers(fault)
        if not self.is_back(fault):
            return f"{of} {numbers}" if numbers else "in forward"
        to = sorted({self.name(one) for one in fault.lines if one in self.outputs})
        behind = f" to {listed(to)}" if fault.scope is Scope.GROUP and to else ""
        return (
            f"on the way back{behind} through {numbers}"
            if numbers
            else f"on the way back{behind or self.to(fault)}"
        )

    def to(self, fault: Fault) -> str:
        """Whose line it is: " to dx"."""
        return f" to {self.name(fault.letter)}" if fault.letter in self.primal else ""

    def numbers(self, fault: Fault) -> str:
        """Return the equations: "Eq. (1)", "Eq. (1), (2) and (4)"; "" where none can be said."""
        found = [fault.equation] if fault.equation and fault.mode is not Mode.BORROWED else []
        if not found or fault.scope is Scope.FAMILY:
            found += [self.number(one) for one in fault.places]
        some = sorted({one for one in found if one}, key=lambda one: (len(one), one))
        return f"Eq. {listed([f'({one})' for one in some])}" if some else ""

    def number(self, letter: str) -> str:
        """Return the number of the equation that a letter's line is, or goes back through; "" of several."""
        lines = {line.letter: line for line in (*self.declared.program.lines, *self.declared.back.lines)}
        through = {term.through for term in lines[letter].terms} if letter in lines else set()
        return through.pop() if len(through) == 1 else ""

    def name(self, letter: str) -> str:
        """Return a letter in words: what is derived along the way back has no letter in the statement."""
        if letter in self.outputs:
            return self.outputs[letter]
        of = self.primal.get(letter)
        if of is None:
            made = self.activated(letter)
            return f"what goes into the activation of {made}" if made != letter else letter
        made = self.activated(of)
        return (
            f"the derivative by {of}"
            if made == of
            else f"the derivative by what goes into the activation of {made}"
        )

    def activated(self, letter: str) -> str:
        """Return the letter that comes of an activation, of what goes into it; any other letter as it is."""
        is_own = letter in self.declared.program.given or letter in self.made.values()
        return letter if is_own else letter.removeprefix("a_")

    def shown(self, node: Node | None, otherwise: str) -> str:
        """Return a part of an expression, if it is the statement's; a letter of the way back in words."""
        if isinstance(node, Letter):
            return self.name(node.name)
        if node is not None and set(letters(node)) <= self.public:
            return text(node)
        return otherwise

    def of_what(self, fault: Fault) -> str:
        """Whose derivative: "the derivative of the update gate in Eq. (1)"."""
        slope = fault.slip.within if isinstance(fault.slip.within, Slope) else fault.slip.part
        letter = slope.of.name if isinstance(slope, Slope) and isinstance(slope.of, Letter) else ""
        numbers = self.numbers(fault)
        who = self.remarks.get(letter, letter)
        if fault.scope is Scope.FAMILY:
            return f"the derivatives of the activations in {numbers}"
        return f"the derivative of {who}{f' in {numbers}' if numbers else ''}"


def listed(names: Sequence[str]) -> str:
    """Return the names in a sentence: "a, b and c"."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
