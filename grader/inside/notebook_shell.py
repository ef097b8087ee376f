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
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, Any

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
REFUSED = "{} is not run where notebooks are graded: nothing can be fetched, and no other program started\n"


class OutOfTimeError(BaseException):
    """The time of the notebook is over. No `except Exception` of a cell's catches it."""


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
    shell = _made(recorder)
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


def _made(recorder: _Recorder) -> Any:
    """Return a shell that reads and writes nothing but its cells."""
    core = "IPython.core"
    hook = importlib.import_module(f"{core}.displayhook").DisplayHook
    publisher = importlib.import_module(f"{core}.displaypub").DisplayPublisher
    interactive = importlib.import_module(f"{core}.interactiveshell").InteractiveShell

    class Hook(hook):  # type: ignore[misc, valid-type]
        def write_output_prompt(self) -> None:
            pass

        def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
            text = format_dict.get("text/plain")
            if isinstance(text, str):
                recorder.add(RESULT, text)

        def finish_displayhook(self) -> None:
            pass

    class Publisher(publisher):  # type: ignore[misc, valid-type]
        def publish(self, data: Any, metadata: Any = None, **_: Any) -> None:
            recorder.display(data)

        def clear_output(self, wait: bool = False) -> None:
            pass

    def refused(what: str) -> Callable[..., None]:
        return lambda *_, **__: print(REFUSED.format(what), end="", file=sys.stderr)

    class Shell(interactive):  # type: ignore[misc, valid-type]
        displayhook_class = Hook
        display_pub_class = Publisher
        system = system_piped = system_raw = getoutput = staticmethod(refused("a shell command"))
        run_cell_magic = staticmethod(refused("a magic command"))
        init_ipython_dir = init_profile_dir = init_pdb = init_virtualenv = lambda *_, **__: None
        init_logger = init_logstart = init_io = init_readline = lambda *_, **__: None

        def run_line_magic(self, magic_name: str, line: str, _stack_depth: int = 1) -> None:
            if magic_name != "matplotlib":  # whose pictures come out in any case
                refused("a magic command")()

        def showtraceback(self, exc_tuple: Any = None, *_: Any, **__: Any) -> None:
            kind, error, trace = exc_tuple or sys.exc_info()
            if isinstance(error, OutOfTimeError):
                recorder.out_of_time()
                return
            recorder.error(*_described(self, kind, error, trace))

        def showsyntaxerror(self, *_: Any, **__: Any) -> None:
            kind, error, trace = sys.exc_info()
            recorder.error(*_described(self, kind, error, trace))

    settings = importlib.import_module("traitlets.config").Config()
    settings.HistoryManager.enabled = False
    settings.HistoryManager.hist_file = ":memory:"
    settings.InteractiveShell.colors = "nocolor"
    settings.InteractiveShell.autocall = 0
    settings.InteractiveShell.cache_size = 0
    interactive.clear_instance()
    shell = Shell.instance(config=settings)
    shell.user_ns.pop("open", None)  # its own takes hold of the one that opens nothing here
    return shell


def _described(shell: Any, kind: Any, error: Any, trace: Any) -> tuple[str, str, list[str], int | None]:
    """Return an error's name, its message, what Jupyter shows of it, and the line of the cell."""
    try:
        message = error.msg if isinstance(error, SyntaxError) else str(error)
    except BaseException:  # a hostile __str__
        message = "(its message could not be read)"
    line = error.lineno if isinstance(error, SyntaxError) else None
    while trace is not None and not isinstance(error, SyntaxError):
        if trace.tb_frame.f_code.co_filename.startswith(_CELL_FILES):
            line = trace.tb_lineno if line is None or trace.tb_frame.f_code.co_name == "<module>" else line
        trace = trace.tb_next
    try:
        shower = shell.SyntaxTB if isinstance(error, SyntaxError) else shell.InteractiveTB
        frames = [] if isinstance(error, SyntaxError) else error.__traceback__
        shown = shower.structured_traceback(kind, error, frames, tb_offset=1)
        lines = [str(one) for one in shown]
    except BaseException:  # it may look at what is the student's
        lines = [f"{kind.__name__}: {message}"]
    return str(kind.__name__), message, lines, line if type(line) is int else None


_CELL_FILES = ("<ipython-input-", "/tmp/ipykernel_")  # noqa: S108 - what IPython calls its cells


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

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, limit_s, AGAIN_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
