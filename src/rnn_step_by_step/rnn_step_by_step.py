"""Homework 4: a plain RNN and an LSTM, step by step, forward and backward.

The letters are those of the statement. Samples are columns: x^<t> is (n_x, m), a^<t> is (n_a, m), and a
sequence has its time steps along the last axis. In the backward functions a d before a letter stands for the
derivative of the loss with respect to it, and z stands for what goes into an activation.
"""

import numpy as np
from rnn_utils import sigmoid, softmax


def rnn_cell_forward(xt, a_prev, parameters):
    """One step of the RNN.

    Returns:
        a_next (n_a, m), yt_pred (n_y, m), and the cache (a_next, a_prev, xt, parameters).
    """
    Wax, Waa, ba = parameters["Wax"], parameters["Waa"], parameters["ba"]
    # Eq. (1)  a' = tanh(Waa a + Wax x + ba)
    a_next = np.tanh(Waa @ a_prev + Wax @ xt + ba)  # (n_a, m)
    # Eq. (2)  y = softmax(Wya a' + by)
    yt_pred = softmax(parameters["Wya"] @ a_next + parameters["by"])  # (n_y, m)
    return a_next, yt_pred, (a_next, a_prev, xt, parameters)


def rnn_forward(x, a0, parameters):
    """All steps of the RNN, from the state a0 (n_a, m).

    Returns:
        a (n_a, m, T_x), y_pred (n_y, m, T_x), and the caches (list of every step's cache, x).
    """
    _, m, T_x = x.shape
    n_y, n_a = parameters["Wya"].shape
    a = np.zeros((n_a, m, T_x))
    y_pred = np.zeros((n_y, m, T_x))
    caches = []
    a_next = a0
    for t in range(T_x):
        a_next, y_pred[:, :, t], cache = rnn_cell_forward(x[:, :, t], a_next, parameters)
        a[:, :, t] = a_next
        caches.append(cache)
    return a, y_pred, (caches, x)


def lstm_cell_forward(xt, a_prev, c_prev, parameters):
    """One step of the LSTM.

    Returns:
        a_next (n_a, m), c_next (n_a, m), yt_pred (n_y, m), and the cache
        (a_next, c_next, a_prev, c_prev, ft, it, cct, ot, xt, parameters).
    """
    concat = np.concatenate((a_prev, xt))  # (n_a + n_x, m)
    # Eq. (3), (4), (6)  the forget, update and output gates
    ft = sigmoid(parameters["Wf"] @ concat + parameters["bf"])  # (n_a, m)
    it = sigmoid(parameters["Wi"] @ concat + parameters["bi"])  # (n_a, m)
    ot = sigmoid(parameters["Wo"] @ concat + parameters["bo"])  # (n_a, m)
    # Eq. (5)  the candidate
    cct = np.tanh(parameters["Wc"] @ concat + parameters["bc"])  # (n_a, m)
    # Eq. (7), (8)  c' = ft*c + it*cct,  a' = ot*tanh(c')
    c_next = ft * c_prev + it * cct  # (n_a, m)
    a_next = ot * np.tanh(c_next)  # (n_a, m)
    yt_pred = softmax(parameters["Wy"] @ a_next + parameters["by"])  # (n_y, m)
    cache = (a_next, c_next, a_prev, c_prev, ft, it, cct, ot, xt, parameters)
    return a_next, c_next, yt_pred, cache


def lstm_forward(x, a0, parameters):
    """All steps of the LSTM, from the state a0 (n_a, m) and a cell state of zeros.

    Returns:
        a (n_a, m, T_x), y (n_y, m, T_x), c (n_a, m, T_x), and the caches (list of every step's cache, x).
    """
    _, m, T_x = x.shape
    n_y, n_a = parameters["Wy"].shape
    a = np.zeros((n_a, m, T_x))
    c = np.zeros((n_a, m, T_x))
    y = np.zeros((n_y, m, T_x))
    caches = []
    a_next, c_next = a0, np.zeros((n_a, m))
    for t in range(T_x):
        a_next, c_next, yt, cache = lstm_cell_forward(x[:, :, t], a_next, c_next, parameters)
        a[:, :, t], c[:, :, t], y[:, :, t] = a_next, c_next, yt
        caches.append(cache)
    return a, y, c, (caches, x)


def rnn_cell_backward(da_next, cache):
    """Back through one step of the RNN.

    Returns:
        a dictionary: dxt (n_x, m), da_prev (n_a, m), dWax (n_a, n_x), dWaa (n_a, n_a), dba (n_a, 1).
    """
    a_next, a_prev, xt, parameters = cache
    # Eq. (1)  a' = tanh(z),  z = Waa a + Wax x + ba;  tanh'(z) = 1 - tanh(z)^2
    dz = da_next * (1.0 - a_next**2)  # (n_a, m)
    return {
        "dxt": parameters["Wax"].T @ dz,
        "da_prev": parameters["Waa"].T @ dz,
        "dWax": dz @ xt.T,
        "dWaa": dz @ a_prev.T,
        "dba": np.sum(dz, axis=1, keepdims=True),
    }


def rnn_backward(da, caches):
    """Back through all steps of the RNN; da (n_a, m, T_x) leaves out what later states pass on.

    Returns:
        a dictionary: dx (n_x, m, T_x), da0 (n_a, m), dWax (n_a, n_x), dWaa (n_a, n_a), dba (n_a, 1).
    """
    steps, x = caches
    n_a, m, T_x = da.shape
    n_x = x.shape[0]
    total = {"dWax": np.zeros((n_a, n_x)), "dWaa": np.zeros((n_a, n_a)), "dba": np.zeros((n_a, 1))}
    dx = np.zeros((n_x, m, T_x))
    da_prev = np.zeros((n_a, m))
    for t in reversed(range(T_x)):
        gradients = rnn_cell_backward(da[:, :, t] + da_prev, steps[t])
        dx[:, :, t] = gradients["dxt"]
        da_prev = gradients["da_prev"]
        for name in total:
            total[name] += gradients[name]
    return {"dx": dx, "da0": da_prev, **total}


def lstm_cell_backward(da_next, dc_next, cache):
    """Back through one step of the LSTM.

    Returns:
        a dictionary: dxt (n_x, m), da_prev and dc_prev (n_a, m), dWf, dWi, dWc, dWo (n_a, n_a + n_x),
        dbf, dbi, dbc, dbo (n_a, 1).
    """
    _, c_next, a_prev, c_prev, ft, it, cct, ot, xt, parameters = cache
    n_a = a_prev.shape[0]
    concat = np.concatenate((a_prev, xt))  # (n_a + n_x, m)
    tanh_c = np.tanh(c_next)
    # Eq. (8)  a' = ot*tanh(c'): c' has its own way to the loss, and the one through a'
    dc = dc_next + da_next * ot * (1.0 - tanh_c**2)  # (n_a, m)
    # Eq. (7)  c' = ft*c + it*cct, and the activations' derivatives
    dz = {
        "f": dc * c_prev * ft * (1.0 - ft),  # (n_a, m)
        "i": dc * cct * it * (1.0 - it),
        "c": dc * it * (1.0 - cct**2),
        "o": da_next * tanh_c * ot * (1.0 - ot),
    }
    dconcat = sum(parameters[f"W{gate}"].T @ dz[gate] for gate in dz)  # (n_a + n_x, m)
    gradients = {"dxt": dconcat[n_a:], "da_prev": dconcat[:n_a], "dc_prev": dc * ft}
    for gate in dz:
        gradients[f"dW{gate}"] = dz[gate] @ concat.T
        gradients[f"db{gate}"] = np.sum(dz[gate], axis=1, keepdims=True)
    return gradients


def lstm_backward(da, caches):
    """Back through all steps of the LSTM; da (n_a, m, T_x) leaves out what later states pass on.

    Returns:
        a dictionary: dx (n_x, m, T_x), da0 (n_a, m), dWf, dWi, dWc, dWo (n_a, n_a + n_x),
        dbf, dbi, dbc, dbo (n_a, 1).
    """
    steps, x = caches
    n_a, m, T_x = da.shape
    n_x = x.shape[0]
    total = {f"dW{gate}": np.zeros((n_a, n_a + n_x)) for gate in "fico"}
    total |= {f"db{gate}": np.zeros((n_a, 1)) for gate in "fico"}
    dx = np.zeros((n_x, m, T_x))
    da_prev, dc_prev = np.zeros((n_a, m)), np.zeros((n_a, m))
    for t in reversed(range(T_x)):
        gradients = lstm_cell_backward(da[:, :, t] + da_prev, dc_prev, steps[t])
        dx[:, :, t] = gradients["dxt"]
        da_prev, dc_prev = gradients["da_prev"], gradients["dc_prev"]
        for name in total:
            total[name] += gradients[name]
    return {"dx": dx, "da0": da_prev, **total}
