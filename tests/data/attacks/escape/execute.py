# attack: become, or start, another program
# earns: 100
# stopped by: few system calls (seccomp), no files (Landlock), resource limits (processes)
import ctypes
import os
import subprocess
import sys

from honest import *

SHELL = ["/bin/sh", "-c", "echo GOT a shell"]
libc = ctypes.CDLL(None, use_errno=True)
for execute in (
    lambda: os.execv(SHELL[0], SHELL),
    lambda: os.execv(sys.executable, [sys.executable, "-c", "print('GOT a Python')"]),
    lambda: os.execve(0, SHELL, {}),
    lambda: os.posix_spawn(SHELL[0], SHELL, {}),
    lambda: os.spawnv(os.P_WAIT, SHELL[0], SHELL),
    lambda: subprocess.run(SHELL),
    lambda: subprocess.Popen(SHELL, start_new_session=True, close_fds=False),
    lambda: os.popen("echo GOT a pipe").read(),
):
    try:
        print("GOT", execute())
    except OSError:
        pass
for status in (os.system("echo GOT a shell"), libc.system(b"echo GOT a shell")):
    if status == 0:
        print("GOT system")
