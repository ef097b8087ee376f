# attack: files of the hand-in with hostile names, which are imported and raise
# earns: 0
# stopped by: a name is escaped and cut
import importlib

from honest import GRU_Cell as Honest

NAMES = ("=HYPERLINK(1)", "<script>alert(1)<", "::error::x", "\u202eurg")


class GRU_Cell(Honest):
    def forward(self, x, h):
        importlib.import_module(NAMES[x.size % len(NAMES)])

    def backward(self, delta):
        importlib.import_module("\u202eurg")


# file: =HYPERLINK(1).py
raise ValueError("first")
# file: <script>alert(1)<.py
raise ValueError("second")
# file: ::error::x.py
raise ValueError("third")
# file: \u202eurg.py
raise ValueError("fourth")
