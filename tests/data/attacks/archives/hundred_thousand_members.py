# attack: two hundred thousand empty files, in a small archive
# earns: 0
# stopped by: the bounds on members and on what may come out of an archive
import gzip
import tarfile
from pathlib import Path


def build(path: Path) -> None:
    header = tarfile.TarInfo("hw3/gru.py").tobuf(tarfile.USTAR_FORMAT)
    with gzip.open(path, "wb", 1) as file:
        for _ in range(200):
            file.write(header * 1000)
