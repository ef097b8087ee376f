# attack: return 200 MB for what should be a few numbers
# earns: 0
# stopped by: the bounds of the channel
from honest import *

GRU_Cell.forward = lambda self, x, h: np.zeros(25_000_000)
