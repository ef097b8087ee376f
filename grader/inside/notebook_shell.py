"""Runs the cells of a notebook in order, in IPython's own shell, inside a job.

A job has no kernel beside it: no socket, no thread, no file. So the shell is made without its profile, its
history and its debugger, what it would print is recorded, and Matplotlib draws into memory: each figure that
is open at the end of a cell, or when `plt.show` is called, becomes a PNG. What a shell does beside Python is
refused in a sentence.

A cell is stopped when the time of the whole notebook is over, by a signal that comes again each second; a
cell that no signal stops is ended with the job.
"""

from __future__ import annotations

import builtins
import importlib
import io
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, Any

from . import ipython_shell
from .ipython_shell import OutOfTimeError
from .notebook_outputs import (
    AT_LINE,
    BEGUN,
    DISPLAYED,
    ENDED,
    ERROR,
    PICTURE,
    RESULT,
    STDERR,
    STDOUT,
    TRACEBACK,
    Outputs,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

AGAIN_S = 1.0  # until a cell that caught the end of its time is told again
MOST_FIGURES = 40


@dataclass(frozen=True)
class Figure:
    """What is said on a figure's axes: of each pair, whether it has lines or points at all."""

    cell: int
    labels: tuple[tuple[str, str, bool], ...]


@dataclass
class Ran:
    """What came of a notebook.

    Attributes:
        outputs: of its cells.
        figures: that were shown.
        names: what it has defined.
        went_through: whether every cell did.
    """

    outputs: Outputs = field(default_factory=Outputs)
    figures: list[Figure] = field(default_factory=list)
    names: Mapping[str, Any] = field(default_factory=dict)
    went_through: bool = False


def run(cells: Sequence[tuple[int, str]], limit_s: float, modules: Mapping[str, ModuleType]) -> Ran:
    """Run cells until one fails.

    Args:
        cells: the number of each, and its Python.
        limit_s: wall-clock seconds for all of them together.
        modules: by name, what the cells import under it, whatever else there is of that name.
    """
    ran = Ran()
    recorder = _Recorder(ran)
    shell = ipython_shell.made(recorder)
    ran.names = shell.user_ns
    sys.modules.update(modules)
    with _in_place(shell, recorder), _timed(limit_s):
        for number, text in cells:
            recorder.cell = number
            ran.outputs.add(BEGUN, number)
            if not _through(shell, recorder, text):
                return ran
            ran.outputs.add(ENDED, number)
    ran.went_through = True
    return ran


# What cells use for the first time imports modules and reads files: done once where that is still possible.
FIRST_USES = (
    "import matplotlib.pyplot as plt\nimport torch\nfrom tqdm.auto import tqdm",
    "from IPython.display import HTML, Image, display\ndisplay(HTML('a'))\n%matplotlib inline",
    "plt.subplots()[1].plot([1, 2], 'o-', label='a')\nplt.xlabel('b')\nplt.legend()\nplt.show()",
    "[1, {'a': (2,)}]",
    "for _ in tqdm(range(2)): pass",
    "class Some(torch.nn.Module):\n    'A docstring.'\nSome()",
    "data = torch.utils.data.TensorDataset(torch.ones(4, 2))\n"
    "for (batch,) in torch.utils.data.DataLoader(data, batch_size=2, shuffle=True):\n"
    "    layer = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.LogSoftmax(dim=-1))\n"
    "    for way in (torch.optim.Adam, torch.optim.SGD, torch.optim.RMSprop):\n"
    "        optimizer = way(layer.parameters())\n"
    "        torch.nn.NLLLoss()(layer(batch), torch.zeros(2, dtype=torch.long)).backward()\n"
    "        optimizer.step()\n"
    "torch.einsum('ij->ji', torch.ones(2, 3)), torch.randperm(3), layer",
    "!ls",
    "def f(a):\n    return 1 / a\nf(0)",
)


def warm() -> None:
    """Run cells as hand-ins have them, and one that does not parse."""
    for cells in (FIRST_USES, ("def f(:",)):
        run([*enumerate(cells, 1)], 60.0, {})


def _through(shell: Any, recorder: _Recorder, text: str) -> bool:
    """Run one cell; whether it went through."""
    try:
        recorder.failed = False
        result = shell.run_cell(text, store_history=True)
        recorder.show_figures()
        return bool(result.success) and not recorder.failed
    except OutOfTimeError:  # between the student's code and ours
        recorder.out_of_time()
        return False


class _Recorder:
    """Puts what cells show where it belongs."""

    def __init__(self, ran: Ran) -> None:
        self.ran, self.cell, self.failed = ran, 0, False

    def add(self, kind: bytes, content: bytes | str = b"") -> None:
        self.ran.outputs.add(kind, self.cell, content)

    def show_figures(self, *_: object, **__: object) -> None:
        """Draw all figures that are open, note what stands on their axes, and close them."""
        pyplot = sys.modules.get("matplotlib.pyplot")
        if pyplot is None:
            return
        for number in pyplot.get_fignums():
            figure = pyplot.figure(number)
            if len(self.ran.figures) < MOST_FIGURES:
                drawn = io.BytesIO()
                figure.savefig(drawn, format="png", bbox_inches="tight")
                self.add(PICTURE, drawn.getvalue())
                self.ran.figures.append(Figure(self.cell, tuple(_labels(axes) for axes in figure.axes)))
        pyplot.close("all")

    def result(self, text: str) -> None:
        self.add(RESULT, text)

    def display(self, data: Mapping[str, Any]) -> None:
        """Keep what display() was given: a picture, or else its text; no HTML and no script."""
        picture, text = data.get("image/png"), data.get("text/plain")
        if isinstance(picture, bytes):
            self.add(PICTURE, picture)
        elif isinstance(text, str):
            self.add(DISPLAYED, text)

    def error(self, kind: str, message: str, lines: Sequence[str], line: int | None) -> None:
        self.failed = True
        self.add(ERROR, f"{kind}\n{message}")
        if line is not None:
            self.add(AT_LINE, str(line))
        self.add(TRACEBACK, "\n".join(lines))

    def out_of_time(self) -> None:
        self.error("OutOfTime", "the time for the whole notebook was over in this cell", [], None)


def _labels(axes: Any) -> tuple[str, str, bool]:
    has_data = bool(axes.lines or axes.collections or axes.patches)
    return str(axes.get_xlabel())[:200], str(axes.get_ylabel())[:200], has_data


class _Stream(io.TextIOBase):
    """What a cell writes to goes into its outputs."""

    def __init__(self, recorder: _Recorder, kind: bytes) -> None:
        self._recorder, self._kind = recorder, kind

    def write(self, text: str) -> int:
        self._recorder.ran.outputs.stream(self._kind, self._recorder.cell, str(text))
        return len(text)

    def writable(self) -> bool:
        return True

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "utf-8"  # by which tqdm draws its bars


@contextmanager
def _in_place(shell: Any, recorder: _Recorder) -> Iterator[None]:
    """Let what cells print, show and ask for come here."""
    pyplot: Any = importlib.import_module("matplotlib.pyplot")
    pyplot.switch_backend("agg")
    before = sys.stdout, sys.stderr, builtins.input, pyplot.show
    _bars_without_times()
    sys.stdout, sys.stderr = _Stream(recorder, STDOUT), _Stream(recorder, STDERR)
    builtins.input = _no_input
    pyplot.show = recorder.show_figures
    try:
        yield
    finally:
        sys.stdout, sys.stderr, builtins.input, pyplot.show = before


def _bars_without_times() -> None:
    """Let tqdm's bars say how far they are and not how long it took, which differs from run to run."""
    bars = sys.modules["tqdm.std"].tqdm
    own = bars.format_meter

    def format_meter(n: Any, total: Any, elapsed: Any, *arguments: Any, **named: Any) -> Any:
        return own(n, total, 0, *arguments, **{**named, "rate": None, "initial": n})

    bars.format_meter = staticmethod(format_meter)


def _no_input(*_: object) -> str:
    raise EOFError("nobody is there to answer input() where notebooks are run")


@contextmanager
def _timed(limit_s: float) -> Iterator[None]:
    """Raise in whatever runs when the time is over, and each second after that."""

    def over(*_: object) -> None:
        raise OutOfTimeError

    if sys.platform == "win32":  # has no such signal: there the job's own deadline ends it
        yield
        return
    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, limit_s, AGAIN_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
