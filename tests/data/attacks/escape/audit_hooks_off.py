# attack: bring back what a sandbox made of Python would have taken away, by gc and by memory
# earns: 100
# stopped by: no layer is made of Python, so nothing is won
import builtins
import ctypes
import gc
import os

from honest import *

ctypes.pythonapi.PySys_AddAuditHook.restype = ctypes.c_int
everything = [one for one in gc.get_objects() if callable(one)]
openers = [
    one
    for one in everything
    if getattr(one, "__name__", "") in ("open", "open_code", "popen", "fork", "execv")
]
for opener in (*openers, builtins.open, os.open):
    for arguments in (("/etc/passwd",), ("/etc/passwd", 0), ()):
        try:
            opener(*arguments)
            print("GOT", opener)
        except Exception as error:
            del error
