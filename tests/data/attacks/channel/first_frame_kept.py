# attack: look for the frame by which the grader set the job up, and for what it says of the truth
# earns: 100
# stopped by: it holds the adapter and the limits, which are known, and nothing of the truth
import gc

from honest import *

gc.unfreeze()
for one in gc.get_objects():
    if type(one) is dict and {"system_calls", "adapter"} <= set(one):
        for key in one:
            if key not in ("adapter", "calls", "needs", "given", "starter", "uid", "cpu_s", "memory_bytes", "system_calls", "any_name", "disk"):
                print("GOT", key)
        for secret in ("nn.GRUCell", "functional_call", "reference", "def truth", "lookalike"):
            if secret in one["adapter"]:
                print("GOT", secret)
