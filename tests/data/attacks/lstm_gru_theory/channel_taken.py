# attack: answer over the channel in place of the job, until the grader is asked no more
# earns: 10
# stopped by: the frame parser; an answer is held to the truth, whoever sent it
# call_s: 3
import json
import os
import struct


def answer(*arguments):
    header = json.dumps({"about": {"absent": {}}, "arrays": []}).encode()
    frame = struct.pack("<4sIQ", b"CGF1", len(header), 0) + header
    while True:
        os.write(3, frame)
        if not os.read(3, 1 << 20):
            os._exit(0)


dW_xz = dW_hz = dW_xg = dW_hg = dW_xr = dW_hr = answer
