"""One table of dialects: how each homework, and torch itself, writes a recurrent network.

A row says in data what its reader would otherwise find out by transposing until it works. What the names of
a homework stand for is beside each constant in `dialects.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

from reference.dialects import (
    CMU_GRU,
    NBACK_RNN,
    STEP_LSTM,
    STEP_LSTM_ORDER,
    STEP_RNN,
    TEXT_GRU,
    TEXT_RNN,
    THEORY_GRU,
    THEORY_LSTM,
    TORCH_GRU,
    TORCH_GRU_ORDER,
    TORCH_LSTM,
    TORCH_LSTM_ORDER,
    TORCH_RNN,
    Dialect,
    Head,
    Orientation,
    Output,
)

ROWS_OF_W = Orientation.OUTPUT_BY_INPUT
COLUMNS_OF_W = Orientation.INPUT_BY_OUTPUT


@dataclass(frozen=True)
class Row:
    """How one recurrent network is written.

    Attributes:
        cell: orientation, biases, and what the cell leaves open: which side the gate keeps, where the reset
            acts, the activation.
        stacked: the gates that share one array, from the top; empty where each has its own.
        concatenated: what the columns of one shared matrix multiply, from the left; empty where the input
            and the old state have a matrix each.
        columns: samples are columns, (input, batch), and not rows, (batch, input).
        head: what is read off each state; None where it is no part of what the homework writes.
    """

    cell: Dialect
    stacked: tuple[str, ...] = ()
    concatenated: tuple[str, ...] = ()
    columns: bool = False
    head: Head | None = None


TABLE = {
    "torch RNN": Row(TORCH_RNN),
    "torch GRU": Row(TORCH_GRU, stacked=TORCH_GRU_ORDER),
    "torch LSTM": Row(TORCH_LSTM, stacked=TORCH_LSTM_ORDER),
    "000 GRU": Row(CMU_GRU),
    "001 RNN": Row(TEXT_RNN, head=Head(Output.SIGMOID, 1, COLUMNS_OF_W)),
    "001 GRU": Row(TEXT_GRU, head=Head(Output.LOG_SOFTMAX, 1, COLUMNS_OF_W)),
    "002 RNN": Row(NBACK_RNN, head=Head(Output.LINEAR, 0, ROWS_OF_W)),
    "003 LSTM": Row(THEORY_LSTM),
    "003 GRU": Row(THEORY_GRU),
    "004 RNN": Row(STEP_RNN, columns=True, head=Head(Output.SOFTMAX, 1, ROWS_OF_W)),
    "004 LSTM": Row(
        STEP_LSTM, concatenated=STEP_LSTM_ORDER, columns=True, head=Head(Output.SOFTMAX, 1, ROWS_OF_W)
    ),
}
"""The first word is torch, or the number of the homework."""
