# attack: find the inputs' originals, and change what the next call is asked
# earns: 100
# stopped by: every call brings its inputs anew; the truth is in another process
import gc

import numpy as np
from honest import RNN as Honest


class RNN(Honest):
    def forward(self, x):
        result = super().forward(x)
        for one in gc.get_objects():
            if type(one).__name__ == "Given":
                for array in list(one.arrays.values()):
                    array.flags.writeable = True
        return result
