# Style: torch is imported under try, for a check of the author's own, and its absence is provided for.
import numpy as np

try:
    import torch
except ImportError:
    torch = None


def sigmoid(a):
    return 0.5 * (1 + np.tanh(0.5 * a))


class GRU_Cell:
    def __init__(self, in_dim, hidden_dim):
        self.d, self.h = in_dim, hidden_dim
        for gate in ("z", "r", ""):
            for end, size in (("h", hidden_dim), ("x", in_dim)):
                setattr(self, "W" + gate + end, np.random.randn(hidden_dim, size))
                setattr(self, "dW" + gate + end, np.zeros((hidden_dim, size)))

    def forward(self, x, h):
        z = sigmoid(self.Wzh @ h + self.Wzx @ x)
        r = sigmoid(self.Wrh @ h + self.Wrx @ x)
        c = np.tanh(self.Wh @ (r * h) + self.Wx @ x)
        self.cache = (x, h, z, r, c)
        return h + z * (c - h)

    def backward(self, delta):
        (x, h, z, r, c), g = self.cache, np.ravel(delta)
        gc = g * z * (1 - c) * (1 + c)
        grh = gc @ self.Wh
        gr = grh * h * r * (1 - r)
        gz = g * (c - h) * z * (1 - z)
        self.dWzh, self.dWrh, self.dWh = np.outer(gz, h), np.outer(gr, h), np.outer(gc, r * h)
        self.dWzx, self.dWrx, self.dWx = np.outer(gz, x), np.outer(gr, x), np.outer(gc, x)
        return (gz @ self.Wzx + gr @ self.Wrx + gc @ self.Wx,
                gz @ self.Wzh + gr @ self.Wrh + grh * r + g - g * z)


if __name__ == "__main__" and torch is not None:
    w = torch.zeros(3, 3, requires_grad=True)
    print(w)
