"""Explicit back-propagation through time, with accumulators; the single cell is a sequence of one step."""
import numpy as np
from rnn_utils import sigmoid, softmax


def rnn_forward(x, a0, parameters):
    Wax, Waa, Wya = (parameters[k] for k in ("Wax", "Waa", "Wya"))
    T = x.shape[2]
    states = np.empty((T + 1,) + a0.shape)
    states[0] = a0
    projected = np.tensordot(Wax, x, axes=(1, 0))  # all inputs at once: (n_a, m, T)
    for t in range(T):
        states[t + 1] = np.tanh(Waa @ states[t] + projected[:, :, t] + parameters["ba"])
    a = states[1:].transpose(1, 2, 0)
    logits = np.tensordot(Wya, a, axes=(1, 0)) + parameters["by"][:, :, None]
    y = softmax(logits)
    caches = [(states[t + 1], states[t], x[:, :, t], parameters) for t in range(T)]
    return a, y, (caches, x)


def rnn_cell_forward(xt, a_prev, parameters):
    a, y, (caches, _) = rnn_forward(xt[:, :, None], a_prev, parameters)
    return a[:, :, 0], y[:, :, 0], caches[0]


def lstm_forward(x, a0, parameters):
    p = parameters
    n_a = a0.shape[0]
    a, c = a0, np.zeros_like(a0)
    all_a, all_c, all_y, caches = [], [], [], []
    for t in range(x.shape[2]):
        xt = x[:, :, t]
        pre = {g: p["W" + g][:, :n_a] @ a + p["W" + g][:, n_a:] @ xt + p["b" + g] for g in "fico"}
        f, i, o, cct = sigmoid(pre["f"]), sigmoid(pre["i"]), sigmoid(pre["o"]), np.tanh(pre["c"])
        a_prev, c_prev = a, c
        c = f * c_prev + i * cct
        a = o * np.tanh(c)
        all_a.append(a), all_c.append(c), all_y.append(softmax(p["Wy"] @ a + p["by"]))
        caches.append((a, c, a_prev, c_prev, f, i, cct, o, xt, parameters))
    return np.dstack(all_a), np.dstack(all_y), np.dstack(all_c), (caches, x)


def lstm_cell_forward(xt, a_prev, c_prev, parameters):
    # a cell state that is not zero does not fit the sequence above: written again
    z = np.concatenate([a_prev, xt])
    f, i, o = (sigmoid(parameters["W" + g] @ z + parameters["b" + g]) for g in "fio")
    cct = np.tanh(parameters["Wc"] @ z + parameters["bc"])
    c = f * c_prev + i * cct
    a = o * np.tanh(c)
    return a, c, softmax(parameters["Wy"] @ a + parameters["by"]), (a, c, a_prev, c_prev, f, i, cct, o, xt, parameters)


def rnn_backward(da, caches):
    caches, x = caches
    parameters = caches[0][-1]
    Wax, Waa = parameters["Wax"], parameters["Waa"]
    n_a, m, T = da.shape
    dWax, dWaa, dba = np.zeros_like(Wax), np.zeros_like(Waa), np.zeros((n_a, 1))
    dx = np.zeros((x.shape[0], m, T))
    # every step's da goes back all the way to the first, on its own
    da0 = np.zeros((n_a, m))
    for last in range(T):
        delta = da[:, :, last]
        for t in range(last, -1, -1):
            a_next, a_prev, xt, _ = caches[t]
            dz = delta * (1 - a_next) * (1 + a_next)
            dWax += dz.dot(xt.T)
            dWaa += dz.dot(a_prev.T)
            dba += dz.sum(axis=1).reshape(-1, 1)
            dx[:, :, t] += Wax.T.dot(dz)
            delta = Waa.T.dot(dz)
        da0 += delta
    return {"dba": dba, "dWaa": dWaa, "dWax": dWax, "da0": da0, "dx": dx}


def rnn_cell_backward(da_next, cache):
    back = rnn_backward(da_next[:, :, np.newaxis], ([cache], cache[2]))
    return {"dxt": back["dx"][:, :, 0], "da_prev": back["da0"], "dWax": back["dWax"], "dWaa": back["dWaa"], "dba": back["dba"]}
