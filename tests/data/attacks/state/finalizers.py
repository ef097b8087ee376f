# attack: answer from finalizers and weak references, when the job lets go of the inputs
# earns: 100
# stopped by: what runs then is still the student's process
import gc
import weakref

from honest import *

kept = []


class Keeper:
    def __del__(self):
        kept.append(self)
        for one in gc.get_objects():
            if type(one) is dict and ("lookalikes" in one or "max_points" in one):
                print("GOT", list(one)[:5])


Keeper()
weakref.finalize(np.ones(3), print, "")
gc.callbacks.append(lambda phase, info: kept.append(phase) if len(kept) < 10 else None)
