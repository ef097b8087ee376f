# attack: read the adapter and the starter from the job's memory, where a truth may be written
# earns: 100
# stopped by: what a student's process sees is no oracle
import sys

from honest import GRU_Cell  # noqa: F401

frame = sys._getframe()
while frame is not None:
    request = getattr(frame.f_locals.get("self"), "request", None)
    if request is not None:
        for word in ("tanh(", "exp(", "nn.GRU", "expected", "import torch", "reference", "seed"):
            if word in request["adapter"]:
                print("GOT the adapter's", word)
        if "return (1.0 - z)" in request["starter"]:
            print("GOT a solution")
        for path in request["texts"]:
            if path not in ("hw3/gru.py", "hw3/honest.py"):
                print("GOT", path)
        for key in set(request) & {"expected", "seed", "suite", "points"}:
            print("GOT", key)
    frame = frame.f_back
