# attack: find a classmate's code in memory, print it and run it as one's own
# earns: 0
# stopped by: the zygote, which never holds a byte of a hand-in
# assignment: rnn_step_by_step
# call_s: 20
# honest: no
# with: walk.py
import gc
import re

from walk import memory

BEGINS = b"".join([b"def lstm_cell", b"_backward("])
# What everybody is given to fill in is in every job, and no secret.
ours = [one for one in gc.get_objects() if type(one) is dict and {"starter", "system_calls"} <= set(one)]
given = {line for one in ours for line in (one["starter"] or "").splitlines()}
# A source as it stands in memory: whole lines of letters, of which the first and the last may be cut.
for piece in memory():
    at = piece.find(BEGINS)
    while at >= 0:
        text = re.match(rb"[\t\n -~]*", piece[at:])[0].decode()
        lines = [line for line in text.splitlines()[1:-1] if line.strip() and line not in given]
        if len(lines) > 3:
            print("GOT", text[:2000])
            while text:
                try:
                    exec(compile("import math\nimport numpy as np\n" + text, "found", "exec"))
                    break
                except Exception:
                    text = text.rpartition("\n")[0]
        at = piece.find(BEGINS, at + 1)
