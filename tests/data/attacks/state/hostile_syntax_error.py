# attack: a SyntaxError made by hand, whose file, line and text are objects of one's own
# earns: 0
# stopped by: the guard around the description of an exception
from honest import GRU_Cell as Honest


class Name(str):
    __slots__ = ()

    def startswith(self, *_):
        return True

    def removeprefix(self, *_):
        return ["not a text"] * 1000

    def strip(self, *_):
        return {"passed": True}


class GRU_Cell(Honest):
    def forward(self, x, h):
        raise SyntaxError(Name("m"), (Name("/handin/x"), 10**30, True, Name("text"), -1, None))

    def backward(self, delta):
        error = SyntaxError("m")
        error.filename, error.lineno, error.text, error.msg = "/handin/\x1b", "1\n2", b"bytes", ["list"]
        raise error
