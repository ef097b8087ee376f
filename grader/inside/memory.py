"""Serves a hand-in's source files to Python's import system from memory.

A job cannot open files, so the hand-in exists only here, under a folder that is on no disk. Ordinary path
entries below that folder work, so that `sys.path.append(os.path.dirname(__file__) + "/..")` does what its
author meant.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import io
import linecache
import posixpath
import sys
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType

from . import allowed, asserts, source

ROOT = "/handin"
NOT_HERE = sys.stdlib_module_names - {*allowed.STANDARD}
NOT_HERE_OF_NUMPY = {"numpy.distutils", "numpy.f2py"}


class HandInFiles:
    """The source files of a hand-in: path inside it -> text."""

    def __init__(self, texts: Mapping[str, str], main: str) -> None:
        self.texts = {posixpath.join(ROOT, path): text for path, text in texts.items()}
        self.main_path = main
        self.main = posixpath.join(ROOT, main)
        self.folders = {folder for path in self.texts for folder in _parents(path)}
        self.entries = self._entries()
        self.places: dict[str, set[str]] = {}  # top-level name -> folders in which it could be found
        for path in (*self.folders, *self.texts):
            folder, name = posixpath.split(path.removesuffix(".py"))
            self.places.setdefault(name, set()).add(folder)

    def _entries(self) -> list[str]:
        """Where imports look: the file's own folder, then each above it; courses also use `mytorch`."""
        upwards = [folder for folder in _parents(self.main) if folder.startswith(ROOT)]
        beside = [posixpath.join(folder, "mytorch") for folder in upwards]
        return upwards + [folder for folder in beside if folder in self.folders and folder not in upwards]

    def text(self, path: str) -> str:
        """The text of the file at a path inside the hand-in."""
        return self.texts[posixpath.join(ROOT, path)]

    def is_local(self, package: str) -> bool:
        """Whether a top-level name may be a module of the hand-in, in whatever folder it looks for it."""
        return package in self.places

    def local_paths(self, module: str) -> list[str]:
        """Paths in the hand-in of what importing a dotted local module may run."""
        parts = module.split(".")
        places = self.places.get(parts[0], set())
        found = [entry for entry in self.entries if entry in places] or sorted(places)
        stems = [
            posixpath.join(folder, *parts[:depth]) for folder in found for depth in range(1, len(parts) + 1)
        ]
        candidates = [path for stem in stems for path in (f"{stem}/__init__.py", f"{stem}.py")]
        return [posixpath.relpath(path, ROOT) for path in candidates if path in self.texts]

    def install(self) -> None:
        """Make the hand-in importable, and nothing else that is not imported yet."""
        sys.path[:] = self.entries
        sys.path_hooks[:] = [self._hook]
        sys.path_importer_cache.clear()
        sys.meta_path.append(_NotHere())
        for path, text in self.texts.items():
            # Tracebacks and inspect.getsource read lines from here, since there is no file to open.
            # (str.splitlines would also break them at form feeds and the like, where Python does not.)
            linecache.cache[path] = (len(text), None, io.StringIO(text).readlines(), path)

    def import_main(self) -> ModuleType:
        """Import the hand-in's module, as a module and never as `__main__`. Raises whatever it raises."""
        name = posixpath.splitext(posixpath.basename(self.main))[0]
        if _is_relative(self.texts[self.main]):
            # `from .activation import *` needs a package around it: import it by its path from the root.
            parts = posixpath.splitext(posixpath.relpath(self.main, ROOT))[0].split("/")
            above = [at for at, part in enumerate(parts[:-1], 1) if "." in part]
            return importlib.import_module(".".join(parts[max(above, default=0) :]))
        spec = importlib.util.spec_from_loader(name, _Loader(self, self.main), origin=self.main)
        assert spec is not None
        module = importlib.util.module_from_spec(spec)
        module.__file__ = self.main
        sys.modules[name] = module
        assert spec.loader is not None
        spec.loader.exec_module(module)
        return module

    def _hook(self, entry: str) -> importlib.abc.PathEntryFinder:
        # A relative entry is relative to where the student thinks that the program runs: the root of the
        # hand-in. The job itself stands in "/", which os.getcwd() and os.path.abspath put before it.
        for folder in (posixpath.join(ROOT, entry), f"{ROOT}/{entry}"):
            if posixpath.normpath(folder) in self.folders:
                return _Finder(self, posixpath.normpath(folder))
        raise ImportError(f"{entry} is not a folder of the hand-in")

    def _find(self, folder: str, name: str) -> str | None:
        """Path of the file, or of the folder, that importing `name` from `folder` would find."""
        stem = posixpath.join(folder, name)
        for path in (f"{stem}/__init__.py", f"{stem}.py"):
            if path in self.texts:
                return path
        return stem if stem in self.folders else None

    def spec(self, fullname: str, folder: str) -> importlib.machinery.ModuleSpec | None:
        """How to import `fullname` from `folder`; None if it is not there."""
        path = self._find(folder, fullname.rpartition(".")[2])
        if path is None:
            return None
        if path in self.folders:  # a folder without __init__.py is a package all the same
            spec = importlib.machinery.ModuleSpec(fullname, None, is_package=True)
            spec.submodule_search_locations = [path]
            return spec
        is_package = path.endswith("/__init__.py")
        spec = importlib.machinery.ModuleSpec(
            fullname, _Loader(self, path), origin=path, is_package=is_package
        )
        spec.has_location = True
        if is_package:
            spec.submodule_search_locations = [posixpath.dirname(path)]
        return spec


class _NotHere(importlib.abc.MetaPathFinder):
    """Says of a module that Python or NumPy have elsewhere that it cannot be imported here."""

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:
        """Never finds anything; asked last.

        Raises:
            ModuleNotFoundError: it is one of those modules.
        """
        if fullname.partition(".")[0] in NOT_HERE or fullname in NOT_HERE_OF_NUMPY:
            owner = "NumPy" if fullname in NOT_HERE_OF_NUMPY else "Python"
            raise ModuleNotFoundError(
                f"{fullname} is a part of {owner} that cannot be imported where hand-ins are graded",
                name=fullname,
            )


class Notebook:
    """What `get_ipython()` returns: an exported notebook still has its magic, which does nothing here."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        """Every method takes any arguments."""
        return lambda *_, **__: None


class _Finder(importlib.abc.PathEntryFinder):
    def __init__(self, files: HandInFiles, folder: str) -> None:
        self.files = files
        self.folder = folder

    def find_spec(
        self, fullname: str, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        return self.files.spec(fullname, self.folder)


class _Loader(importlib.abc.Loader):
    def __init__(self, files: HandInFiles, path: str) -> None:
        self.files = files
        self.path = path

    def exec_module(self, module: ModuleType) -> None:
        is_local: Callable[[str], bool] = self.files.is_local
        tree = source.without_missing(source.parse(self.files.texts[self.path], self.path), is_local)
        tree = asserts.passing_over(tree, self.path)
        module.__dict__[asserts.NAME] = asserts.PassedOver
        module.__dict__[source.MISSING_NAME] = source.Missing
        module.__dict__["get_ipython"] = Notebook
        exec(compile(tree, self.path, "exec", dont_inherit=True), module.__dict__)  # noqa: S102 - a job is for this


def _parents(path: str) -> list[str]:
    """The folders above a path, nearest first, the root of the file system left out."""
    folders = []
    while (path := posixpath.dirname(path)) not in ("/", ""):
        folders.append(path)
    return folders


def _is_relative(text: str) -> bool:
    return any(line.lstrip().startswith("from .") for line in text.splitlines())
