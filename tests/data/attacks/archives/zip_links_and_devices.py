# attack: links and devices in a zip, by the modes that Unix keeps there
# earns: 0
# stopped by: links are not followed; whatever is neither file, folder nor link is refused
import stat
import zipfile
from pathlib import Path


def build(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, kind in (
            ("hw3/gru.py", stat.S_IFLNK),
            ("hw3/null", stat.S_IFCHR),
            ("hw3/s", stat.S_IFSOCK),
        ):
            entry = zipfile.ZipInfo(name)
            entry.create_system, entry.external_attr = 3, (kind | 0o777) << 16
            archive.writestr(entry, "/etc/passwd")
