"""IPython's own shell, made without what a job does not have: its profile, its history, its debugger."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

REFUSED = "{} is not run where notebooks are graded: nothing can be fetched, and no other program started\n"


class OutOfTimeError(BaseException):
    """The time of the notebook is over. No `except Exception` of a cell's catches it."""


class Recorder(Protocol):
    """Where what cells show goes."""

    def result(self, text: str) -> None:
        """Keep the value of a cell's last line."""

    def display(self, data: Mapping[str, Any]) -> None:
        """Keep what `display` was given."""

    def error(self, kind: str, message: str, lines: Sequence[str], line: int | None) -> None:
        """Keep what a cell raised."""

    def out_of_time(self) -> None:
        """Note that the time was over."""


def made(recorder: Recorder) -> Any:
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
                recorder.result(text)

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
