# attack: names that are no text, or another text for another reader
# earns: 0
# stopped by: names must be UTF-8, without control characters
import tarfile
from pathlib import Path


def build(path: Path) -> None:
    whole = b""
    for name in (
        b"hw3/\x1b]0;owned\x07.txt",
        b"hw3/\xe2\x80\xaeyp.urg",
        b"hw3/\xc0\xae\xc0\xae/gru.py",
        b"hw3/\xed\xa0\x80.py",
        b"hw3/\xff\xfe.py",
        b"hw3/a\nb::error::.py",
    ):
        header = bytearray(tarfile.TarInfo("x").tobuf(tarfile.GNU_FORMAT))
        header[: len(name)] = name
        header[148:156] = b" " * 8
        header[148:156] = b"%06o\0 " % sum(header)
        whole += bytes(header)
    path.write_bytes(whole + bytes(1024))
