"""Calls the hand-in that `image-check` hands in."""

from __future__ import annotations

from typing import Any


def product(module: Any, given: Any) -> dict[str, Any]:
    """Return the product y = W x."""
    return {"y": module.product(given.arrays["W"], given.arrays["x"])}
