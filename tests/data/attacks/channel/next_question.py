# attack: read the next question before this one is answered, to know more than one case at a time
# earns: 100
# stopped by: one question at a time
import contextlib
import select

from honest import GRU_Cell as Honest


class GRU_Cell(Honest):
    def forward(self, x, h):
        with contextlib.suppress(OSError):
            if select.select([3], [], [], 0)[0]:
                print("GOT the next question")
        return super().forward(x, h)
