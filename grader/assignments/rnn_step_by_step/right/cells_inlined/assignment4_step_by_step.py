# Nothing calls anything: every loop has its cell written out, the gates are stacked into one product.
import numpy as np
from rnn_utils import sigmoid


def head(W, b, a):
    e = np.exp(W @ a + b)
    return e / e.sum(0, keepdims=True)


def rnn_cell_forward(xt, a_prev, p):
    a = np.tanh(np.hstack([p["Waa"], p["Wax"]]) @ np.vstack([a_prev, xt]) + p["ba"])
    return a, head(p["Wya"], p["by"], a), (a, a_prev, xt, p)


def rnn_forward(x, a0, p):
    A, Y, L = [], [], []
    a = a0
    for xt in np.moveaxis(x, 2, 0):
        prev = a
        a = np.tanh(p["Waa"].dot(prev) + p["Wax"].dot(xt) + p["ba"])
        A += [a]
        Y += [head(p["Wya"], p["by"], a)]
        L += [(a, prev, xt, p)]
    return np.stack(A, -1), np.stack(Y, -1), (L, x)


def gates(p, a, x):
    W = np.vstack([p[k] for k in ("Wf", "Wi", "Wo", "Wc")])
    b = np.vstack([p[k] for k in ("bf", "bi", "bo", "bc")])
    z = W @ np.vstack([a, x]) + b
    n = len(a)
    f, i, o = sigmoid(z[:n]), sigmoid(z[n:2 * n]), sigmoid(z[2 * n:3 * n])
    return f, i, o, np.tanh(z[3 * n:])


def lstm_cell_forward(xt, a_prev, c_prev, p):
    f, i, o, g = gates(p, a_prev, xt)
    c = f * c_prev + i * g
    a = o * np.tanh(c)
    return [a, c, head(p["Wy"], p["by"], a), (a, c, a_prev, c_prev, f, i, g, o, xt, p)]


def lstm_forward(x, a0, p):
    T = x.shape[-1]
    a, c = a0, 0 * a0
    out = [None] * T
    L = []
    for t in range(T):
        prev_a, prev_c = a, c
        f, i, o, g = gates(p, a, x[..., t])
        c = c * f + g * i
        a = np.tanh(c) * o
        out[t] = (a, head(p["Wy"], p["by"], a), c)
        L.append((a, c, prev_a, prev_c, f, i, g, o, x[..., t], p))
    a, y, c = (np.stack(k, axis=2) for k in zip(*out))
    return a, y, c, (L, x)


def rnn_cell_backward(da_next, cache):
    a, prev, x, p = cache
    d = da_next - da_next * a * a
    return dict(dxt=(d.T @ p["Wax"]).T, da_prev=(d.T @ p["Waa"]).T, dWax=np.einsum("im,jm->ij", d, x),
                dWaa=np.einsum("im,jm->ij", d, prev), dba=d.sum(1)[:, None])


def rnn_backward(da, caches):
    L, x = caches
    p = L[0][3]
    g = {"dx": np.empty_like(x), "dWax": 0, "dWaa": 0, "dba": 0}
    up = 0
    for t in range(da.shape[2])[::-1]:
        a, prev, xt, _ = L[t]
        d = (da[:, :, t] + up) / np.cosh(np.arctanh(a)) ** 2
        g["dx"][:, :, t] = p["Wax"].T @ d
        g["dWax"] = g["dWax"] + d @ xt.T
        g["dWaa"] = g["dWaa"] + d @ prev.T
        g["dba"] = g["dba"] + d.sum(1, keepdims=True)
        up = p["Waa"].T @ d
    g["da0"] = up
    return g
