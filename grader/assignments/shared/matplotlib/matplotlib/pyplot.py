"""Stands in for matplotlib.pyplot: every call is taken, and nothing is drawn."""

from __future__ import annotations

from . import Nothing


def subplots(*_: object, **__: object) -> tuple[Nothing, Nothing]:
    """Return a figure and its axes."""
    return Nothing(), Nothing()


def __getattr__(name: str) -> Nothing:
    return Nothing().__getattr__(name)
