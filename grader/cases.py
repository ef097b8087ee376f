"""What the cases of a suite look like: sizes, regime, layout, seed.

Hypothesis draws these specifications (not the arrays: NumPy's Generator fills those, faster and with data
that do not repeat). The same seed gives the same specifications on every machine and in every process.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, ClassVar, Self

import numpy as np

from grader.records import Array

MAX_SIZE = 8
DELTA_SMALL = 1e-9
WEIGHTS_SMALL = 1e-4


class Seed(int):
    """What cases are drawn from: a whole number that anybody may know, or one that is derived from a secret.

    Attributes:
        keyed: whether it comes from a secret. Then the suite has a pool, from which each hand-in gets some.
        scale: how many times larger than usual the largest sizes may be.
    """

    BYTES: ClassVar[int] = 16  # of one that is derived from a secret
    keyed: bool
    scale: int

    def __new__(cls, number: int, keyed: bool = False, scale: int = 1) -> Self:
        """Return a number as a seed."""
        seed = super().__new__(cls, number)
        seed.keyed = keyed
        seed.scale = scale
        return seed

    def derived(self, name: str) -> Seed:
        """Return a seed of its own for a part of an assignment; of a keyed seed, one that is as hard to
        guess.
        """
        if self.keyed:
            drawn = hmac.digest(int(self).to_bytes(self.BYTES, "big"), name.encode(), "sha256")
            return Seed(int.from_bytes(drawn[: self.BYTES], "big"), True, self.scale)
        number = int(np.random.SeedSequence([self, *name.encode()]).generate_state(1)[0])
        return Seed(number, scale=self.scale)


def seeded(seed: int) -> Seed:
    """Return the number as a Seed; what is one already stays as it is."""
    return seed if isinstance(seed, Seed) else Seed(seed)


class Regime(StrEnum):
    """What is special about a case's numbers."""

    ORDINARY = "ordinary"
    SMALL_WEIGHTS = "small weights"  # gradients by the inputs vanish
    SMALL_DELTA = "small delta"  # all gradients vanish
    ZERO_STATE = "zero state"  # the first step of a sequence
    LARGE = "large pre-activations"  # up to where right formulations still agree


@dataclass(frozen=True)
class Ranges:
    """The sizes that an assignment's cases may have, each from the first number to the second.

    What is always 1 is no size of the assignment: labels leave it out.
    """

    input: tuple[int, int] = (1, MAX_SIZE)
    hidden: tuple[int, int] = (1, MAX_SIZE)
    batch: tuple[int, int] = (1, 1)
    steps: tuple[int, int] = (1, 1)
    outputs: tuple[int, int] = (1, 1)

    @property
    def names(self) -> tuple[str, ...]:
        """The sizes that there are."""
        return tuple(name for name, (_, largest) in asdict(self).items() if largest > 1)

    def larger(self, scale: int) -> Ranges:
        """Return the ranges with so many times the largest sizes; a size that is fixed stays as it is."""
        sizes = {name: getattr(self, name) for name in self.names}
        return replace(self, **{name: (a, b * scale) for name, (a, b) in sizes.items() if a < b})

    def within(self, name: str, size: int) -> int:
        """Return the size, or the nearest that the range allows."""
        smallest, largest = getattr(self, name)
        return int(min(max(size, smallest), largest))


@dataclass(frozen=True)
class Spec:
    """A case before its arrays are filled.

    Attributes:
        input, hidden, batch, steps, outputs: sizes.
        regime: what is special about its numbers.
        strided: inputs are handed over as non-contiguous views.
        interleaved: a second instance is alive and used meanwhile.
        seed: fills the arrays.
    """

    input: int
    hidden: int
    regime: Regime
    strided: bool
    interleaved: bool
    seed: int
    batch: int = 1
    steps: int = 1
    outputs: int = 1

    # Where sigmoid(-a) and 1 - sigmoid(a), or 1 - y*y and 1/cosh(a)**2, begin to part: a case may not ask
    # beyond 12 and 6, or a right answer fails through rounding alone.
    LARGE_SIGMOID: ClassVar[float] = 11.5
    LARGE_TANH: ClassVar[float] = 5.5

    def sizes(self, ranges: Ranges) -> dict[str, int]:
        """Return the sizes that there are, by name."""
        return {name: getattr(self, name) for name in ranges.names}

    def label(self, ranges: Ranges = Ranges()) -> str:
        """Return what a student reads."""
        words = [f"{name} {size}" for name, size in self.sizes(ranges).items()]
        words += [self.regime.value] if self.regime is not Regime.ORDINARY else []
        words += ["non-contiguous arrays"] if self.strided else []
        words += ["two cells at once"] if self.interleaved else []
        return ", ".join(words)

    def weight(self, rng: np.random.Generator, rows: int, columns: int) -> Array:
        """Return a weight matrix (rows, columns) that keeps pre-activations of order 1."""
        scale = WEIGHTS_SMALL if self.regime is Regime.SMALL_WEIGHTS else 1.0
        weight: Array = scale * rng.standard_normal((rows, columns)) / np.sqrt(columns)
        return weight

    def factor(self, limit: float, pre_activations: Array) -> float:
        """Return what to multiply weights by, so that the largest pre-activation they give keeps to a limit.

        In the regime LARGE it becomes the limit; otherwise it is left alone unless it is larger.
        """
        largest = float(np.abs(pre_activations).max())
        return limit / largest if self.regime is Regime.LARGE or largest > limit else 1.0

    def state(self, rng: np.random.Generator, *shape: int) -> Array:
        """Return a hidden state, within (-1, 1) as a state is."""
        if self.regime is Regime.ZERO_STATE:
            return np.zeros(shape)
        return np.tanh(rng.standard_normal(shape))

    def delta(self, rng: np.random.Generator, *shape: int) -> Array:
        """Return the derivative of the loss by the cell's output."""
        scale = DELTA_SMALL if self.regime is Regime.SMALL_DELTA else 1.0
        return scale * rng.standard_normal(shape)


def specs(seed: int, drawn: int, ranges: Ranges = Ranges()) -> Iterator[Spec]:
    """Yield the corners first, then `drawn` more that Hypothesis draws from `seed`; each has its
    own numbers.
    """
    for index, spec in enumerate((*_corners(ranges), *_draw(seed, drawn, ranges))):
        # Not drawn by Hypothesis, which likes 0 and repeats itself: suites would share cases.
        own = np.random.SeedSequence([seed, index]).generate_state(1)
        yield replace(spec, seed=int(own[0]))


def corners(ranges: Ranges = Ranges()) -> int:
    """How many of a suite's first cases are corners, the same for every seed."""
    return len(list(_corners(ranges)))


def pooled(seed: int, position: int, attempt: int, ranges: Ranges = Ranges()) -> Spec:
    """Return a specification by itself, of a pool that is too large to be drawn as a whole.

    Hypothesis, which draws one after the other, has no part in it.
    """
    # Three words after the seed's, where `specs` has one: the two never draw from the same state.
    rng = np.random.default_rng([seed, position, attempt, 1])
    limits: dict[str, tuple[int, int]] = asdict(ranges)
    sizes = {name: int(rng.integers(low, high, endpoint=True)) for name, (low, high) in limits.items()}
    regimes = list(Regime)
    return Spec(
        regime=regimes[rng.integers(len(regimes))],
        strided=bool(rng.integers(2)),
        interleaved=bool(rng.integers(2)),
        seed=int(rng.integers(1 << 32)),
        **sizes,
    )


def plain(ranges: Ranges, sizes: Mapping[str, int]) -> Spec:
    """Return an ordinary specification of these sizes: always with the same numbers, whatever is drawn."""
    return _sized(ranges, **{"input": 1, "hidden": 1, **sizes})


def _corners(ranges: Ranges) -> Iterator[Spec]:
    """Yield what every suite holds: without them a wrong answer may pass by chance."""
    plain = _sized(ranges, input=2, hidden=3, batch=4, steps=5, outputs=6)
    yield plain  # the probe: all sizes differ, and none is 1
    for inputs, hidden in ((1, 1), (5, 2), (4, 4), (1, 4), (4, 1)):
        yield replace(plain, input=ranges.within("input", inputs), hidden=ranges.within("hidden", hidden))
    for name in ("batch", "steps", "outputs"):
        if name in ranges.names:
            for size in (1, 2):
                sizes: dict[str, Any] = {name: ranges.within(name, size)}
                yield replace(plain, **sizes)
    for regime in Regime:
        small = replace(plain, input=ranges.within("input", 3), hidden=ranges.within("hidden", 2))
        yield replace(small, regime=regime)
    turned = replace(plain, input=ranges.within("input", 3), hidden=ranges.within("hidden", 4))
    yield replace(turned, strided=True)
    yield replace(
        turned, input=ranges.within("input", 4), hidden=ranges.within("hidden", 3), interleaved=True
    )


def _sized(ranges: Ranges, **sizes: int) -> Spec:
    within = {name: ranges.within(name, size) for name, size in sizes.items()}
    return Spec(regime=Regime.ORDINARY, strided=False, interleaved=False, seed=0, **within)


def _draw(seed: int, count: int, ranges: Ranges) -> list[Spec]:
    # Hypothesis takes a tenth of a second to import, and a stored suite does without it.
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import seed as seeded
    from hypothesis import strategies as st

    from grader import reproducible

    drawn: list[Spec] = []
    sizes = {name: st.integers(*limits) for name, limits in asdict(ranges).items() if name in ranges.names}
    strategy = st.builds(
        Spec,
        input=sizes.pop("input", st.just(1)),
        hidden=sizes.pop("hidden", st.just(1)),
        regime=st.sampled_from(Regime),
        strided=st.booleans(),
        interleaved=st.booleans(),
        seed=st.just(0),
        **sizes,
    )

    @seeded(seed)
    @settings(
        backend=reproducible.BACKEND,
        max_examples=count,
        database=None,
        deadline=None,
        derandomize=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(spec: Spec) -> None:
        drawn.append(spec)

    collect()
    return drawn
