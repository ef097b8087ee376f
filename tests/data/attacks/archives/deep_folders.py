# attack: folders a thousand deep, and as many above one file
# earns: 0
# stopped by: the bounds on depth and on paths
import io
import tarfile
from pathlib import Path


def build(path: Path) -> None:
    with tarfile.open(path, "w") as archive:
        member = tarfile.TarInfo("a/" * 400 + "gru.py")
        member.size = 6
        archive.addfile(member, io.BytesIO(b"x = 1\n"))
