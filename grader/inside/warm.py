"""What packages load or begin at their first use, brought forward.

A job opens no file and starts no thread.
"""

from __future__ import annotations

import concurrent
import importlib
import io
import os
import sys
from collections.abc import Callable
from concurrent import futures
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

from . import notebook_shell


def torch() -> None:
    """Load what torch loads at its first backward pass, keep it to one thread, and to code that is there.

    oneDNN writes machine code of its own for a recurrent layer, which no job may run.
    """
    torch = importlib.import_module("torch")
    torch.set_num_threads(1)
    torch.backends.mkldnn.set_flags(False)
    weight = torch.ones(1, requires_grad=True)
    (weight * weight).backward(torch.ones(1))
    torch.optim.Adam([weight]).step()
    for zipped in (True, False):
        saved = io.BytesIO()
        torch.save({"weight": weight.detach()}, saved, _use_new_zipfile_serialization=zipped)
        torch.load(io.BytesIO(saved.getvalue()), weights_only=True)
    _save_by_open(torch.serialization)


def _save_by_open(serialization: Any) -> None:
    """Let `torch.save` open a file by name as Python does: its own way would not come to a job's disk."""
    to_buffer = serialization._open_zipfile_writer_buffer

    class ByName(to_buffer):  # type: ignore[misc, valid-type]
        def __init__(self, name: str) -> None:
            self._opened = open(name, "wb")  # noqa: SIM115 - closed below
            super().__init__(self._opened)

        def __exit__(self, *args: object) -> None:
            super().__exit__(*args)
            self._opened.close()

    serialization._open_zipfile_writer_file = ByName


def safetensors() -> None:
    """Import its parts for NumPy and torch."""
    importlib.import_module("safetensors.numpy")
    importlib.import_module("safetensors.torch")


def matplotlib() -> None:
    """Find the fonts, and draw a picture with letters and formulas: what that needs is read from files."""
    for module in ("matplotlib.ticker", "matplotlib.animation", "PIL.PngImagePlugin"):
        importlib.import_module(module)
    _keep_fonts(importlib.import_module("matplotlib.font_manager"))
    pyplot = importlib.import_module("matplotlib.pyplot")
    figure, axes = pyplot.subplots()
    axes.plot([1, 10], [1, 10], "o-", label=r"$\mathbf{x}^2$")
    axes.set_xscale("log")
    axes.set_title("title", fontweight="bold", fontstyle="italic")
    axes.legend()
    axes.grid(visible=True)
    figure.tight_layout()
    for form in ("png", "svg"):
        figure.savefig(io.BytesIO(), format=form)
    pyplot.close(figure)


def ipython() -> None:
    """Import what notebooks import of the shell, and run cells in one."""
    for module in ("IPython.display", "IPython.utils.capture", "tqdm.auto"):
        importlib.import_module(module)
    notebook_shell.warm()


def tqdm() -> None:
    """Import its bars, and let no thread look after them."""
    for module in ("tqdm.auto", "tqdm.notebook", "tqdm.contrib"):
        importlib.import_module(module)
    importlib.import_module("tqdm").tqdm.monitor_interval = 0


def keras() -> None:
    """Build, train, ask, save and load a model of recurrent layers."""
    keras = importlib.import_module("keras")
    # What it calls at the end of a batch goes to a thread of its own.
    callbacks = vars(importlib.import_module("keras.src.callbacks.callback_list"))
    callbacks["concurrent"] = _InPlaceOf(concurrent, futures=_InPlaceOf(futures, ThreadPoolExecutor=_AtOnce))
    keras.utils.disable_interactive_logging()
    layers = [kind(2) for kind in (keras.layers.SimpleRNN, keras.layers.LSTM, keras.layers.GRU)]
    for layer in layers:
        model = keras.Sequential([keras.layers.Embedding(4, 2), layer, keras.layers.Dense(1)])
        model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
        ones = importlib.import_module("numpy").ones((2, 3))
        model.fit(ones, ones[:, :1], verbose=0)
        model.predict(ones, verbose=0)
    keras.backend.clear_session()


class _InPlaceOf:
    """Stands for a module, with some of its functions replaced.

    Args:
        module: what all else is taken from.
        replaced: name -> what it is instead.
    """

    def __init__(self, module: Any, **replaced: Any) -> None:
        self._module = module
        vars(self).update(replaced)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)


def _keep_fonts(fonts: Any) -> None:
    """Let Matplotlib find the fonts that it brings itself in memory, where it would open files."""
    ours = (one.fname for one in fonts.fontManager.ttflist if "mpl-data" in one.fname)
    contents = {os.path.basename(path): Path(path).read_bytes() for path in ours}
    reader = fonts.ft2font

    def opened(filename: Any, *args: Any, **kwargs: Any) -> Any:
        content = contents.get(os.path.basename(os.fspath(filename)))
        return reader.FT2Font(filename if content is None else io.BytesIO(content), *args, **kwargs)

    def is_there(path: Any) -> bool:
        return os.path.basename(os.fspath(path)) in contents or os.path.isfile(path)

    system = _InPlaceOf(os, path=_InPlaceOf(os.path, isfile=is_there, exists=is_there))
    vars(fonts).update(ft2font=_InPlaceOf(reader, FT2Font=opened), os=system)
    vars(importlib.import_module("matplotlib._mathtext"))["os"] = system


class _AtOnce(Executor):
    """Does what it is given at once."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Call it, and return what came of it."""
        done: Future[Any] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except BaseException as error:
            done.set_exception(error)
        return done


FIRST_USES: dict[str, Callable[[], None]] = {
    "torch": torch,
    "safetensors": safetensors,
    "matplotlib": matplotlib,
    "IPython": ipython,
    "tqdm": tqdm,
    "keras": keras,
}


def everything() -> None:
    """Bring forward the first use of every package that is imported."""
    for package, use in FIRST_USES.items():
        if package in sys.modules:
            use()
