# attack: a daemon thread that writes another answer later
# earns: 100
# stopped by: few system calls (seccomp)
import contextlib
import os
import threading
import time

from honest import GRU_Cell  # noqa: F401


def later():
    print("GOT a thread", flush=True)
    time.sleep(0.01)
    os.write(3, b"more")


with contextlib.suppress(RuntimeError):
    threading.Thread(target=later, daemon=True).start()
