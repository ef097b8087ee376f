# attack: paths that lead out only where backslashes and drives count
# earns: 0
# stopped by: paths with drives and backslashes are refused; nothing is written to disk
import zipfile
from pathlib import Path


def build(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("..\\..\\cellgrade-attack.py", "C:/cellgrade-attack.py", "\\\\host\\share\\x.py"):
            archive.writestr(name, "x = 1\n")
