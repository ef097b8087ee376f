# attack: names of a megabyte, by GNU's extension and by that of pax
# earns: 0
# stopped by: the bounds on names and on extended headers
import tarfile
from pathlib import Path


def build(path: Path) -> None:
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(tarfile.TarInfo("hw3/" + "\u20ac" * 300_000 + ".py"))
    with tarfile.open(path, "a", format=tarfile.GNU_FORMAT) as archive:
        archive.addfile(tarfile.TarInfo("hw3/" + "a/" * 500_000 + "gru.py"))
