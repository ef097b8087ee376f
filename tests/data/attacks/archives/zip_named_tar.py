# attack: a zip under the name of a tar, with a tar behind it: two readers see two hand-ins
# earns: 0
# stopped by: the form is told by the content, and one reader reads
import io
import tarfile
import zipfile
from pathlib import Path


def build(path: Path) -> None:
    tar, zipped = io.BytesIO(), io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        member = tarfile.TarInfo("hw3/gru.py")
        member.size = 6
        archive.addfile(member, io.BytesIO(b"x = 1\n"))
    with zipfile.ZipFile(zipped, "w") as other:
        other.writestr("hw3/gru.py", "x = 2\n")
    path.write_bytes(zipped.getvalue() + tar.getvalue())
