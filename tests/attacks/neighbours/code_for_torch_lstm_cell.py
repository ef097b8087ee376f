# attack: find a classmate's code in memory, print it and run it as one's own
# earns: 0
# stopped by: the zygote, which never holds a byte of a hand-in
# assignment: torch_lstm_cell
# call_s: 20
# honest: no
# with: walk.py
import re

from walk import memory

BEGINS = b"".join([b"class LS", b"TMCell"])
# As it stands in a source: whole lines of letters, from where they begin to where they end.
for piece in memory():
    at = piece.find(BEGINS)
    while at >= 0:
        text = re.match(rb"[\t\n -~]*", piece[at:])[0].decode()
        if text.count("\n") > 3:
            print("GOT", text[:2000])
            while text:
                try:
                    exec(compile("import math\nimport numpy as np\n" + text, "found", "exec"))
                    break
                except Exception:
                    text = text.rpartition("\n")[0]
        at = piece.find(BEGINS, at + 1)
