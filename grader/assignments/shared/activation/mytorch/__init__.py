"""The activations, for who imports them from the package `mytorch`."""

from activation import Activation, Identity, Sigmoid, Tanh  # type: ignore[import-not-found]

__all__ = ["Activation", "Identity", "Sigmoid", "Tanh"]
