# Style: as in PyTorch's own source: weights and biases of the three gates stacked, two products in all, split afterwards.
import numpy as np


class GRUCell:
    def __init__(self, d, h):
        self.d, self.h = d, h
        for gate in "rzn":
            for side, n in (("x", d), ("h", h)):
                setattr(self, f"W{gate}{side}", np.random.uniform(-1, 1, (h, n)) / np.sqrt(h))
                setattr(self, f"b{gate}{side}", np.zeros(h))
        self.zero_grad()

    def zero_grad(self):
        for name in [name for name in vars(self) if name[0] in "Wb"]:
            setattr(self, "d" + name, np.zeros_like(getattr(self, name)))

    def _stacked(self, side):
        W = np.concatenate([getattr(self, f"W{gate}{side}") for gate in "rzn"])
        b = np.hstack([getattr(self, f"b{gate}{side}") for gate in "rzn"])
        return W, b

    def forward(self, x, h_prev_t):
        (W_ih, b_ih), (W_hh, b_hh) = self._stacked("x"), self._stacked("h")
        i_r, i_z, i_n = np.split(W_ih @ x + b_ih, 3)
        h_r, h_z, h_n = np.split(W_hh @ h_prev_t + b_hh, 3)
        resetgate = 1 / (1 + np.exp(-(i_r + h_r)))
        inputgate = 1 / (1 + np.exp(-(i_z + h_z)))
        newgate = np.tanh(i_n + resetgate * h_n)
        self.saved = W_ih, W_hh, x, h_prev_t, resetgate, inputgate, newgate, h_n
        return newgate + inputgate * (h_prev_t - newgate)

    def backward(self, delta):
        W_ih, W_hh, x, h, r, z, n, h_n = self.saved
        delta = np.asarray(delta).ravel()
        d_n = delta * (1 - z) * (1 - n**2)
        d_r = d_n * h_n * r * (1 - r)
        d_z = delta * (h - n) * z * (1 - z)
        d_i, d_h = np.hstack([d_r, d_z, d_n]), np.hstack([d_r, d_z, d_n * r])  # (3h,) each
        for side, d, v in (("x", d_i, x), ("h", d_h, h)):
            for gate, dW, db in zip("rzn", np.vsplit(d[:, None] * v, 3), np.split(d, 3)):
                setattr(self, f"dW{gate}{side}", dW)
                setattr(self, f"db{gate}{side}", db)
        return d_i @ W_ih, d_h @ W_hh + delta * z
