# attack: write to an absolute path
# earns: 0
# stopped by: absolute paths are refused; nothing is written to disk
import io
import tarfile
from pathlib import Path


def build(path: Path) -> None:
    with tarfile.open(path, "w") as archive:
        member = tarfile.TarInfo(f"{path.parent}/cellgrade-attack.py")
        member.size = 4
        archive.addfile(member, io.BytesIO(b"x=1\n"))
