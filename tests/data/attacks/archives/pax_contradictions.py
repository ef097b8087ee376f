# attack: pax records that contradict the header: another size, another path, a negative size
# earns: 0
# stopped by: our own reader of tars: one meaning, the last one, and sizes that are numbers
import tarfile
from pathlib import Path


def build(path: Path) -> None:
    whole = b""
    for key, value in (("path", "hw3/gru.py"), ("path", "/etc/x.py"), ("size", "-512"), ("size", "9" * 30)):
        member = tarfile.TarInfo("hw3/innocent.txt")
        member.pax_headers = {key: value}
        whole += member.tobuf(tarfile.PAX_FORMAT)
    path.write_bytes(whole + bytes(1024))
