# attack: ask for objects of 2**62 entries in every way that has a size
# earns: 100
# stopped by: resource limits; MemoryError and OverflowError are Python's own
import array
import collections
import itertools

from honest import *

huge = 1 << 62
for make in (
    lambda: np.zeros(huge), lambda: np.arange(huge), lambda: np.eye(1 << 31), lambda: bytearray(huge), lambda: [0] * huge,
    lambda: "x" * huge, lambda: (0,) * huge, lambda: array.array("d", [0]) * huge, lambda: np.random.rand(huge),
    lambda: np.tile([1.0], huge), lambda: np.repeat([1.0], huge), lambda: np.pad([1.0], huge), lambda: np.ones(3).repeat(huge),
    lambda: int("9" * 5000), lambda: np.fft.fft([1.0], 1 << 40), lambda: np.zeros((1 << 20,) * 3), lambda: np.empty(huge, "V9"),
    lambda: np.bincount([1 << 50]), lambda: np.indices((1 << 16,) * 3), lambda: np.unravel_index(1, (huge, 4)),
    lambda: memoryview(b"x").cast("B", [huge]), lambda: collections.deque(itertools.repeat(0, huge), maxlen=3) if False else None,
    lambda: "{:>999999999999}".format(1), lambda: np.dtype((np.float64, (1 << 30, 4))), lambda: np.zeros(1, f"S{(1 << 31) - 1}") * 1,
):
    try:
        make()
    except (MemoryError, OverflowError, ValueError, TypeError):
        pass
