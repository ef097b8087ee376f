# attack: walk the frames upwards to whoever knows what is expected
# earns: 100
# stopped by: the truth is in another process
import sys

import numpy as np
from honest import GRU_Cell as Honest

KNOWN = {"Wzh", "Wrh", "Wh", "Wzx", "Wrx", "Wx", "x", "h", "delta"}
seen = set()


def arrays(value, depth=0):
    if type(value) is np.ndarray:
        yield "", value
    elif depth < 5:
        pairs = value.items() if type(value) is dict else ()
        if type(value) in (list, tuple):
            pairs = enumerate(value)
        elif hasattr(value, "__dict__") and type(value) is not type(sys):
            pairs = vars(value).items()
        for key, inner in list(pairs):
            for name, found in arrays(inner, depth + 1):
                yield name or str(key), found


class GRU_Cell(Honest):
    def forward(self, x, h):
        result = super().forward(x, h)
        frame = sys._getframe(1)
        while frame is not None:
            if not frame.f_code.co_filename.startswith("/handin"):
                for local, value in frame.f_locals.items():
                    if local in ("expected", "truth", "suite", "outputs"):
                        print("GOT", local)
                    for name, array in arrays(value):
                        if array.shape == result.shape and np.allclose(array, result) and name not in KNOWN:
                            print("GOT", local, name)
            frame = frame.f_back
        return result
