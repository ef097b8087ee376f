# attack: write beside the archive and above it by '..'
# earns: 0
# stopped by: paths that lead out are refused; nothing is written to disk
import io
import tarfile
from pathlib import Path


def build(path: Path) -> None:
    with tarfile.open(path, "w") as archive:
        for name in ("hw3/./../../cellgrade-attack.py", "../cellgrade-attack.py", "hw3/gru.py/../../../x"):
            member = tarfile.TarInfo(name)
            member.size = 4
            archive.addfile(member, io.BytesIO(b"x=1\n"))
