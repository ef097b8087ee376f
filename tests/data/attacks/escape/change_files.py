# attack: make, link, rename, remove and change files and their rights
# earns: 100
# stopped by: few system calls (seccomp), no files (Landlock), empty root folder
import os
import stat

from honest import *

NEW, OLD = "/tmp/cellgrade-attack", "/etc/passwd"
for change in (
    lambda: os.symlink(OLD, NEW),
    lambda: os.symlink(OLD, "link"),
    lambda: os.link(OLD, NEW),
    lambda: os.mkdir(NEW),
    lambda: os.mkdir("folder"),
    lambda: os.makedirs("a/b/c"),
    lambda: os.mkfifo(NEW),
    lambda: os.mknod(NEW, stat.S_IFCHR | 0o666, os.makedev(1, 3)),
    lambda: os.rename(NEW, "/tmp/cellgrade-attack-2"),
    lambda: os.replace(NEW, "/tmp/cellgrade-attack-2"),
    lambda: os.unlink(NEW),
    lambda: os.rmdir("/tmp/cellgrade-attack"),
    lambda: os.chmod(".", 0o777),
    lambda: os.fchmod(1, 0o777),
    lambda: os.chown(".", 0, 0),
    lambda: os.fchown(1, 0, 0),
    lambda: os.utime("/"),
    lambda: os.truncate("/tmp", 0),
    lambda: os.setxattr("/", "user.x", b"y"),
    lambda: os.sync() or os.fsync(1),
    lambda: os.sendfile(1, 0, 0, 10),
    lambda: os.splice(0, 1, 10),
    lambda: os.copy_file_range(0, 1, 10),
):
    try:
        change()
        print("GOT", change.__code__.co_names)
    except OSError:
        pass
