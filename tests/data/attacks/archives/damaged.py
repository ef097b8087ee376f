# attack: an archive that breaks off, with wrong checksums in it
# earns: 0
# stopped by: our own reader of tars, which believes no header without its checksum
import gzip
import io
import tarfile
from pathlib import Path


def build(path: Path) -> None:
    memory = io.BytesIO()
    with tarfile.open(fileobj=memory, mode="w") as archive:
        for name in ("hw3/gru.py", "hw3/other.py"):
            member = tarfile.TarInfo(name)
            member.size = 1000
            archive.addfile(member, io.BytesIO(b"x" * 1000))
    data = bytearray(memory.getvalue())
    data[1536 + 148] ^= 1
    path.write_bytes(gzip.compress(bytes(data))[:-9])
