# attack: records, dates, texts and bytes instead of numbers
# earns: 0
# stopped by: allowed dtypes only
# says: is not an array of numbers but of records
import numpy as np
from honest import GRU_Cell as Honest


class GRU_Cell(Honest):
    def forward(self, x, h):
        return np.zeros(h.shape, dtype=[("score", "f8"), ("inner", "O", (2,))])

    def backward(self, delta):
        self.dWzh = np.zeros(3, "datetime64[s]")
        self.dWrh = np.zeros(3, "V1000000")
        self.dWh = np.zeros(3, "U100000")
        self.dWzx = np.zeros(3, "S100000")
        return np.rec.array(np.zeros(3, dtype=[("x" * 1000, "f8")])), "100"
