# attack: a socket of every family and type, to listen, to connect, to the kernel
# earns: 100
# stopped by: few system calls (seccomp); Landlock for TCP
import os
import socket
import urllib.request

from honest import *

for family in range(48):
    for kind in range(1, 11):
        try:
            socket.socket(family, kind)
            print("GOT family", family, "type", kind)
        except OSError:
            pass
for talk in (
    lambda: socket.socketpair(),
    lambda: socket.create_server(("", 8080)),
    lambda: socket.create_connection(("127.0.0.1", 22), 0.1),
    lambda: socket.getaddrinfo("localhost", 80),
    lambda: urllib.request.urlopen("http://169.254.169.254/", timeout=0.1),
    lambda: os.pipe(),
    lambda: os.dup(3),
    lambda: socket.fromfd(3, socket.AF_UNIX, socket.SOCK_STREAM),
):
    try:
        talk()
        print("GOT", talk.__code__.co_names)
    except OSError:
        pass
