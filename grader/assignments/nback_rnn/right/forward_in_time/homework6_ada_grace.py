# Ada and Grace. The derivatives of h_t by vec[U] and vec[V] are carried along with h_t: no way back at all.
import numpy as np


class RNN(object):

    def __init__(self, numHidden, numInput, numOutput):
        self.numHidden = numHidden
        self.numInput = numInput
        self.U = np.random.randn(numHidden, numHidden) * 1e-1
        self.V = np.random.randn(numHidden, numInput) * 1e-1
        self.w = np.random.randn(numHidden) * 1e-1

    def forward(self, x):
        n = self.numHidden
        h = np.zeros(n)
        dh_dU = np.zeros((n, n * n))
        dh_dV = np.zeros((n, n))
        self.hs, self.dh_dUs, self.dh_dVs = [], [], []
        for x_t in x:
            h_old = h
            h = np.tanh(self.U.dot(h_old) + self.V.dot([x_t]))
            slope = np.diag(1 - h ** 2)
            # z_t = (h_{t-1}^T kron I) vec[U] + ..., with vec taken column by column
            dh_dU = slope.dot(np.kron(h_old, np.eye(n)) + self.U.dot(dh_dU))
            dh_dV = slope.dot(x_t * np.eye(n) + self.U.dot(dh_dV))
            self.hs.append(h)
            self.dh_dUs.append(dh_dU)
            self.dh_dVs.append(dh_dV)
        self.yhat = np.array([h.dot(self.w) for h in self.hs])
        return self.yhat

    def backward(self, y):
        n = self.numHidden
        dU, dV, dw = np.zeros(n * n), np.zeros(n), np.zeros(n)
        for t in range(len(y)):
            e = self.yhat[t] - y[t]
            dU += e * self.w.dot(self.dh_dUs[t])
            dV += e * self.w.dot(self.dh_dVs[t])
            dw += e * self.hs[t]
        return dU.reshape((n, n), order="F"), dV.reshape(n, 1), dw

    def cost(self, x, y):
        return 0.5 * ((self.forward(x) - y) ** 2).sum()

    def train(self, x, y):
        losses = []
        momentum = [0, 0, 0]
        while self.cost(x, y) >= 0.04:
            losses.append(self.cost(x, y))
            grads = self.backward(y)
            momentum = [0.5 * m + g for m, g in zip(momentum, grads)]
            self.U, self.V, self.w = [p - 0.01 * m for p, m in zip((self.U, self.V, self.w), momentum)]
        return np.array(losses)
