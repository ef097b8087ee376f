# attack: the same file twice, once for who checks and once for who grades
# earns: 0
# stopped by: two contents for one path are refused
import io
import tarfile
from pathlib import Path


def build(path: Path) -> None:
    with tarfile.open(path, "w") as archive:
        for name, content in (("hw3/gru.py", b"a = 1\n"), ("./hw3//gru.py", b"import os\n")):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
