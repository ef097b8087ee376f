"""The whole back-propagation at once, in arrays; each function picks its own."""
import numpy as np


def backward(x, h, W_xz, W_hz, W_xr, W_hr, W_xg, W_hg, delta):
    xh = np.array([[x], [h]])
    W = {"z": np.array([[W_xz, W_hz]]), "r": np.array([[W_xr, W_hr]]), "g": np.array([[W_xg, W_hg]])}
    z = 1 / (1 + np.exp(-W["z"] @ xh))
    r = 1 / (1 + np.exp(-W["r"] @ xh))
    xrh = np.array([[x], [r.item() * h]])
    g = np.tanh(W["g"] @ xrh)
    dz, dg = delta * (h - g), delta * (1 - z)
    dg = dg * (1 - g * g)
    dr = (W["g"].T @ dg)[1:] * h
    grads = {"z": dz * z * (1 - z) @ xh.T, "r": dr * r * (1 - r) @ xh.T, "g": dg @ xrh.T}
    return {f"{side}{gate}": grads[gate][:, i] for gate in grads for i, side in enumerate("xh")}


def dW_xz(*args): return backward(*args)["xz"]
def dW_hz(*args): return backward(*args)["hz"]
def dW_xg(*args): return backward(*args)["xg"]
def dW_hg(*args): return backward(*args)["hg"]
def dW_xr(*args): return backward(*args)["xr"]
def dW_hr(*args): return backward(*args)["hr"]
