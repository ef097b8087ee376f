"""A Hypothesis backend that draws the same examples from a seed whatever else is imported.

Hypothesis mixes into its examples constants that it finds in the local modules that happen to be loaded: a
suite drawn in a test run would differ from one drawn by an installed cellgrade. This backend leaves them out.
"""

from __future__ import annotations

from typing import Any

from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, HypothesisProvider

BACKEND = "cellgrade-reproducible"


class ReproducibleProvider(HypothesisProvider):
    """Hypothesis's own provider without constants taken from source code."""

    def _maybe_draw_constant(self, *_: Any, **__: Any) -> None:
        return None


AVAILABLE_PROVIDERS[BACKEND] = f"{__name__}.{ReproducibleProvider.__name__}"
