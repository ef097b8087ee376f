# attack: read the grader's own files by the loaders of the modules that are in memory
# earns: 100
# stopped by: few system calls (seccomp), no files (Landlock), empty root folder
# call_s: 3
import importlib.resources
import inspect
import sys

from honest import *

for name, module in list(sys.modules.items()):
    loader, file = getattr(module, "__loader__", None), getattr(module, "__file__", None)
    if file is None or file.startswith("/handin/") or not hasattr(loader, "get_data"):
        continue
    for read in (
        lambda: loader.get_data(file),
        lambda: loader.get_data("/etc/passwd"),
        lambda: loader.get_source(name),
        lambda: loader.get_code(name).co_names,
        lambda: inspect.getsource(module),
        lambda: importlib.resources.files(name).joinpath("__init__.py").read_text(),
    ):
        try:
            found = read()
            if found is not None:  # an extension module has no source
                print("GOT", name, str(found)[:50])
        except (OSError, AttributeError, TypeError, ImportError):
            pass
