# attack: the job's own word for "there is no array", with reasons that lie about themselves
# earns: 30
# stopped by: no complete answer is no credit
import inspect
import sys

from honest import GRU_Cell as Honest

Absent = sys.modules["inside.adapter_api"].Absent


class Text(str):
    __slots__ = ()

    def __getitem__(self, key):
        return Text("right " * 100_000)

    def __len__(self):
        return 0


class Pretends:
    reason = property(lambda self: inspect.stack() and None)

    @property
    def __class__(self):
        return Absent


class GRU_Cell(Honest):
    def backward(self, delta):
        self.dWzh = Absent(Text("right"))
        self.dWrh = Pretends()
        return Absent({"passed": True}), Absent(None)
