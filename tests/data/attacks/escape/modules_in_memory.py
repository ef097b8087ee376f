# attack: make the import system's own store in memory give out modules of ours, of tests and of programs
# earns: 100
# stopped by: the store holds Python's and NumPy's modules, and no program
import importlib
import sys

from honest import *

store = [finder for finder in sys.meta_path if type(finder).__name__ == "Stored"]
for finder in store:
    for name in finder._modules:
        if {*name.split(".")} & {"tests", "distutils", "f2py", "__main__", "ensurepip", "idlelib", "grader", "reference"}:
            print("GOT", name)
for name in ("numpy.distutils", "numpy.f2py", "numpy.tests", "numpy.conftest", "numpy._pyinstaller", "ensurepip",
             "ensurepip.__main__", "idlelib", "venv", "grader", "reference", "torch", "inside.secrets", "pip"):
    try:
        importlib.import_module(name)
        print("GOT", name)
    except ImportError:
        pass
