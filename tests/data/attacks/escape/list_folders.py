# attack: look around: list folders, ask whether files exist, how large they are
# earns: 100
# stopped by: few system calls (seccomp), no files (Landlock), empty root folder
import glob
import os
import shutil
from pathlib import Path

from honest import *

for folder in ("/", ".", "..", "/proc", "/tmp", "/work", "/etc", "/opt", "/proc/self/fd", "/autograder"):
    for look in (
        lambda folder: os.listdir(folder),
        lambda folder: list(os.scandir(folder)),
        lambda folder: glob.glob(f"{folder}/*"),
        lambda folder: list(os.walk(folder)),
        lambda folder: list(Path(folder).iterdir()),
        lambda folder: os.stat(folder),
        lambda folder: os.lstat(folder),
        lambda folder: os.statvfs(folder),
        lambda folder: os.access(folder, os.R_OK),
        lambda folder: os.path.exists(folder),
        lambda folder: shutil.which("sh", path=folder),
        lambda folder: os.listxattr(folder),
    ):
        try:
            if found := look(folder):
                print("GOT", folder, found)
        except OSError:
            pass
