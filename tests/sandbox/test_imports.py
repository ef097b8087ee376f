"""What a hand-in can import in a job, and use there: Python's modules of the allow-list, and all of NumPy."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from real_jobs import SHORT, handed_in, started_zygote

from grader.inside import allowed, memory
from grader.sandbox import environment
from grader.sandbox.zygote import Zygote

PATIENT = replace(SHORT, call_s=60.0, total_s=200.0, cpu_s=60)

# Of each top-level module of the list something that a hand-in might do with it, true if it works.
TABLE = Path(__file__).parents[1].joinpath("data", "uses_of_python.txt").read_text(encoding="utf-8")
USES = dict(line.split(": ", 1) for line in TABLE.splitlines())
TOPS = sorted({name.partition(".")[0] for name in allowed.STANDARD})


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    with started_zygote() as zygote:
        yield zygote


def test_every_module_of_the_list_is_used_here() -> None:
    """The table above has a line for every top-level module of the list, and no other."""
    assert sorted(USES) == TOPS


def test_every_module_of_the_list_can_be_imported_and_used(zygote: Zygote) -> None:
    """In one job after the other, each alone: it is imported under all its names, and works."""
    for top in TOPS:
        if top not in sys.stdlib_module_names:
            continue
        names = [
            name for name in allowed.STANDARD if name.partition(".")[0] == top and _is_in_this_python(name)
        ]
        if not names:
            continue
        text = (
            f"import warnings; warnings.simplefilter('ignore')\nimport {', '.join(names)}\n"
            "import io, pickle\nbytes_io, pickle_dumps = io.BytesIO(b'x'), pickle.dumps([1])\n"
            f"def f(x): return bool({USES[top]})"
        )
        with handed_in(zygote, text, limits=PATIENT) as hand_in:
            answer = hand_in.ask()
        assert answer.failure is None, (top, answer.failure)
        assert answer.arrays["y"] == 1, top


def _is_in_this_python(name: str) -> bool:
    top = name.partition(".")[0]
    return top in sys.stdlib_module_names and not (top == "imp" and sys.version_info >= (3, 12))


def test_modules_may_be_imported_at_any_time(zygote: Zygote) -> None:
    """Also by a name that stands nowhere in the source, in a call, and from NumPy by a star."""
    text = (
        "from numpy import *\n"
        "import importlib\n"
        "def f(x):\n"
        "  json = importlib.import_module('nosj'[::-1]); tar = __import__('rat'[::-1] + 'file')\n"
        "  exec('import uuid, xml.etree.ElementTree')\n"
        "  return json.loads('[1]') + [len(tar.TarInfo('a').name), float(median(array([1., 2., 3.])))]\n"
    )
    with handed_in(zygote, text) as hand_in:
        assert hand_in.value().tolist() == [1, 1, 2]


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        ("antigravity", "Python"),
        ("tkinter", "Python"),
        ("idlelib.run", "Python"),
        ("ensurepip", "Python"),
        ("numpy.f2py", "NumPy"),
        ("numpy.distutils", "NumPy"),
    ],
)
def test_what_is_not_on_the_list_is_said_to_be_so(zygote: Zygote, name: str, owner: str) -> None:
    """A module that Python or NumPy have elsewhere ends in a sentence, on the line that imports it."""
    with handed_in(zygote, f"\nimport {name}\ndef f(x): return x") as hand_in:
        hand_in.value()
        (stopped,) = hand_in.session.importing.stopped
    assert stopped.failure is not None
    top = name if owner == "NumPy" else name.partition(".")[0]
    said = f"{top} is a part of {owner} that cannot be imported where hand-ins are graded"
    assert stopped.failure.message == f"`import {name}` raised ModuleNotFoundError: {said}"
    assert stopped.line == 2


def test_no_name_of_a_student_decides_what_runs_before_the_lock_down() -> None:
    """The list holds nothing that acts when it is imported, builds or tests; NumPy's programs are nowhere."""
    acting = {
        "antigravity",
        "this",
        "idlelib",
        "turtledemo",
        "turtle",
        "tkinter",
        "ensurepip",
        "venv",
        "lib2to3",
    }
    for name in (*allowed.STANDARD, *allowed.NUMPY, *allowed.IMPORTED, *allowed.IN_C):
        assert not {*name.split(".")} & (
            acting | {"__main__", "test", "tests", "f2py", "distutils", "conftest"}
        )
    assert acting & sys.stdlib_module_names <= memory.NOT_HERE


def test_a_failing_import_can_be_caught_as_anywhere(zygote: Zygote) -> None:
    """`try: import tkinter except ImportError` works, and `from x import y` says what it always says."""
    text = (
        "try:\n  import tkinter\nexcept ImportError as error:\n  name = error.name\n"
        "try:\n  from json import nothing\nexcept ImportError as error:\n  said = str(error)\n"
        "assert name == 'tkinter'\n"
        "assert said.startswith(\"cannot import name 'nothing' from 'json'\"), said\n"
        "def f(x): return x"
    )
    with handed_in(zygote, text) as hand_in:
        assert hand_in.value().tolist() == [0, 1, 2]


# Functions that need a file, or tell of the machine: what becomes of them is not asked.
WITH_FILES = {
    "fromfile": "reads a file",
    "genfromtxt": "reads a file; from a list it is asked below",
    "get_include": "names a folder",
    "load": "reads a file; from memory it is asked below",
    "loadtxt": "reads a file; from a list it is asked below",
    "memmap": "maps a file",
    "open_memmap": "maps a file",
    "save": "writes a file; to memory it is asked below",
    "savetxt": "writes a file; to memory it is asked below",
    "savez": "writes a file; to memory it is asked below",
    "savez_compressed": "writes a file; to memory it is asked below",
    "fromregex": "reads a file; from memory it is asked below",
    "test": "runs NumPy's own tests, which are files",
}

# Calls every public function and class of a module with arguments of many shapes, until one fits; says which
# none fits, and which raised something that no arguments excuse.
CALLER = Path(__file__).parents[1].joinpath("data", "calls_of_numpy.txt").read_text(encoding="utf-8")


def test_every_public_function_of_numpy_works(zygote: Zygote) -> None:
    """Each is called with arguments that fit, in a job and here: nothing is missing there."""
    text = (
        CALLER
        + f"SKIPPED = {sorted(WITH_FILES)}\n"
        + "all_of = public\n"
        + "def public(module): return (one for one in all_of(module) if one[0] not in SKIPPED)\n"
        + "def f(x):\n"
        "  for name, module in MODULES.items():\n"
        "    unfit, broken = call_all(module)\n"
        "    print(name, len(list(public(module))), 'UNFIT', unfit, 'BROKEN', broken)\n"
        "  return x\n"
    )
    with handed_in(zygote, text, limits=replace(PATIENT, memory_bytes=2 << 30)) as hand_in:
        answer = hand_in.ask()
        assert answer.failure is None, answer.failure
        hand_in.session.close()
        said = hand_in.session.printed("stdout").text
    # Of 450, 30, 50 and 18 functions.
    lines = [line for line in said.splitlines() if line.startswith("numpy")]
    assert len(lines) == 4
    for line in lines:
        assert int(line.split()[1]) > 10
        assert "UNFIT [] BROKEN []" in line


LATE = """
import io
import numpy as np
def f(x):
    a = np.array([3.0, 1.0, 2.0, 2.0])
    assert np.median(a) == 2 and np.percentile(a, 50) == 2 and np.quantile(a, 0.5) == 2
    assert np.nanmedian(a) == 2 and np.nanpercentile(a, 50) == 2
    assert np.unique(a).tolist() == [1, 2, 3] and np.isin(1.0, a)
    assert np.union1d(a, a).size == 3 and np.setdiff1d(a, [1.0]).size == 2 and np.intersect1d(a, a).size == 3
    file = io.BytesIO()
    np.savez_compressed(file, a=a); file.seek(0)
    assert np.load(file)["a"].tolist() == a.tolist()
    file = io.BytesIO()
    np.save(file, a); file.seek(0)
    assert np.load(file).tolist() == a.tolist()
    text = io.StringIO()
    np.savetxt(text, a); text.seek(0)
    assert np.loadtxt(text).tolist() == a.tolist()
    assert np.genfromtxt(["1 2"]).tolist() == [1, 2]
    np.testing.assert_allclose(a, a)
    assert np.ma.masked_array(a, [1, 0, 0, 0]).sum() == 5
    assert np.polynomial.Polynomial([1, 2])(1) == 3 and np.polyfit([0, 1], [0, 1], 1).size == 2
    assert np.char.upper("a") == "A" and np.strings.upper("a") == "A" and np.rec.array([(1,)]).shape == (1,)
    assert np.matlib.zeros(2).shape == (1, 2) and np.matrix("1 2").shape == (1, 2)
    assert np.lib.stride_tricks.sliding_window_view(a, 2).shape == (3, 2)
    assert np.ctypeslib.as_ctypes(a)[0] == 3 and np.info(np.sum, output=io.StringIO()) is None
    assert np.core.multiarray.array is not None and np.dtypes.Float64DType and np.exceptions.AxisError
    np.show_config(); np.show_runtime()
    return x
"""


def test_what_numpy_loads_late_is_there(zygote: Zygote) -> None:
    """Percentiles, sets, files in memory, testing, masked arrays, polynomials, text, records, old names."""
    text = "import warnings; warnings.simplefilter('ignore')\n" + LATE
    with handed_in(zygote, text.replace("; np.show_runtime()", ""), limits=PATIENT) as hand_in:
        assert hand_in.value().tolist() == [0, 1, 2]


PLACES = """
import gc, sys, types, os, platform, site, sysconfig, numpy as np, traceback, linecache, inspect
import asyncio, json
import numpy.testing, unittest, xml.dom.minidom, importlib.metadata

def of(one):
    return [one.co_filename, *one.co_consts] if type(one) is types.CodeType else gc.get_referents(one)

def texts():
    gc.unfreeze()
    seen, waiting = set(), gc.get_objects()
    ignored = {id(seen), id(waiting)}
    while waiting:
        one = waiting.pop()
        if id(one) in seen or id(one) in ignored:
            continue
        seen.add(id(one))
        if type(one) in (str, bytes):
            yield one if type(one) is str else one.decode('latin-1')
        elif type(one) is not types.FrameType:
            waiting.extend(of(one))

def f(x):
    found = {one[:300] for one in texts() if any(place in one for place in PLACES)}
    print(len(found), sorted(found)[:20])
    print(sys.prefix, sys.exec_prefix, sys.base_prefix, sys.executable, sys.argv, sys.orig_argv, sys.path)
    print(np.__file__, np.__spec__, np.__path__, os.__file__, json.__cached__, sysconfig.get_paths())
    print(sys._base_executable, site.PREFIXES)
    print(os.environ, platform.uname(), os.uname(), np.get_include(), unittest.__file__, asyncio.__path__)
    try: np.linalg.inv([[0.0]])
    except Exception: print(traceback.format_exc())
    try: json.loads('{')
    except Exception: print(traceback.format_exc())
    return x
"""


def test_a_job_knows_no_place_of_this_machine(zygote: Zygote, tmp_path: Path) -> None:
    """No string that Python can reach in a job names a folder of ours, of Python's or of NumPy's."""
    python = environment.student_python()
    asked = (
        "import sys, os\n"
        "print(sys.prefix, sys.base_prefix, os.path.realpath(sys.executable), os.uname().nodename)"
    )
    done = subprocess.run([python, "-c", asked], capture_output=True, text=True, check=True)
    prefix, base, executable, machine = done.stdout.split()
    places = {prefix, executable, str(Path(memory.__file__).parents[2])}
    places |= {base} if base not in ("/usr", "/usr/local") else {f"{base}/lib/python"}
    text = f"PLACES = [p[::-1] for p in {[place[::-1] for place in places]}]\n{PLACES}"
    with handed_in(zygote, text, limits=PATIENT) as hand_in:
        hand_in.value()
        hand_in.session.close()
        said = hand_in.session.printed("stdout").text
    # What the list itself holds, and what it was made of.
    assert said.splitlines()[0].startswith(f"{len(places)} "), said
    rest = said.partition("\n")[2]
    assert "/python/lib/python3." in rest
    assert not [place for place in places if place in rest], rest
    assert machine not in rest


def test_the_report_does_not_depend_on_where_things_lie(zygote: Zygote) -> None:
    """What a job says of Python's and NumPy's files is the same wherever they are installed."""
    text = (
        "import numpy as np, os, sys\n"
        "def f(x): raise RuntimeError(f'{np.__file__} {os.__file__} {sys.prefix}')"
    )
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    with handed_in(zygote, text) as hand_in:
        message = hand_in.failure().message
    assert message == (
        f"f raised RuntimeError: .../site-packages/numpy/__init__.py .../{version}/os.py /python"
    )


def test_numbers_are_the_same() -> None:
    """The table of functions that need files names nothing that is not there."""
    for name in WITH_FILES:
        assert hasattr(np, name) or hasattr(np.lib.format, name)
