"""The lines of Python with which a student tries a failing case: pasted as a whole, they run.

They stand for one call of the adapter: imports, the case's inputs, the call, and a `print` of the very array.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from grader.declaration import Check, Output
from grader.formatting import assignment
from grader.records import Case

LINE_CHARS = 200
# A view with gaps along the last axis, which hold no numbers, as `inside.adapter_api.strided` makes it.
_GAPS = "np.stack([a, np.full_like(a, np.nan)], -1).reshape(*a.shape[:-1], -1)[..., ::2]"


@dataclass(frozen=True)
class Source:
    """What a snippet must know of the hand-in.

    Attributes:
        path: of the main file inside the hand-in.
        text: its source.
        written: top-level names that students define, such as "GRU_Cell".
        aliases: of these, what the hand-in calls them where it has another name.
        imports: lines that the assignment wants beside.
    """

    path: str
    text: str = field(repr=False)
    written: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    imports: tuple[str, ...] = ()


def snippet(
    case: Case, check: Check, output: Output, form: int, digits: int, source: Source | None
) -> tuple[str, ...]:
    """Return the lines for one array of one case.

    Args:
        case: what is asked.
        check: how it is asked.
        output: the array that is printed.
        form: which of the check's forms is used.
        digits: significant digits of the inputs.
        source: the hand-in; None where none is known: then nothing is imported from it.
    """
    call = [line.replace("<form>", check.spelt[form]) if check.spelt else line for line in check.paste]
    if case.interleaved:
        call[-1:-1] = ["# meanwhile, a second instance is in use", *check.meanwhile]
    shown = output.show or output.name
    return (
        "import numpy as np",
        *(_imports(source, "\n".join([*call, shown])) if source is not None else ()),
        *_setting(_used(case, call), digits),
        *call,
        f"print({shown})",
    )


def _imports(source: Source, code: str) -> Iterator[str]:
    """Yield Imports of what the code uses of the hand-in, to be run in the folder of its main file."""
    yield from source.imports
    names = [name for name in source.written if re.search(rf"\b{re.escape(name)}\b", code)]
    if not source.path.endswith(".py") or not names:
        return  # a notebook: to be pasted into a cell below the student's own
    folder, name = posixpath.split(source.path)
    module = name.removesuffix(".py")
    if re.search(r"^[ \t]*from[ \t]+\.", source.text, re.MULTILINE):
        # What imports relatively is a part of a package, which is found from the folder around it.
        folder, package = posixpath.split(folder)
        module = f"{package}.{module}" if package else module
    where = f"  # in {folder}/" if folder else ""
    if all(part.isidentifier() for part in module.split(".")):
        bound = ", ".join(
            f"{source.aliases[name]} as {name}" if name in source.aliases else name for name in names
        )
        yield f"from {module} import {bound}{where}"
        return
    yield f"import importlib{where}"
    for name in names:
        yield f"{name} = importlib.import_module({module!r}).{source.aliases.get(name, name)}"


def _broken(line: str) -> Iterator[str]:
    """Yield a line that sets an array, as several that are short enough to be shown whole."""
    while len(line) > LINE_CHARS and (end := line.rfind(", ", 0, LINE_CHARS)) > 0:
        yield line[: end + 1]
        line = "    " + line[end + 2 :]
    yield line


def _used(case: Case, call: Sequence[str]) -> Case:
    """Return the case with those of its inputs that the call uses; with all, where no call is known."""
    code = "\n".join(call)
    used = {name: one for name, one in case.inputs.items() if re.search(rf"\b{re.escape(name)}\b", code)}
    return replace(case, inputs=used) if call else case


def _setting(case: Case, digits: int) -> Iterator[str]:
    """Lines of NumPy that set the case's inputs."""
    for name, array in case.inputs.items():
        for line in assignment(name, array, digits):
            yield from _broken(line)
    spread = [name for name, array in case.inputs.items() if array.ndim]
    if case.strided and spread:
        yield "# handed over as views that are not contiguous in memory"
        names = ", ".join(spread)
        yield f"{names}{',' if len(spread) == 1 else ''} = ({_GAPS} for a in [{names}])"
