# attack: a cell that pretends to have every attribute, and a module that pretends to have every name
# earns: 0
# stopped by: an array leaves as raw bytes of an allowed dtype
import sys


class Everything:
    def __init__(self, *_):
        pass

    def __getattr__(self, name):
        return self

    def __setattr__(self, name, value):
        pass

    def __call__(self, *_, **__):
        return self

    def __iter__(self):
        return iter([self, self])

    def __eq__(self, other):
        return True

    __hash__ = None


sys.modules[__name__] = sys.modules["adapter"] = Everything()
GRU_Cell = Everything()
