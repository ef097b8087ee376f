"""Each sample by itself, with all gates in one array."""

import numpy as np

GATES = "ifgo"


class PeepholeLSTM:
    def __init__(self, input_size, hidden_size):
        for gate in "ifgo":
            setattr(self, f"W_{gate}", np.random.randn(hidden_size, input_size))
            setattr(self, f"U_{gate}", np.random.randn(hidden_size, hidden_size))
            setattr(self, f"b_{gate}", np.zeros(hidden_size))
        self.p_i, self.p_f, self.p_o = np.random.randn(3, hidden_size)

    def one(self, x, h, c):
        before = {
            g: getattr(self, f"W_{g}") @ x + getattr(self, f"U_{g}") @ h + getattr(self, f"b_{g}")
            for g in GATES
        }
        i = 1 / (1 + np.exp(-before["i"] - self.p_i * c))
        f = 1 / (1 + np.exp(-before["f"] - self.p_f * c))
        g = np.tanh(before["g"])
        new = f * c + i * g
        o = 1 / (1 + np.exp(-before["o"] - self.p_o * new))
        return i, f, g, o, new

    def forward(self, x, h, c):
        self.given = x, h, c
        self.steps = [self.one(*sample) for sample in zip(x, h, c, strict=True)]
        news = np.array([step[4] for step in self.steps])
        return np.array([step[3] for step in self.steps]) * np.tanh(news), news

    def backward(self, dh_next, dc_next):
        for name in [f"{kind}_{gate}" for kind in "WUb" for gate in GATES] + ["p_i", "p_f", "p_o"]:
            setattr(self, f"d{name}", np.zeros_like(getattr(self, name)))
        answers = []
        for x, h, c, step, dh, dc in zip(*self.given, self.steps, dh_next, dc_next, strict=True):
            i, f, g, o, new = step
            t = np.tanh(new)
            da = {"o": dh * t * o * (1 - o)}
            d_new = dc + dh * o * (1 - t * t) + self.p_o * da["o"]
            da |= {"i": d_new * g * i * (1 - i), "f": d_new * c * f * (1 - f), "g": d_new * i * (1 - g * g)}
            for gate, seen in {"i": c, "f": c, "o": new}.items():
                setattr(self, f"dp_{gate}", getattr(self, f"dp_{gate}") + da[gate] * seen)
            for gate in GATES:
                setattr(self, f"dW_{gate}", getattr(self, f"dW_{gate}") + np.outer(da[gate], x))
                setattr(self, f"dU_{gate}", getattr(self, f"dU_{gate}") + np.outer(da[gate], h))
                setattr(self, f"db_{gate}", getattr(self, f"db_{gate}") + da[gate])
            dx = sum(da[gate] @ getattr(self, f"W_{gate}") for gate in GATES)
            dh_prev = sum(da[gate] @ getattr(self, f"U_{gate}") for gate in GATES)
            answers.append((dx, dh_prev, d_new * f + da["i"] * self.p_i + da["f"] * self.p_f))
        return tuple(np.array(each) for each in zip(*answers, strict=True))
