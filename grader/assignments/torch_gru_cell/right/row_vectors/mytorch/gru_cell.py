# Style: in mytorch/, activations of a package nn beside it; biases called bir and so on; row vectors throughout:
# delta must be (1, hidden), dx and dh are rows; gradients are added up with +=.
import numpy as np
from nn.activation import *


class GRUCell(object):
    """GRU Cell class."""

    def __init__(self, input_size, hidden_size):
        self.d = input_size
        self.h = hidden_size
        h = self.h
        d = self.d
        self.x_t = 0

        self.Wrx = np.random.randn(h, d)
        self.Wzx = np.random.randn(h, d)
        self.Wnx = np.random.randn(h, d)

        self.Wrh = np.random.randn(h, h)
        self.Wzh = np.random.randn(h, h)
        self.Wnh = np.random.randn(h, h)

        self.bir = np.random.randn(h)
        self.biz = np.random.randn(h)
        self.bin = np.random.randn(h)

        self.bhr = np.random.randn(h)
        self.bhz = np.random.randn(h)
        self.bhn = np.random.randn(h)

        self.dWrx = np.zeros((h, d))
        self.dWzx = np.zeros((h, d))
        self.dWnx = np.zeros((h, d))

        self.dWrh = np.zeros((h, h))
        self.dWzh = np.zeros((h, h))
        self.dWnh = np.zeros((h, h))

        self.dbir = np.zeros((h))
        self.dbiz = np.zeros((h))
        self.dbin = np.zeros((h))

        self.dbhr = np.zeros((h))
        self.dbhz = np.zeros((h))
        self.dbhn = np.zeros((h))

        self.r_act = Sigmoid()
        self.z_act = Sigmoid()
        self.h_act = Tanh()

    def init_weights(self, Wrx, Wzx, Wnx, Wrh, Wzh, Wnh, bir, biz, bin, bhr, bhz, bhn):
        self.Wrx = Wrx
        self.Wzx = Wzx
        self.Wnx = Wnx
        self.Wrh = Wrh
        self.Wzh = Wzh
        self.Wnh = Wnh
        self.bir = bir
        self.biz = biz
        self.bin = bin
        self.bhr = bhr
        self.bhz = bhz
        self.bhn = bhn

    def __call__(self, x, h_prev_t):
        return self.forward(x, h_prev_t)

    def forward(self, x, h_prev_t):
        self.x = x
        self.hidden = h_prev_t

        self.r = self.r_act.forward(np.dot(self.Wrx, x) + self.bir + np.dot(self.Wrh, h_prev_t) + self.bhr)
        self.z = self.z_act.forward(np.dot(self.Wzx, x) + self.biz + np.dot(self.Wzh, h_prev_t) + self.bhz)
        self.n_h = np.dot(self.Wnh, h_prev_t) + self.bhn
        self.n = self.h_act.forward(np.dot(self.Wnx, x) + self.bin + self.r * self.n_h)
        h_t = (1 - self.z) * self.n + self.z * h_prev_t

        assert self.x.shape == (self.d,)
        assert self.hidden.shape == (self.h,)
        assert h_t.shape == (self.h,)  # h_t is the final output of you GRU cell.
        return h_t

    def backward(self, delta):
        assert delta.shape == (1, self.h)
        x = self.x.reshape(1, -1)
        h = self.hidden.reshape(1, -1)

        dz = self.z_act.backward(delta * (h - self.n))  # 1, h
        dn = self.h_act.backward(delta * (1 - self.z))
        dr = self.r_act.backward(dn * self.n_h)
        dnr = dn * self.r

        self.dWrx += np.dot(dr.T, x)
        self.dWzx += np.dot(dz.T, x)
        self.dWnx += np.dot(dn.T, x)
        self.dWrh += np.dot(dr.T, h)
        self.dWzh += np.dot(dz.T, h)
        self.dWnh += np.dot(dnr.T, h)
        self.dbir += dr.squeeze(0)
        self.dbiz += dz.squeeze(0)
        self.dbin += dn.squeeze(0)
        self.dbhr += dr.squeeze(0)
        self.dbhz += dz.squeeze(0)
        self.dbhn += dnr.squeeze(0)

        dx = np.dot(dr, self.Wrx) + np.dot(dz, self.Wzx) + np.dot(dn, self.Wnx)
        dh = np.dot(dr, self.Wrh) + np.dot(dz, self.Wzh) + np.dot(dnr, self.Wnh) + delta * self.z
        return dx, dh
