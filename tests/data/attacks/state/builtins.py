# attack: replace what is built in: len, isinstance, print, max, type, getattr
# earns: 0
# stopped by: no complete answer is no credit; the grader has builtins of its own
import builtins

import numpy as np
from honest import GRU_Cell as Honest


class GRU_Cell(Honest):
    def forward(self, x, h):
        for name in (
            "len",
            "print",
            "max",
            "min",
            "abs",
            "any",
            "getattr",
            "open",
            "repr",
            "str",
            "list",
            "dict",
        ):
            setattr(builtins, name, lambda *_, **__: 1)
        builtins.isinstance = builtins.issubclass = builtins.callable = builtins.all = lambda *_: True
        builtins.BaseException = builtins.Exception = KeyError
        return np.ones(h.shape)
