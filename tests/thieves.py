"""A hand-in that reads all memory that it can, and what it is to find there: for `test_apart.py`.

The thief walks its address space page by page. It asks the kernel whether a page is there by a system call that
answers EFAULT when it is not, since it has no /proc; so it sees freed memory, stacks and libraries as well.
"""

from __future__ import annotations

# Found in memory by this beginning, followed by sixteen hexadecimal digits. It is put together from halves, so
# that whoever looks for it does not find their own words.
HALVES = ("cana", "ry_of_")
MARK = "".join(HALVES)

WALK = '''
import ctypes
import errno
import gc
import re
import sys

_libc = ctypes.CDLL(None, use_errno=True)
_PROBE = 135 if sys.implementation._multiarch.startswith("aarch64") else 14  # rt_sigprocmask
PAGE = 4096


def is_there(page):
    """The kernel reads eight bytes there, and then finds that 99 is nothing that one can do with signals."""
    ctypes.set_errno(0)
    _libc.syscall(_PROBE, 99, ctypes.c_void_p(page), None, 8)
    return ctypes.get_errno() != errno.EFAULT


def runs():
    """[begin, end) of what can be read, found from every object's own address outwards, over gaps as well."""
    gc.unfreeze()
    known = {id(one) >> 12 for one in gc.get_objects()}
    known |= {ctypes.addressof(ctypes.c_char.in_dll(_libc, name)) >> 12 for name in ("environ", "stdout")}
    known |= {ctypes.cast(getattr(_libc, name), ctypes.c_void_p).value >> 12 for name in ("malloc", "qsort")}
    known.add(ctypes.addressof(ctypes.POINTER(ctypes.c_char_p).in_dll(_libc, "environ").contents) >> 12)
    seen_to = 0
    for page in sorted(known):
        if page < seen_to:
            continue
        begin = page
        gap = 0
        while gap < 256 and begin - gap - 1 > seen_to:  # backwards, over guards and small holes
            if is_there((begin - gap - 1) * PAGE):
                begin, gap = begin - gap - 1, 0
            else:
                gap += 1
        at, last = begin, begin
        while at - last < 256:
            if is_there(at * PAGE):
                last = at + 1
                at += 1
                continue
            if last > begin:
                yield begin * PAGE, last * PAGE
            while at - last < 256 and not is_there(at * PAGE):
                at += 1
            begin = at
            if at - last < 256:
                last = at
        seen_to = at


def memory():
    """All that can be read, in pieces that overlap a little."""
    for begin, end in runs():
        for at in range(begin, end, 1 << 20):
            yield ctypes.string_at(at, min(end, at + (1 << 20) + 64) - at)
'''

# Looks for marks that are not its own, from its import on and in each of its calls.
THIEF = (
    WALK
    + """
BEGINS = b"".join([b"cana", b"ry_of_"])
looked_through = 0
found = set()


def look():
    global looked_through
    for piece in memory():
        looked_through += len(piece)
        for hit in re.finditer(re.escape(BEGINS) + b"[0-9a-f]{16}", piece):
            found.add(hit[0])
"""
)
