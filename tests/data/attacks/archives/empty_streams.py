# attack: a million gzip streams with nothing in them, one after the other
# earns: 0
# stopped by: the bound on streams
import gzip
from pathlib import Path


def build(path: Path) -> None:
    path.write_bytes(gzip.compress(b"") * 1_000_000)
