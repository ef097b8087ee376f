import numpy as np

sig = lambda a: 1.0 / (1.0 + np.exp(-a))

# everything written out again each time
dW_xz = lambda x, h, Wxz, Whz, Wxr, Whr, Wxg, Whg, d: d * x * (h - np.tanh(Wxg*x + Whg*sig(Wxr*x + Whr*h)*h)) * sig(Wxz*x + Whz*h) * sig(-(Wxz*x + Whz*h))
dW_hz = lambda x, h, Wxz, Whz, Wxr, Whr, Wxg, Whg, d: d * h * (h - np.tanh(Wxg*x + Whg*sig(Wxr*x + Whr*h)*h)) * sig(Wxz*x + Whz*h) * sig(-(Wxz*x + Whz*h))
dW_xg = lambda x, h, Wxz, Whz, Wxr, Whr, Wxg, Whg, d: d * x * sig(-(Wxz*x + Whz*h)) / np.cosh(Wxg*x + Whg*sig(Wxr*x + Whr*h)*h) ** 2
dW_hg = lambda x, h, Wxz, Whz, Wxr, Whr, Wxg, Whg, d: d * h * sig(Wxr*x + Whr*h) * sig(-(Wxz*x + Whz*h)) / np.cosh(Wxg*x + Whg*sig(Wxr*x + Whr*h)*h) ** 2
dW_xr = lambda x, h, Wxz, Whz, Wxr, Whr, Wxg, Whg, d: d * x * h * Whg * sig(Wxr*x + Whr*h) * sig(-(Wxr*x + Whr*h)) * sig(-(Wxz*x + Whz*h)) / np.cosh(Wxg*x + Whg*sig(Wxr*x + Whr*h)*h) ** 2
dW_hr = lambda x, h, Wxz, Whz, Wxr, Whr, Wxg, Whg, d: d * h * h * Whg * sig(Wxr*x + Whr*h) * sig(-(Wxr*x + Whr*h)) * sig(-(Wxz*x + Whz*h)) / np.cosh(Wxg*x + Whg*sig(Wxr*x + Whr*h)*h) ** 2
