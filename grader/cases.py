"""What the cases of a suite look like: sizes, regime, layout, seed.

Hypothesis draws these specifications (not the arrays: NumPy's Generator fills those, faster and with data
that do not repeat). The same seed gives the same specifications on every machine and in every process.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import ClassVar

import numpy as np

from grader.words import Array

MAX_SIZE = 8
DELTA_SMALL = 1e-9
WEIGHTS_SMALL = 1e-4


class Regime(StrEnum):
    """What is special about a case's numbers."""

    ORDINARY = "ordinary"
    SMALL_WEIGHTS = "small weights"  # gradients by the inputs vanish
    SMALL_DELTA = "small delta"  # all gradients vanish
    ZERO_STATE = "zero state"  # the first step of a sequence
    LARGE = "large pre-activations"  # up to where right formulations still agree


@dataclass(frozen=True)
class Spec:
    """A case before its arrays are filled.

    Attributes:
        input, hidden: sizes.
        regime: what is special about its numbers.
        strided: inputs are handed over as non-contiguous views.
        company: a second instance is alive and used meanwhile.
        seed: fills the arrays.
    """

    input: int
    hidden: int
    regime: Regime
    strided: bool
    company: bool
    seed: int

    # Where sigmoid(-a) and 1 - sigmoid(a), or 1 - y*y and 1/cosh(a)**2, begin to part: a case may not ask
    # beyond 12 and 6, or a right answer fails through rounding alone.
    LARGE_SIGMOID: ClassVar[float] = 11.5
    LARGE_TANH: ClassVar[float] = 5.5

    @property
    def label(self) -> str:
        """What a student reads."""
        words = [f"input {self.input}", f"hidden {self.hidden}"]
        words += [self.regime.value] if self.regime is not Regime.ORDINARY else []
        words += ["non-contiguous arrays"] if self.strided else []
        words += ["two cells at once"] if self.company else []
        return ", ".join(words)

    def weight(self, rng: np.random.Generator, rows: int, columns: int) -> Array:
        """A weight matrix (rows, columns) that keeps pre-activations of order 1."""
        scale = WEIGHTS_SMALL if self.regime is Regime.SMALL_WEIGHTS else 1.0
        weight: Array = scale * rng.standard_normal((rows, columns)) / np.sqrt(columns)
        return weight

    def state(self, rng: np.random.Generator, *shape: int) -> Array:
        """A hidden state, within (-1, 1) as a state is."""
        if self.regime is Regime.ZERO_STATE:
            return np.zeros(shape)
        return np.tanh(rng.standard_normal(shape))

    def delta(self, rng: np.random.Generator, *shape: int) -> Array:
        """The derivative of the loss by the cell's output."""
        scale = DELTA_SMALL if self.regime is Regime.SMALL_DELTA else 1.0
        return scale * rng.standard_normal(shape)


def specs(seed: int, drawn: int) -> Iterator[Spec]:
    """The corners first, then `drawn` more that Hypothesis draws from `seed`; each has its own numbers."""
    for index, spec in enumerate((*_corners(), *_draw(seed, drawn))):
        # Not drawn by Hypothesis, which likes 0 and repeats itself: suites would share cases.
        own = np.random.SeedSequence([seed, index]).generate_state(1)
        yield replace(spec, seed=int(own[0]))


def _corners() -> Iterator[Spec]:
    """What every suite holds: without them a wrong answer may pass by chance."""
    plain = Spec(2, 3, Regime.ORDINARY, strided=False, company=False, seed=0)
    yield plain  # the probe: sizes differ, and none is 1
    for inputs, hidden in ((1, 1), (5, 2), (4, 4), (1, 4), (4, 1)):
        yield replace(plain, input=inputs, hidden=hidden)
    for regime in Regime:
        yield replace(plain, input=3, hidden=2, regime=regime)
    yield replace(plain, input=3, hidden=4, strided=True)
    yield replace(plain, input=4, hidden=3, company=True)


def _draw(seed: int, count: int) -> list[Spec]:
    # Hypothesis takes a tenth of a second to import, and a stored suite does without it.
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import seed as seeded
    from hypothesis import strategies as st

    from grader import reproducible

    drawn: list[Spec] = []
    sizes = st.integers(1, MAX_SIZE)
    strategy = st.builds(
        Spec,
        input=sizes,
        hidden=sizes,
        regime=st.sampled_from(Regime),
        strided=st.booleans(),
        company=st.booleans(),
        seed=st.just(0),
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
