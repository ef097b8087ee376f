"""`cellgrade` and `python -m grader`."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from collections.abc import Sequence

from grader import supervisor, threads
from grader.sandbox import student


def run() -> None:
    """Run the command line in a process made for one short grading, and leave at once."""
    # Collecting would walk all of torch's objects again and again, for a tenth of a second.
    gc.disable()
    for variable in threads.VARIABLES:
        os.environ.setdefault(variable, "1")
    supervisor.supervise(sys.argv[1:], _foretell)
    if sys.platform == "linux" and sys.argv[1:2] == ["grade"]:
        student.start_ahead()  # before NumPy is imported here, so that both import it side by side
    from grader.cli import main

    code = main()
    if sys.platform == "linux":
        student.end_ahead()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # as after `>&-`
            with contextlib.suppress(OSError):  # the reader of a pipe has gone; there is nobody to tell
                stream.flush()
    supervisor.done(code)
    os._exit(code)  # tearing torch down takes a third of a second


def _foretell(arguments: Sequence[str]) -> None:
    from grader.cli import foretell

    foretell(arguments)


if __name__ == "__main__":
    run()
