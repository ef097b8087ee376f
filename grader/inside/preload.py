"""What a student's process imports before it meets a hand-in, since a job has no files to import from."""

from __future__ import annotations

import codecs
import contextlib
import importlib
import os
import sys
import time
import warnings
from collections.abc import Iterable

from . import allowed, doors, gru_wiring, masked, memory, notebook_shell, one_cell, source, stored

ADAPTERS = (
    one_cell,
    doors,
    gru_wiring,
    notebook_shell,
)  # what adapters import of ours, beside what a job itself does
# Package -> the variable by which it chooses what it computes or draws with.
BACKENDS = {"keras": ("KERAS_BACKEND", "torch"), "matplotlib": ("MPLBACKEND", "agg")}
CODECS = ("ascii", "latin-1", "utf-8", "utf-8-sig", "utf-16", "cp1252", "idna")


def everything(packages: Iterable[str]) -> None:
    """Bring all that hand-ins may import into memory, and the environment's packages; forget where they lie.

    Raises:
        ImportError: a package is not there.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for package in packages:
            if package in BACKENDS:
                os.environ.__setitem__(*BACKENDS[package])
            importlib.import_module(package)
            source.INSTALLED.add(package)
        for module in (*allowed.IN_C, *allowed.IMPORTED):
            with contextlib.suppress(ImportError):  # other systems and versions of Python lack some
                importlib.import_module(module)
    numpy = sys.modules["numpy"]
    names = vars(numpy)["__all__"]  # what `from numpy import *` would import all of
    names[:] = [name for name in names if f"numpy.{name}" not in memory.NOT_HERE_OF_NUMPY]
    if source.INSTALLED - {"numpy"}:
        from . import warm  # which imports more than most zygotes need

        warm.everything()
    for codec in CODECS:
        codecs.lookup(codec)
    if sys.platform != "win32":
        time.tzset()
    sys.meta_path.insert(0, stored.Stored(masked.places()))
    masked.everything()
