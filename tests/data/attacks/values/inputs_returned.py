# attack: return the very objects that were handed over
# earns: 0
# stopped by: the truth stays with the grader
from honest import GRU_Cell as Honest


class GRU_Cell(Honest):
    def forward(self, x, h):
        self.x = x
        return h

    def backward(self, delta):
        self.dWzh, self.dWrh, self.dWh = self.Wzh, self.Wrh, self.Wh
        self.dWzx, self.dWrx, self.dWx = self.Wzx, self.Wrx, self.Wx
        return self.x, delta
