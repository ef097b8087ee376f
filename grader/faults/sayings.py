"""What is said of each kind of fault: what was done at a place of an equation, in the statement's letters."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from grader.equations.nodes import Applied, Function, Letter, Node, Slope, Sum, Transposed
from grader.equations.printing import text
from grader.faults.fault import Fault, Scope
from grader.faults.naming import Names, listed
from grader.faults.operations import Kind, Odd

_FUNCTIONS = {Function.SIGMOID: "the sigmoid", Function.TANH: "tanh", Function.SOFTMAX: "softmax"}
_SAMPLES: Mapping[Odd, str] = {
    Odd.FIRST_SAMPLE: "the first sample of {} stands for all",
    Odd.ONLY_FIRST: "only the first sample of {} is there",
    Odd.ONLY_LAST: "only the last sample of {} is there",
    Odd.LAST_IN_FIRST: "{} has the last sample in the first one's place, and nothing else",
    Odd.SUMMED: "{} is summed over the samples, and each sample gets the sum",
    Odd.MEAN: "the mean over the samples stands for the sum",
    Odd.OVER_COUNT: "{} is divided by the number of samples",
    Odd.TIMES_COUNT: "{} is multiplied by the number of samples",
    Odd.WHOLE_NUMBERS: "{} is cut to whole numbers",
}


def whole(teller: Names, fault: Fault, name: str) -> str:
    """Return what happened to an array as a whole."""
    slip = fault.slip
    if slip.how is not None:
        return _SAMPLES.get(slip.how, f"{{}}: {slip.how}").format(name)
    return {
        Kind.ZERO: f"{name} is never filled",
        Kind.SIGN: f"{name} has the wrong sign",
        Kind.TRANSPOSED: f"{name} is transposed",
        Kind.TIMES: f"{name} is {teller.shown(slip.by, 'some')} times what it should be",
    }.get(slip.kind, f"{name} is another")


def _is_whole(fault: Fault) -> bool:
    return fault.slip.part == Letter(fault.letter) and not fault.slip.within


def _all(teller: Names, fault: Fault) -> str:
    return listed([teller.name(one) for one in fault.places or (fault.letter,)])


def _or_whole(say: Callable[[Names, Fault], str]) -> Callable[[Names, Fault], str]:
    def said(teller: Names, fault: Fault) -> str:
        if not _is_whole(fault):
            return say(teller, fault)
        each = "each of " if len(fault.places) > 1 else ""
        return whole(teller, fault, f"{each}{_all(teller, fault)}")

    return said


def _slope(teller: Names, fault: Fault) -> str:
    slip = fault.slip
    what = teller.of_what(fault)
    is_one = fault.scope is not Scope.FAMILY
    formula = f"{text(slip.part)}, {what}," if isinstance(slip.part, Slope) and is_one else what
    verb = "is" if is_one else "are"
    where = f" {teller.at(fault)}" if fault.scope is Scope.GROUP else ""
    match slip.kind:
        case Kind.SLOPE:
            return f"{formula} {verb} left out{where}"
        case Kind.SLOPE_PART if slip.by is None or slip.part != slip.within:
            return (
                f"{text(slip.part)} is left out of {what}{where}"
                if slip.part and is_one
                else f"a part of {what} is left out{where}"
            )
        case Kind.SLOPE_PART:
            return f"{teller.shown(slip.by, 'a part')} stands for {what}{where}"
        case Kind.SLOPE_OTHER:
            other = "as if it were ReLU" if slip.how is Odd.RELU else _other(slip.part)
            return f"{what} {verb} taken for the other activation, {other}{where}"
        case Kind.SLOPE_TWICE:
            return f"{what} {verb} taken at what is already activated{where}"
        case Kind.SLOPE_BEFORE:
            return f"{what} {verb} made of what goes into the activation, and not of what comes out{where}"
    return f"the derivative of {teller.shown(slip.by, 'another letter')} stands for {what}{where}"


def _other(part: Node | None) -> str:
    is_tanh = isinstance(part, Slope) and part.function is Function.TANH
    return "as if it were a sigmoid" if is_tanh else "as if it were tanh"


def _term(teller: Names, fault: Fault) -> str:
    slip = fault.slip
    if not teller.is_back(fault):
        terms = [teller.shown(one.part, "a term") for one in (slip, *fault.others)]
        one = f"the term {terms[0]} is" if len(terms) == 1 else f"the terms {listed(terms)} are"
        return f"{one} left out of {teller.numbers(fault) or 'forward'}"
    if isinstance(slip.part, Letter) and slip.part.name in teller.public:
        return f"{slip.part.name} is left out {teller.at(fault)}"
    numbers = teller.numbers(fault)
    if fault.scope is Scope.GROUP:
        named = sorted({teller.name(one) for one in fault.lines if one in teller.outputs})
        to = listed(named) if named else "the gradients of weights"
        return (
            f"the way back through {numbers} is left out for {to}"
            if numbers
            else f"one of the ways back to {to} is left out"
        )
    letter = slip.here or fault.letter
    where = (
        teller.name(letter)
        if letter in teller.outputs
        else teller.activated(teller.primal.get(letter, letter))
    )
    several = isinstance(slip.part, Sum)
    ways = "some of the ways back" if several else "one of the ways back"
    through = f": {'those' if several else 'the one'} through {numbers}" if numbers else ""
    return f"{ways} to {where} {'are' if several else 'is'} missing{through}"


def _factor(teller: Names, fault: Fault) -> str:
    parts = dict.fromkeys(teller.shown(one.part, "a factor") for one in (fault.slip, *fault.others))
    return f"{listed(list(parts))} {'are' if len(parts) > 1 else 'is'} left out {teller.at(fault, 'of')}"


def _sign(teller: Names, fault: Fault) -> str:
    if teller.is_back(fault):
        return f"a sign is turned {teller.at(fault)}"
    return f"{teller.shown(fault.slip.part, 'a term')} has the wrong sign {teller.at(fault)}"


def _transposed(teller: Names, fault: Fault) -> str:
    part = fault.slip.part
    bare = part.of if isinstance(part, Transposed) else part
    name = teller.shown(bare, "a matrix") if isinstance(bare, Letter) else "a product"
    return f"{name} is the wrong way round {teller.at(fault)}"


def _sides(teller: Names, fault: Fault) -> str:
    a, b = (teller.shown(one, "another") for one in (fault.slip.part, fault.slip.by))
    return f"{a} and {b} are in each other's place {teller.at(fault)}"


def _rule(teller: Names, fault: Fault) -> str:
    a, b = (teller.shown(one, "a factor") for one in (fault.slip.part, fault.slip.by))
    return f"the two factors {a} and {b} in {teller.numbers(fault) or 'forward'} get each other's derivative"


def _activation(teller: Names, fault: Fault) -> str:
    part, by = fault.slip.part, fault.slip.by
    name = _FUNCTIONS[part.function] if isinstance(part, Applied) else "the activation"
    if fault.slip.how is Odd.RELU:
        return f"{Odd.RELU} {teller.at(fault)}"
    if fault.slip.how is not None:
        return f"{fault.slip.how}, and not over the entries of each sample, {teller.at(fault)}"
    if isinstance(by, Applied):
        return f"{_FUNCTIONS[by.function]} stands for {name} {teller.at(fault)}"
    return f"{name} is left out {teller.at(fault, 'of')}"


def _stands(teller: Names, fault: Fault) -> str:
    part, by = (teller.shown(one, "something else") for one in (fault.slip.part, fault.slip.by))
    return f"{by} stands for {part} {teller.at(fault)}"


def _order(teller: Names, fault: Fault) -> str:
    part, by = fault.slip.part, fault.slip.by
    if by is None:
        return "stacked arrays are read as if the gates of a unit were neighbours"
    a, b = teller.shown(part, "one part"), teller.shown(by, "another")
    if isinstance(part, Letter) and part.name in teller.made.values():
        return f"{a} and {b} get each other's weights"
    return f"{a} and {b} are in each other's place in the order of what is stacked"


def _samples(teller: Names, fault: Fault) -> str:
    slip = fault.slip
    how = _SAMPLES.get(slip.how or Odd.MEAN, "{}: the samples are lost")
    named = [one.part for one in (slip, *fault.others) if one.part is not None]
    names = [teller.shown(one, "what is summed") for one in named]
    return f"{how.format(listed(names) or 'everything')} {teller.at(fault)}"


def _constant(teller: Names, fault: Fault) -> str:
    if isinstance(fault.slip.part, Letter):
        return f"1 is added to {teller.shown(fault.slip.part, 'a sum')} {teller.at(fault)}"
    return f"the sigmoid has {text(fault.slip.by) if fault.slip.by else 'something'} added to its denominator"


def _added(teller: Names, fault: Fault) -> str:
    times = f"{teller.factor:.4g} times " if teller.factor is not None else "a multiple of "
    name = teller.name(fault.letter)
    part = teller.shown(fault.slip.part, "something")
    if fault.slip.by is not None:
        return f"{text(fault.slip.by)} has already changed by {times}{part} when {name} is made"
    return f"{times}{part} is added to {name}"


def plain(teller: Names, fault: Fault) -> str:
    """Say what was done of a kind that has no words of its own for its place."""
    said = {
        Kind.PARENTHESIS: "a bracket is at the wrong place",
        Kind.PLUS: "a sum stands for a product",
        Kind.MOVED: f"{teller.shown(fault.slip.part, 'a factor')} acts on the wrong side of a matrix product",
    }.get(fault.slip.kind, str(fault.slip.kind))
    return f"{said} {teller.at(fault)}"


SAID: Mapping[Kind, Callable[[Names, Fault], str]] = {
    **dict.fromkeys((one for one in Kind if one.name.startswith("SLOPE")), _slope),
    Kind.TERM: _term,
    Kind.FACTOR: _factor,
    Kind.SIGN: _or_whole(_sign),
    Kind.TRANSPOSED: _or_whole(_transposed),
    Kind.ZERO: _or_whole(plain),
    Kind.TIMES: _or_whole(plain),
    Kind.SAMPLES: _or_whole(_samples),
    Kind.SIDES: _sides,
    Kind.RULE: _rule,
    Kind.ACTIVATION: _activation,
    Kind.GATE: _stands,
    Kind.LETTER: _stands,
    Kind.ORDER: _order,
    Kind.CONSTANT: _constant,
    Kind.ADDED: _added,
}
