# attack: files of root with setuid, setgid and all rights
# earns: 0
# stopped by: contents are read into memory: modes and owners go nowhere
import io
import tarfile
from pathlib import Path


def build(path: Path) -> None:
    with tarfile.open(path, "w") as archive:
        member = tarfile.TarInfo("hw3/gru.py")
        member.mode, member.uid, member.gid, member.uname, member.gname = 0o7777, 0, 0, "root", "root"
        member.size = 6
        archive.addfile(member, io.BytesIO(b"x = 1\n"))
