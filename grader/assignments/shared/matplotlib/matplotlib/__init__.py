"""Stands in for Matplotlib where no screen is: every call is taken, and nothing is drawn."""

from __future__ import annotations


class Nothing:
    """Whatever is asked of it, it is still nothing."""

    def __getattr__(self, name: str) -> Nothing:
        """Have every attribute, but none of Python's own."""
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __getitem__(self, key: object) -> Nothing:
        """Hold everything."""
        return self

    def __setitem__(self, key: object, value: object) -> None:
        """Take every setting, such as one of `rcParams`."""

    def __call__(self, *_: object, **__: object) -> Nothing:
        """Take any arguments."""
        return self


def __getattr__(name: str) -> Nothing:
    return Nothing().__getattr__(name)
