"""One equation, from its characters to its nodes.

    equation   left = sum
    left       letter, or [letter; letter; ...] of an array that is stacked of them
    sum        product + product − product ...
    product    chain ⊙ chain ...                  entry by entry
    chain      atom atom ...                      the matrix product, from the right
    atom       letter, number, σ(sum), tanh(sum), softmax(sum), (sum), [sum; sum; ...], and ᵀ behind them

A letter is a name, with primes behind it (h′), with a step (a⟨t⟩, a⟨t−1⟩, a⟨0⟩, a⟨T⟩) and with the mark of a
sample (x⁽ⁱ⁾), which says that each sample has its own and is otherwise left away. Nothing else is known here.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from grader.equations.algebra import added, negative, product, times, transposed
from grader.equations.nodes import Applied, Function, Letter, Node, Number, Stacked

SAMPLE = "⁽ⁱ⁾"
STEPS = ("t", "t−1", "t+1", "0", "1", "T")
KNOWN = "matrix product (W x), ⊙, +, −, σ( ), tanh( ), softmax( ), [a; x], ᵀ, numbers and letters"
_FUNCTIONS = {**{function.value: function for function in Function}, "sigmoid": Function.SIGMOID}
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<letter>(?!ᵀ)[^\W\d](?:(?!ᵀ)[\w\u0300-\u036f])*['′]*(?:⁽ⁱ⁾)?(?:⟨[^⟩]*⟩)?(?:⁽ⁱ⁾)?)"
    r"|(?P<sign>[-+−⊙*()\[\];=ᵀ])"
    r"|(?P<other>\S))"
)


class NotInTheGrammarError(Exception):
    """What stands there is no equation.

    Attributes:
        says: what is wrong, a sentence without its full stop.
        at: the position of the character where it is, from 0.
    """

    def __init__(self, says: str, at: int) -> None:
        super().__init__(says)
        self.says, self.at = says, at


@dataclass(frozen=True)
class _Token:
    kind: str  # number, letter, sign, or end
    text: str
    at: int
    end: int


def equation(written: str) -> tuple[tuple[str, ...], Node]:
    """Return the letters on the left of an equation, and what they are.

    Raises:
        NotInTheGrammarError: it is no equation of this grammar.
    """
    parser = _Parser(written)
    left = parser.left()
    right = parser.sum()
    if parser.next.kind != "end":
        raise parser.error(f"{parser.next.text!r} does not belong here")
    return left, right


def letter(name: str) -> str:
    """Return the name of a letter as it is kept: one sign for each prime and minus, and no sample's mark."""
    plain = name.replace("'", "′").replace("-", "−").replace(SAMPLE, "")
    return unicodedata.normalize("NFC", plain)


def samples(written: str) -> frozenset[str]:
    """Return the letters that are marked as each sample's own."""
    found = [match["letter"] or "" for match in _TOKEN.finditer(written)]
    return frozenset(letter(name) for name in found if SAMPLE in name)


class _Parser:
    """Reads from the left, one token ahead."""

    def __init__(self, written: str) -> None:
        self.tokens = [*_tokens(written), _Token("end", "the end of the line", len(written), len(written))]

    @property
    def next(self) -> _Token:
        return self.tokens[0]

    def error(self, says: str) -> NotInTheGrammarError:
        return NotInTheGrammarError(says, self.next.at)

    def take(self, *signs: str) -> str | None:
        """Return the next token's sign if it is one of these, which is then read."""
        if self.next.kind == "sign" and self.next.text in signs:
            return self.tokens.pop(0).text
        return None

    def expect(self, sign: str, where: str) -> None:
        if self.take(sign) is None:
            raise self.error(f"{sign!r} is expected {where}, not {self.next.text!r}")

    def left(self) -> tuple[str, ...]:
        if self.take("["):
            names = [self.name()]
            while self.take(";"):
                names.append(self.name())
            self.expect("]", "behind the letters that are stacked")
        else:
            names = [self.name()]
        self.expect("=", "behind what the equation defines")
        return tuple(names)

    def name(self) -> str:
        if self.next.kind != "letter" or self.next.text in _FUNCTIONS:
            raise self.error(f"a letter is expected, not {self.next.text!r}")
        return letter(self.tokens.pop(0).text)

    def sum(self) -> Node:
        terms = [negative(self.product()) if self.take("-", "−") else self.product()]
        while sign := self.take("+", "-", "−"):
            terms.append(self.product() if sign == "+" else negative(self.product()))
        return added(*terms)

    def product(self) -> Node:
        factors = [self.chain()]
        while self.take("⊙", "*"):
            factors.append(self.chain())
        return times(*factors) if len(factors) > 1 else factors[0]

    def chain(self) -> Node:
        first = self.atom()
        if self.next.kind in ("letter", "number") or (self.next.kind == "sign" and self.next.text in "(["):
            rest = self.chain()
            return times(first, rest) if isinstance(first, Number) else product(first, rest)
        return first

    def atom(self) -> Node:
        node = self.bare()
        while self.take("ᵀ"):
            node = transposed(node)
        return node

    def bare(self) -> Node:
        if self.take("("):
            node = self.sum()
            self.expect(")", "at the end of the bracket")
            return node
        if self.take("["):
            parts = [self.sum()]
            while self.take(";"):
                parts.append(self.sum())
            self.expect("]", "at the end of what is stacked")
            return Stacked(tuple(parts))
        if self.next.kind == "number":
            return Number(float(self.tokens.pop(0).text))
        if self.next.kind == "letter":
            return self.letter_or_function()
        raise self.error(f"a letter, a number or a bracket is expected, not {self.next.text!r}")

    def letter_or_function(self) -> Node:
        token, behind = self.tokens[0], self.tokens[1]
        is_called = behind.text == "(" and behind.at == token.end
        if token.text in _FUNCTIONS:
            self.tokens.pop(0)
            self.expect("(", f"behind {token.text}")
            node = self.sum()
            self.expect(")", f"at the end of {token.text}( )")
            return Applied(_FUNCTIONS[token.text], node)
        if is_called:
            raise self.error(
                f"there is no function {token.text} here, only σ, tanh and softmax; a product with a "
                f"bracket has a space before it, {token.text} ("
            )
        return Letter(self.name())


def _tokens(written: str) -> list[_Token]:
    """Return the tokens of a line; what is none of them is refused where it stands."""
    found = []
    for match in _TOKEN.finditer(written):
        kind = str(match.lastgroup)
        text, at = match[kind], match.start(kind)
        if kind == "other":
            raise NotInTheGrammarError(f"{text!r} is not known; known are {KNOWN}", at)
        if kind == "letter":
            _hold_letter(text, at)
        found.append(_Token(kind, text, at, match.end(kind)))
    return found


def _hold_letter(text: str, at: int) -> None:
    name, bracket, step = text.replace(SAMPLE, "").partition("⟨")
    plain = unicodedata.normalize("NFC", name.rstrip("'′"))
    if odd := [i for i, sign in enumerate(plain) if not f"_{sign}".isidentifier()]:
        raise NotInTheGrammarError(f"{plain[odd[0]]!r} is not known; known are {KNOWN}", at + odd[0])
    if bracket and step.removesuffix("⟩").replace("-", "−") not in STEPS:
        says = f"a step is one of {', '.join(STEPS)}, not {step.removesuffix('⟩')!r}"
        raise NotInTheGrammarError(says, at + len(name) + 1)
