# attack: look for what a classmate printed, raised, called or computed, in all memory
# earns: 100
# stopped by: the zygote, which never holds a byte of a hand-in
# call_s: 20
# with: walk.py
import re

from honest import *
from walk import memory

BEGINS = b"".join([b"cana", b"ry_of_"])
for piece in memory():
    for wide in (BEGINS, BEGINS.decode().encode("utf-16-le"), BEGINS.decode().encode("utf-32-le")):
        at = piece.find(wide)
        # What follows tells a classmate's mark from our own words.
        if at >= 0 and re.match(rb"[0-9a-f]", piece[at + len(wide) : at + len(wide) + 1]):
            print("GOT", piece[at : at + 200])
