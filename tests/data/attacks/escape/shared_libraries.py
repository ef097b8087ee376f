# attack: load machine code from files
# earns: 100
# stopped by: few system calls (seccomp), no files (Landlock), empty root folder
import ctypes
import ctypes.util
import importlib.machinery

from honest import *

for library in (
    "libcrypt.so.1",
    "libnss_dns.so.2",
    "/lib/x86_64-linux-gnu/libcrypt.so.1",
    "/lib/aarch64-linux-gnu/libcrypt.so.1",
    "/tmp/cellgrade-attack.so",
    "libtorch.so",
):
    for load in (
        lambda name: ctypes.CDLL(name),
        lambda name: ctypes.CDLL(name, mode=0x10000),
        lambda name: importlib.machinery.ExtensionFileLoader("x", name).create_module(
            importlib.machinery.ModuleSpec("x", None, origin=name)
        ),
        lambda name: np.ctypeslib.load_library(name, "/lib"),
    ):
        try:
            print("GOT", load(library))
        except (OSError, ImportError):
            pass
try:
    if found := ctypes.util.find_library("crypt"):
        print("GOT", found)
except OSError:
    pass
