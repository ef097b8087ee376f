# attack: answer every function of NumPy oneself
# earns: 0
# stopped by: an array leaves as raw bytes of an allowed dtype
from honest import GRU_Cell as Honest


class Yes:
    shape = (3,)
    ndim = 1
    size = 3

    def __array_function__(self, *_):
        return True

    def __array_ufunc__(self, *_, **__):
        return True

    def __len__(self):
        return 3


class GRU_Cell(Honest):
    def forward(self, x, h):
        return Yes()

    def backward(self, delta):
        self.dWzh = self.dWrh = self.dWh = self.dWzx = self.dWrx = self.dWx = Yes()
        return Yes(), Yes()
