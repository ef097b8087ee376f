# Style: self.h, a size at first, becomes the hidden state; the weights are set by init_weights in the course's order.
import numpy as np

class Sigmoid:
    def __init__(self):
        pass
    def forward(self, x):
        self.res = 1/(1+np.exp(-x))
        return self.res
    def backward(self):
        return self.res * (1-self.res)
    def __call__(self, x):
        return self.forward(x)

class Tanh:
    def __init__(self):
        pass
    def forward(self, x):
        self.res = np.tanh(x)
        return self.res
    def backward(self):
        return 1 - (self.res**2)
    def __call__(self, x):
        return self.forward(x)

class GRU_Cell:
    def __init__(self, in_dim, hidden_dim):
        self.d = in_dim
        self.h = hidden_dim
        for k in ["Wzh", "Wrh", "Wh"]:
            setattr(self, k, np.random.randn(self.h, self.h))
            setattr(self, "d" + k, np.zeros((self.h, self.h)))
        for k in ["Wzx", "Wrx", "Wx"]:
            setattr(self, k, np.random.randn(self.h, self.d))
            setattr(self, "d" + k, np.zeros((self.h, self.d)))
        self.z_act = Sigmoid()
        self.r_act = Sigmoid()
        self.h_act = Tanh()

    def init_weights(self, Wzh, Wrh, Wh, Wzx, Wrx, Wx):
        self.Wzh = Wzh
        self.Wrh = Wrh
        self.Wh = Wh
        self.Wzx = Wzx
        self.Wrx = Wrx
        self.Wx = Wx

    def __call__(self, x, h):
        return self.forward(x, h)

    def forward(self, x, h):
        self.x = x
        self.h = h
        self.z_t = self.z_act(np.matmul(self.Wzh, h) + np.matmul(self.Wzx, x))
        self.r_t = self.r_act(np.matmul(self.Wrh, h) + np.matmul(self.Wrx, x))
        self.h_tilda = self.h_act(np.matmul(self.Wh, self.r_t * h) + np.matmul(self.Wx, x))
        h_t = np.multiply(1 - self.z_t, h) + np.multiply(self.z_t, self.h_tilda)
        return h_t

    def backward(self, delta):
        n_h = self.h.shape[0]
        n_x = self.x.shape[0]
        x = self.x.reshape(n_x, 1)
        h = self.h.reshape(n_h, 1)
        delta = delta.reshape(n_h, 1)
        z = self.z_t.reshape(n_h, 1)
        r = self.r_t.reshape(n_h, 1)
        t = self.h_tilda.reshape(n_h, 1)

        d_t = delta * z * self.h_act.backward().reshape(n_h, 1)
        d_z = delta * (t - h) * self.z_act.backward().reshape(n_h, 1)
        d_rh = self.Wh.T @ d_t
        d_r = d_rh * h * self.r_act.backward().reshape(n_h, 1)

        self.dWx = d_t @ x.T
        self.dWh = d_t @ (r * h).T
        self.dWzx = d_z @ x.T
        self.dWzh = d_z @ h.T
        self.dWrx = d_r @ x.T
        self.dWrh = d_r @ h.T

        dx = self.Wx.T @ d_t + self.Wzx.T @ d_z + self.Wrx.T @ d_r
        dh = delta * (1 - z) + d_rh * r + self.Wzh.T @ d_z + self.Wrh.T @ d_r
        assert dx.shape == (n_x, 1) and dh.shape == (n_h, 1)
        return dx.T, dh.T
