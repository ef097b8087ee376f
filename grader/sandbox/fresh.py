"""Jobs without a zygote: each is a fresh process. Slower than a fork, and the same on every system.

Which layers it then puts on is `inside.lockdown`'s to say. Even where there are none it has an empty folder
to stand in, none of our variables, and a death at its deadline.
"""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from typing import Any

from grader.sandbox import launcher
from grader.sandbox.launcher import Launcher
from grader.sandbox.pipe_line import PipeLine
from grader.sandbox.process import Job

if sys.platform == "win32":
    import msvcrt


class Fresh(Launcher):
    """Starts the student's interpreter anew for each job."""

    def close(self) -> None:
        """Nothing outlives its job."""

    def _begin(self, undo: contextlib.ExitStack) -> Job:
        mine = undo.enter_context(contextlib.ExitStack())
        folder = launcher.temporary(mine)
        reading, writing = os.pipe()
        answers = io.FileIO(reading, "rb")
        undo.callback(answers.close)
        try:
            inherited, options = _inherit(writing)
            process = launcher.started(
                self._command("fresh", inherited),
                cwd=folder,
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                **options,
            )
        finally:
            os.close(writing)
        mine.callback(_end, process)
        return Job(PipeLine(process, answers, mine))


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill what nobody has waited for."""
    if process.returncode is None:
        process.kill()
        process.wait()


def _inherit(fd: int) -> tuple[str, dict[str, Any]]:
    """How a child calls a descriptor of ours, and the options that give it that and a session of its own."""
    if sys.platform == "win32":
        handle = msvcrt.get_osfhandle(fd)
        os.set_handle_inheritable(handle, True)
        startup = subprocess.STARTUPINFO(lpAttributeList={"handle_list": [handle]})
        return str(handle), {"startupinfo": startup, "creationflags": subprocess.CREATE_NO_WINDOW}
    return str(fd), {"pass_fds": [fd], "start_new_session": True}
