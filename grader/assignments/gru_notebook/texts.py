"""Texts, strings that occur in them and predictions, for Question 2 (b)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from grader.cases import seeded
from grader.records import Arrays, Case, Suite

from .suites import in_letters, of_letters, suite_of

# The string of the statement's example, and how the text goes on after it in three places.
EXAMPLE_PRIME, EXAMPLE_PREDICTION = "ch species", " has been independestly foll"
EXAMPLE = (
    "although much remains obscure the view which most naturalists entertain namely that each species has "
    "been independently created is erroneous. as many more individuals "
    "of each species are born than can possibly "
    "survive it follows. the forms in which such species had varied remain."
)
TEXTS, LENGTHS = 48, 24
TIMES = "abc "


def matches(text: str, prime: str, prediction: str) -> Iterator[int]:
    """Yield how much of a prediction matches after each occurrence of a string, in order."""
    at = text.find(prime)
    while at >= 0:
        follows = text[at + len(prime) : at + len(prime) + len(prediction)]
        yield next((n for n, (a, b) in enumerate(zip(follows, prediction)) if a != b), len(follows))  # noqa: B905
        at = text.find(prime, at + 1)


def longest(text: str, prime: str, prediction: str) -> int:
    """Return the longest match after any occurrence; 0 where there is none."""
    return max(matches(text, prime, prediction), default=0)


def texts(seed: int) -> Suite:
    """Return the statement's example, and random texts: with overlaps, at the end of it, without any."""
    random = np.random.default_rng(int(seeded(seed).derived("texts")) % 2**63)
    asked = [("the statement's example", EXAMPLE, EXAMPLE_PRIME, EXAMPLE_PREDICTION)]
    asked += [(f"text {number}", *_text(random, number)) for number in range(1, TEXTS)]
    cases = [
        Case(
            label=label,
            seed=number,
            inputs={
                "text": of_letters(text),
                "prime": of_letters(prime),
                "prediction": of_letters(prediction),
            },
            sizes={},
        )
        for number, (label, text, prime, prediction) in enumerate(asked)
    ]
    expected = [{"matching_length": np.array(float(longest(*_parts(case.inputs))))} for case in cases]
    return suite_of(seed, cases, expected, ((says, _answer(of)) for says, of in MISTAKES))


def _text(random: np.random.Generator, number: int) -> tuple[str, str, str]:
    """Return a text, a string and a prediction, of one of four kinds."""
    letters = TIMES[: 2 + number % 3]

    def some(length: int) -> str:
        return "".join(random.choice(list(letters), length))

    prime = some(1 + number % 4)
    follows = some(int(random.integers(4, 13)))
    match number % 4:
        case 0:  # it overlaps itself
            prime = prime[0] * (2 + number % 3)
            text = some(8) + prime[0] * 7 + follows + some(9)
        case 1:  # the text ends within the prediction, or with the string
            text = some(20) + prime + follows[: int(random.integers(0, 3))]
        case 2:  # it is nowhere
            prime = prime + "z"
            text = some(30)
        case _:
            text = some(10) + prime + follows[:-2] + some(6) + prime + follows[:3] + some(8)
    prediction = follows[:-1] + letters[-1] if random.random() < 0.5 else follows + some(3)
    return text, prime, prediction


def _parts(arrays: Arrays) -> tuple[str, str, str]:
    text, prime, prediction = (in_letters(arrays[name]) for name in ("text", "prime", "prediction"))
    return text, prime, prediction


Wrong = Callable[[str, str, str], float]


def _answer(wrong: Wrong) -> Callable[[Case], Arrays]:
    return lambda case: {"matching_length": np.array(float(wrong(*_parts(case.inputs))))}


def _equal(text: str, prime: str, prediction: str) -> int:
    """Return the most characters that are equal, those behind a wrong one as well."""
    found = 0
    at = text.find(prime)
    while at >= 0:
        follows = text[at + len(prime) : at + len(prime) + len(prediction)]
        found = max(found, sum(a == b for a, b in zip(follows, prediction)))  # noqa: B905
        at = text.find(prime, at + 1)
    return found


def _without_overlap(text: str, prime: str, prediction: str) -> int:
    at, found = text.find(prime), 0
    while at >= 0:
        follows = text[at + len(prime) : at + len(prime) + len(prediction)]
        n = next((n for n, (a, b) in enumerate(zip(follows, prediction)) if a != b), len(follows))  # noqa: B905
        found = max(found, n)
        at = text.find(prime, at + len(prime))
    return found


MISTAKES: tuple[tuple[str, Wrong], ...] = (
    (
        "It is the match at the first occurrence alone: all of them count, and the longest is taken.",
        lambda *given: next(matches(*given), 0),
    ),
    (
        "It is the match at the last occurrence: all of them count, and the longest is taken.",
        lambda *given: [*matches(*given), 0][-2] if [*matches(*given)] else 0,
    ),
    (
        "It is the shortest match of all occurrences: the longest is taken.",
        lambda *given: min(matches(*given), default=0),
    ),
    ("It is the sum over all occurrences: the longest is taken.", lambda *given: sum(matches(*given))),
    (
        "Occurrences that overlap are passed over: after one, look on from the next character.",
        _without_overlap,
    ),
    (
        "It counts the characters of `prime` as well: only those of the prediction count.",
        lambda text, prime, prediction: longest(text, prime, prediction) + len(prime) if prime in text else 0,
    ),
    (
        "It goes on counting behind the first character that is wrong: the match ends there.",
        _equal,
    ),
)


# --- how many trials


def lengths(seed: int) -> Suite:
    """Return random lengths, for `trials_at_least`."""
    random = np.random.default_rng(int(seeded(seed).derived("lengths")) % 2**63)
    cases = []
    for number in range(LENGTHS):
        most = int(random.integers(1, 12))
        found = random.integers(0, most + 2, int(random.integers(0 if number == 3 else 1, 30)))
        inputs = {"lengths": found.astype(float), "n_max": np.array([float(most)])}
        cases.append(Case(label=f"{len(found)} lengths", seed=number, inputs=inputs, sizes={}))
    expected = [{"trials_at_least": _counts(case.inputs, np.greater_equal)} for case in cases]
    return suite_of(seed, cases, expected, ((says, _of_counts(how)) for says, how in WRONG_COUNTS))


Compared = Callable[..., object]


def _counts(arrays: Arrays, compared: Compared) -> np.ndarray:
    most = int(arrays["n_max"][0])
    return np.array([float(np.sum(compared(arrays["lengths"], n))) for n in range(most + 1)])  # type: ignore[call-overload]


def _of_counts(compared: Compared) -> Callable[[Case], Arrays]:
    return lambda case: {"trials_at_least": _counts(case.inputs, compared)}


WRONG_COUNTS: tuple[tuple[str, Compared], ...] = (
    ("It counts lengths of exactly n: those that are longer count as well, `>=`.", np.equal),
    ("It counts lengths of more than n: those of n count as well, `>=` in place of `>`.", np.greater),
    ("It counts lengths of at most n: it is to be at least n, `>=`.", np.less_equal),
    (
        "It is the share of the trials, from 0 to 1: it is to be their number.",
        lambda found, n: (found >= n) / max(len(found), 1),
    ),
)
