# attack: 60 MiB in every answer, so that the grader, which keeps them, runs out of memory
# earns: 0
# stopped by: bound on what all answers take together
# call_s: 2
import sys

from honest import GRU_Cell  # noqa: F401

wire = sys.modules["inside.wire"]

ZEROS = bytes(60 << 20)
HEADER = b'{"about": {"absent": {}}, "arrays": [["%s", "f8", [%d]]]}'
encode = wire.encode


def large(about, arrays=None):
    if "absent" not in about:
        return encode(about, arrays)
    header = HEADER % (b"h" if "h" in arrays else b"dx", len(ZEROS) // 8)
    return wire.PREFIX.pack(wire.MAGIC, len(header), len(ZEROS)) + header + ZEROS


wire.encode = large
