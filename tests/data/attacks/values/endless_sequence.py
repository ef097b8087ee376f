# attack: a sequence that never ends, and one that holds itself
# earns: 30
# stopped by: the wall clock of a call
# call_s: 0.3
# says: backward was stopped after 0.3 s
from honest import GRU_Cell as Honest


class Endless:
    def __len__(self):
        return 1 << 40

    def __getitem__(self, index):
        return self


class GRU_Cell(Honest):
    def backward(self, delta):
        own = []
        own.append(own)
        self.dWzh = own
        self.dWzx = max(Endless(), key=id)
