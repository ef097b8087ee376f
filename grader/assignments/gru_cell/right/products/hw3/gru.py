import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Sigmoid:
    def forward(self, a: Array) -> Array:
        self.y = 1.0 / (1.0 + np.exp(-a))
        return self.y

    def __call__(self, a: Array) -> Array:
        return self.forward(a)

    def derivative(self) -> Array:
        return self.y * (1.0 - self.y)


class Tanh:
    def forward(self, a: Array) -> Array:
        self.y = np.tanh(a)
        return self.y

    def __call__(self, a: Array) -> Array:
        return self.forward(a)

    def derivative(self) -> Array:
        return 1.0 - self.y * self.y


class GRU_Cell:
    def __init__(self, in_dim: int, hidden_dim: int) -> None:
        """Draw the weights and make room for their gradients."""
        self.d = in_dim
        self.h = hidden_dim  # a size: the hidden state itself needs another name

        self.Wzh = np.random.randn(hidden_dim, hidden_dim)
        self.Wrh = np.random.randn(hidden_dim, hidden_dim)
        self.Wh = np.random.randn(hidden_dim, hidden_dim)

        self.Wzx = np.random.randn(hidden_dim, in_dim)
        self.Wrx = np.random.randn(hidden_dim, in_dim)
        self.Wx = np.random.randn(hidden_dim, in_dim)

        self.dWzh = np.zeros((hidden_dim, hidden_dim))
        self.dWrh = np.zeros((hidden_dim, hidden_dim))
        self.dWh = np.zeros((hidden_dim, hidden_dim))

        self.dWzx = np.zeros((hidden_dim, in_dim))
        self.dWrx = np.zeros((hidden_dim, in_dim))
        self.dWx = np.zeros((hidden_dim, in_dim))

        self.z_act = Sigmoid()
        self.r_act = Sigmoid()
        self.h_act = Tanh()

    def init_weights(
        self,
        Wzh: Array,
        Wrh: Array,
        Wh: Array,
        Wzx: Array,
        Wrx: Array,
        Wx: Array,
    ) -> None:
        self.Wzh = Wzh
        self.Wrh = Wrh
        self.Wh = Wh
        self.Wzx = Wzx
        self.Wrx = Wrx
        self.Wx = Wx

    def __call__(self, x: Array, h: Array) -> Array:
        return self.forward(x, h)

    def forward(self, x: Array, h: Array) -> Array:
        z = self.z_act(self.Wzh @ h + self.Wzx @ x)
        r = self.r_act(self.Wrh @ h + self.Wrx @ x)
        n = self.h_act(self.Wh @ (r * h) + self.Wx @ x)
        self.x, self.h_prev = x, h
        self.z, self.r, self.n = z, r, n
        return (1 - z) * h + z * n

    def backward(self, delta: Array) -> tuple[Array, Array]:
        x, h = self.x, self.h_prev
        z, r, n = self.z, self.r, self.n
        delta = np.reshape(delta, -1)

        dz = delta * (n - h)
        dn = delta * z
        dh = delta * (1 - z)

        dan = dn * (1 - n * n)
        self.dWh = np.outer(dan, r * h)
        self.dWx = np.outer(dan, x)
        drh = self.Wh.T @ dan
        dr = drh * h
        dh = dh + drh * r
        dx = self.Wx.T @ dan

        dar = dr * r * (1 - r)
        self.dWrh = np.outer(dar, h)
        self.dWrx = np.outer(dar, x)
        dh = dh + self.Wrh.T @ dar
        dx = dx + self.Wrx.T @ dar

        daz = dz * z * (1 - z)
        self.dWzh = np.outer(daz, h)
        self.dWzx = np.outer(daz, x)
        dh = dh + self.Wzh.T @ daz
        dx = dx + self.Wzx.T @ daz

        return dx, dh
