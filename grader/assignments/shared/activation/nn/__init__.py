"""The activations, for who imports them from the package `nn`."""

from activation import Activation, Identity, Sigmoid, Tanh  # type: ignore[import-not-found]

__all__ = ["Activation", "Identity", "Sigmoid", "Tanh"]
