# Style: scalar code in loops, with math and not NumPy; results in lists of lists turned into arrays.
import math
import numpy as np


def sigma(a):
    return 1.0 / (1.0 + math.exp(-a))


class GRU_Cell:
    def __init__(self, in_dim, hidden_dim):
        self.d = in_dim
        self.h = hidden_dim
        self.Wzh = np.random.randn(hidden_dim, hidden_dim)
        self.Wrh = np.random.randn(hidden_dim, hidden_dim)
        self.Wh = np.random.randn(hidden_dim, hidden_dim)
        self.Wzx = np.random.randn(hidden_dim, in_dim)
        self.Wrx = np.random.randn(hidden_dim, in_dim)
        self.Wx = np.random.randn(hidden_dim, in_dim)

    def forward(self, x, h):
        H, D = range(len(h)), range(len(x))
        self.x, self.hp = x, h
        self.z = [0.0 for _ in H]
        self.r = [0.0 for _ in H]
        self.n = [0.0 for _ in H]
        for i in H:
            az = ar = 0.0
            for j in H:
                az += self.Wzh[i][j] * h[j]
                ar += self.Wrh[i][j] * h[j]
            for j in D:
                az += self.Wzx[i][j] * x[j]
                ar += self.Wrx[i][j] * x[j]
            self.z[i] = sigma(az)
            self.r[i] = sigma(ar)
        out = []
        for i in H:
            an = 0.0
            for j in H:
                an += self.Wh[i][j] * self.r[j] * h[j]
            for j in D:
                an += self.Wx[i][j] * x[j]
            self.n[i] = math.tanh(an)
            out.append((1 - self.z[i]) * h[i] + self.z[i] * self.n[i])
        return np.array(out)

    def backward(self, delta):
        if len(np.shape(delta)) == 2:
            delta = delta[0]
        x, h, z, r, n = self.x, self.hp, self.z, self.r, self.n
        H, D = range(len(h)), range(len(x))
        gz = [delta[i] * (n[i] - h[i]) * z[i] * (1 - z[i]) for i in H]
        gn = [delta[i] * z[i] * (1 - n[i] * n[i]) for i in H]
        back = [sum(self.Wh[i][j] * gn[i] for i in H) for j in H]
        gr = [back[j] * h[j] * r[j] * (1 - r[j]) for j in H]
        self.dWzh = np.array([[gz[i] * h[j] for j in H] for i in H])
        self.dWrh = np.array([[gr[i] * h[j] for j in H] for i in H])
        self.dWh = np.array([[gn[i] * r[j] * h[j] for j in H] for i in H])
        self.dWzx = [[gz[i] * x[j] for j in D] for i in H]
        self.dWrx = [[gr[i] * x[j] for j in D] for i in H]
        self.dWx = [[gn[i] * x[j] for j in D] for i in H]
        dx = [sum(self.Wzx[i][j] * gz[i] + self.Wrx[i][j] * gr[i] + self.Wx[i][j] * gn[i] for i in H) for j in D]
        dh = []
        for j in H:
            total = delta[j] * (1 - z[j]) + back[j] * r[j]
            for i in H:
                total += self.Wzh[i][j] * gz[i]
                total += self.Wrh[i][j] * gr[i]
            dh.append(total)
        return np.array(dx), np.array(dh)
