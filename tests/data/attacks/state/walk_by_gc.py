# attack: look through all objects for expected values, the grader's modules and its types
# earns: 100
# stopped by: the truth is in another process
import gc
import sys

from honest import GRU_Cell as Honest

SECRETS = {"expected", "lookalikes", "suites", "tolerance", "max_points"}
TYPES = {"Suite", "Session", "Assignment", "Verdict", "Output", "Check", "Report"}


def look():
    gc.unfreeze()
    for one in gc.get_objects():
        if type(one) is dict and not SECRETS.isdisjoint(key for key in one if type(key) is str):
            print("GOT", sorted(SECRETS & {key for key in one if type(key) is str}))
        if type(one).__name__ in TYPES and type(one).__module__.startswith("grader"):
            print("GOT", type(one))
    for module in sys.modules:
        if module.split(".")[0] in ("grader", "reference", "torch", "hypothesis", "pyseccomp"):
            print("GOT", module)


look()
calls = 0


class GRU_Cell(Honest):
    def forward(self, x, h):
        global calls
        calls += 1
        if calls == 3:
            look()
        return super().forward(x, h)
