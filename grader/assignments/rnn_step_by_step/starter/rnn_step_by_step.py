"""Homework 4: a plain RNN and an LSTM, step by step, forward and backward.

Write the six functions. Samples are columns: x^<t> is (n_x, m), a^<t> is (n_a, m), and a sequence has its
time steps along the last axis. `sigmoid` and `softmax` are given in rnn_utils.py.
"""

import numpy as np  # noqa: F401 - for you to use, as the two below
from rnn_utils import sigmoid, softmax  # noqa: F401


def rnn_cell_forward(xt, a_prev, parameters):
    """One step of the RNN.

    Args:
        xt: the input at step t, (n_x, m).
        a_prev: the hidden state before it, (n_a, m).
        parameters: Wax (n_a, n_x), Waa (n_a, n_a), Wya (n_y, n_a), ba (n_a, 1), by (n_y, 1).

    Returns:
        a_next (n_a, m), yt_pred (n_y, m), and the cache (a_next, a_prev, xt, parameters).
    """
    raise NotImplementedError


def rnn_forward(x, a0, parameters):
    """All steps of the RNN.

    Args:
        x: the inputs, (n_x, m, T_x).
        a0: the hidden state before the first step, (n_a, m).
        parameters: as for rnn_cell_forward.

    Returns:
        a (n_a, m, T_x), y_pred (n_y, m, T_x), and the caches (list of every step's cache, x).
    """
    raise NotImplementedError


def lstm_cell_forward(xt, a_prev, c_prev, parameters):
    """One step of the LSTM.

    Args:
        xt: the input at step t, (n_x, m).
        a_prev, c_prev: the hidden state and the cell state before it, (n_a, m) each.
        parameters: Wf, Wi, Wc, Wo (n_a, n_a + n_x), bf, bi, bc, bo (n_a, 1), Wy (n_y, n_a), by (n_y, 1).

    Returns:
        a_next (n_a, m), c_next (n_a, m), yt_pred (n_y, m), and the cache
        (a_next, c_next, a_prev, c_prev, ft, it, cct, ot, xt, parameters).
    """
    raise NotImplementedError


def lstm_forward(x, a0, parameters):
    """All steps of the LSTM; the cell state before the first step is zeros.

    Args:
        x: the inputs, (n_x, m, T_x).
        a0: the hidden state before the first step, (n_a, m).
        parameters: as for lstm_cell_forward.

    Returns:
        a (n_a, m, T_x), y (n_y, m, T_x), c (n_a, m, T_x), and the caches (list of every step's cache, x).
    """
    raise NotImplementedError


def rnn_cell_backward(da_next, cache):
    """Back through one step of the RNN.

    Args:
        da_next: the derivative of the loss with respect to a_next, (n_a, m).
        cache: what rnn_cell_forward returned.

    Returns:
        a dictionary: dxt (n_x, m), da_prev (n_a, m), dWax (n_a, n_x), dWaa (n_a, n_a), dba (n_a, 1).
    """
    raise NotImplementedError


def rnn_backward(da, caches):
    """Back through all steps of the RNN.

    Args:
        da: the derivative of the loss with respect to a, (n_a, m, T_x), without what later states do.
        caches: what rnn_forward returned.

    Returns:
        a dictionary: dx (n_x, m, T_x), da0 (n_a, m), dWax (n_a, n_x), dWaa (n_a, n_a), dba (n_a, 1).
    """
    raise NotImplementedError
