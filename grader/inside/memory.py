"""Serves a hand-in's source files to Python's import system from memory.

A job cannot open files, so the hand-in exists only here, under a folder that is on no disk. Ordinary path
entries below that folder work, so that `sys.path.append(os.path.dirname(__file__) + "/..")` does what its
author meant.
"""

from __future__ import annotations

import ast
import importlib.machinery
import importlib.util
import io
import linecache
import posixpath
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib._abc import Loader  # of importlib.abc alone, which imports thirty modules
from types import MappingProxyType, ModuleType

from . import allowed, asserts, blocks, source
from .outline import Cells, Outline, named
from .statements import TopLevel

ROOT = "/handin"
RELATIVE = re.compile(r"^[ \t]*from[ \t]+(\.{1,8})[\w. \t]*import\b", re.MULTILINE)
PROVIDED = "/given"  # where modules stand that the homework gives, for who does not bring them
NOT_HERE = sys.stdlib_module_names - {*allowed.STANDARD}
NOT_HERE_OF_NUMPY = {"numpy.distutils", "numpy.f2py"}


class HandInFiles:
    """The source files of a hand-in, and the modules that the homework gives.

    Args:
        texts: path inside the hand-in -> text; of a notebook, that of all its cells, one below the other.
        main: path of the file that is imported.
        cells: path of a notebook -> the number and the text of each of its code cells.
        provided: path of a module -> its text, for imports that find nothing in the hand-in.
    """

    def __init__(
        self,
        texts: Mapping[str, str],
        main: str,
        cells: Mapping[str, Cells] = MappingProxyType({}),
        provided: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.texts = {posixpath.join(ROOT, path): text for path, text in texts.items()}
        self.cells = {posixpath.join(ROOT, path): found for path, found in cells.items()}
        self.provided = {posixpath.join(PROVIDED, path): text for path, text in provided.items()}
        self.main = posixpath.join(ROOT, main)
        self.top_level: TopLevel | None = None  # how sources are run; None to run them as Python does
        self.outlines: dict[str, Outline] = {}
        self.folders = {folder for path in self.texts for folder in _parents(path)}
        self.entries = self._entries()
        self.places: dict[str, set[str]] = {}  # top-level name -> folders in which it could be found
        for path in (*self.folders, *self.texts):
            folder, name = posixpath.split(path.removesuffix(".py"))
            self.places.setdefault(name, set()).add(folder)
        self.provided_folders = {folder for path in self.provided for folder in _parents(path)}

    def outline(self, path: str) -> Outline:
        """Return the statements of the file at `path` in the hand-in, parsed once.

        Raises:
            SyntaxError: nothing of it parses.
        """
        if path not in self.outlines:
            where = posixpath.join(ROOT, path)
            self.outlines[path] = Outline.of(path, self.texts[where], self.cells.get(where), where)
        return self.outlines[path]

    def _entries(self) -> list[str]:
        """Where imports look: the file's own folder, then each above it; courses also use `mytorch`."""
        upwards = [folder for folder in _parents(self.main) if folder.startswith(ROOT)]
        beside = [posixpath.join(folder, "mytorch") for folder in upwards]
        return upwards + [folder for folder in beside if folder in self.folders and folder not in upwards]

    def text(self, path: str) -> str:
        """Return the text of the file at a path inside the hand-in."""
        return self.texts[posixpath.join(ROOT, path)]

    def is_local(self, package: str) -> bool:
        """Whether a top-level name may be a module of the hand-in, wherever it looks, or is provided."""
        return package in self.places or self._find(PROVIDED, package) is not None

    def provided_path(self, module: str) -> str | None:
        """Return the path of a provided module by its dotted name, unless the hand-in has one, too."""
        found = self._provided(module)
        return posixpath.relpath(found, PROVIDED) if found in self.provided else None

    def _provided(self, module: str) -> str | None:
        parts = module.split(".")
        for start in range(len(parts)):  # `hw3.activation`, which a relative import means, is `activation`
            found = self._find(PROVIDED, "/".join(parts[start:]))
            if found is not None:
                return found
        return None

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
        sys.path[:] = [*self.entries, PROVIDED]
        sys.path_hooks[:] = [self._hook]
        sys.path_importer_cache.clear()
        sys.meta_path.append(_NotHere())
        for path, text in self.texts.items():
            # Tracebacks and inspect.getsource read lines from here, since there is no file to open.
            _remember(path, text)
        for path, cells in self.cells.items():
            for number, text in cells:
                _remember(named(path, number), text)

    def import_file(self, path: str) -> ModuleType:
        """Import a file of the hand-in, as a module and never as `__main__`. Raises whatever it raises."""
        where = posixpath.join(ROOT, path)
        package, name = self._package(path), posixpath.splitext(posixpath.basename(path))[0]
        if package:
            importlib.import_module(package)
            name = f"{package}.{name.replace('.', '_')}"
        known = sys.modules.get(name)
        if known is not None and getattr(known, "__file__", None) == where:
            return known
        if known is not None and where != self.main:
            name = path  # what is called like it stays what it is
        spec = importlib.util.spec_from_loader(name, _Loader(self, where), origin=where)
        assert spec is not None
        module = importlib.util.module_from_spec(spec)
        module.__file__ = where
        sys.modules[name] = module
        assert spec.loader is not None
        spec.loader.exec_module(module)
        return module

    def _package(self, path: str) -> str:
        """Return the package that a source with relative imports needs around it; "" without any.

        `from .activation import *` means the folder that the file is in, `from ..nn import *` the one above:
        where a hand-in has no such folder, its root stands for it.
        """
        where = posixpath.join(ROOT, path)
        levels = max((len(dots) for dots in RELATIVE.findall(self.texts[where])), default=0)
        if not levels:
            return ""
        folders = posixpath.dirname(path).split("/") if "/" in path else []
        above = [at for at, folder in enumerate(folders, 1) if "." in folder]
        folders = folders[max(above, default=0) :]
        base = posixpath.dirname(where)
        for _ in folders:
            base = posixpath.dirname(base)
        names: list[str] = []
        for _ in range(levels - len(folders)):
            names.append(f"handin{len(names)}")
            around = ModuleType(".".join(names))
            around.__path__ = [base]
            sys.modules.setdefault(around.__name__, around)
        return ".".join([*names, *folders])

    def _hook(self, entry: str) -> _Finder:
        # A relative entry is relative to where the student thinks that the program runs: the root of the
        # hand-in. The job itself stands in "/", which os.getcwd() and os.path.abspath put before it.
        for folder in (posixpath.join(ROOT, entry), f"{ROOT}/{entry}"):
            if posixpath.normpath(folder) in self.folders:
                return _Finder(self, posixpath.normpath(folder))
        if entry in self.provided_folders:
            return _Finder(self, entry)
        raise ImportError(f"{entry} is not a folder of the hand-in")

    def _find(self, folder: str, name: str) -> str | None:
        """Path of the file, or of the folder, that importing `name` from `folder` would find."""
        stem = posixpath.join(folder, name)
        for path in (f"{stem}/__init__.py", f"{stem}.py"):
            if path in self.texts or path in self.provided:
                return path
        return stem if stem in self.folders or stem in self.provided_folders else None

    def spec(self, fullname: str, folder: str) -> importlib.machinery.ModuleSpec | None:
        """How to import `fullname` from `folder`; None if it is not there."""
        path = self._find(folder, fullname.rpartition(".")[2])
        if path is None and "." in fullname:  # a package of the hand-in's without a module that is provided
            path = self._provided(fullname)
        if path is None:
            return None
        if (
            path in self.folders or path in self.provided_folders
        ):  # a folder without __init__.py is a package all the same
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


class _NotHere:
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


class NotebookSource:
    """What `get_ipython()` returns: an exported notebook still has its magic, which does nothing here."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        """Every method takes any arguments."""
        return lambda *_, **__: None


class _Finder:
    def __init__(self, files: HandInFiles, folder: str) -> None:
        self.files = files
        self.folder = folder

    def find_spec(
        self, fullname: str, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        return self.files.spec(fullname, self.folder)


class _Loader(Loader):
    def __init__(self, files: HandInFiles, path: str) -> None:
        self.files = files
        self.path = path

    def exec_module(self, module: ModuleType) -> None:
        module.__dict__[asserts.NAME] = asserts.PassedOver
        module.__dict__[source.MISSING_NAME] = source.stand_in
        module.__dict__["get_ipython"] = NotebookSource
        top_level, path = self.files.top_level, posixpath.relpath(self.path, ROOT)
        if self.path in self.files.provided or top_level is None:
            text = (self.files.provided if self.path in self.files.provided else self.files.texts)[self.path]
            tree = self._prepared(blocks.parse(text, self.path), None)
            code = compile(tree, self.path, "exec", dont_inherit=True)
            exec(code, module.__dict__)  # noqa: S102 - a job is for this
            return
        outline = self.files.outline(path)
        self.files.outlines.pop(path)  # it is run, and so changed
        names = partial(named, self.path)
        top_level.run(outline, module.__dict__, names, self._prepared)

    def _prepared(self, tree: ast.Module, cell: int | None) -> ast.Module:
        return asserts.passing_over(source.without_missing(tree, self.files.is_local), self.path, cell)


def _remember(path: str, text: str) -> None:
    # str.splitlines would also break lines at form feeds and the like, where Python does not.
    linecache.cache[path] = (len(text), None, io.StringIO(text).readlines(), path)


def _parents(path: str) -> list[str]:
    """Return the folders above a path, nearest first, the root of the file system left out."""
    folders = []
    while (path := posixpath.dirname(path)) not in ("/", ""):
        folders.append(path)
    return folders
