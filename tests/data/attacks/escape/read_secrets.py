# attack: open what it must not read: passwords, the repository, the model hand-in, the references
# earns: 100
# stopped by: few system calls (seccomp), no files (Landlock), empty root folder
import os
import sys

from honest import *

grader = os.path.dirname(os.path.dirname(sys.modules["inside"].__file__))
repository = os.path.dirname(grader)
for path in (
    "/etc/passwd",
    "/etc/shadow",
    "/home/instructor/.ssh/id_rsa",
    "/proc/self/maps",
    "/proc/self/environ",
    "/proc/1/environ",
    "/proc/net/tcp",
    "/sys/kernel/vmcoreinfo",
    "/dev/mem",
    "/dev/kmsg",
    "/dev/tty",
    "/.dockerenv",
    f"{grader}/suite.py",
    f"{grader}/__init__.py",
    f"{repository}/src/gru_cell/hw3/gru.py",
    f"{repository}/reference/gru.py",
    f"{repository}/reference/dialects.py",
    f"{repository}/.git/HEAD",
    f"{sys.prefix}/pyvenv.cfg",
    "hw3/gru.py",
    "../handin.tar",
):
    for way in (path, f"/proc/self/root{path}", f"/proc/{os.getppid()}/root{path}", f"../../../..{path}"):
        try:
            with open(way, "rb") as file:
                print("GOT", way, file.read(100))
        except OSError:
            pass
