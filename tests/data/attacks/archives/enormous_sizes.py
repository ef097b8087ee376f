# attack: sizes far beyond the file's end, up to what base 256 can say
# earns: 0
# stopped by: our own reader of tars: a content must be there before anything is allocated
import tarfile
from pathlib import Path


def build(path: Path) -> None:
    whole = b""
    for field in (b"\x80" + b"\xff" * 11, b"77777777777\0", b"999999999999", b"+1 \0\0\0\0\0\0\0\0\0"):
        header = bytearray(tarfile.TarInfo("hw3/gru.py").tobuf(tarfile.GNU_FORMAT))
        header[124:136] = field
        header[148:156] = b" " * 8
        header[148:156] = b"%06o\0 " % sum(header)
        whole = bytes(header) + whole
    path.write_bytes(whole + bytes(1024))
