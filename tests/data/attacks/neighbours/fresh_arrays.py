# attack: look into arrays and buffers that are not cleared before use, of every size
# earns: 100
# stopped by: the zygote, which never holds a byte of a hand-in
import ctypes

from honest import *

libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.malloc.argtypes = [ctypes.c_size_t]
BEGINS = b"".join([b"cana", b"ry_of_"])
kept = []
for power in range(3, 25):
    for size in (1 << power, (1 << power) + 24, 3 << power - 1):
        for _ in range(20 if power < 16 else 2):
            array = np.empty(size, np.uint8)
            at = libc.malloc(size)
            kept.append(array)
            for found in (array.tobytes(), ctypes.string_at(at, size)):
                if BEGINS in found:
                    print("GOT", found[found.find(BEGINS) :][:100])
