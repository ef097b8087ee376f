# attack: a link to a folder outside, then a file below that link
# earns: 0
# stopped by: what is both a link and a folder is refused; nothing is written to disk
import io
import tarfile
from pathlib import Path


def build(path: Path) -> None:
    with tarfile.open(path, "w") as archive:
        member = tarfile.TarInfo("hw3")
        member.type, member.linkname = tarfile.SYMTYPE, str(path.parent)
        archive.addfile(member)
        member = tarfile.TarInfo("hw3/gru.py")
        member.size = 4
        archive.addfile(member, io.BytesIO(b"x=1\n"))
