# attack: gzip around gzip around gzip, a hundred times
# earns: 0
# stopped by: one layer of packing is taken off and no more
import gzip
from pathlib import Path


def build(path: Path) -> None:
    data = bytes(10240)
    for _ in range(100):
        data = gzip.compress(data)
    path.write_bytes(data)
