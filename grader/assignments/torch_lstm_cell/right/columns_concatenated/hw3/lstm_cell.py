# Style: everything transposed, one sample in each column, and one matrix for [h; x; 1]; gradients of all four arrays are cut
# out of one product at the end.
import numpy as np


class LSTMCell:
    def __init__(self, input_size, hidden_size):
        self.n, self.m = input_size, hidden_size
        self.weight_ih = np.zeros((4 * hidden_size, input_size))
        self.weight_hh = np.zeros((4 * hidden_size, hidden_size))
        self.bias_ih = np.zeros(4 * hidden_size)
        self.bias_hh = np.zeros(4 * hidden_size)

    def forward(self, x, state):
        h, c = (s.T for s in state)
        n, m = self.n, self.m
        self.W = np.hstack([self.weight_hh, self.weight_ih, (self.bias_ih + self.bias_hh)[:, np.newaxis]])
        self.v = np.vstack([h, x.T, np.ones((1, x.shape[0]))])  # (m + n + 1, batch)
        a = self.W @ self.v
        y = 1 / (1 + np.exp(-a))
        y[2 * m : 3 * m] = np.tanh(a[2 * m : 3 * m])
        self.y = y
        i, f, g, o = y[:m], y[m : 2 * m], y[2 * m : 3 * m], y[3 * m :]
        self.c0, self.c1 = c, f * c + i * g
        return (o * np.tanh(self.c1)).T, self.c1.T

    def backward(self, dh, dc):
        m = self.m
        i, f, g, o = self.y[:m], self.y[m : 2 * m], self.y[2 * m : 3 * m], self.y[3 * m :]
        t = np.tanh(self.c1)
        slope = self.y * (1 - self.y)
        slope[2 * m : 3 * m] = 1 - g**2
        D = dh.T * o * (1 - t**2) + dc.T
        da = np.vstack([D * g, D * self.c0, D * i, dh.T * t]) * slope  # (4m, batch)
        dW = da @ self.v.T
        self.dweight_hh, self.dweight_ih, db = dW[:, :m], dW[:, m:-1], dW[:, -1]
        self.dbias_ih, self.dbias_hh = db, db
        dv = self.W.T @ da
        return dv[m:-1].T, dv[:m].T, (D * f).T
