"""The truth is what Keras's cells say: states and gradients through time, in every dialect."""

from __future__ import annotations

import os
from typing import Any

import torch
from hypothesis import given
from unrolled import EVERY_DIALECT, Arrays, Sizes, Unrolled, assert_same, drawn, each, few, kept_by_z, sizes

from reference.dialects import Dialect, GRUDialect, LSTMDialect, Reset, RNNDialect
from reference.gradients import outputs_and_gradients

# Read by Keras's import: torch computes, and no keras.json is read from anybody's home nor written there.
os.environ |= {"KERAS_BACKEND": "torch", "KERAS_HOME": os.devnull}
import keras
from keras.src.backend.common.dtypes import BIT64_TO_BIT32_DTYPE

keras.config.set_floatx("float64")
# On any backend but TensorFlow, Keras still rounds a product of two float64 matrices to float32, as JAX does.
BIT64_TO_BIT32_DTYPE["float64"] = "float64"

COLUMNS = {RNNDialect: ("",), GRUDialect: ("z", "r", "n"), LSTMDialect: ("i", "f", "g", "o")}
"""Keras's order of the gates in its kernels (input, gates*units) and (units, gates*units)."""


def keras_cell(dialect: Dialect, hidden: int) -> Any:
    match dialect:
        case RNNDialect():
            return keras.layers.SimpleRNNCell(hidden, activation=dialect.activation)
        case GRUDialect():
            after = dialect.reset is Reset.AFTER_PRODUCT
            return keras.layers.GRUCell(hidden, reset_after=after)
        case _:
            return keras.layers.LSTMCell(hidden)


def keras_weights(dialect: Dialect, weights: Any) -> list[torch.Tensor]:
    """Keras's kernel, recurrent kernel and bias: one vector, or two rows for a reset after the product."""
    rows = kept_by_z(dialect, weights)
    gates = [rows[gate] for gate in COLUMNS[type(dialect)]]
    kernel, recurrent_kernel, b_x, b_h = (torch.cat(parts) for parts in zip(*gates, strict=True))
    two = isinstance(dialect, GRUDialect) and dialect.reset is Reset.AFTER_PRODUCT
    return [kernel.T, recurrent_kernel.T, torch.stack((b_x, b_h)) if two else b_x + b_h]


def by_keras(call: Unrolled) -> Arrays:
    """Return what the reference should answer: Keras's cell in Keras's loop, back through torch's
    autograd.
    """
    cell = keras_cell(call.dialect, call.start["h"].shape[1])
    layer = keras.layers.RNN(cell, return_sequences=True, return_state=True)
    layer.build(call.x.swapaxes(0, 1).shape)
    constants = [variable.value for variable in layer.non_trainable_variables]

    def function(given: Any) -> dict[str, torch.Tensor]:
        state = [given[name] for name in call.start]
        weights = keras_weights(call.dialect, given)
        (through, *last), _ = layer.stateless_call(
            weights, constants, given["x"].swapaxes(0, 1), initial_state=state
        )
        return dict(zip(("h", "c"), (through.swapaxes(0, 1), *last[1:]), strict=False))

    return dict(outputs_and_gradients(function, call.arguments, call.deltas))


@each(EVERY_DIALECT)
@few
@given(size=sizes(most=4))
def test_every_dialect_is_keras_cell_through_time(dialect: Dialect, size: Sizes) -> None:
    """Every state and every gradient are those of Keras's cell, over up to five steps."""
    call = drawn(dialect, size)
    assert_same(call.answer(), by_keras(call), within=1e-11)
