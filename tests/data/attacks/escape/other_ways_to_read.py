# attack: read files through everything else in Python and NumPy that opens one
# earns: 100
# stopped by: few system calls (seccomp), no files (Landlock), empty root folder
import codecs
import io
import linecache
import mmap
import os
import tokenize
from pathlib import Path

from honest import *

PATH = "/etc/passwd"
for read in (
    lambda: os.open(PATH, os.O_RDONLY),
    lambda: os.open(PATH, os.O_PATH),
    lambda: os.open("/", os.O_RDONLY | os.O_TMPFILE),
    lambda: io.FileIO(PATH).read(),
    lambda: io.open_code(PATH).read(),
    lambda: codecs.open(PATH).read(),
    lambda: tokenize.open(PATH).read(),
    lambda: Path(PATH).read_text(),
    lambda: np.fromfile(PATH, dtype=np.uint8),
    lambda: np.memmap(PATH, mode="r"),
    lambda: np.loadtxt(PATH, dtype=str),
    lambda: np.genfromtxt(PATH, dtype=str),
    lambda: np.load(PATH),
    lambda: np.lib.format.open_memmap(PATH),
    lambda: linecache.getlines(PATH)[0],
    lambda: os.readlink("/proc/self/exe"),
    lambda: os.getxattr(PATH, "user.x"),
    lambda: mmap.mmap(os.open(PATH, os.O_RDONLY), 0),
):
    try:
        print("GOT", read())
    except (OSError, LookupError, ValueError, ImportError):
        pass
