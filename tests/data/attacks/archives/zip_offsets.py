# attack: offsets of a zip that lead before its beginning and behind its end, in 32 bits and in 64
# earns: 0
# stopped by: zipfile's errors are the archive's fault, whatever they are
import io
import struct
import zipfile
from pathlib import Path


def build(path: Path) -> None:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr("hw3/gru.py", "x = 1\n")
    data = bytearray(memory.getvalue())
    entry = data.index(b"PK\x01\x02")
    data[entry + 42 : entry + 46] = b"\xff\xff\xff\xff"
    end = data.index(b"PK\x05\x06")
    far = struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, 1, 1, 2**63 - 1, 2**64 - 1)
    locator = b"PK\x06\x07" + struct.pack("<IQI", 0, end, 1)
    path.write_bytes(bytes(data[:end]) + b"PK\x06\x06" + far + locator + bytes(data[end:]))
