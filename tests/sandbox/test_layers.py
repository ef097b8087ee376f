"""No layer of the sandbox is dead weight: without it an attack succeeds, or a named other layer stops it.

Each attack is tried with layers switched off. "Succeeds" is what the attack itself can tell: it returns 1.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from real_jobs import SHORT, handed_in, started_without

from grader.inside.lockdown import (
    LIMITS,
    NO_FILES,
    NO_NEW_PRIVILEGES,
    ROOT_FOLDER,
    SYSTEM_CALLS,
    UNDUMPABLE,
    USER_ID,
)

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can put all layers on")

READ_A_FILE = "open('/etc/passwd').read()"
LIST_A_FOLDER = "assert 'etc' in os.listdir('/')"
ALLOCATE = "np.empty(2**28)"
FORK = "os._exit(0) if os.fork() == 0 else os.wait()"
THREAD = "threading.Thread(target=int).start()"
BE_ROOT = "assert os.getuid() == 0"
BE_DUMPABLE = "assert ctypes.CDLL(None).prctl(3, 0, 0, 0, 0) == 1"
GAIN_PRIVILEGES = "assert ctypes.CDLL(None).prctl(39, 0, 0, 0, 0) == 0"
MAKE_A_SOCKET = "socket.socketpair()"
CONNECT = "socket.create_connection(('127.0.0.1', {port}), 1)"
SIGNAL_THE_PARENT = "os.kill(os.getppid(), 0)"

# attack, layers that are off, whether it then succeeds. The last of those that are left stops it.
TABLE = [
    (READ_A_FILE, (), False),
    (READ_A_FILE, (SYSTEM_CALLS, NO_FILES), False),  # ROOT_FOLDER: there is no such file
    (READ_A_FILE, (SYSTEM_CALLS, ROOT_FOLDER), False),  # NO_FILES
    (READ_A_FILE, (NO_FILES, ROOT_FOLDER), False),  # SYSTEM_CALLS
    (READ_A_FILE, (SYSTEM_CALLS, NO_FILES, ROOT_FOLDER), True),
    (LIST_A_FOLDER, (SYSTEM_CALLS, NO_FILES), False),  # ROOT_FOLDER
    (LIST_A_FOLDER, (SYSTEM_CALLS, NO_FILES, ROOT_FOLDER), True),
    (ALLOCATE, (), False),
    (ALLOCATE, (LIMITS,), True),
    (FORK, (), False),
    (FORK, (SYSTEM_CALLS,), False),  # LIMITS
    (FORK, (LIMITS,), False),  # SYSTEM_CALLS
    (FORK, (SYSTEM_CALLS, LIMITS), True),
    (FORK, (SYSTEM_CALLS, USER_ID), True),  # limits on processes do not count for root
    (THREAD, (), False),
    (THREAD, (SYSTEM_CALLS, LIMITS), True),
    (BE_ROOT, (), False),
    (BE_ROOT, (USER_ID,), True),
    (BE_DUMPABLE, (SYSTEM_CALLS,), False),
    (BE_DUMPABLE, (SYSTEM_CALLS, UNDUMPABLE), False),  # USER_ID: the kernel forbids it with the change
    (BE_DUMPABLE, (SYSTEM_CALLS, UNDUMPABLE, USER_ID), False),  # a fork is what the zygote made of itself
    (GAIN_PRIVILEGES, (SYSTEM_CALLS,), False),
    (GAIN_PRIVILEGES, (SYSTEM_CALLS, NO_NEW_PRIVILEGES), True),
    (MAKE_A_SOCKET, (), False),
    (MAKE_A_SOCKET, (SYSTEM_CALLS,), True),
    (CONNECT, (), False),
    (CONNECT, (SYSTEM_CALLS,), False),  # NO_FILES, which takes TCP too
    (CONNECT, (NO_FILES,), False),  # SYSTEM_CALLS
    (CONNECT, (SYSTEM_CALLS, NO_FILES), True),
    (SIGNAL_THE_PARENT, (), False),
    (SIGNAL_THE_PARENT, (SYSTEM_CALLS, NO_FILES), False),  # USER_ID
    (SIGNAL_THE_PARENT, (SYSTEM_CALLS, USER_ID, NO_FILES), True),
]

HAND_IN = """
import ctypes, os, socket, threading
import numpy as np

def f(x):
    try:
        {attack}
    except (OSError, MemoryError, RuntimeError, AssertionError):
        return 0
    return 1
"""


@contextmanager
def listening() -> Iterator[int]:
    """Give the port of a server on this machine."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize(
    ("attack", "without", "succeeds"),
    TABLE,
    ids=lambda value: "+".join(value) if isinstance(value, tuple) else str(value)[:30],
)
def test_a_layer_stops_what_it_is_there_for(attack: str, without: tuple[str, ...], *, succeeds: bool) -> None:
    """With these layers off the attack succeeds exactly if no other layer stops it."""
    with listening() as port:
        text = HAND_IN.format(attack=attack.format(port=port))
        with (
            started_without(without) as zygote,
            handed_in(zygote, text, limits=SHORT, unsandboxed=bool(without)) as hand_in,
        ):
            assert int(hand_in.value()) == succeeds
            isolation = hand_in.session.isolation
    assert isolation is not None
    assert set(isolation.off) >= {f"{layer}: switched off" for layer in without}


def test_every_layer_is_in_the_table() -> None:
    """Each layer makes the difference somewhere, but for the one that also follows from others.

    A job is undumpable three times over: by the change of user, by the zygote, and by itself, since a system
    may be set (fs.suid_dumpable) so that the change of user does not do it.
    """
    layers = {LIMITS, NO_FILES, NO_NEW_PRIVILEGES, ROOT_FOLDER, SYSTEM_CALLS, UNDUMPABLE, USER_ID}
    decisive = set()
    for attack, without, succeeds in TABLE:
        for other, fewer, then in TABLE:
            if succeeds and not then and attack == other and set(fewer) < set(without):
                decisive |= set(without) - set(fewer) if len(set(without) - set(fewer)) == 1 else set()
    assert decisive | {UNDUMPABLE} == layers
