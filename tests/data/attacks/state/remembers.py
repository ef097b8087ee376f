# attack: remember inputs and answers of earlier cases, and look for those to come
# earns: 70
# stopped by: one question at a time; each case has a truth of its own
import gc

import numpy as np
from honest import GRU_Cell as Honest

past = []


class GRU_Cell(Honest):
    def forward(self, x, h):
        past.append((x, h, self.Wzx, super().forward(x, h)))
        for holder in gc.get_referrers(np.ndarray):
            if type(holder) is dict and type(holder.get("cases")) is list:
                print("GOT", len(holder["cases"]))
        return past[-2][-1] if len(past) > 1 else past[0][-1]
