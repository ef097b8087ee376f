# Everything is a column; gradients are kept in the network; train returns nothing but prints the loss.
import numpy as np
np.random.seed(7)


class RNN:
    def __init__(self, numHidden, numInput, numOutput):
        self.numHidden = numHidden
        self.U = np.random.randn(numHidden, numHidden) * 0.1
        self.V = np.random.randn(numHidden, numInput) * 0.1
        self.w = np.random.randn(numHidden) * 0.1
        self.dU = np.zeros((numHidden, numHidden))
        self.dV = np.zeros((numHidden, numInput))
        self.dw = np.zeros((numHidden, 1))

    def forward(self, x):
        w = np.reshape(self.w, (self.numHidden, 1))
        self.x = np.reshape(x, (-1, 1, 1))
        self.h = {0: np.zeros((self.numHidden, 1))}
        self.yhat = np.zeros((len(self.x), 1))
        for t in range(1, len(self.x) + 1):
            self.h[t] = np.tanh(np.dot(self.U, self.h[t - 1]) + np.dot(self.V, self.x[t - 1]))
            self.yhat[t - 1] = np.dot(self.h[t].T, w)[0]
        return self.yhat

    def backward(self, y):
        y = np.reshape(y, (-1, 1))
        w = np.reshape(self.w, (self.numHidden, 1))
        self.dU, self.dV, self.dw = 0 * self.dU, 0 * self.dV, 0 * self.dw
        for t in range(len(y), 0, -1):
            # the whole way back from each step's own cost
            error = self.yhat[t - 1] - y[t - 1]
            self.dw += error * self.h[t]
            delta = error * w * (1 - self.h[t] ** 2)
            for s in range(t, 0, -1):
                self.dU += np.dot(delta, self.h[s - 1].T)
                self.dV += np.dot(delta, self.x[s - 1].T)
                delta = np.dot(self.U.T, delta) * (1 - self.h[s - 1] ** 2)
                if abs(delta).max() < 1e-20:
                    break

    def train(self, x, y):
        # a larger step while the loss is far away: the loss goes up and down on its way
        for epoch in range(400):
            yhat = self.forward(x)
            loss = np.sum(np.square(yhat - np.reshape(y, (-1, 1)))) / 2
            print("epoch", epoch, "loss", loss)
            if loss < 0.05:
                break
            self.backward(y)
            rate = 0.02 if loss > 5 else 0.01
            self.U = self.U - rate * self.dU
            self.V = self.V - rate * self.dV
            self.w = self.w - rate * self.dw.reshape(self.w.shape)
