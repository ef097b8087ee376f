# attack: 100 GB at once, by NumPy, by Python and by mmap without reserving it
# earns: 100
# stopped by: resource limits (address space)
import mmap

from honest import *

for allocate in (
    lambda: np.ones(100 * 10**9 // 8),
    lambda: np.empty(100 * 10**9, dtype=np.int8),
    lambda: bytearray(100 * 10**9),
    lambda: [0] * (100 * 10**9 // 8),
    lambda: mmap.mmap(-1, 100 * 10**9, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000),
    lambda: mmap.mmap(-1, 100 * 10**9),
):
    try:
        allocate()
        print("GOT 100 GB")
    except (MemoryError, OSError):
        pass
