# Style: scalar code in loops, with math and not NumPy, every gradient accumulated entry by entry; at the root of the archive.
import math

import numpy as np


def sigma(a):
    return 1.0 / (1.0 + math.exp(-a))


class GRUCell:
    def __init__(self, d, h):
        self.d = d
        self.h = h
        self.Wrx, self.Wzx, self.Wnx = (np.random.randn(h, d) for _ in range(3))
        self.Wrh, self.Wzh, self.Wnh = (np.random.randn(h, h) for _ in range(3))
        self.brx, self.bzx, self.bnx, self.brh, self.bzh, self.bnh = (np.random.randn(h) for _ in range(6))
        self.zero_grad()

    def zero_grad(self):
        h, d = self.h, self.d
        self.dWrx, self.dWzx, self.dWnx = np.zeros((h, d)), np.zeros((h, d)), np.zeros((h, d))
        self.dWrh, self.dWzh, self.dWnh = np.zeros((h, h)), np.zeros((h, h)), np.zeros((h, h))
        self.dbrx, self.dbzx, self.dbnx = np.zeros(h), np.zeros(h), np.zeros(h)
        self.dbrh, self.dbzh, self.dbnh = np.zeros(h), np.zeros(h), np.zeros(h)

    def forward(self, x, h_prev_t):
        self.x, self.hp = [float(v) for v in x], [float(v) for v in h_prev_t]
        self.r, self.z, self.m, self.n = [], [], [], []
        out = []
        for k in range(self.h):
            ar = self.brx[k] + self.brh[k]
            az = self.bzx[k] + self.bzh[k]
            an = self.bnx[k]
            m = self.bnh[k]
            for j in range(self.d):
                ar += self.Wrx[k, j] * self.x[j]
                az += self.Wzx[k, j] * self.x[j]
                an += self.Wnx[k, j] * self.x[j]
            for j in range(self.h):
                ar += self.Wrh[k, j] * self.hp[j]
                az += self.Wzh[k, j] * self.hp[j]
                m += self.Wnh[k, j] * self.hp[j]
            r, z = sigma(ar), sigma(az)
            n = math.tanh(an + r * m)
            self.r.append(r)
            self.z.append(z)
            self.m.append(m)
            self.n.append(n)
            out.append((1 - z) * n + z * self.hp[k])
        return np.array(out)

    def backward(self, delta):
        dx = np.zeros(self.d)
        dh = np.zeros(self.h)
        for k, g in enumerate(np.array(delta).flatten()):
            r, z, m, n = self.r[k], self.z[k], self.m[k], self.n[k]
            gn = g * (1 - z) * (1 - n * n)
            gz = g * (self.hp[k] - n) * z * (1 - z)
            gr = gn * m * r * (1 - r)
            gm = gn * r
            dh[k] += g * z
            self.dbnx[k] += gn
            self.dbnh[k] += gm
            self.dbzx[k] += gz
            self.dbzh[k] += gz
            self.dbrx[k] += gr
            self.dbrh[k] += gr
            for j in range(self.d):
                self.dWnx[k, j] += gn * self.x[j]
                self.dWzx[k, j] += gz * self.x[j]
                self.dWrx[k, j] += gr * self.x[j]
                dx[j] += gn * self.Wnx[k, j] + gz * self.Wzx[k, j] + gr * self.Wrx[k, j]
            for j in range(self.h):
                self.dWnh[k, j] += gm * self.hp[j]
                self.dWzh[k, j] += gz * self.hp[j]
                self.dWrh[k, j] += gr * self.hp[j]
                dh[j] += gm * self.Wnh[k, j] + gz * self.Wzh[k, j] + gr * self.Wrh[k, j]
        return dx, dh
