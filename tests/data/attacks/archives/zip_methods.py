# attack: packing methods whose headers ask for memory, encryption, and methods that there are not
# earns: 0
# stopped by: two methods are read, others refused before any of their bytes is
import io
import zipfile
from pathlib import Path


def build(path: Path) -> None:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("hw3/gru.py", "x = 1\n" * 100)
        archive.writestr("hw3/bz2.py", "x = 1\n" * 100, zipfile.ZIP_BZIP2)
        archive.writestr("hw3/none.py", "x = 1\n" * 100, zipfile.ZIP_STORED)
    data = bytearray(memory.getvalue())
    content = data.index(b"\x09\x04\x05\x00")  # version and size of LZMA's properties, then 5 bytes of them
    data[content + 5 : content + 9] = b"\xff\xff\xff\xff"  # the size of the dictionary
    path.write_bytes(data)
