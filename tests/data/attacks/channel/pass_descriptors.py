# attack: send the grader descriptors beside an answer, or receive the next ones
# earns: 100
# stopped by: few system calls (seccomp)
import _socket
import contextlib
import socket

from honest import GRU_Cell  # noqa: F401

channel = socket.socket.__new__(socket.socket)
_socket.socket.__init__(channel, socket.AF_UNIX, socket.SOCK_STREAM, 0, 3)
with contextlib.suppress(OSError):
    print("GOT", socket.send_fds(channel, [b"x"], [0, 1, 2]))
with contextlib.suppress(OSError):
    print("GOT", socket.recv_fds(channel, 1, 3))
with contextlib.suppress(OSError):
    channel.shutdown(socket.SHUT_RDWR)
    print("GOT the channel shut")
with contextlib.suppress(OSError):
    channel.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 30)
    print("GOT a larger buffer")
_socket.socket.detach(channel)
