# attack: send the answer byte by byte, as slowly as the time allows, and never the last one
# earns: 0
# stopped by: a deadline belongs to every wait
# call_s: 0.5
import os
import struct
import time

from honest import *

header = b'{"about": {"absent": {}}, "arrays": []}'
frame = struct.pack("<4sIQ", b"CGF1", len(header), 0) + header
for byte in frame[:-1]:
    os.write(3, bytes([byte]))
    time.sleep(0.2)
