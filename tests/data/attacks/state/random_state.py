# attack: seed the generators, or break them, and take what the grader draws next from them
# earns: 100
# stopped by: the cases are drawn in another process; each call is seeded anew
import random

import numpy as np
from honest import GRU_Cell as Honest

np.random.seed(0)
random.seed(0)
drawn = set()


class GRU_Cell(Honest):
    def forward(self, x, h):
        np.random.seed(1)
        if np.random.randn() in [float(one) for one in (*x, *h)]:
            print("GOT the generator of the cases")
        np.random.set_state(("MT19937", np.ones(624, np.uint32), 624))
        np.random.seed = random.seed = lambda *_: None
        return super().forward(x, h)
