# Style: prints some 4 KB on every call, and has a test() under `if __name__ == "__main__"` that needs torch.
import numpy as np
import os


class Sigmoid:
    def forward(self, x):
        self.res = 1 / (1 + np.exp(-x))
        return self.res

    def derivative(self):
        return self.res * (1 - self.res)

    def __call__(self, x):
        return self.forward(x)


class Tanh:
    def forward(self, x):
        self.res = np.tanh(x)
        return self.res

    def derivative(self):
        return 1 - self.res ** 2

    def __call__(self, x):
        return self.forward(x)


class GRU_Cell:
    def __init__(self, in_dim, hidden_dim):
        self.d = in_dim
        self.h = hidden_dim
        for name, size in (("Wzh", self.h), ("Wrh", self.h), ("Wh", self.h),
                           ("Wzx", self.d), ("Wrx", self.d), ("Wx", self.d)):
            self.__dict__[name] = np.random.randn(self.h, size)
            self.__dict__["d" + name] = np.zeros((self.h, size))
        self.z_act, self.r_act, self.h_act = Sigmoid(), Sigmoid(), Tanh()

    def debug(self, **values):
        for _ in range(12):
            print("=" * 120)
        for name, value in values.items():
            print(">>>", name, np.shape(value), "=" * 100)
            print(value)
        print("#" * 2000)

    def forward(self, x, h):
        self.x, self.hid = x, h
        self.z = self.z_act(self.Wzh @ h + self.Wzx @ x)
        self.r = self.r_act(self.Wrh @ h + self.Wrx @ x)
        self.t = self.h_act(self.Wh @ (self.r * h) + self.Wx @ x)
        self.debug(x=x, h=h, z=self.z, r=self.r, t=self.t, Wzh=self.Wzh)
        return (1 - self.z) * h + self.z * self.t

    def backward(self, delta):
        self.debug(delta=delta)
        dt = delta * self.z * self.h_act.derivative()           # 1 x h
        dz = delta * (self.t - self.hid) * self.z_act.derivative()
        dr = dt @ self.Wh * self.hid * self.r_act.derivative()
        print("dt", dt, "dz", dz, "dr", dr)
        self.dWx += dt.T @ self.x[None]
        self.dWh += dt.T @ (self.r * self.hid)[None]
        self.dWzx += dz.T @ self.x[None]
        self.dWzh += dz.T @ self.hid[None]
        self.dWrx += dr.T @ self.x[None]
        self.dWrh += dr.T @ self.hid[None]
        dx = dt @ self.Wx + dz @ self.Wzx + dr @ self.Wrx
        dh = dt @ self.Wh * self.r + dz @ self.Wzh + dr @ self.Wrh + delta * (1 - self.z)
        print("dx", dx.shape, "dh", dh.shape)
        return dx, dh


def test():
    import torch

    print("torch says", torch.nn.GRUCell(3, 2)(torch.ones(3)))
    os._exit(0)


if __name__ == "__main__":
    test()
