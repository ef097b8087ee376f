# attack: generators, coroutines and functions for arrays
# earns: 30
# stopped by: an array leaves as raw bytes of an allowed dtype
from honest import GRU_Cell as Honest


def forever():
    while True:
        yield 0.0


async def later():
    return 0.0


class GRU_Cell(Honest):
    def backward(self, delta):
        self.dWzh, self.dWrh, self.dWh = forever(), later(), forever
        self.dWzx = self.dWrx = self.dWx = type
        return forever(), later()
