"""The truth in torch's own dialects is torch's own modules, run through a sequence as anyone would."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from unrolled import Array, Arrays, Sizes, Unrolled, assert_same, drawn, few, sizes

from reference.dialects import (
    TORCH_GRU,
    TORCH_GRU_ORDER,
    TORCH_LSTM,
    TORCH_LSTM_ORDER,
    TORCH_RNN,
    Biases,
    Dialect,
    side_by_side,
)

MODULES = {
    "RNN": (torch.nn.RNN, TORCH_RNN, ("",)),
    "GRU": (torch.nn.GRU, TORCH_GRU, TORCH_GRU_ORDER),
    "LSTM": (torch.nn.LSTM, TORCH_LSTM, TORCH_LSTM_ORDER),
}
PARTS = {"weight_ih_l0": "W_{}x", "weight_hh_l0": "W_{}h", "bias_ih_l0": "b_{}x", "bias_hh_l0": "b_{}h"}


def by_module(kind: str, call: Unrolled) -> Arrays:
    """Return what the reference should answer: torch's module, loaded with the weights, and its gradients."""
    module_class, _, order = MODULES[kind]
    hidden = int(call.start["h"].shape[1])
    module = module_class(call.x.shape[2], hidden, bias=call.dialect.biases > 0, dtype=torch.float64)
    stacked = {
        name: torch.from_numpy(np.concatenate([call.weights[part.format(gate)] for gate in order]))
        for name, part in PARTS.items()
        if name in dict(module.named_parameters())
    }
    module.load_state_dict(stacked)
    x = torch.tensor(call.x, requires_grad=True)
    start = {name: torch.tensor(array[None], requires_grad=True) for name, array in call.start.items()}
    states = tuple(start.values())
    through, last = module(x, states if kind == "LSTM" else states[0])
    outputs = {"h": through} | ({"c": last[1][0]} if kind == "LSTM" else {})
    sum((outputs[name] * torch.from_numpy(delta)).sum() for name, delta in call.deltas.items()).backward()

    answer = {name: output.detach().numpy() for name, output in outputs.items()}
    answer |= {"dx": slope(x)} | {f"d{name}": slope(leaf)[0] for name, leaf in start.items()}
    for name, parameter in module.named_parameters():
        for gate, rows in side_by_side(dict.fromkeys(order, hidden)).items():
            answer["d" + PARTS[name].format(gate)] = slope(parameter)[rows]
    return answer


def slope(leaf: torch.Tensor) -> Array:
    assert leaf.grad is not None
    return np.asarray(leaf.grad.numpy())


@pytest.mark.parametrize("biases", [0, 2])
@pytest.mark.parametrize("kind", MODULES)
@few
@given(size=sizes(most=5))
def test_steps_through_time_are_torchs_module(kind: str, biases: Biases, size: Sizes) -> None:
    """Up to five steps composed by `outputs_and_gradients` have the module's states and gradients."""
    dialect: Dialect = replace(MODULES[kind][1], biases=biases)  # type: ignore[type-var]
    call = drawn(dialect, size)
    assert_same(call.answer(), by_module(kind, call))
