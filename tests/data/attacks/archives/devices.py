# attack: devices in place of the homework: endless zeros, the disk, the terminal, a named pipe
# earns: 0
# stopped by: whatever is neither file, folder nor link is refused
import tarfile
from pathlib import Path


def build(path: Path) -> None:
    with tarfile.open(path, "w") as archive:
        for kind, major, minor in (
            (tarfile.CHRTYPE, 1, 5),
            (tarfile.BLKTYPE, 8, 0),
            (tarfile.FIFOTYPE, 0, 0),
        ):
            member = tarfile.TarInfo("hw3/gru.py")
            member.type, member.devmajor, member.devminor = kind, major, minor
            archive.addfile(member)
