"""What a student's process imports before it meets a hand-in, since a job has no files to import from."""

from __future__ import annotations

import codecs
import importlib
import sys
import time
from collections.abc import Iterable

from . import source

# What Python and NumPy import late, at the first use.
PRELOADED = """
    _strptime abc argparse collections.abc contextlib copy dataclasses datetime decimal enum fractions
    functools hashlib heapq inspect io itertools json logging math numpy.random operator pathlib pickle random
    re statistics string struct textwrap time timeit tokenize traceback types typing unicodedata warnings
    weakref
""".split()
CODECS = ("ascii", "latin-1", "utf-8", "utf-8-sig", "utf-16", "cp1252", "idna")


def everything(packages: Iterable[str]) -> None:
    """Import what every hand-in may need, and the packages of the environment.

    Raises:
        ImportError: one of them is not there.
    """
    for module in PRELOADED:
        importlib.import_module(module)
    for package in packages:
        importlib.import_module(package)
        source.INSTALLED.add(package)
    if "torch" in source.INSTALLED:
        _warm_torch()
    for codec in CODECS:
        codecs.lookup(codec)
    if sys.platform != "win32":
        time.tzset()


def _warm_torch() -> None:
    """Load what torch loads at its first backward pass, and keep it to one thread: a job can do neither."""
    torch = sys.modules["torch"]
    torch.set_num_threads(1)
    weight = torch.ones(1, requires_grad=True)
    (weight * weight).backward(torch.ones(1))
