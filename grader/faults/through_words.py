"""What a student is told of a loop's mistake: which step or letter, never a line of the way back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.equations.nodes import Letter, Node, Number, Sum, Zeros, letters
from grader.equations.printing import text
from grader.equations.through_time import indexed
from grader.faults.naming import Names, listed
from grader.faults.operations import Kind, Oddly, Slip
from grader.faults.wiring import CACHE, STEPS, STEPS_BACK, At, DeclaredLoop

_ORDER: Mapping[tuple[str, At], str] = {
    (STEPS, At.AFTER): "forward never takes the first step",
    (STEPS, At.BEFORE): "forward never takes the last step",
    (STEPS, At.TURNED): "forward goes through time from the last step to the first",
    (STEPS_BACK, At.ALL): "the way back goes through time from the first step to the last",
    (STEPS_BACK, At.LATE): "the first step is never gone back through",
    (STEPS_BACK, At.EARLY): "the last step is never gone back through",
}
_WHOSE: Mapping[At, str] = {
    At.FIRST: "the first step",
    At.LAST: "the last step",
    At.BEFORE: "the step before",
    At.AFTER: "the step after",
    At.TURNED: "the step that is as far from the other end",
    At.EARLY: "two steps before",
}


class Told:
    """The words for one loop.

    Args:
        declared: the loop.
    """

    def __init__(self, declared: DeclaredLoop) -> None:
        self.wires, self.names = declared.wires, Names(declared, None)
        self.judged = {key: name for name, key in declared.judged.items()}
        self.primal = {d: of for of, d in declared.back.derivative.items()} if declared.loop_back else {}
        self.states = {
            into: indexed(name)[0] for into, node in self.wires.into.items() for name in letters(node)
        }

    def line(self, key: str, slip: Slip) -> str:
        """Of one line with one thing wrong in it."""
        if key in self.wires.plain:
            return self._plain(key, slip)
        name = self.name(key)
        if slip.kind is Kind.ZERO and key in self.wires.back_into:
            part = next(Letter(one) for one in letters(self.wires.back_into[key]))
            return self._back(key, Slip(Kind.TERM, part))
        if slip.part == Letter(key):
            return self._whole(name, slip)
        if key in self.wires.after:
            return self._after(key, name, slip)
        if key in self.wires.back_into:
            return self._back(key, slip)
        if key in self.wires.starts:
            return (
                f"{indexed(key)[0]} starts from {self._start(slip.by)} and not from {self._start(slip.part)}"
            )
        if key in self.wires.into:
            return self._into(key, slip)
        return f"{self.letter(slip.by)} is kept as {name}"

    def name(self, key: str) -> str:
        """Return a line's left-hand side."""
        base = indexed(key)[0]
        return self.judged.get(key) or self.judged.get(base) or base.removeprefix("Σ ")

    def letter(self, node: Node | None) -> str:
        """Return a letter in words; what is derived along the way back has no letter in the statement."""
        if not isinstance(node, Letter):
            return "zeros" if isinstance(node, Zeros) else text(node) if node is not None else "another array"
        base, _ = indexed(node.name)
        if (of := self.primal.get(base)) is not None:
            return f"the derivative by {self.states[of]}" if of in self.states else self.names.name(base)
        return base

    def _plain(self, key: str, slip: Slip) -> str:
        step = At(indexed(str(getattr(slip.by, "name", "")))[1])
        if key == CACHE:
            return f"each step goes back through the values of {_WHOSE[step]}"
        if key in (STEPS, STEPS_BACK):
            return _ORDER[key, step]
        name = self.name(indexed(key)[0])
        return f"what belongs to a step of {name} is stored at {_WHOSE[step]}"

    def _whole(self, name: str, slip: Slip) -> str:
        number = f"{slip.by.value:g}" if isinstance(slip.by, Number) else ""
        return {
            Kind.ZERO: f"{name} is never filled",
            Kind.SIGN: f"{name} has the wrong sign",
            Kind.TIMES: f"{name} is {number} times what it should be",
            Kind.TRANSPOSED: f"{name} is transposed",
        }[slip.kind]

    def _after(self, key: str, name: str, slip: Slip) -> str:
        step = indexed(str(getattr(slip.by, "name", "")))[1]
        if isinstance(slip.by, Oddly):
            return f"a column of {self.letter(slip.by.of)} stands for {name}"
        if not step or slip.kind is Kind.LETTER:
            return f"{self.letter(slip.by)} stands for {name}"
        if key.startswith("Σ "):
            return {
                At.FIRST: f"each step overwrites {name}, so that only the first step's share is left",
                At.LAST: f"only the last step's share is in {name}",
                At.MEAN: f"{name} is the mean over the steps, and not their sum",
            }[At(step)]
        if At(step) is At.LAST:
            return f"{name} is taken from the last step, the first one that is gone back through"
        return f"{name} is added up over the steps"

    def _back(self, key: str, slip: Slip) -> str:
        part = slip.part if isinstance(slip.part, Letter) else None
        is_carried = part is not None and indexed(part.name)[1] == At.AFTER
        what = f"what is carried back for {self._of(part)}" if is_carried else self.letter(part)
        if slip.kind is Kind.TERM:
            if is_carried:
                return f"nothing is carried from step t+1 back to step t for {self._of(part)}"
            return f"{what} of each step is left out on the way back"
        if slip.kind is Kind.SIGN:
            return f"{what} has the wrong sign"
        if slip.kind is Kind.TIMES:
            return f"{what} is {text(slip.by) if slip.by else 'some'} times what it should be"
        if slip.kind is Kind.LETTER:
            return f"{self._carried_or_not(slip.by)} stands for {what}"
        return self._at_step(what, At(indexed(str(getattr(slip.by, "name", "")))[1]))

    def _of(self, part: Letter | None) -> str:
        """Return the state whose derivative is carried."""
        of = self.primal.get(indexed(part.name)[0], "") if part else ""
        return self.states.get(of, of) or "the state"

    def _carried_or_not(self, node: Node | None) -> str:
        if isinstance(node, Letter) and self.primal.get(indexed(node.name)[0]) in self.states:
            return f"what is carried back for {self._of(node)}"
        return self.letter(node)

    def _at_step(self, what: str, step: At) -> str:
        return {
            At.LATE: f"{what} arrives one step late",
            At.ALL_AFTER: f"{what} is added up over the steps, where each step's replaces the last",
            At.ALONE: f"{what} is made of the step's own derivative alone, and what had come to that "
            "step is not handed on",
            At.LAST_ALONE: f"{what} counts at the last step alone",
            At.FIRST: f"every step takes {what} of the first step",
            At.LAST: f"every step takes {what} of the last step",
            At.BEFORE: f"each step takes {what} of the step before",
            At.AFTER: f"each step takes {what} of the step after",
            At.TURNED: f"{what} is read in the order of the way back",
        }[step]

    def _into(self, key: str, slip: Slip) -> str:
        part = indexed(str(getattr(slip.part, "name", "")))[0]
        base, step = indexed(str(getattr(slip.by, "name", "")))
        if part in self.wires.made_by:
            if isinstance(slip.by, Zeros):
                return f"every step starts from zeros for {part}: the state is not handed on"
            if not step:
                return f"every step starts from {base}: the state {part} is not handed on"
            if base != part:
                return f"each step is handed {base} where {part} belongs"
            return f"each step starts from the state {part} of {_WHOSE[At(step)]}"
        return (
            f"{_WHOSE[At(step)]}'s {part} is read at every step"
            if At(step) in (At.FIRST, At.LAST)
            else f"each step reads {part} of {_WHOSE[At(step)]}"
        )

    def _start(self, node: Node | None) -> str:
        if isinstance(node, Sum):
            number = next(one for one in node.terms if isinstance(one, Number))
            return f"{number.value:g} in every entry"
        return self.letter(node)

    def of_another_step(self, key: str, name: str, step: At) -> str:
        """Of a line of the way back that reads a letter of forward at another step."""
        return f"{self.letter(Letter(key))} is made of {self.names.name(name)} of {_WHOSE[step]}"

    def last_alone(self, key: str) -> str:
        """Of what counts at the last step alone."""
        return f"{self.letter(Letter(key))} counts at the last step alone"

    def family(self, keys: Sequence[str], slips: Sequence[Slip]) -> str:
        """Of several lines that are wrong alike."""
        said = [self.line(key, slip) for key, slip in zip(keys, slips, strict=True)]
        names = [self.name(key) for key in keys]
        if all(name in one for name, one in zip(names, said, strict=True)) and len(set(names)) == len(names):
            one, all_ = names[0], listed(names)
            for verb, plural in (("is", "are"), ("has", "have")):
                if f"{one} {verb} " in said[0]:
                    return said[0].replace(f"{one} {verb} ", f"{all_} {plural} ", 1)
            return said[0].replace(one, all_, 1)
        return listed(list(dict.fromkeys(said)))

    def carried(self, step: At | None, some: Sequence[str] = ()) -> str:
        """Of all that is carried back, or of some of it."""
        if step is None:
            return "nothing is carried from step t+1 back to step t"
        of = f" for {listed([self._of(Letter(name)) for name in some])}" if some else ""
        return self._at_step(f"what is carried back{of}", step)

    def exchanged(self, a: str, b: str) -> str:
        """Of two in each other's place."""
        if indexed(a)[1] == At.AFTER:
            one, other = (self._of(Letter(name)) for name in (a, b))
            return f"what is carried back for {one} and for {other} are in each other's place"
        if a in self.wires.into:
            one, other = (self.states.get(name, name) for name in (a, b))
            return f"the cell is handed {one} and {other} in each other's place"
        return f"{self.name(a)} and {self.name(b)} are in each other's place"

    def added_to(self, to: str, group: Sequence[str]) -> str:
        """Of sums that are added to another one."""
        others = listed([self.name(key) for key in group])
        return f"what belongs to {others} is added to {self.name(to)}"
