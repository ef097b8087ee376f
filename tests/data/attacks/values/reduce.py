# attack: objects that run code where they are unpickled or copied
# earns: 30
# stopped by: nothing is pickled
import numpy as np
from honest import GRU_Cell as Honest


class Bomb:
    def __reduce__(self):
        return print, ("GOT unpickled",)

    def __deepcopy__(self, memo):
        print("GOT copied")

    __copy__ = __deepcopy__


class GRU_Cell(Honest):
    def backward(self, delta):
        self.dWzh = self.dWrh = self.dWh = self.dWzx = self.dWrx = self.dWx = Bomb()
        return np.array([Bomb()]), [Bomb(), Bomb()]
