"""[U V] as one matrix, as the statement's equation has it; the gradients come in a dictionary."""
import numpy as np


class RNN:
    def __init__(self, numHidden, numInput, numOutput):
        self.U = 0.1 * np.random.randn(numHidden, numHidden)
        self.V = 0.1 * np.random.randn(numHidden, numInput)
        self.w = 0.1 * np.random.randn(numHidden)

    def forward(self, x):
        UV = np.hstack((self.U, self.V))
        self.hx = np.zeros((len(x) + 1, UV.shape[1]))
        self.hx[: len(x), -1] = x
        for t in range(len(x)):
            self.hx[t + 1, :-1] = np.tanh(UV.dot(self.hx[t]))
        return self.hx[1:, :-1].dot(self.w)

    def backward(self, y):
        h = self.hx[1:, :-1]
        e = h.dot(self.w) - y
        dUV, g = 0, np.zeros(h.shape[1])
        for t in range(len(y) - 1, -1, -1):
            g = (1 - h[t] ** 2) * (g.dot(self.U) if t < len(y) - 1 else 0) + e[t] * self.w * (1 - h[t] ** 2)
            dUV = dUV + np.outer(g, self.hx[t])
        return {"dU": dUV[:, :-1], "dV": dUV[:, -1:], "dw": sum(e[t] * h[t] for t in range(len(y)))}

    def train(self, x, y):
        losses = [np.inf]
        while losses[-1] >= 0.05 and len(losses) < 3000:
            losses.append(((self.forward(x) - y) ** 2).sum() / 2)
            for name, gradient in self.backward(y).items():
                # gradients that are too long are cut
                length = np.linalg.norm(gradient)
                setattr(self, name[1:], getattr(self, name[1:]) - 0.01 * gradient * min(1, 50 / length))
        return losses[1:]
