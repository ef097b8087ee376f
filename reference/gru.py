"""The truth about one step of a GRU: `torch.nn.GRUCell`, with the homework's weights copied across.

torch's cell speaks one dialect. With the weights of gate g, W_gx and W_gh, kept one row per output, it is

    r  = sigmoid(W_rx x + b_rx + W_rh h + b_rh)
    z  = sigmoid(W_zx x + b_zx + W_zh h + b_zh)
    n  = tanh(W_nx x + b_nx + r*(W_nh h + b_nh))
    h' = (1 - z)*n + z*h

Two facts bridge every other dialect to it, and each is a function here: `turn_around` where the homework
keeps the old state by 1 - z, `reset_early` where it resets before the product. Both only build what the cell
is given, with operations that autograd knows, so gradients reach the homework's own weights.

`letters` is the same step a second time, as the homework prints it. Two right formulations that round
differently show on which inputs rounding alone could cost a right answer its points.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, cast

import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from reference.dialects import GRUDialect, Keeps, Reset
from reference.gates import Gate, read_gates, torch_cell
from reference.gradients import Float64Array, Tensors, outputs_and_gradients

Step = Callable[[GRUDialect, Tensors, Tensor, Tensor], Tensor]
"""(dialect, weights by canonical name, x (batch, input), h (batch, hidden)) -> new state (batch, hidden)."""


class Gates(NamedTuple):
    """Update gate, reset gate, candidate."""

    z: Gate
    r: Gate
    n: Gate


def step(dialect: GRUDialect, weights: Tensors, x: Tensor, h: Tensor) -> Tensor:
    """Return the new state, by `torch.nn.GRUCell`.

    Args:
        dialect: how the homework writes the cell.
        weights: canonical name -> tensor, as `dialect.weight_shapes` says.
        x, h: input (batch, input) and old state (batch, hidden).

    Returns:
        (batch, hidden), differentiable by every weight, x and h.
    """
    gates = Gates(*read_gates(dialect, weights))
    if dialect.reset is Reset.BEFORE_PRODUCT:
        gates, x = reset_early(gates, x, h)
    if dialect.keeps is Keeps.ONE_MINUS_Z:
        gates = turn_around(gates)
    return cast(Tensor, torch_cell(nn.GRUCell, (gates.r, gates.z, gates.n), x, h))


def turn_around(gates: Gates) -> Gates:
    """Gates with which torch's cell keeps the old state by 1 - z, where it would keep it by z.

    For any real a, sigmoid(-a) = 1/(1 + e^a) = e^-a/(e^-a + 1) = 1 - sigmoid(a). The update gate is the
    sigmoid of a sum that is linear in its weights and biases together: negating them all negates the sum, so
    torch's z becomes Z = 1 - z, and its blend

        (1 - Z)*n + Z*h  =  z*n + (1 - z)*h

    is the homework's Eq. (4). Autograd turns the gradients' signs back on the way to the homework's weights.
    """
    z = Gate(*(-parameter for parameter in gates.z))
    return gates._replace(z=z)


def reset_early(gates: Gates, x: Tensor, h: Tensor) -> tuple[Gates, Tensor]:
    """Gates and input with which torch's cell resets before the product, where it would reset after it.

    r is computed here, from the homework's own weights, and r*h is handed to the cell as more input,
    u = [x, r*h]. Block by block, the cell's products with u are then

        candidate    [W_nx, W_nh] u = W_nx x + W_nh (r*h)      what the homework's Eq. (3) asks for
        update gate  [W_zx, 0] u    = W_zx x                   as before

    The candidate's hidden weights and hidden bias become zero, so what torch's own reset gate multiplies is
    zero: whatever that gate is, nothing comes of it, forward or backward. (It gets zero weights.) A bias that
    stood beside W_nh is added to the input's, for no reset gate touches it in this dialect.

    Gradients by x, h and the reset weights flow through u: through the same two paths as in Eq. (2) and (3).
    """
    z, r, n = gates
    reset = torch.sigmoid(r.before_activation(x, h))  # Eq. (2)  (batch, hidden)
    nothing, no_bias = torch.zeros_like(n.W_h), torch.zeros_like(n.b_h)
    early = Gates(
        z=z._replace(W_x=torch.cat((z.W_x, nothing), dim=1)),
        r=Gate(torch.cat((torch.zeros_like(r.W_x), nothing), dim=1), nothing, no_bias, no_bias),
        n=Gate(torch.cat((n.W_x, n.W_h), dim=1), nothing, n.b_x + n.b_h, no_bias),
    )
    return early, torch.cat((x, reset * h), dim=1)  # (batch, input + hidden)


def letters(dialect: GRUDialect, weights: Tensors, x: Tensor, h: Tensor) -> dict[str, Tensor]:
    """Return what the printed equations define, z, r, n and the new h, each (batch, hidden)."""
    gates = Gates(*read_gates(dialect, weights))
    z = torch.sigmoid(gates.z.before_activation(x, h))  # Eq. (1)
    r = torch.sigmoid(gates.r.before_activation(x, h))  # Eq. (2)
    if dialect.reset is Reset.BEFORE_PRODUCT:
        n = torch.tanh(gates.n.before_activation(x, r * h))  # Eq. (3)
    else:
        n = torch.tanh(x @ gates.n.W_x.T + gates.n.b_x + r * (h @ gates.n.W_h.T + gates.n.b_h))
    blended = (1 - z) * h + z * n if dialect.keeps is Keeps.ONE_MINUS_Z else z * h + (1 - z) * n  # Eq. (4)
    return {"z": z, "r": r, "n": n, "h": blended}


def forward_and_gradients(
    dialect: GRUDialect,
    weights: Mapping[str, NDArray[Any]],
    x: NDArray[Any],
    h: NDArray[Any],
    delta: NDArray[Any],
    step: Step = step,
) -> dict[str, Float64Array]:
    """One step and back, from NumPy to NumPy.

    Args:
        dialect: how the homework writes the cell.
        weights: canonical name -> array, as `dialect.weight_shapes` says.
        x, h: input (batch, input) and old state (batch, hidden).
        delta: derivative of the loss by the new state (batch, hidden).
        step: the formulation.

    Returns:
        "h": the new state (batch, hidden); "dx" (batch, input) and "dh" (batch, hidden): the derivatives of
        the loss by x and by the old state; "d" + name: by each weight, in its shape, summed over the batch.
        Arrays of their own, in float64.

    Raises:
        ValueError: an array is missing, unknown, or of a shape that does not fit the others.
    """
    shapes = {name: weight.shape for name, weight in weights.items()}
    dialect.check_shapes(shapes, x.shape, h.shape, delta=delta.shape)

    def cell(tensors: Tensors) -> Tensors:
        return {"h": step(dialect, {name: tensors[name] for name in weights}, tensors["x"], tensors["h"])}

    return outputs_and_gradients(cell, {**weights, "x": x, "h": h}, {"h": delta})
