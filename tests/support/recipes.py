"""Hand-ins as students hand them in, each made from a model hand-in by one trait or two, with what it must get.

A trait is something that stood in a real hand-in: a test cell that raises, a line that is no Python, a
notebook with magics. What it costs is known, since everything else is right.
"""

from __future__ import annotations

import ast
import base64
import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SRC = Path(__file__).parents[2] / "src"
RNN_PATH, GRU_PATH = "rnn_step_by_step.py", "hw3/gru.py"
RNN = (SRC / "rnn_step_by_step" / RNN_PATH).read_text(encoding="utf-8")
GRU = (SRC / "gru_cell" / GRU_PATH).read_text(encoding="utf-8")
TORCH_GRU = (SRC / "torch_gru_cell" / "hw3" / "gru_cell.py").read_text(encoding="utf-8")
TORCH_LSTM = (SRC / "torch_lstm_cell" / "hw3" / "lstm_cell.py").read_text(encoding="utf-8")
NBACK = (SRC / "nback_rnn" / "homework6_model.py").read_text(encoding="utf-8")
THEORY = (SRC / "lstm_gru_theory" / "gru_gradients.py").read_text(encoding="utf-8")

Files = Mapping[str, bytes]
Cell = str | tuple[str, str]  # of code, or (kind, source)


@dataclass(frozen=True)
class Recipe:
    """A hand-in and what must come of it.

    Attributes:
        name: its trait.
        assignment: what it is graded for.
        files: path -> content; a single path without a folder is handed in as that file.
        points: what it must get; None if it is rejected.
        says: what must stand in the report.
        form: how it is packed.
        call_s: seconds for each call, where something hangs.
        silent: what must not stand in the report.
    """

    name: str
    assignment: str
    files: Files
    points: float | None
    says: tuple[str, ...] = ()
    form: str = "folder"
    call_s: float | None = None
    silent: tuple[str, ...] = ()


def lay(recipe: Recipe, folder: Path) -> Path:
    """Write the hand-in into a folder, and return what is to be graded."""
    if recipe.form == "file":
        ((name, content),) = recipe.files.items()
        (folder / name).write_bytes(content)
        return folder / name
    if recipe.form == "zip":
        with zipfile.ZipFile(folder / "handin.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for path, content in recipe.files.items():
                archive.writestr(path, content)
        return folder / "handin.zip"
    if recipe.form == "tar.gz":
        (folder / "handin.tar").write_bytes(gzip.compress(_tar(recipe.files), mtime=0))
        return folder / "handin.tar"
    for path, content in recipe.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


def _tar(files: Files) -> bytes:
    memory = io.BytesIO()
    with tarfile.open(fileobj=memory, mode="w") as tar:
        for path, content in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return memory.getvalue()


def pieces(source: str) -> list[str]:
    """Return the top-level statements of a source, with the comments above each."""
    lines = source.splitlines(keepends=True)
    ends = [node.end_lineno or 0 for node in ast.parse(source).body]
    return ["".join(lines[begin:end]).strip("\n") for begin, end in zip([0, *ends], ends, strict=False)]


def notebook(cells: Sequence[Cell], minor: int = 2, lines: bool = True, **changed: Any) -> bytes:
    """Return a notebook of format 4; a source is a list of lines, as Jupyter writes it, or one text."""
    made = []
    for number, cell in enumerate(cells, 1):
        kind, source = ("code", cell) if isinstance(cell, str) else cell
        text: Any = source.splitlines(keepends=True) if lines else source
        one: dict[str, Any] = {"cell_type": kind, "metadata": {}, "source": text}
        if kind == "code":
            one |= {"execution_count": number, "outputs": []}
        if minor >= 5:
            one["id"] = f"c{number}"
        made.append(one)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    whole = {"cells": made, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": minor}
    return (json.dumps({**whole, **changed}, indent=1, ensure_ascii=False) + "\n").encode()


def old_notebook(cells: Sequence[str], language: str = "python") -> bytes:
    """Return a notebook of format 3."""
    made: list[dict[str, Any]] = [
        {"cell_type": "heading", "level": 1, "metadata": {}, "source": ["Title"]},
        *(
            {
                "cell_type": "code",
                "collapsed": False,
                "input": cell.splitlines(keepends=True),
                "language": language,
                "metadata": {},
                "outputs": [],
                "prompt_number": 1,
            }
            for cell in cells
        ),
    ]
    sheets = [{"cells": made, "metadata": {}}]
    return json.dumps(
        {"metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0, "worksheets": sheets}
    ).encode()


def changed(source: str, old: str, new: str) -> str:
    """Return the source with one passage replaced."""
    assert old in source, old
    return source.replace(old, new, 1)


def function(source: str, name: str) -> str:
    """One top-level definition of a source."""
    for node in ast.parse(source).body:
        if getattr(node, "name", None) == name:
            return ast.get_source_segment(source, node) or ""
    raise LookupError(name)


CELLS = pieces(RNN)
TESTED = 'parameters = {}\na_next, yt, cache = rnn_cell_forward(xt_tmp, a_prev_tmp, parameters_tmp)\nprint("a_next[4] = ", a_next[4])'
BROKEN = function(RNN, "rnn_backward")
OPEN_BRACKET = changed(BROKEN, 'return {"dx"', 'return ({"dx"')
NO_ACTIVATION = GRU[: GRU.index("class Sigmoid")] + "{}\n\n\n" + GRU[GRU.index("class GRU_Cell") :]
UNCALLABLE = "import numpy as np\nclass Sigmoid:\n    def forward(self, a):\n        self.s = 1 / (1 + np.exp(-a))\n        return self.s\n    def derivative(self):\n        return self.s * (1 - self.s)\nclass Tanh(Sigmoid):\n    def forward(self, a):\n        self.s = np.tanh(a)\n        return self.s\n    def derivative(self):\n        return 1 - self.s ** 2\n"
LOOP = "while True:\n    pass\n"


def rnn(name: str, source: str, points: float = 100, *says: str, **more: Any) -> Recipe:
    """Return a hand-in of one file for rnn_step_by_step."""
    return Recipe(name, "rnn_step_by_step", {RNN_PATH: source.encode()}, points, says, **more)


def gru(name: str, source: str, points: float = 100, *says: str, **more: Any) -> Recipe:
    """Return a hand-in of one file for gru_cell, and of what lies beside it."""
    beside = {path: text.encode() for path, text in more.pop("beside", {}).items()}
    return Recipe(name, "gru_cell", {GRU_PATH: source.encode(), **beside}, points, says, **more)


def noted(name: str, content: bytes, points: float | None = 100, *says: str, **more: Any) -> Recipe:
    """Return a hand-in of one notebook for rnn_step_by_step."""
    more = {"form": "file", **more}
    return Recipe(
        name, "rnn_step_by_step", {more.pop("path", "rnn_step_by_step.ipynb"): content}, points, says, **more
    )


def top_level() -> Iterator[Recipe]:
    """Statements that fail, end the process or never end."""
    yield rnn("a test cell raises", f"{RNN}\n{TESTED}\n", 100, "raised NameError: name 'xt_tmp'")
    unwritten = changed(
        RNN,
        function(RNN, "lstm_backward"),
        "def lstm_backward(da, caches):\n    gradients = None\n    return gradients",
    )
    yield rnn(
        "a test of what is not written yet",
        f"{unwritten}\ng = lstm_backward(1, 2)\nprint(g['dx'][1])\n",
        100,
        "'NoneType' object is not subscriptable",
    )
    yield rnn("the first line raises", f"import tensorflow as tf\nprint(tf.__version__)\n{RNN}")
    yield rnn("raise at the top", f"raise RuntimeError('run me in Colab')\n{RNN}", 100, "run me in Colab")
    yield rnn(
        "sys.exit among the functions",
        changed(RNN, "def rnn_forward", "import sys\nsys.exit(0)\n\n\ndef rnn_forward"),
    )
    yield rnn("quit at the bottom", f"{RNN}\nraise SystemExit\n")
    yield rnn("os._exit at the bottom", f"{RNN}\nimport os\nos._exit(0)\n", 100, "ended the process")
    yield rnn(
        "os._exit in three places",
        f"import os\nos._exit(1)\n{RNN}\nos._exit(2)\nfor i in [3]:\n    os._exit(i)\n",
        100,
        "2 more like it",
    )
    yield rnn(
        "a crash of Python", f"{RNN}\nimport ctypes\nctypes.string_at(0)\n", 100, "crashed Python itself"
    )
    yield rnn("more memory than there is", f"{RNN}\nhuge = [0] * 10**12\n", 100, "MemoryError")
    yield rnn("a loop without end at the bottom", f"{RNN}\n{LOOP}", 100, "was stopped after 2 s", call_s=2)
    yield rnn("a loop without end above the functions", f"{LOOP}\n{RNN}", 100, "was left out", call_s=2)
    yield rnn(
        "three loops without end",
        f"{LOOP}{RNN}\n{LOOP}\n{LOOP}",
        100,
        "what defines nothing was left out",
        call_s=2,
    )
    yield rnn(
        "a training that never ends, in a function",
        f"{RNN}\ndef train():\n    {LOOP.replace(chr(10), chr(10) + '    ')}\nlosses = train()\n",
        100,
        "`losses = train()` was stopped",
        call_s=2,
    )
    yield rnn(
        "a failed assert at the end",
        f"{RNN}\nassert rnn_cell_forward is None, 'compare with the notebook'\n",
        100,
        "AssertionError: compare with the notebook",
    )
    yield rnn(
        "97 statements that raise",
        RNN + "".join(f"\nprint(a{n}[{n}])" for n in range(97)),
        100,
        "96 more like it",
    )
    yield rnn("recursion without end", f"{RNN}\ndef f():\n    f()\nf()\n", 100, "RecursionError")
    yield rnn("input", f"{RNN}\nname = input('name? ')\n", 100, "EOFError")
    yield gru(
        "a Windows path and weights that are not there",
        f"import os\nos.chdir(r'C:\\Users\\me')\nimport numpy as np\nw = np.load('w.npy')\n{GRU}",
    )
    yield gru(
        "a class of torch beside it",
        f"import torch\nclass Net(torch.nn.Module):\n    pass\n{GRU}\nnet = Net()\n",
        100,
        "`class Net` raised ModuleNotFoundError",
    )
    scaled = changed(RNN, BROKEN, BROKEN.replace("):\n", "):\n    SCALE\n", 1))
    yield rnn(
        "a constant that cannot be read",
        f"SCALE = float(open('scale.txt').read())\n{scaled}",
        80,
        "what needs it fails",
    )
    yield Recipe(
        "a loop without end in a module",
        "rnn_step_by_step",
        {
            RNN_PATH: changed(RNN, "from rnn_utils", "from helpers").encode(),
            "helpers.py": b"from rnn_utils import sigmoid, softmax\nwhile True: pass\n",
        },
        100,
        ("helpers.py", "was stopped"),
        call_s=2,
    )
    yield Recipe(
        "a module that raises below what is needed",
        "gru_cell",
        {
            GRU_PATH: NO_ACTIVATION.format("from acts import Sigmoid, Tanh").encode(),
            "hw3/acts.py": (
                GRU[GRU.index("import numpy") : GRU.index("class GRU_Cell")] + "\nprint(1 / 0)\n"
            ).encode(),
        },
        100,
        ("acts.py", "ZeroDivisionError"),
    )
    yield rnn(
        "annotations from the future, and a failing line",
        changed(
            RNN,
            "import numpy as np",
            "from __future__ import annotations\n1 / 0\nimport numpy as np\nx: Undefined = 1",
        ),
    )
    yield rnn("a name that is deleted again", f"{RNN}\nfor i in range(3):\n    pass\ndel i, j\n")


def unparsable() -> Iterator[Recipe]:
    """Lines that are no Python, or not today's."""
    yield rnn(
        "a missing bracket in rnn_backward",
        changed(RNN, BROKEN, OPEN_BRACKET),
        80,
        "so rnn_backward was passed over here",
    )
    forward = function(RNN, "lstm_forward")
    yield rnn(
        "an open text in lstm_forward",
        changed(RNN, forward, forward + "\n    print('done)"),
        80,
        "unterminated string literal",
    )
    yield rnn(
        "an open docstring in rnn_backward",
        changed(RNN, BROKEN, BROKEN.replace("):\n", '):\n    """Goes back.\n', 1)),
        80,
        "rnn_backward was passed over",
    )
    yield rnn(
        "indented wrongly", changed(RNN, BROKEN, BROKEN.replace("\n    ", "\n  ", 2)), 80, "IndentationError"
    )
    yield rnn(
        "pasted output",
        f"{RNN}\na_next[4] = \n [ 0.59584544  0.18141802]\na_next.shape = (5, 10)\nyt[1] =\n [0.98]\n",
    )
    yield rnn("a bare cd", f"cd '/content/drive/My Drive'\n{RNN}\nls\n")
    yield rnn(
        "marks of a merge",
        changed(RNN, "def rnn_forward", "<<<<<<< HEAD\n=======\n>>>>>>> theirs\ndef rnn_forward"),
    )
    yield rnn(
        "prose between the functions",
        changed(RNN, "def lstm_forward", "Now the LSTM: it has three gates.\n\ndef lstm_forward"),
    )
    printing = changed(
        RNN,
        BROKEN,
        BROKEN.replace("):\n", "):\n    print 'going back', len(caches)\n    if False: print da.shape,\n", 1),
    )
    yield rnn(
        "prints of Python 2", f"{printing}\nprint 'ready'\n", 100, "Python 2's print statements were left out"
    )
    yield rnn("return outside of a function", f"{RNN}\nreturn 1\n", 100, "'return' outside function")
    yield rnn("a late import from the future", f"{RNN}\nfrom __future__ import division\n")
    tabbed = "\n".join(
        line.replace("    ", "\t", 1) if number % 2 else line.replace("    ", " " * 8, 1)
        for number, line in enumerate(BROKEN.split("\n"))
    )
    yield rnn("tabs of eight columns", changed(RNN, BROKEN, tabbed), 100, "tabs are mixed with spaces")
    doubtful = changed(BROKEN, "    steps, x", "    for t in range(2):\n        x = 1\n\tx = 2\n    steps, x")
    yield rnn("tabs that mean nothing", changed(RNN, BROKEN, doubtful), 80)
    gone = changed(GRU, "return dx, dh", "return (dx, dh")
    yield gru("a missing bracket in backward", gone, 30, "GRU_Cell.backward was passed over")
    yield gru("nothing parses", "class GRU_Cell(:\n    ???\n", 0, "SyntaxError")
    yield Recipe(
        "an n-back program in Python 2",
        "nback_rnn",
        {
            "homework6_me.py": (
                changed(NBACK, "class RNN", "class Network").replace("backward", "back")
                + "\nprint 'loss', 3\nexec 'x = 1'\n"
            ).encode()
        },
        0,
        ("a person will look at this",),
    )


def notebooks() -> Iterator[Recipe]:
    """Yield the facts about notebooks."""
    for minor in (0, 1, 2, 4, 5):
        yield noted(f"format 4.{minor}", notebook(CELLS, minor))
    yield noted("format 3", old_notebook(CELLS))
    yield noted("sources as one text", notebook(CELLS, lines=False))
    picture = {
        "output_type": "display_data",
        "metadata": {},
        "data": {"image/png": base64.b64encode(bytes(15 << 20)).decode()},
    }
    made = json.loads(notebook(CELLS))
    made["cells"][2]["outputs"] = [picture]
    yield noted("20 MB of pictures", json.dumps(made).encode())
    yield noted("carriage returns", notebook([cell.replace("\n", "\r\n") for cell in CELLS], lines=False))
    yield noted("empty cells", notebook(["", *CELLS[:4], " \n", ("markdown", "# Title"), *CELLS[4:], ""]))
    yield noted("a BOM", b"\xef\xbb\xbf" + notebook(CELLS))
    yield noted(
        "magics",
        notebook(
            [
                "%matplotlib inline\n%load_ext autoreload\n%autoreload 2\n" + CELLS[0],
                *CELLS[1:],
                "%timeit rnn_forward\n%%time\n",
            ]
        ),
        100,
        "only a notebook understands this",
    )
    yield noted(
        "shell commands",
        notebook(
            ["!pip install -q numpy\nfiles = !ls\n!wget \\\n  http://example.org\n" + CELLS[0], *CELLS[1:]]
        ),
    )
    yield noted(
        "bare commands", notebook(["cd '/content/drive/My Drive/RNN'\npwd\nls\n" + CELLS[0], *CELLS[1:]])
    )
    yield noted("questions", notebook([*CELLS, "np.dot?\n?np.tanh\nrnn_forward??"]))
    yield noted(
        "cell magics",
        notebook(
            [
                "%%bash\ncd /tmp && ls",
                "%%html\n<b>x</b>",
                *(f"%%time\n{cell}" for cell in CELLS),
                "%%writefile notes.txt\nit works",
            ]
        ),
        100,
        "a cell of %%bash",
    )
    colab = "from google.colab import drive, files\ndrive.mount('/content/drive', force_remount=True)\nuploaded = files.upload()\n"
    yield noted(
        "Colab", notebook([colab + CELLS[0], *CELLS[1:]]), 100, "google.colab is there in Colab alone"
    )
    heavy = "import tensorflow as tf\nimport imageio\nfrom scipy import ndimage\nimport numpy as np\nfrom rnn_utils import *\nimport matplotlib.pyplot as plt\nplt.rcParams['figure.figsize'] = (5.0, 4.0)\n"
    functions = [cell for cell in CELLS if "def " in cell]
    yield noted("tensorflow, imageio and scipy before numpy", notebook([heavy, *functions]))
    tests = "from public_tests import *\nrnn_cell_forward_tests(rnn_cell_forward)\nrnn_forward_test(rnn_forward)\nlstm_cell_forward_test(lstm_cell_forward)\nlstm_forward_test(lstm_forward)"
    yield noted("public tests", notebook([heavy, *functions, tests]))
    yield noted(
        "cells that are no Python",
        notebook(
            [*CELLS[:3], "The RNN is done. Now: the LSTM!", "a_next.shape =  (5, 10)\n [[1. 2.]", *CELLS[3:]]
        ),
        100,
        "passed over",
    )
    wrong = function(RNN, "rnn_cell_forward").replace("np.tanh", "np.sin")
    yield noted(
        "defined twice, the last one right",
        notebook([CELLS[0], wrong, *CELLS[1:]]),
        100,
        "is defined 2 times",
    )
    yield noted("defined twice, the last one wrong", notebook([*CELLS, wrong]), 90, "is defined 2 times")
    order = json.loads(notebook(CELLS))
    for number, cell in enumerate(order["cells"]):
        cell["execution_count"] = 97 - 7 * number if number % 3 else None
    yield noted("run out of order, and not at all", json.dumps(order).encode())
    yield noted(
        "a test cell behind each function that raises",
        notebook([one for cell in CELLS for one in (cell, TESTED)]),
        100,
        "cell 2, line 2",
    )
    yield noted(
        "a broken function in a cell",
        notebook([cell.replace(BROKEN, OPEN_BRACKET) for cell in CELLS]),
        80,
        "so rnn_backward was passed over here",
        "cell ",
    )
    yield noted(
        "a cell that ends the process",
        notebook([*CELLS[:4], "import os\nos._exit(1)", *CELLS[4:]]),
        100,
        "cell 5, line 2",
    )
    yield noted("a training cell that never ends", notebook([*CELLS, LOOP]), 100, "was left out", call_s=2)
    yield noted(
        "old NumPy in a cell", notebook([*CELLS, "x = np.float(1); y = np.zeros(3, np.int)"]), 100, "np.int"
    )
    yield noted(
        "under the course's own name",
        notebook(CELLS),
        path="Building_a_Recurrent_Neural_Network_Step_by_Step_v3a.ipynb",
    )
    yield noted("renamed by Autolab to .py", notebook(CELLS), path=RNN_PATH)
    yield noted("renamed by Autolab to .tar", notebook(CELLS), path="ada@school.edu_1_handin.tar")
    yield noted("in a zip", notebook(CELLS), form="zip", path="work/rnn_step_by_step.ipynb")
    yield noted("in a tar.gz", notebook(CELLS), form="tar.gz")
    yield noted("in a folder, beside its checkpoint", notebook(CELLS), form="folder")
    yield Recipe(
        "beside its export",
        "rnn_step_by_step",
        {RNN_PATH: RNN.encode(), "rnn_step_by_step.ipynb": notebook(["x = 1"])},
        100,
    )
    yield Recipe("for gru_cell", "gru_cell", {"gru.ipynb": notebook(pieces(GRU))}, 100, form="file")
    yield Recipe(
        "for gru_cell, in its folder",
        "gru_cell",
        {"hw3/gru.ipynb": notebook(pieces(GRU))},
        100,
        form="tar.gz",
    )
    yield Recipe(
        "for torch_gru_cell",
        "torch_gru_cell",
        {"gru_cell.ipynb": notebook(pieces(TORCH_GRU))},
        100,
        form="file",
    )
    yield Recipe(
        "for torch_lstm_cell",
        "torch_lstm_cell",
        {"lstm_cell.ipynb": notebook(pieces(TORCH_LSTM))},
        100,
        form="file",
    )
    yield Recipe(
        "for nback_rnn", "nback_rnn", {"homework6_ada.ipynb": notebook(pieces(NBACK))}, 30, form="file"
    )
    yield noted("empty", b"", None, "empty")
    yield noted(
        "without code",
        notebook([("markdown", "# Homework"), ""]),
        None,
        "is a notebook without any code in it",
    )
    yield noted(
        "in R",
        notebook(CELLS, metadata={"kernelspec": {"name": "ir", "language": "R", "display_name": "R"}}),
        None,
        "is a notebook in R, not in Python",
    )
    yield noted(
        "in Julia, of format 3", old_notebook(CELLS, "julia"), None, "is a notebook in julia, not in Python"
    )
    yield noted("cut off", notebook(CELLS)[:-200], None, "damaged or cut off")
    yield noted("nested without end", b'{"nbformat": 4, "cells": ' + b"[" * 10**6, None, "nested deeper")


def several_files() -> Iterator[Recipe]:
    """Functions in sibling files, modules that the course hands out, old NumPy."""
    head, forward = "import numpy as np\nfrom rnn_utils import *\n\n", [c for c in CELLS if "def " in c]
    plain = head + "\n\n\n".join(c for c in forward if "def rnn" in c)
    lstm = head + "\n\n\n".join(c for c in forward if "def lstm" in c)
    split = {RNN_PATH: plain.encode(), "lstm.py": lstm.encode()}
    yield Recipe(
        "the RNN in one file, the LSTM in another",
        "rnn_step_by_step",
        split,
        100,
        ("lstm.py: lstm_cell_forward", "taken from this file"),
    )
    yield Recipe(
        "the RNN in a file, the LSTM in a notebook",
        "rnn_step_by_step",
        {RNN_PATH: plain.encode(), "lstm.ipynb": notebook([lstm])},
        100,
    )
    one_each = {
        f"part{n}.py": (head + (f"from part{n - 1} import *\n" if n else "") + cell).encode()
        for n, cell in enumerate(forward)
    }
    yield Recipe("a file for each function", "rnn_step_by_step", one_each, 100)
    other = {**split, "old/lstm.py": lstm.replace("np.tanh", "np.sin").encode()}
    yield Recipe(
        "two definitions of the same", "rnn_step_by_step", other, 100, ("old/lstm.py", "differently")
    )
    yield Recipe(
        "the way back in a broken file",
        "rnn_step_by_step",
        {
            RNN_PATH: (head + "\n\n\n".join(c for c in forward if "rnn_backward" not in c)).encode(),
            "backward.py": (head + OPEN_BRACKET).encode(),
        },
        80,
    )
    yield Recipe(
        "an old version that imports torch, unused",
        "rnn_step_by_step",
        {RNN_PATH: RNN.encode(), "old/rnn.py": f"import torch\nx = torch.ones(1)\n{RNN}\n(".encode()},
        100,
        silent=("torch", "closed"),
    )
    yield rnn("from utils", changed(RNN, "from rnn_utils import sigmoid, softmax", "from utils import *"))
    yield rnn(
        "from rnn_utils, all of it",
        changed(
            RNN,
            "from rnn_utils import sigmoid, softmax",
            "from rnn_utils import *\nv, s = initialize_adam({'W': np.ones(2)})",
        ),
    )
    for imported in (
        "from activation import *",
        "from .activation import *",
        "from nn.activation import Sigmoid, Tanh",
        "from mytorch.nn.activation import *",
        "from ..mytorch.activation import Sigmoid, Tanh",
        "from mytorch import activation\nSigmoid, Tanh = activation.Sigmoid, activation.Tanh",
    ):
        source = NO_ACTIVATION.format(imported)
        yield Recipe(
            f"lone, {imported.partition(chr(10))[0]}",
            "gru_cell",
            {"gru.py": source.encode()},
            100,
            ("activations",),
            "file",
        )
    yield gru(
        "an activation of its own",
        NO_ACTIVATION.format("from activation import *"),
        beside={"hw3/activation.py": GRU[GRU.index("import numpy") : GRU.index("class GRU_Cell")]},
    )
    yield gru(
        "mytorch without the activation",
        NO_ACTIVATION.format("from mytorch.nn.activation import *"),
        beside={"mytorch/__init__.py": "", "mytorch/nn/__init__.py": "", "mytorch/nn/linear.py": "x = 1"},
    )
    yield gru(
        "an activation that cannot be called",
        NO_ACTIVATION.format("from activation import *"),
        0,
        "Sigmoid comes from hw3/activation.py, where it cannot be called",
        beside={"hw3/activation.py": UNCALLABLE},
    )
    yield rnn(
        "np.float and np.int",
        changed(
            RNN,
            BROKEN,
            BROKEN.replace(
                "):\n",
                "):\n    n = np.int(np.float(3))\n    assert np.zeros(n, dtype=np.float).sum() < np.Inf\n",
                1,
            ),
        ),
        100,
        "NumPy dropped",
    )
    yield rnn(
        "np.bool and np.object",
        f"from numpy import object as thing\n{RNN}\nx = np.array([1], dtype=np.object)\nassert np.bool and thing is object\n",
    )


def corpus() -> list[Recipe]:
    """All of them."""
    return [*top_level(), *unparsable(), *notebooks(), *several_files()]
