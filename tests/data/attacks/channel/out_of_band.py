# attack: make the channel readable without a byte to read
# earns: 30
# stopped by: the frame parser
import socket

from honest import *


def backward(self, delta):
    with socket.socket(fileno=3) as channel:
        channel.send(b"x", socket.MSG_OOB)
        channel.detach()
    while True:
        pass


GRU_Cell.backward = backward
