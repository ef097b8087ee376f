# attack: a zip that lists three hundred thousand members
# earns: 0
# stopped by: the bound on entries, before zipfile makes an object of each
import struct
from pathlib import Path


def build(path: Path) -> None:
    entry = b"PK\x01\x02" + bytes(24) + struct.pack("<H", 1) + bytes(16) + b"x"
    path.write_bytes(b"PK\x05\x06" + bytes(18) + entry * 300_000 + b"PK\x05\x06" + bytes(18))
