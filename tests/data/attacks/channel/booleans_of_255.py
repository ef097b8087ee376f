# attack: booleans whose byte is neither 0 nor 1
# earns: 30
# stopped by: values are compared as float64
import json
import sys

from honest import GRU_Cell  # noqa: F401

wire = sys.modules["inside.wire"]
encode = wire.encode


def forged(about, arrays=None):
    if "absent" not in about or "dx" not in {*arrays, *about["absent"]}:
        return encode(about, arrays)
    header = [[name, "b1", list(array.shape)] for name, array in arrays.items()]
    payload = b"\xff" * sum(array.size for array in arrays.values())
    header = json.dumps({"about": about, "arrays": header}).encode()
    return wire.PREFIX.pack(wire.MAGIC, len(header), len(payload)) + header + payload


wire.encode = forged
