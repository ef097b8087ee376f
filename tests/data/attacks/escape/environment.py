# attack: find what the grader's environment or command line would give away
# earns: 100
# stopped by: the student's process gets variables and arguments of its own
import ctypes
import os
import sys

from honest import *

EXPECTED = {
    "PATH",
    "HOME",
    "LANG",
    "PYTHONHASHSEED",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
}
for name in os.environ:
    if name not in EXPECTED:
        print("GOT", name)
raw = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.CDLL(None), "environ")
for entry in iter(iter(raw).__next__, None):
    if entry.split(b"=")[0].decode() not in EXPECTED:
        print("GOT", entry)
if sys.argv != ["handin"]:
    print("GOT", sys.argv)
