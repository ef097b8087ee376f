import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def sigmoid(a: Array) -> Array:
    return 1.0 / (1.0 + np.exp(-a))


class LSTMCell:
    def __init__(self, input_size: int, hidden_size: int) -> None:
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
        return self.forward(x, state)

    def forward(self, x: Array, state: tuple[Array, Array]) -> tuple[Array, Array]:
        h, c = state
        a = x @ self.weight_ih.T + self.bias_ih + h @ self.weight_hh.T + self.bias_hh
        ai, af, ag, ao = np.split(a, 4, axis=1)
        i, f, g, o = sigmoid(ai), sigmoid(af), np.tanh(ag), sigmoid(ao)
        c_t = f * c + i * g
        h_t = o * np.tanh(c_t)
        self.x, self.h, self.c, self.c_t = x, h, c, c_t
        self.i, self.f, self.g, self.o = i, f, g, o
        return h_t, c_t

    def backward(self, dh: Array, dc: Array) -> tuple[Array, Array, Array]:
        x, h, c, c_t = self.x, self.h, self.c, self.c_t
        i, f, g, o = self.i, self.f, self.g, self.o
        tanh_c = np.tanh(c_t)

        do = dh * tanh_c
        dc_t = dc + dh * o * (1 - tanh_c**2)
        df = dc_t * c
        di = dc_t * g
        dg = dc_t * i

        dai = di * i * (1 - i)
        daf = df * f * (1 - f)
        dag = dg * (1 - g**2)
        dao = do * o * (1 - o)
        da = np.concatenate([dai, daf, dag, dao], axis=1)

        self.dweight_ih = da.T @ x
        self.dweight_hh = da.T @ h
        self.dbias_ih = da.sum(axis=0)
        self.dbias_hh = da.sum(axis=0)
        dx = da @ self.weight_ih
        dh_prev = da @ self.weight_hh
        dc_prev = dc_t * f
        return dx, dh_prev, dc_prev
