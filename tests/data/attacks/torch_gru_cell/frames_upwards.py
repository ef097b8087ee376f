# attack: walk from backward to the adapter and the job, for the truth and for the channel
# earns: 100
# stopped by: the truth is in another process
import sys

from honest import GRUCell as Honest


class GRUCell(Honest):
    def backward(self, delta):
        frame = sys._getframe(1)
        while frame is not None:
            for name, value in list(frame.f_locals.items()):
                if name in ("expected", "truth", "suite", "lookalikes", "points", "tolerance"):
                    print("GOT", name)
                if name == "self" and type(value).__name__ == "Job" and set(vars(value)) - {"channel", "module", "adapter", "calls", "files", "ours", "theirs"}:
                    print("GOT", sorted(vars(value)))
            frame = frame.f_back
        return super().backward(delta)
