import numpy as np


class ElmanCell:
    def __init__(self, input_size, hidden_size):
        self.W_x = np.random.randn(hidden_size, input_size)
        self.W_h = np.random.randn(hidden_size, hidden_size)
        self.b = np.zeros(hidden_size)

    def forward(self, x, h):
        self.samples = list(zip(x, h))
        self.after = [np.tanh(self.W_x @ one + self.W_h @ state + self.b) for one, state in self.samples]
        return np.array(self.after)

    def backward(self, dh_next):
        self.dW_x, self.dW_h, self.db = np.zeros_like(self.W_x), np.zeros_like(self.W_h), np.zeros_like(self.b)
        dx, dh = [], []
        for (x, h), after, delta in zip(self.samples, self.after, dh_next):
            da = delta * (1 - after * after)
            self.dW_x += np.outer(da, x)
            self.dW_h += np.outer(da, h)
            self.db += da
            dx.append(self.W_x.T @ da)
            dh.append(self.W_h.T @ da)
        return np.array(dx), np.array(dh)
