"""The homework's functions and their arrays, by the statement's names: every part of this folder reads them.

Sizes: n_x inputs, n_a hidden units, n_y classes, m samples, T_x steps. Samples are columns: a step's input xt
is (n_x, m), a sequence x is (n_x, m, T_x).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

RNN = ("Wax", "Waa", "Wya", "ba", "by")
LSTM = ("Wf", "bf", "Wi", "bi", "Wc", "bc", "Wo", "bo", "Wy", "by")
BY_RNN = ("dWax", "dWaa", "dba")
BY_LSTM = ("dWf", "dbf", "dWi", "dbi", "dWc", "dbc", "dWo", "dbo")


class Way(Enum):
    """What is not the student's own, when a function is asked."""

    OWN = auto()
    OUR_CACHE = auto()
    OUR_CELL = auto()


@dataclass(frozen=True)
class Function:
    """One function of the homework.

    Attributes:
        name: as the statement calls it.
        inputs: what its cell or sequence starts from, in the order of the arguments of the way forward.
        parameters: keys of the dictionary `parameters`.
        forward: the function that goes forward: itself, or the one that this is the way back through.
        deltas: derivatives that it is handed, in order; none for the way forward.
        answers: the arrays that it answers with, caches left out, in order.
        caches: what its cache holds beside `inputs` and `parameters`: every step's, for a sequence.
        cell: the function that the statement wants it to call; None for a cell.
    """

    name: str
    inputs: tuple[str, ...]
    parameters: tuple[str, ...]
    forward: str
    answers: tuple[str, ...]
    deltas: tuple[str, ...] = ()
    caches: tuple[str, ...] = ()
    cell: str | None = None

    @property
    def calls(self) -> dict[Way, str]:
        """The adapter's calls of it, each for what is wrong in those before."""
        calls = {Way.OWN: self.name}
        if self.is_backward:
            calls[Way.OUR_CACHE] = f"{self.name}_from_our_cache"
        if self.is_sequence:
            calls[Way.OUR_CELL] = f"{self.name}_with_our_cell"
        return calls

    @property
    def is_backward(self) -> bool:
        """Whether it goes back."""
        return bool(self.deltas)

    @property
    def is_lstm(self) -> bool:
        """Whether it is of the LSTM, and not of the plain RNN."""
        return self.parameters is LSTM

    @property
    def is_sequence(self) -> bool:
        """Whether it goes through all steps."""
        return self.cell is not None


_GATES = ("ft", "it", "cct", "ot")

FUNCTIONS = {
    function.name: function
    for function in (
        Function("rnn_cell_forward", ("xt", "a_prev"), RNN, "rnn_cell_forward", ("a_next", "yt")),
        Function("rnn_forward", ("x", "a0"), RNN, "rnn_forward", ("a", "y"), cell="rnn_cell_forward"),
        Function(
            "lstm_cell_forward",
            ("xt", "a_prev", "c_prev"),
            LSTM,
            "lstm_cell_forward",
            ("a_next", "c_next", "yt"),
        ),
        Function(
            "lstm_forward", ("x", "a0"), LSTM, "lstm_forward", ("a", "y", "c"), cell="lstm_cell_forward"
        ),
        Function(
            "rnn_cell_backward",
            ("xt", "a_prev"),
            RNN,
            "rnn_cell_forward",
            ("dxt", "da_prev", *BY_RNN),
            deltas=("da_next",),
            caches=("a_next",),
        ),
        Function(
            "rnn_backward",
            ("x", "a0"),
            RNN,
            "rnn_forward",
            ("dx", "da0", *BY_RNN),
            deltas=("da",),
            caches=("a",),
            cell="rnn_cell_backward",
        ),
        Function(
            "lstm_cell_backward",
            ("xt", "a_prev", "c_prev"),
            LSTM,
            "lstm_cell_forward",
            ("dxt", "da_prev", "dc_prev", *BY_LSTM),
            deltas=("da_next", "dc_next"),
            caches=("a_next", "c_next", *_GATES),
        ),
        Function(
            "lstm_backward",
            ("x", "a0"),
            LSTM,
            "lstm_forward",
            ("dx", "da0", *BY_LSTM),
            deltas=("da",),
            caches=("a", "c", *_GATES),
            cell="lstm_cell_backward",
        ),
    )
}
