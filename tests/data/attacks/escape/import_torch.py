# attack: import torch, or anything else, from where the grader has it
# earns: 100
# stopped by: few system calls (seccomp); the import system serves the hand-in alone
# call_s: 3
import importlib
import importlib.machinery
import importlib.util
import pkgutil
import runpy
import site
import sys

from honest import *

finder, loader = importlib.machinery.PathFinder, importlib.machinery.SourceFileLoader
repository = sys.modules["inside"].__file__.rpartition("/grader/")[0]
version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
for place in (
    repository,
    f"{repository}/reference",
    f"{repository}/.venv/lib/{version}/site-packages",
    f"{sys.prefix.removesuffix('-student')}/lib/{version}/site-packages",
    f"/usr/lib/{version}",
    f"/usr/local/lib/{version}/site-packages",
):
    sys.path.insert(0, place)
    sys.path_hooks.append(importlib.machinery.FileFinder.path_hook((loader, [".py"])))
    sys.path_importer_cache.clear()
    site.addsitedir(place)
    for name in ("torch", "reference", "table", "grader", "hypothesis", "pip", "antigravity"):
        file = f"{place}/{name}"
        for way in (
            lambda: importlib.import_module(name),
            lambda: finder.find_spec(name).loader.load_module(name),
            lambda: loader(name, f"{file}.py").load_module(name),
            lambda: loader(name, f"{file}/__init__.py").get_data(f"{file}/__init__.py"),
            lambda: importlib.util.spec_from_file_location(name, f"{file}.py").loader.get_code(name).co_names,
            lambda: runpy.run_path(f"{file}.py"),
            lambda: pkgutil.get_data(name, "__init__.py").decode(),
            lambda: list(pkgutil.iter_modules([place]))[0],
        ):
            try:
                print("GOT", name, way())
            except (ImportError, OSError, AttributeError, LookupError):
                pass
