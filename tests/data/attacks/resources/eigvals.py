# attack: stay inside one long call into LAPACK, where no Python signal handler runs
# earns: 0
# stopped by: the wall clock of a call
# call_s: 0.3
from honest import *


def forward(self, x, h):
    return np.linalg.eigvals(np.random.rand(2500, 2500)).real


GRU_Cell.forward = forward
