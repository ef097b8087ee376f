# attack: an exception that never was, with a message, a traceback and a line number without end
# earns: 0
# stopped by: what is said of an exception is cut again by the grader
import json
import sys

from honest import GRU_Cell  # noqa: F401

wire = sys.modules["inside.wire"]
encode = wire.encode
FRAME = ["\x1b]0;owned\x07" * 20, 10**4000, "<script>", "\u202e" * 200]
RAISED = {
    "type": "::error::" * 1000,
    "message": "=HYPERLINK()\n" * 1000,
    "frames": [FRAME] * 4,
    "memory": True,
}
HEADER = json.dumps({"about": {"raised": RAISED}, "arrays": []}).encode()


def forged(about, arrays=None):
    if "absent" not in about:
        return encode(about, arrays)
    return wire.PREFIX.pack(wire.MAGIC, len(HEADER), 0) + HEADER


wire.encode = forged
