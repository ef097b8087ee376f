"""Figures that documents quote: each stands between two marks, and is written there from results.json.

In a document, <!--=NAME--> and <!--/--> stand around a figure; a reader of the page sees the figure alone.
NAMES says which there are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from benchmarks import store, tables, work
from benchmarks.store import Section

MARKED = re.compile(r"<!--=(\w+)-->(.*?)<!--/-->", re.DOTALL)
Sections = Mapping[str, Section]


def _cold(sections: Sections, figure: str, program: str = work.GRADING) -> float:
    return float(sections["cold"]["figures"]["rows"][program][figure]["median"])


def _sustained(sections: Sections, figure: str) -> float:
    return float(sections["sustained"]["figures"]["rows"]["cellgrade batch"][figure]["median"])


def _lines(lines: Iterable[str]) -> str:
    """Return lines that stand between marks on lines of their own."""
    return "\n" + "\n".join(lines) + "\n"


NAMES: Mapping[str, Callable[[Sections], str]] = {
    "cold_ms": lambda of: f"{1_000 * _cold(of, 'wall_s'):,.0f}",
    "cold_mib": lambda of: f"{_cold(of, 'together_mib'):.0f}",
    "cold_times_faster": lambda of: f"{1 / _cold(of, f'wall_s beside {work.USUAL}'):.2g}",
    "cold_beside_numpy": lambda of: f"{_cold(of, f'wall_s beside {work.FLOOR}'):.2g}",
    "drawing_mib": lambda of: f"{_cold(of, 'together_mib', work.UNBAKED):.0f}",
    "usual_mib": lambda of: f"{_cold(of, 'together_mib', work.USUAL):.0f}",
    "batch_per_core_s": lambda of: f"{_sustained(of, 'per_core_s'):.0f}",
    "image_layers": lambda of: _lines(tables.image_layers(of["docker"]["figures"])),
    "image_runs": lambda of: _lines(tables.image_runs(of["docker"]["figures"])),
    "batch_times_usual": lambda of: f"{_sustained(of, f'per_core_s beside {work.USUAL}'):.0f}",
}


def documents() -> list[Path]:
    """Return the files that may quote a figure."""
    there = [store.ROOT / name for name in ("README.md", "CONTRIBUTING.md", "benchmarks/README.md")]
    return [*there, *sorted((store.ROOT / "docs").glob("*.md"))]


def quoted(text: str, sections: Sections) -> str:
    """Return a document with every quoted figure as it was measured.

    Raises:
        KeyError: it quotes a figure that NAMES does not have, or whose section was never measured.
    """
    return MARKED.sub(lambda found: f"<!--={found[1]}-->{NAMES[found[1]](sections)}<!--/-->", text)
