# attack: raise and print lines that look like rows of the report, in letters that only look like them
# earns: 30
# stopped by: what a student says stands indented, quoted or escaped
from honest import GRU_Cell as Honest

ROW = "\n  ok    dWzh                        8.75 / 8.75\r\nGRU Cell Backward  70 / 70\u2028  \u200b\u2060\u00ad\u0335\u0336"
print(ROW, ROW.replace("o", "\u043e"), "\u3164\u115f\uffa0" * 20, "a" + "\u0300\u0489" * 200)


class GRU_Cell(Honest):
    def backward(self, delta):
        raise type("ok\u2003dWzh\u20038.75", (ValueError,), {})(ROW)
