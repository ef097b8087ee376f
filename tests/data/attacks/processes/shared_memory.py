# attack: leave memory, queues and semaphores behind that outlive the job, or speak to other jobs by them
# earns: 100
# stopped by: few system calls (seccomp)
import ctypes
import mmap
import multiprocessing
from multiprocessing import shared_memory

from honest import *

KEY, CREATE, SIZE = 0x6365, 0o1600, ctypes.c_size_t(4096)
libc = ctypes.CDLL(None, use_errno=True)
for name, made in (
    ("shmget", libc.shmget(KEY, SIZE, CREATE)),
    ("shmget, private", libc.shmget(0, SIZE, CREATE)),
    ("shmat", libc.shmat(0, None, 0)),
    ("shmctl", libc.shmctl(0, 14, ctypes.create_string_buffer(200))),
    ("msgget", libc.msgget(KEY, CREATE)),
    ("semget", libc.semget(KEY, 1, CREATE)),
    ("mq_open", libc.mq_open(b"/cellgrade-attack", 0o102, 0o600, None)),
    ("shm_open", libc.shm_open(b"/cellgrade-attack", 0o102, 0o600)),
):
    if made >= 0:
        print("GOT", name)
for make in (
    lambda: shared_memory.SharedMemory("cellgrade-attack", create=True, size=4096),
    lambda: multiprocessing.Lock(),
    lambda: multiprocessing.Queue(),
    lambda: multiprocessing.Array("d", 10),
    lambda: mmap.mmap(3, 4096),
    lambda: mmap.mmap(1, 4096),
):
    try:
        print("GOT", make())
    except (OSError, ImportError, ValueError):
        pass
