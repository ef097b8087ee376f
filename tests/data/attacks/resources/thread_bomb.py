# attack: threads, as many as there can be
# earns: 100
# stopped by: few system calls (seccomp)
import _thread
import threading
import time
from concurrent.futures.thread import ThreadPoolExecutor

from honest import *

for start in (
    lambda: threading.Thread(target=time.sleep, args=(60,), daemon=True).start(),
    lambda: _thread.start_new_thread(time.sleep, (60,)),
    lambda: threading.Timer(0, print).start(),
    lambda: ThreadPoolExecutor(100).submit(time.sleep, 60),
):
    for _ in range(100):
        try:
            start()
            print("GOT a thread")
        except (OSError, RuntimeError):
            break
threading._shutdown = lambda: None
