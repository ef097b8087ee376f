"""Notebooks run in a real job: what cells show, where a run ends, and what hostile cells get at."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from real_jobs import handed_in, started_zygote

from grader import executed, pictures
from grader.declaration import Environment, Limits
from grader.executed import Executed
from grader.inside import notebook_outputs as outputs
from grader.records import FailureKind, Notebook
from grader.sandbox.zygote import Zygote

LIMITS = Limits(call_s=20.0, total_s=60.0, cpu_s=40, memory_bytes=4 << 30, output_bytes=1 << 20)
ADAPTER = """
from types import ModuleType
from inside import notebook_shell
from inside.adapter_api import Content

def f(module, given):
    homework = ModuleType("homework")
    homework.epochs = lambda wanted: min(wanted, 2)
    ran = notebook_shell.run({cells!r}, {limit_s!r}, {{"homework": homework}})
    return {{"y": Content(ran.outputs.packed())}}
"""


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    """Yield a zygote of the environment in which notebooks are run."""
    with started_zygote(Environment.NOTEBOOK) as started:
        yield started


def ran(zygote: Zygote, *cells: str, limit_s: float = 15.0) -> Executed:
    """Return what comes of a notebook of these code cells."""
    numbered = [*enumerate(cells, 1)]
    adapter = ADAPTER.format(cells=numbered, limit_s=limit_s)
    with handed_in(zygote, "", limits=LIMITS, adapter=adapter, main="a.py") as hand_in:
        content = np.ascontiguousarray(hand_in.value(), np.uint8).tobytes()
    return executed.executed(content, [number for number, _ in numbered])


def texts(run: Executed, kind: str = "stdout") -> str:
    """Return all that was written to a stream."""
    every = [one for of_cell in run.by_cell.values() for one in of_cell]
    return "".join(one["text"] for one in every if one.get("name") == kind)


def test_a_notebook_shows_what_jupyter_shows(zygote: Zygote) -> None:
    """Prints, the last line's value, a bar, a picture, capped epochs: in the order in which they come."""
    run = ran(
        zygote,
        "import matplotlib.pyplot as plt\nfrom tqdm import tqdm\nimport homework\n"
        "print(homework.epochs(500))",
        "for _ in tqdm(range(30)): pass",
        "plt.plot([1, 2])\nplt.xlabel('Epoch')\nplt.show()\nprint('below')\n6 * 7",
    )
    assert run.failed is None
    assert run.ended == (1, 2, 3)
    assert texts(run) == "2\nbelow\n"
    assert "100%|██████████| 30/30" in texts(run, "stderr")
    kinds = [one["output_type"] for one in run.by_cell[3]]
    assert kinds == ["display_data", "stream", "execute_result"]
    assert run.by_cell[3][2]["data"] == {"text/plain": "42"}
    ((cell, picture),) = run.pictures
    assert cell == 3
    assert pictures.png(picture) is not None


def test_a_run_says_the_same_each_time(zygote: Zygote) -> None:
    """Bars without times, objects without addresses, pictures byte for byte."""
    cells = (
        "import matplotlib.pyplot as plt, random, torch\nfrom tqdm import tqdm",
        "for _ in tqdm(range(1000)): random.random()\nprint(random.random(), torch.rand(1))",
        "plt.plot([1, random.random()])",
    )
    first, second = ran(zygote, *cells), ran(zygote, *cells)
    assert first == second
    assert "0x…" in first.by_cell[3][0]["data"]["text/plain"]


def test_torch_trains_in_a_notebook(zygote: Zygote) -> None:
    """Data loaders, optimizers and losses work where no file can be opened and no thread started."""
    run = ran(
        zygote,
        "import torch\nfrom torch import nn",
        "data = torch.utils.data.TensorDataset(torch.rand(9, 3), torch.rand(9, 1))\n"
        "net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))\n"
        "optimizer = torch.optim.AdamW(net.parameters())\n"
        "for x, t in torch.utils.data.DataLoader(data, batch_size=4, shuffle=True):\n"
        "    loss = nn.MSELoss()(net(x), t)\n    loss.backward()\n    optimizer.step()\n"
        "print(loss.item() > 0)",
    )
    assert (run.failed, texts(run)) == (None, "True\n")


def test_a_failing_cell_ends_the_run_and_is_shown(zygote: Zygote) -> None:
    """The cell, the line in it, the exception, and the frames as Jupyter draws them."""
    run = ran(zygote, "def f(a):\n    return 1 / a", "y = 2\nf(0)", "print('never')")
    assert run.failed is not None
    assert (run.failed.cell, run.failed.line, run.failed.kind) == (2, 2, "ZeroDivisionError")
    assert "----> 2 f(0)" in run.failed.shown
    assert run.begun == (1, 2)
    assert run.ended == (1,)
    assert texts(run) == ""


def test_a_cell_that_does_not_parse_is_shown(zygote: Zygote) -> None:
    """A syntax error has its line as well."""
    run = ran(zygote, "x = 1", "y = 2\nfor in x:\n    pass")
    assert run.failed is not None
    assert (run.failed.cell, run.failed.line, run.failed.kind) == (2, 2, "SyntaxError")


@pytest.mark.parametrize(
    "cell",
    [
        "while True:\n    pass",
        "import time\nwhile True:\n    try:\n        time.sleep(9)\n    except Exception:\n        pass",
    ],
)
def test_a_cell_ends_with_the_time_of_its_notebook(zygote: Zygote, cell: str) -> None:
    """What came before is kept, and the report says in which cell the time was over."""
    run = ran(zygote, "print('before')", cell, limit_s=1.0)
    assert run.failed is not None
    assert (run.failed.cell, run.failed.kind) == (2, "OutOfTime")
    assert texts(run) == "before\n"


def test_a_cell_that_no_signal_stops_ends_with_the_job(zygote: Zygote) -> None:
    """Who blocks the signal is ended by the clock of the job."""
    cell = "import signal\nsignal.setitimer(signal.ITIMER_REAL, 0)\nwhile True:\n    pass"
    short = Limits(call_s=3.0, total_s=30.0, cpu_s=40, memory_bytes=4 << 30)
    adapter = ADAPTER.format(cells=[(1, cell)], limit_s=1.0)
    with handed_in(zygote, "", limits=short, adapter=adapter, main="a.py") as hand_in:
        assert hand_in.failure().kind is FailureKind.TIME


SHELLS = (
    "get_ipython().system('id')",
    "get_ipython().getoutput('id')",
    "get_ipython().run_line_magic('pip', 'install x')",
    "get_ipython().run_cell_magic('bash', '', 'id')",
    "!id",
    "%%bash\nid",
    "%run other.py",
    "%load_ext autoreload",
    "files = !ls",
)


def test_a_shell_is_refused_in_a_sentence(zygote: Zygote) -> None:
    """Magics and commands are not run, whatever way they are called; what stands below goes on."""
    run = ran(zygote, *SHELLS, "print('below')")
    assert run.failed is None
    assert texts(run) == "below\n"
    assert texts(run, "stderr").count("is not run where notebooks are graded") == len(SHELLS)


# --- attacks


def chunk(name: bytes, body: bytes) -> bytes:
    """Return one chunk of a PNG."""
    return struct.pack(">I4s", len(body), name) + body + struct.pack(">I", zlib.crc32(body, zlib.crc32(name)))


def a_png(width: int = 2, height: int = 2, pixels: bytes | None = None, more: bytes = b"") -> bytes:
    """Return a PNG of grey pixels."""
    raw = (b"\0" + b"\0" * width) * height if pixels is None else pixels
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")
    return pictures.SIGNATURE + body + more


def test_a_picture_is_held_to_what_it_says() -> None:
    """A whole PNG is one; what is damaged, a bomb, or something behind a PNG is none."""
    whole = a_png()
    assert pictures.png(whole) == pictures.Png(2, 2)
    flipped = bytearray(whole)
    flipped[20] ^= 1
    for none in (
        b"",
        whole[:-1],
        whole[:-1] + b"\0",  # a checksum that is not that of its chunk
        whole[:40],
        bytes(flipped),
        a_png(more=b"<script>alert(1)</script>"),
        a_png(100_000, 100_000, b"\0"),  # announces 10 GB
        a_png(pixels=bytes(1 << 24)),  # unpacks to more than it announces
        a_png(pixels=b"\0"),
        b"GIF89a" + whole,
        pictures.SIGNATURE + chunk(b"IEND", b""),
        pictures.SIGNATURE + whole[8:33] * 2 + whole[33:],  # two headers
    ):
        assert pictures.png(none) is None


def test_a_forged_picture_does_not_come_out(zygote: Zygote) -> None:
    """Script called a picture, a savefig of the student's own, a header that lies: none is passed on."""
    run = ran(
        zygote,
        "from IPython.display import display\nimport matplotlib.pyplot as plt, zlib, struct",
        "display({'image/png': b'<script>alert(1)</script>', 'text/plain': 'a'}, raw=True)",
        "plt.Figure.savefig = lambda self, file, **_: file.write(b'GIF89a')\nplt.plot([1])\nplt.show()",
        "def c(n, b): return struct.pack('>I4s', len(b), n) + b + struct.pack('>I', zlib.crc32(n + b))\n"
        "bomb = b'\\x89PNG\\r\\n\\x1a\\n'\n"
        "bomb += c(b'IHDR', struct.pack('>IIBBBBB', 1 << 30, 1 << 30, 8, 2, 0, 0, 0)) \\\n"
        "    + c(b'IDAT', zlib.compress(bytes(1 << 20))) + c(b'IEND', b'')\n"
        "display({'image/png': bomb}, raw=True)",
    )
    assert run.failed is None
    assert run.pictures == ()
    assert run.no_pictures == 3
    assert "image/png" not in str(run.by_cell)


def test_html_and_script_leave_as_their_text(zygote: Zygote) -> None:
    """Of what is displayed, text and pictures leave the job."""
    run = ran(
        zygote,
        "from IPython.display import HTML, Javascript, SVG, display",
        "display(HTML('<script>alert(1)</script>'), Javascript('alert(1)'))\n"
        "display(SVG('<svg onload=\"alert(1)\"/>'))",
        "class A:\n    def _repr_html_(self): return '<script>alert(1)</script>'\n"
        "    def __repr__(self): return 'plain'\nA()",
    )
    assert "<script" not in str(run.by_cell)
    assert "alert" not in str(run.by_cell)


def test_outputs_without_end_are_cut(zygote: Zygote) -> None:
    """Text, figures and displays by the million leave as little."""
    run = ran(
        zygote,
        "import sys, matplotlib.pyplot as plt\nfrom IPython.display import display",
        "for _ in range(300): print('x' * 100_000)",
        "for _ in range(20_000): display(1)",
        "raise ValueError('y' * 10_000_000)",
    )
    assert sum(len(str(one)) for of_cell in run.by_cell.values() for one in of_cell) < 4 << 20
    assert run.failed is not None
    assert len(run.failed.message) <= 500


def test_what_claims_to_be_a_run_must_be_one() -> None:
    """Records of cells that are not there, in another order, too long, or of no known kind are refused."""
    good = outputs.Outputs()
    for number in (1, 2):
        good.add(outputs.BEGUN, number)
        good.add(outputs.ENDED, number)
    assert executed.executed(good.packed(), [1, 2]).ended == (1, 2)
    for forged in (
        good.packed() + b"b",
        outputs.HEAD.pack(outputs.BEGUN, 7, 0),
        outputs.HEAD.pack(outputs.BEGUN, 2, 0),
        outputs.HEAD.pack(outputs.BEGUN, 1, 0) + outputs.HEAD.pack(outputs.ENDED, 2, 0),
        outputs.HEAD.pack(b"?", 1, 0),
        outputs.HEAD.pack(outputs.STDOUT, 1, 1 << 31),
        outputs.HEAD.pack(outputs.BEGUN, 1, 0) * 20_000,
    ):
        with pytest.raises(ValueError, match=r"record|cell|notebook"):
            executed.executed(forged, [1, 2])


def test_a_cell_that_owns_the_recorder_can_only_put_out(zygote: Zygote) -> None:
    """Who finds our own objects in the job adds outputs; a cell that is not there is refused."""
    with pytest.raises(ValueError, match="not there"):
        ran(zygote, "import sys\nsys.stdout._recorder.ran.outputs.add(b'e', 99)")


@pytest.mark.parametrize(
    "cell",
    [
        "import ctypes\nctypes.CDLL(None).system(b'id')\nprint(open('/etc/passwd').read())",
        "import subprocess\nprint(subprocess.run(['id'], capture_output=True).stdout)",
        "import os\nprint(os.listdir('/etc'))",
        "import torch\nprint(torch.load('/etc/passwd'))",
        "import socket\nsocket.create_connection(('127.0.0.1', 1))",
        "import threading\nthreading.Thread(target=print, args=('a thread',)).start()",
        "import matplotlib.image as image\nprint(image.imread('/etc/hostname'))",
        "get_ipython().user_ns['__builtins__'].open('/proc/self/maps').read()",
    ],
)
def test_a_notebook_gets_at_nothing(zygote: Zygote, cell: str) -> None:
    """Files, processes, threads and the network are as closed as to any hand-in."""
    run = ran(zygote, cell)
    assert run.failed is not None
    assert texts(run) == ""


def test_what_is_registered_for_the_end_does_not_run(zygote: Zygote) -> None:
    """A job ends without exit handlers."""
    run = ran(zygote, "import atexit, sys\natexit.register(lambda: print('at the end', file=sys.__stderr__))")
    assert run.failed is None
    assert "at the end" not in str(run.by_cell)


def test_the_executed_notebook_is_made_of_our_own_copy(zygote: Zygote, tmp_path: Path) -> None:
    """It validates by nbformat's schema, holds every cell as it was handed in, and opens again."""
    import nbformat

    code = ("import sys\n!ls\nprint('a')", "1 / 0", "print('never')")
    whole = (("markdown", "# <b>A title</b>"), *(("code", one) for one in code), ("raw", "raw"))
    notebook = Notebook(
        cells=((2, "import sys\n\nprint('a')"), (3, code[1]), (4, code[2])),
        left_out=(("a shell command", 2, 2),),
        whole=whole,
    )
    numbered = notebook.cells
    adapter = ADAPTER.format(cells=list(numbered), limit_s=10.0)
    with handed_in(zygote, "", limits=LIMITS, adapter=adapter, main="a.py") as hand_in:
        content = np.ascontiguousarray(hand_in.value(), np.uint8).tobytes()
    made = executed.as_notebook(notebook, executed.executed(content, [2, 3, 4]))
    path = tmp_path / "executed.ipynb"
    path.write_bytes(made)
    opened = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    nbformat.validate(opened)
    assert [(one.cell_type, one.source) for one in opened.cells] == list(whole)
    assert "line 2: a shell command is not run" in opened.cells[1].outputs[0].text
    assert opened.cells[2].outputs[0].ename == "ZeroDivisionError"
    assert opened.cells[3].outputs == []
