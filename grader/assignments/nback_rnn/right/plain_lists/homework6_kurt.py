"""No NumPy: numbers, lists, and loops over them."""
import math
import random


class RNN:
    def __init__(self, numHidden, numInput, numOutput):
        gauss = lambda: random.gauss(0, 0.1)
        self.n = numHidden
        self.U = [[gauss() for _ in range(numHidden)] for _ in range(numHidden)]
        self.V = [[gauss() for _ in range(numInput)] for _ in range(numHidden)]
        self.w = [gauss() for _ in range(numHidden)]

    def as_lists(self):
        self.U = [[float(u) for u in row] for row in self.U]
        self.V = [[float(v) for v in row] for row in self.V]
        self.w = [float(w) for w in self.w]

    def forward(self, x):
        self.as_lists()
        self.x = [float(x_t) for x_t in x]
        self.h = [[0.0] * self.n]
        for x_t in self.x:
            old = self.h[-1]
            self.h.append([
                math.tanh(sum(u * o for u, o in zip(row, old)) + v[0] * x_t) for row, v in zip(self.U, self.V)
            ])
        self.yhat = [sum(w * h for w, h in zip(self.w, h_t)) for h_t in self.h[1:]]
        return self.yhat

    def backward(self, y):
        n = self.n
        dU = [[0.0] * n for _ in range(n)]
        dV = [[0.0] for _ in range(n)]
        dw = [0.0] * n
        later = [0.0] * n
        columns = list(zip(*self.U))
        for t in reversed(range(len(self.x))):
            error = self.yhat[t] - float(y[t])
            now, old = self.h[t + 1], self.h[t]
            dz = [(error * w + l) * (1 - h * h) for w, l, h in zip(self.w, later, now)]
            for i in range(n):
                dw[i] += error * now[i]
                dV[i][0] += dz[i] * self.x[t]
                dU[i] = [g + dz[i] * o for g, o in zip(dU[i], old)]
            later = [sum(d * u for d, u in zip(dz, column)) for column in columns]
        return dU, dV, dw

    def train(self, x, y):
        losses = []
        for step in range(1000):
            yhat = self.forward(x)
            losses.append(0.5 * sum((a - float(b)) ** 2 for a, b in zip(yhat, y)))
            if losses[-1] < 0.05:
                return losses
            dU, dV, dw = self.backward(y)
            rate = 0.01
            self.U = [[u - rate * g for u, g in zip(*rows)] for rows in zip(self.U, dU)]
            self.V = [[v[0] - rate * g[0]] for v, g in zip(self.V, dV)]
            self.w = [w - rate * g for w, g in zip(self.w, dw)]
        return losses
