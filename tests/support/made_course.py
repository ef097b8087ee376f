"""Small stand-ins for the files that a course hands out: what needs such files is tested without them.

They are made anew wherever they are needed, always the same, in the layout of the course's own folder.
"""

from __future__ import annotations

import os
import random
import tempfile
from pathlib import Path

import made_reviews

WORDS, SKEW = 300, 4  # which give a perplexity of 83 to who knows how frequent each word is
LINES = {"train": 600, "valid": 100, "test": 100}


def penn_treebank() -> dict[str, str]:
    """Name -> a text of lines of twelve words, some of them far more frequent than others."""
    rng = random.Random(0)
    texts = {
        name: [[f"w{int(WORDS * rng.random() ** SKEW)}" for _ in range(12)] for _ in range(lines)]
        for name, lines in LINES.items()
    }
    known = {word for line in texts["train"] for word in line}
    return {
        f"ptb/ptb.{name}.txt": "".join(
            f" {' '.join(word if word in known else 'w0' for word in line)} \n" for line in lines
        )
        for name, lines in texts.items()
    }


def origin_of_species() -> dict[str, str]:
    """Name -> a text of 150 lines, of which letters, periods and spaces are read."""
    rng = random.Random(0)
    words = "The variation of species, under domestication; is not so great as in nature.".split()
    lines = (" ".join(rng.choices(words, k=9)) for _ in range(150))
    return {"origin_of_species/origin_of_species.txt": "\n".join(lines)}


FILES = {**penn_treebank(), **origin_of_species()}


def lay(folder: Path) -> Path:
    """Return the folder, with all of these files in it."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text() != text:  # several processes may be at it
            handle, made = tempfile.mkstemp(dir=path.parent)
            with os.fdopen(handle, "w") as file:
                file.write(text)
            os.chmod(made, 0o644)
            os.replace(made, path)
    return made_reviews.lay(folder)
