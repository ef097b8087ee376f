"""Where baked suites and catalogues lie, and how one is found, written, and let go of."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

from grader.baked import flat, form
from grader.baked.key import catalogue_key, key, versions
from grader.declaration import Explaining, Loaded
from grader.errors import GraderError, NotDrawnError
from grader.records import Arrays, Suite

VARIABLE = "CELLGRADE_CACHE"
SUFFIX = ".suites"
CATALOGUE = ".faults"
MOST_FILES = 64  # of each kind in a cache: those that were written last
INSTALLED = Path(sys.prefix, "share", "cellgrade", "suites")

Flattened = tuple[Any, Arrays]
"""What is said of a catalogue, in plain JSON, and its arrays by name."""
Compiled = Callable[[], Flattened]


def usual_folder() -> Path | None:
    """Return the folder of the cache, which need not be there; None if CELLGRADE_CACHE is set to nothing."""
    said = os.environ.get(VARIABLE)
    if said is not None:
        return Path(said) if said else None
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(base, "cellgrade") if os.path.isabs(base) else None


class Shelf:
    """Finds the suites of an assignment, or has them drawn, and keeps them for the next.

    Args:
        folder: of the cache; None for none.
        installed: of what was baked when cellgrade was installed; it is only read.
    """

    def __init__(self, folder: Path | None, installed: Path = INSTALLED) -> None:
        self._folder = folder
        self._installed = installed

    def suites(self, assignment: Loaded, seed: int, mark: str = "") -> Mapping[str, Suite]:
        """Return the suites of an assignment, by its keys.

        What is drawn from a secret is read if somebody baked it, and not written unasked.

        Args:
            assignment: as the course has it.
            seed: what they are drawn from: the instructor's, or the secret's.
            mark: tells a course's secret from another's; "" without one.

        Raises:
            GraderError: they cannot be drawn.
        """
        if not assignment.is_as_found:  # other suites than those of its folder
            return _drawn(assignment, seed, f"{assignment.name} as it is changed cannot be drawn here")
        name = file_name(assignment, seed, mark)
        unusable: list[str] = []
        for folder in (self._installed, self._folder):
            if folder is None:
                continue
            try:
                return _read(folder / name, assignment, seed)
            except (FileNotFoundError, NotADirectoryError):
                continue
            except (OSError, ValueError, KeyError, TypeError) as error:
                unusable.append(f"{folder / name} cannot be used: {error}")
        lies = "; ".join(unusable) or f"{assignment.name} is not baked for this seed and these settings"
        suites = _drawn(assignment, seed, f"{lies}; and it cannot be drawn here")
        if self._folder is not None and not mark:
            with contextlib.suppress(OSError, TypeError):  # a cache that cannot be written is none
                _write_suites(self._folder, name, assignment, suites, secret=False)
        return suites

    def bake(self, assignment: Loaded, seed: int, mark: str = "", *, installed: bool = False) -> Path:
        """Draw the suites of an assignment, a secret's pool included, and compile the catalogues of mistakes;
        write them, and return the file of the suites.

        Raises:
            GraderError: they cannot be drawn, or there is no cache.
            OSError: they cannot be written.
        """
        folder = self._installed if installed else self._folder
        if folder is None:
            raise GraderError(f"{VARIABLE} is set to nothing: there is no folder to bake into")
        suites = _drawn(assignment, seed, f"{assignment.name} cannot be drawn here")
        path = _write_suites(folder, file_name(assignment, seed, mark), assignment, suites, secret=bool(mark))
        for name, explaining in explainers(assignment).items():
            named = catalogue_name(assignment, seed, mark, name, suites)
            explaining(suites, partial(_baked, folder / named, secret=bool(mark))).prepare()
        return path

    def catalogue(
        self,
        assignment: Loaded,
        seed: int,
        mark: str,
        name: str,
        suites: Mapping[str, Suite],
        compiled: Compiled,
    ) -> Flattened:
        """Return what is computed once of the mistakes that may be made on a suite, from a file if it can be.

        Args:
            assignment: as the course has it.
            seed, mark: as for `suites`.
            name: of what explains them, by `explainers`.
            suites: the assignment's.
            compiled: computes it, and needs nothing that a grading has not.
        """
        if not assignment.is_explained_as_found:
            return compiled()
        named = catalogue_name(assignment, seed, mark, name, suites)
        for folder in (self._installed, self._folder):
            if folder is not None:
                with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                    return _flattened(flat.Flat(folder / named, trusted))
        found = compiled()
        if self._folder is not None and not mark:
            with contextlib.suppress(OSError, TypeError):
                _write_catalogue(self._folder / named, found, secret=False)
        return found


def _drawn(assignment: Loaded, seed: int, begins: str) -> Mapping[str, Suite]:
    """Draw the suites of an assignment.

    Raises:
        NotDrawnError: what draws them is not installed. It begins with these words.
    """
    try:
        return {name: draw(seed) for name, draw in assignment.suites.items()}
    except ImportError as error:
        if error.name is None:  # nothing is missing, and something else is wrong
            raise
        raise NotDrawnError(error.name, begins) from None


def file_name(assignment: Loaded, seed: int, mark: str) -> str:
    """Return the name of the file that holds an assignment's suites: a secret's says nothing of the seed."""
    of = "secret" if mark else f"seed{int(seed)}"
    return f"{assignment.name}-{of}-{key(assignment, 0 if mark else seed, mark)[:24]}{SUFFIX}"


def _read(path: Path, assignment: Loaded, seed: int) -> Mapping[str, Suite]:
    """Return the suites in a file.

    Raises:
        OSError: it cannot be read.
        ValueError, KeyError, TypeError: it is not ours, not whole, or was drawn by other versions.
    """
    file = flat.Flat(path, trusted)
    for name, version in versions().items():
        drawn = file.index["versions"][name]
        if version is not None and version != drawn:
            raise ValueError(f"it was drawn with {name} {drawn}, and {version} is installed")
    if list(file.index["suites"]) != list(assignment.suites):
        raise ValueError("it holds other suites")
    return {
        name: form.read(said, file, cache(partial(assignment.suites[name], seed)))
        for name, said in file.index["suites"].items()
    }


def trusted(found: os.stat_result) -> None:
    """Hold a file to be ours: what anybody else could write is no truth to grade by.

    Raises:
        ValueError: it may be another user's.
    """
    if not hasattr(os, "geteuid"):  # Windows, where a folder of one's own is nobody else's
        return
    if found.st_uid not in (0, os.geteuid()):
        raise ValueError("it belongs to another user")
    if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise ValueError("other users may write to it")


def explainers(assignment: Loaded) -> Mapping[str, Explaining]:
    """Return what makes those that name causes, each once, by the first suite that it is for."""
    found: dict[Explaining, str] = {}
    for name, explaining in assignment.explains.items():
        found.setdefault(explaining, name)
    return {name: explaining for explaining, name in found.items()}


def catalogue_name(assignment: Loaded, seed: int, mark: str, name: str, suites: Mapping[str, Suite]) -> str:
    """Return the name of the file that holds one of an assignment's catalogues."""
    of = "secret" if mark else f"seed{int(seed)}"
    return f"{assignment.name}-{of}-{catalogue_key(assignment, name, suites)[:24]}{CATALOGUE}"


def _flattened(file: flat.Flat) -> Flattened:
    return file.index["said"], {name: file.array(place) for name, *place in file.index["arrays"]}


def _write_catalogue(path: Path, found: Flattened, *, secret: bool) -> None:
    """Write a catalogue.

    Raises:
        OSError: it cannot be written.
        TypeError: an array is of no kind that a file can hold.
    """
    said, named = found
    arrays = flat.Arrays()
    places = [[name, *arrays.place(array)] for name, array in named.items()]
    write_file(path, flat.content_of({"said": said, "arrays": places}, arrays), secret=secret)


def _baked(path: Path, compiled: Compiled, *, secret: bool) -> Flattened:
    """Compile a catalogue, and write it."""
    found = compiled()
    _write_catalogue(path, found, secret=secret)
    return found


def _write_suites(
    folder: Path, name: str, assignment: Loaded, suites: Mapping[str, Suite], *, secret: bool
) -> Path:
    """Write suites into a file of the folder, and return it.

    Raises:
        OSError: it cannot be written.
        TypeError: an array is of no kind that a file can hold.
    """
    arrays = flat.Arrays()
    index = {
        "assignment": assignment.name,
        "versions": versions(),
        "suites": {one: form.written(suite, arrays, pool=secret) for one, suite in suites.items()},
    }
    write_file(folder / name, flat.content_of(index, arrays), secret=secret)
    return folder / name


def write_file(path: Path, content: bytes, *, secret: bool = False, most: int | None = None) -> None:
    """Write a file of a cache: whoever reads it meanwhile has the one before, or the new one.

    Args:
        path: of the file.
        content: what is in it.
        secret: nobody else may read it.
        most: how many files with its ending are kept, those that were written last; None for MOST_FILES.

    Raises:
        OSError: it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    handle, made = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=path.suffix)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(made, 0o600 if secret else 0o644)
        os.replace(made, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(made)
        raise
    with contextlib.suppress(OSError):
        written = sorted(path.parent.glob(f"*{path.suffix}"), key=lambda one: -one.stat().st_mtime)
        for old in written[MOST_FILES if most is None else most :]:
            old.unlink(missing_ok=True)
