# attack: an exception's message of 60,000 bytes, which no honest job would send
# earns: 0
# stopped by: what is said of an exception is cut again by the grader
import json
import sys

from honest import GRU_Cell  # noqa: F401

wire = sys.modules["inside.wire"]
encode = wire.encode
RAISED = {"type": "E", "message": "\U000e0001" * 5_000 + "x" * 40_000, "frames": [["p", 1, "f", ""]]}
HEADER = json.dumps({"about": {"raised": RAISED}, "arrays": []}, ensure_ascii=False).encode()


def forged(about, arrays=None):
    if "absent" not in about:
        return encode(about, arrays)
    return wire.PREFIX.pack(wire.MAGIC, len(HEADER), 0) + HEADER


wire.encode = forged
