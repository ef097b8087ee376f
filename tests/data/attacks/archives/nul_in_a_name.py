# attack: a zip's name that ends at a NUL for one reader and goes on for another
# earns: 0
# stopped by: names hold no control characters
import io
import zipfile
from pathlib import Path


def build(path: Path) -> None:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr("hw3/gru.py#.png", "x = 1\n")
    path.write_bytes(memory.getvalue().replace(b"gru.py#", b"gru.py\0"))
