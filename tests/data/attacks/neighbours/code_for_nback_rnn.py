# attack: find a classmate's code in memory, print it and run it as one's own
# earns: 0
# stopped by: the zygote, which never holds a byte of a hand-in
# assignment: nback_rnn
# call_s: 20
# honest: no
# with: walk.py
from walk import run_found

run_found(b"".join([b"class R", b"NN:"]), globals())
