# Classes with one row per sample, as in most libraries; the functions that are asked for only turn arrays around.
import numpy as np


def softmax_rows(v):
    v = np.exp(v - v.max(axis=-1, keepdims=True))
    return v / v.sum(axis=-1, keepdims=True)


class Plain:
    def __init__(self, p):
        self.U, self.W, self.V = p["Wax"].T, p["Waa"].T, p["Wya"].T
        self.b, self.k = p["ba"].ravel(), p["by"].ravel()

    def step(self, x, h):
        return np.tanh(x @ self.U + h @ self.W + self.b)

    def read(self, h):
        return softmax_rows(h @ self.V + self.k)

    def back(self, x, h, h_next, d):
        d = d * (1.0 - np.square(h_next))
        return d @ self.U.T, d @ self.W.T, x.T @ d, h.T @ d, d.sum(axis=0)


class Long:
    order = "fioc"

    def __init__(self, p):
        self.W = np.concatenate([p["W" + g] for g in self.order]).T
        self.b = np.concatenate([p["b" + g] for g in self.order])[:, 0]
        self.V, self.k = p["Wy"].T, p["by"][:, 0]

    def step(self, x, h, c):
        f, i, o, g = np.split(np.concatenate([h, x], axis=1) @ self.W + self.b, 4, axis=1)
        f, i, o = (0.5 * (1 + np.tanh(0.5 * z)) for z in (f, i, o))
        g = np.tanh(g)
        c_next = f * c + i * g
        return o * np.tanh(c_next), c_next, f, i, g, o

    def read(self, h):
        return softmax_rows(h @ self.V + self.k)


def rnn_cell_forward(xt, a_prev, parameters):
    cell = Plain(parameters)
    h = cell.step(xt.T, a_prev.T)
    return h.T, cell.read(h).T, (h.T, a_prev, xt, parameters)


def rnn_forward(x, a0, parameters):
    cell = Plain(parameters)
    steps = x.transpose(2, 1, 0)
    h, hs, caches = a0.T, [], []
    for step in steps:
        before, h = h, cell.step(step, h)
        hs.append(h)
        caches.append((h.T, before.T, step.T, parameters))
    hs = np.array(hs)
    return hs.transpose(2, 1, 0), cell.read(hs).transpose(2, 1, 0), (caches, x)


def lstm_cell_forward(xt, a_prev, c_prev, parameters):
    cell = Long(parameters)
    h, c, f, i, g, o = cell.step(xt.T, a_prev.T, c_prev.T)
    cache = (h.T, c.T, a_prev, c_prev, f.T, i.T, g.T, o.T, xt, parameters)
    return h.T, c.T, cell.read(h).T, cache


def lstm_forward(x, a0, parameters):
    caches, a, c, y = [], [], [], []
    a_next, c_next = a0, np.zeros(a0.shape)
    for t in range(x.shape[2]):
        a_next, c_next, yt, cache = lstm_cell_forward(x[:, :, t], a_next, c_next, parameters)
        a.append(a_next)
        c.append(c_next)
        y.append(yt)
        caches.append(cache)
    turn = lambda seq: np.array(seq).transpose(1, 2, 0)
    return turn(a), turn(y), turn(c), (caches, x)


def rnn_cell_backward(da_next, cache):
    a_next, a_prev, xt, parameters = cache
    dx, dh, dU, dW, db = Plain(parameters).back(xt.T, a_prev.T, a_next.T, da_next.T)
    return {"dxt": dx.T, "da_prev": dh.T, "dWax": dU.T, "dWaa": dW.T, "dba": db[:, None]}


def rnn_backward(da, caches):
    caches, x = caches
    da_prev = np.zeros(da.shape[:2])
    found = []
    for t in np.arange(da.shape[2])[::-1]:
        found.append(rnn_cell_backward(da_next=da[:, :, t] + da_prev, cache=caches[t]))
        da_prev = found[-1]["da_prev"]
    found.reverse()
    total = {k: sum(g[k] for g in found) for k in ("dWax", "dWaa", "dba")}
    total["dx"] = np.stack([g["dxt"] for g in found], axis=2)
    total["da0"] = da_prev
    return total
