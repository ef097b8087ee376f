# attack: files through libraries that open them themselves, in C as well
# earns: 100
# stopped by: few system calls (seccomp), no files (Landlock), empty root folder
import shutil
import sqlite3
import ssl
import tempfile
import tomllib
import zipfile
import zoneinfo
from pathlib import Path

from honest import *


def attached():
    database = sqlite3.connect(":memory:")
    database.execute("attach '/tmp/cellgrade-attack.db' as x")
    return database.execute("create table x.y (z)")


for detour in (
    lambda: sqlite3.connect("/tmp/cellgrade-attack.db").execute("create table y (z)"),
    attached,
    lambda: ssl.create_default_context(cafile="/etc/ssl/certs/ca-certificates.crt"),
    lambda: tempfile.NamedTemporaryFile(),
    lambda: tempfile.mkdtemp(),
    lambda: shutil.copy("/etc/passwd", "/tmp/cellgrade-attack"),
    lambda: shutil.disk_usage("/"),
    lambda: zipfile.ZipFile("/tmp/cellgrade-attack.zip", "w"),
    lambda: zoneinfo.ZoneInfo("Europe/Berlin"),
    lambda: tomllib.load(Path("/etc/passwd").open("rb")),
    lambda: np.savez("/tmp/cellgrade-attack", 1),
    lambda: np.DataSource().open("/etc/passwd"),
):
    try:
        print("GOT", detour())
    except Exception as error:
        print(type(error).__name__)
