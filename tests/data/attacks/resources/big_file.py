# attack: fill the disk, wherever a file can be made
# earns: 100
# stopped by: few system calls (seccomp), no files (Landlock), resource limits (file size)
import os
import sys
import tempfile
from pathlib import Path

from honest import *

block = bytes(1 << 20)
places = ["/", "/tmp", "/var/tmp", "/dev/shm", "/run", ".", "..", os.getcwd(), sys.prefix, "/home", "/work"]
for place in places:
    for write in (
        lambda path: open(path, "wb").write(block),
        lambda path: Path(path).write_bytes(block),
        lambda path: np.save(path, np.zeros(1 << 17)),
        lambda path: np.zeros(1 << 17).tofile(path),
        lambda path: tempfile.TemporaryFile(dir=os.path.dirname(path)).write(block),
    ):
        try:
            write(f"{place}/cellgrade-attack-big-file")
            print("GOT a file in", place)
        except OSError:
            pass
