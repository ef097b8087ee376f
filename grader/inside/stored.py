"""Bytecode of the modules that a hand-in may import, in memory: to import all of them would take too long.

Read from files while there are any. A job imports from here what it needs, when it needs it, after it has
given up its rights.
"""

from __future__ import annotations

import _imp
import importlib.machinery
import importlib.util
import marshal
import os
import struct
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib._abc import Loader  # of importlib.abc alone, which imports thirty modules
from types import CodeType, ModuleType

from . import allowed

# Never served, wherever they stand: what builds, tests, or is run as a program.
LEFT_OUT = {"test", "tests", "__main__", "__pycache__", "site-packages", "f2py", "distutils", "_pyinstaller"}
LEFT_OUT |= {"conftest", "_core_tests"}
# What Python was built with, which sysconfig imports by this name.
BUILT_WITH = "_".join(
    (
        "_sysconfigdata",
        getattr(sys, "abiflags", ""),
        sys.platform,
        getattr(sys.implementation, "_multiarch", ""),
    )
)
TAG = sys.implementation.cache_tag
HEADER_BYTES = 16  # of a .pyc: magic number, flags, modification time and size of the source (PEP 552)


class Stored(Loader):
    """Finds and loads modules of Python's and NumPy's from memory.

    Args:
        mask: replaces in a path where it lies.
    """

    def __init__(self, mask: Callable[[str], str]) -> None:
        numpy = os.path.dirname(str(sys.modules["numpy"].__file__))
        tops = {name.partition(".")[0] for name in allowed.STANDARD} | {"encodings"}
        ours = {name for name in sys.stdlib_module_names if name in tops or name.startswith("_")}
        ours.add(BUILT_WITH)
        found = [*_modules(os.path.dirname(os.__file__), "", ours), *_modules(numpy, "numpy.", None)]
        self._modules = {
            name: (mask(path), is_package, content)
            for name, path, is_package in found
            if name not in sys.modules
            and (content := _read(path) if name != BUILT_WITH else _read_masked(path, mask)) is not None
        }

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """How to import a module that is here."""
        if fullname not in self._modules:
            return None
        place, is_package, _ = self._modules[fullname]
        spec = importlib.machinery.ModuleSpec(fullname, self, origin=place, is_package=is_package)
        spec.has_location = True
        if is_package:
            spec.submodule_search_locations = [os.path.dirname(place)]
        return spec

    def exec_module(self, module: ModuleType) -> None:
        """Run the module's code."""
        place, _, content = self._modules[module.__name__]
        if isinstance(content, bytes):
            code: CodeType = marshal.loads(content)  # noqa: S302 - Python's own, from Python's own files
            _imp._fix_co_filename(code, place)  # type: ignore[attr-defined]
        else:
            code = compile(content, place, "exec", dont_inherit=True)
        exec(code, module.__dict__)  # noqa: S102 - a module of Python's or NumPy's


def _modules(folder: str, package: str, tops: set[str] | None) -> Iterator[tuple[str, str, bool]]:
    """(dotted name, path, whether it is a package) of the modules below a folder: all, or those named."""
    with os.scandir(folder) as entries:
        for entry in entries:
            name = entry.name.removesuffix(".py")
            if name in LEFT_OUT or (tops is not None and name not in tops):
                continue
            if not name.isidentifier() and name != BUILT_WITH:
                continue
            if entry.is_dir():
                if os.path.isfile(f"{entry.path}/__init__.py"):
                    yield package + name, f"{entry.path}/__init__.py", True
                    yield from _modules(entry.path, f"{package}{name}.", None)
            elif entry.name.endswith(".py") and name != "__init__":
                yield package + name, entry.path, False


def _read(path: str) -> bytes | str | None:
    """Return a module's bytecode; its source where there is none, or an old one; None if it cannot
    be read.
    """
    try:
        folder, name = os.path.split(path)
        # Where `importlib.util.cache_from_source` says, which takes as long as reading it.
        with open(f"{folder}/__pycache__/{name[:-3]}.{TAG}.pyc", "rb", buffering=0) as file:
            content = file.read()
        about = os.stat(path)
        magic, flags, time_s, size = struct.unpack_from("<4sIII", content)
        same = (int(about.st_mtime) & 0xFFFFFFFF, about.st_size & 0xFFFFFFFF) == (time_s, size)
        if magic == importlib.util.MAGIC_NUMBER and flags == 0 and same:
            # Where the file lies is in it as well. As long as it was, since its length is, too.
            place = path.encode()
            return content[HEADER_BYTES:].replace(place, b"-" * len(place))
    except (OSError, struct.error, NotImplementedError):
        pass
    return _source(path)


def _source(path: str) -> str | None:
    try:
        with open(path, encoding="utf-8") as source:
            return source.read()
    except (OSError, UnicodeDecodeError):
        return None


def _read_masked(path: str, mask: Callable[[str], str]) -> str | None:
    """Return the source of a module that is a table of places."""
    text = _source(path)
    return None if text is None else "".join(map(mask, text.splitlines(keepends=True)))
