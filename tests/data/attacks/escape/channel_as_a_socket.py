# attack: use the one socket that it has for more: descriptors sent and received, names, options, addresses
# earns: 100
# stopped by: few system calls (seccomp)
import array
import os
import socket
import struct

from honest import *

channel = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, fileno=3)
for use in (
    lambda: socket.send_fds(channel, [b""], [0]),
    lambda: channel.recvmsg(1, 1000, socket.MSG_DONTWAIT),
    lambda: channel.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12),
    lambda: channel.getsockopt(socket.SOL_SOCKET, 77, 4),  # SO_PEERPIDFD
    lambda: channel.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 30),
    lambda: channel.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 1000)),
    lambda: channel.getpeername(),
    lambda: channel.connect("\0cellgrade"),
    lambda: channel.bind("\0cellgrade"),
    lambda: channel.listen(),
    lambda: channel.shutdown(socket.SHUT_RD),
    lambda: channel.sendto(b"", "/var/run/docker.sock"),
    lambda: os.set_blocking(3, False),
):
    try:
        use()
        print("GOT", use.__code__.co_names, array.array("i"))
    except OSError:
        pass
channel.detach()
