"""Homework: one step of an LSTM for a batch of samples, as PyTorch writes it, and the way back through it.

The letters are those of the statement; h and c are the state before the step, h' and c' the state after it.
For one sample, with W and V standing for weight_ih and weight_hh and b for the sum of both biases:

    i  = sigmoid(a_i)      a_i = W_i x + V_i h + b_i        (1)
    f  = sigmoid(a_f)      a_f = W_f x + V_f h + b_f        (2)
    g  = tanh(a_g)         a_g = W_g x + V_g h + b_g        (3)
    o  = sigmoid(a_o)      a_o = W_o x + V_o h + b_o        (4)
    c' = f*c + i*g                                          (5)
    h' = o*tanh(c')                                         (6)

A batch has one sample in each row, so W x becomes x @ W.T. In `backward`, a d before a letter stands for the
derivative of the loss with respect to it. It meets the equations in reverse, so that the derivative of each
letter is complete before the equation that made the letter.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def sigmoid(a: Array) -> Array:
    """1 / (1 + exp(-a)), entry by entry, of the shape of a."""
    return 1.0 / (1.0 + np.exp(-a))


class LSTMCell:
    """An LSTM cell, Eq. (1) to (6) of the statement.

    Weights and biases are those of the four gates, stacked in the order i, f, g, o: the first hidden_size
    rows belong to the input gate i, and so on. A gradient has the shape of its array, and its name with a d
    before it.
    """

    def __init__(self, input_size: int, hidden_size: int) -> None:
        """Draw weights and biases, and make room for their gradients."""
        self.input_size = input_size
        self.hidden_size = hidden_size

        self.weight_ih = np.random.randn(4 * hidden_size, input_size)
        self.weight_hh = np.random.randn(4 * hidden_size, hidden_size)
        self.bias_ih = np.random.randn(4 * hidden_size)
        self.bias_hh = np.random.randn(4 * hidden_size)

        self.dweight_ih = np.zeros((4 * hidden_size, input_size))
        self.dweight_hh = np.zeros((4 * hidden_size, hidden_size))
        self.dbias_ih = np.zeros(4 * hidden_size)
        self.dbias_hh = np.zeros(4 * hidden_size)

    def __call__(self, x: Array, state: tuple[Array, Array]) -> tuple[Array, Array]:
        """Do the same as forward."""
        return self.forward(x, state)

    def forward(self, x: Array, state: tuple[Array, Array]) -> tuple[Array, Array]:
        """Take one step with every sample of a batch.

        Args:
            x: the inputs at time t, shape (batch, input).
            state: the hidden state h and the cell state c at time t-1, each of shape (batch, hidden).

        Returns:
            The hidden state h' and the cell state c' at time t, each of shape (batch, hidden).
        """
        h, c = state  # each (batch, hidden)

        # What goes into all four activations at once, a row per sample: a_i, a_f, a_g, a_o side by side.
        a = x @ self.weight_ih.T + self.bias_ih + h @ self.weight_hh.T + self.bias_hh  # (batch, 4*hidden)
        a_i, a_f, a_g, a_o = np.split(a, 4, axis=1)  # each (batch, hidden)

        # Eq. (1) to (4)
        i, f, g, o = sigmoid(a_i), sigmoid(a_f), np.tanh(a_g), sigmoid(a_o)  # each (batch, hidden)
        # Eq. (5)  c' = f*c + i*g
        c_next = f * c + i * g  # (batch, hidden)
        # Eq. (6)  h' = o*tanh(c')
        tanh_c = np.tanh(c_next)  # (batch, hidden)
        h_next = o * tanh_c  # (batch, hidden)

        # For backward: the inputs, and the letters from which the local derivatives are made.
        self.x, self.h, self.c = x, h, c
        self.i, self.f, self.g, self.o, self.tanh_c = i, f, g, o, tanh_c

        return h_next, c_next

    def backward(self, dh: Array, dc: Array) -> tuple[Array, Array, Array]:
        """Go back through the last step, and store the gradients of self.weight_ih to self.bias_hh.

        Args:
            dh: the derivative of the loss with respect to h', shape (batch, hidden).
            dc: that with respect to c', beside what c' does through h', shape (batch, hidden).

        Returns:
            dx: the derivative of the loss with respect to x, shape (batch, input).
            dh: that with respect to h, the hidden state at time t-1, shape (batch, hidden).
            dc: that with respect to c, the cell state at time t-1, shape (batch, hidden).
        """
        x, h, c = self.x, self.h, self.c  # (batch, input), (batch, hidden), (batch, hidden)
        i, f, g, o, tanh_c = self.i, self.f, self.g, self.o, self.tanh_c  # each (batch, hidden)
        dh_next, dc_next = dh, dc  # by h' and c', each (batch, hidden)

        # Eq. (6)  h' = o*tanh(c'): c' reaches the loss through h', and on its own way, which is dc_next
        do = dh_next * tanh_c  # (batch, hidden)
        dc_next = dc_next + dh_next * o * (1.0 - tanh_c * tanh_c)  # (batch, hidden)

        # Eq. (5)  c' = f*c + i*g
        df = dc_next * c  # (batch, hidden)
        di = dc_next * g  # (batch, hidden)
        dg = dc_next * i  # (batch, hidden)
        dc = dc_next * f  # (batch, hidden): c appears in no other equation

        # Eq. (1) to (4): sigmoid' is y*(1 - y) and tanh' is 1 - y*y, each at its own output y
        da = np.concatenate(
            (
                di * i * (1.0 - i),
                df * f * (1.0 - f),
                dg * (1.0 - g * g),
                do * o * (1.0 - o),
            ),
            axis=1,
        )  # (batch, 4*hidden), in the order of the weights' rows

        # a = x @ weight_ih.T + bias_ih + h @ weight_hh.T + bias_hh
        # All samples share weights and biases, so their gradients are sums over the batch. In a product
        # of (4*hidden, batch) with (batch, input) the sum is the product's own.
        self.dweight_ih = da.T @ x  # (4*hidden, input)
        self.dweight_hh = da.T @ h  # (4*hidden, hidden)
        self.dbias_ih = da.sum(axis=0)  # (4*hidden,)
        self.dbias_hh = da.sum(axis=0)  # (4*hidden,): equal to dbias_ih, and yet an array of its own
        dx = da @ self.weight_ih  # (batch, input)
        dh = da @ self.weight_hh  # (batch, hidden)

        return dx, dh, dc
