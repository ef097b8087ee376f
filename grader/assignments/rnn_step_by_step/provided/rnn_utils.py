"""What the homework gives: import it in your own file, and hand in nothing of it."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def sigmoid(a: Array) -> Array:
    """1 / (1 + exp(-a)), entry by entry."""
    return np.asarray(1.0 / (1.0 + np.exp(-a)))


def softmax(a: Array) -> Array:
    """Return the softmax of each column: entries above 0 that add up to 1, column by column."""
    powers = np.exp(a - np.max(a, axis=0))
    return np.asarray(powers / np.sum(powers, axis=0))


def initialize_adam(parameters: dict[str, Array]) -> tuple[dict[str, Array], dict[str, Array]]:
    """Zeros v and s for each parameter, under "d" + its name: where Adam begins."""
    v = {f"d{name}": np.zeros_like(value) for name, value in parameters.items()}
    return v, {name: value.copy() for name, value in v.items()}


def update_parameters_with_adam(
    parameters: dict[str, Array],
    grads: dict[str, Array],
    v: dict[str, Array],
    s: dict[str, Array],
    t: int,
    learning_rate: float = 0.01,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
) -> tuple[dict[str, Array], dict[str, Array], dict[str, Array]]:
    """One step of Adam, the t-th, from 1 (Kingma and Ba 2015, Algorithm 1): new parameters, v and s."""
    for name in parameters:
        grad = grads[f"d{name}"]
        v[f"d{name}"] = beta1 * v[f"d{name}"] + (1 - beta1) * grad
        s[f"d{name}"] = beta2 * s[f"d{name}"] + (1 - beta2) * grad**2
        step = (v[f"d{name}"] / (1 - beta1**t)) / (np.sqrt(s[f"d{name}"] / (1 - beta2**t)) + epsilon)
        parameters[name] = parameters[name] - learning_rate * step
    return parameters, v, s
