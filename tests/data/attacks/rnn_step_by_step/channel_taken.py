# attack: answer over the channel in place of the job, until the grader is asked no more
# earns: 0
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


rnn_cell_forward = rnn_forward = lstm_cell_forward = lstm_forward = rnn_cell_backward = rnn_backward = lstm_cell_backward = lstm_backward = answer
