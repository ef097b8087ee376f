# attack: the parent's memory, descriptors and command line through /proc
# earns: 100
# stopped by: few system calls (seccomp), no files (Landlock), empty root folder, undumpable
import os

from honest import *

for pid in (os.getppid(), 1, os.getpid(), "self", "thread-self"):
    for name in (
        *(
            "mem",
            "maps",
            "environ",
            "cmdline",
            "stack",
            "syscall",
            "status",
            "auxv",
            "root/etc/passwd",
            "cwd/x",
        ),
        *(f"fd/{fd}" for fd in range(10)),
        *(f"map_files/{fd}" for fd in range(2)),
        *("oom_score_adj", "comm", "timerslack_ns", "clear_refs", "coredump_filter", "attr/current"),
    ):
        for flags in (os.O_RDONLY, os.O_WRONLY, os.O_PATH):
            try:
                print("GOT", pid, name, os.open(f"/proc/{pid}/{name}", flags))
            except OSError:
                pass
        for look in (os.stat, os.readlink, os.listdir):
            try:
                print("GOT", pid, name, look(f"/proc/{pid}/{name}"))
            except OSError:
                pass
