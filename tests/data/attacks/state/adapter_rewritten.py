# attack: change the code of the adapter's functions in place
# earns: 30
# stopped by: the grader knows what it asked for
import gc
import types

from honest import GRU_Cell as Honest


def nothing(*arguments):
    return {}


ADAPTER = ("adapter.py", "one_cell.py")


class GRU_Cell(Honest):
    def backward(self, delta):
        for one in gc.get_objects():
            if type(one) is types.FunctionType and one.__code__.co_filename.endswith(ADAPTER):
                if one.__name__ == "backward":
                    one.__code__ = nothing.__code__
        return None
