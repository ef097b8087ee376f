"""results.json: the figures of every section, each with when and where it was taken."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent
RESULTS = HERE / "results.json"
UNDER_WAY = ROOT / "build" / "bench"
SCHEMA = 2
FRESH_S = 6 * 3_600  # for how long a section of an interrupted run counts as just measured
CODE = ("grader", "reference", "benchmarks", "src")  # what figures depend on

Section = dict[str, Any]
"""One section: `about` it (`machine.about()`), its `settings`, how long it `took_s`, its `figures`."""


def read(file: Path = RESULTS) -> dict[str, Section]:
    """Return all sections by name; none if there is no such file.

    Raises:
        SystemExit: it was written by another version of the benchmark.
    """
    if not file.exists():
        return {}
    found = json.loads(file.read_text())
    if found["schema"] != SCHEMA:
        raise SystemExit(f"{file} has schema {found['schema']}, and this is for {SCHEMA}: move it away")
    sections: dict[str, Section] = found["sections"]
    return sections


def write(sections: Mapping[str, Section], file: Path = RESULTS) -> None:
    """Write all sections. Whoever is interrupted leaves the file as it was."""
    text = json.dumps({"schema": SCHEMA, "sections": sections}, indent=1, ensure_ascii=False) + "\n"
    put(file, text)


def put(file: Path, text: str) -> None:
    """Write a file as a whole, or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    beside.write_text(text)
    os.replace(beside, file)


class UnderWay:
    """What a run has measured so far: one that was interrupted goes on from here.

    Args:
        settings: of the run, beside the code itself: figures of other settings are not taken.
        folder: where it is kept.
    """

    def __init__(self, settings: Mapping[str, Any], folder: Path = UNDER_WAY) -> None:
        self._folder = folder
        self._settings = settings

    def known(self, name: str) -> Section | None:
        """Return a section that was measured a while ago by the same code and settings; None without one."""
        file = self._file(name)
        if not file.exists() or time.time() - file.stat().st_mtime > FRESH_S:
            return None
        found = json.loads(file.read_text())
        if found["key"] != self._key(name):
            return None
        section: Section = found["section"]
        return section

    def keep(self, name: str, section: Section) -> None:
        """Keep a section until the run has come to its end."""
        put(self._file(name), json.dumps({"key": self._key(name), "section": section}))

    def end(self) -> None:
        """Forget all sections: the run has come to its end, and the next one measures anew."""
        for file in self._folder.glob("*.section.json"):
            file.unlink()

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.section.json"

    def _key(self, name: str) -> str:
        sha256 = hashlib.sha256(json.dumps([name, self._settings], sort_keys=True).encode())
        for part in CODE:
            for path in sorted((ROOT / part).rglob("*.py")):
                sha256.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
        return sha256.hexdigest()
