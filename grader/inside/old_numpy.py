"""Names that NumPy had once, for hand-ins that were written then.

They came back as what they meant: `np.float` is Python's float, as it was up to NumPy 1.23. NumPy itself,
which uses none of them, is as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def _asscalar(a: Any) -> Any:
    return np.asarray(a).item()


def _asfarray(a: Any, dtype: Any = np.float64) -> Any:
    return np.asarray(a, dtype=dtype if np.issubdtype(dtype, np.inexact) else np.float64)


# What they were. Python's own types are gone since 1.24 (NumPy 2 has a `bool` of its own again), the rest
# since 2.0 or, `asscalar`, 1.23.
MEANINGS: dict[str, Any] = {
    "float": float,
    "int": int,
    "bool": bool,
    "object": object,
    "str": str,
    "complex": complex,
    "long": int,
    "unicode": str,
    "asscalar": _asscalar,
    "asfarray": _asfarray,
    "float_": np.float64,
    "complex_": np.complex128,
    "string_": np.bytes_,
    "unicode_": np.str_,
    "Inf": np.inf,
    "Infinity": np.inf,
    "infty": np.inf,
    "PINF": np.inf,
    "NINF": -np.inf,
    "NaN": np.nan,
    "product": np.prod,
    "cumproduct": np.cumprod,
    "alltrue": np.all,
    "sometrue": np.any,
    "mat": np.asmatrix,
    "round_": np.round,
    "row_stack": np.vstack,
}
for _name in [_name for _name in MEANINGS if _name in vars(np)]:
    del MEANINGS[_name]


def install() -> None:
    """Have NumPy answer to them, in this process."""
    instead: Callable[[str], Any] = np.__getattr__

    def found(name: str) -> Any:
        return MEANINGS[name] if name in MEANINGS else instead(name)

    vars(np)["__getattr__"] = found
