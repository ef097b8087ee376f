import numpy as np
import torch
import torch.nn as nn


class GRU_Cell(nn.Module):
    def __init__(self, in_dim, hidden_dim):
        super().__init__()
        self.Wzh, self.Wrh, self.Wh = (np.random.randn(hidden_dim, hidden_dim) for _ in range(3))
        self.Wzx, self.Wrx, self.Wx = (np.random.randn(hidden_dim, in_dim) for _ in range(3))

    def forward(self, x, h):
        self.names = ["Wrx", "Wrh", "Wzx", "Wzh", "Wx", "Wh"]
        leaves = [torch.tensor(np.array(a), requires_grad=True) for a in (x, h, *map(self.get, self.names))]
        x, h, Wrx, Wrh, Wzx, Wzh, Wx, Wh = self.leaves = leaves
        z = torch.sigmoid(Wzh @ h + Wzx @ x)
        r = torch.sigmoid(Wrh @ h + Wrx @ x)
        n = torch.tanh(Wh @ (r * h) + Wx @ x)
        self.out = (1 - z) * h + z * n
        return self.out.detach().numpy()

    def get(self, name):
        return getattr(self, name)

    def backward(self, delta):
        self.out.backward(torch.tensor(np.reshape(delta, -1)))
        for name, leaf in zip(self.names, self.leaves[2:]):
            setattr(self, "d" + name, leaf.grad.numpy())
        return self.leaves[0].grad.numpy(), self.leaves[1].grad.numpy()
