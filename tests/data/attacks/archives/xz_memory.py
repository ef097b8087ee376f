# attack: an xz stream whose decoder would take 4 GiB of memory
# earns: 0
# stopped by: the bound on an xz decoder's memory
import lzma
import zlib
from pathlib import Path


def build(path: Path) -> None:
    data = bytearray(lzma.compress(bytes(4096)))
    header = 12  # the block's, behind the stream's own
    size = 4 * (data[header] + 1)
    assert data[header + 2 : header + 4] == b"\x21\x01"  # LZMA2, with one byte of properties
    data[header + 4] = 40
    data[header + size - 4 : header + size] = zlib.crc32(data[header : header + size - 4]).to_bytes(
        4, "little"
    )
    path.write_bytes(data)
