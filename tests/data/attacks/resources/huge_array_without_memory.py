# attack: return a view that claims 8 TB and has 8 bytes of its own
# earns: 0
# stopped by: the bounds of the channel; resource limits (address space)
from honest import *

GRU_Cell.forward = lambda self, x, h: np.broadcast_to(np.ones(1), (10**12,))
