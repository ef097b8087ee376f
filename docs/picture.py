"""Draws docs/report.svg: a real report, coloured as on a terminal. Run it when the report changes.

python docs/picture.py
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from xml.sax.saxutils import escape

from grader import discovery, engine, mistakes
from grader.report import text

ROOT = Path(__file__).parent.parent
NAME, MISTAKE = "gru_cell", "backward/update_gate_derivative_left_out"
PICTURE = ROOT / "docs" / "report.svg"

LINE_HEIGHT, CHARACTER, MARGIN = 18, 8.0, 16
STYLES = {
    "1": 'font-weight="bold"',
    "2": 'fill="#8b949e"',
    "31": 'fill="#ff7b72" font-weight="bold"',
    "32": 'fill="#7ee787"',
    "33": 'fill="#e3b341"',
    "36": 'fill="#79c0ff"',
}


def draw() -> str:
    """Draw the report on MISTAKE as an SVG."""
    known = discovery.assignments()
    mistake = mistakes.read(discovery.by_name(NAME, known), None).mistake(MISTAKE)
    with tempfile.TemporaryDirectory() as folder:
        hand_in = mistake.laid(Path(folder) / mistake.name)
        report = engine.grade(hand_in, known, engine.Options(assignment=NAME))
    lines = text.render(report, colour=True).splitlines()
    rows = [_row(number, line) for number, line in enumerate(lines)]
    width = round(100 * CHARACTER) + 2 * MARGIN
    height = LINE_HEIGHT * len(lines) + 2 * MARGIN
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" role="img">',
            "<title>A report of cellgrade</title>",
            '<rect width="100%" height="100%" rx="8" fill="#0d1117"/>',
            '<g font-family="ui-monospace, Menlo, Consolas, monospace" font-size="13" fill="#e6edf3">',
            *rows,
            "</g>",
            "</svg>\n",
        ]
    )


def _row(number: int, line: str) -> str:
    styled = re.fullmatch(r"\x1b\[(\d+)m(.*)\x1b\[0m", line)
    style, content = (STYLES[styled[1]], styled[2]) if styled else ("", line)
    # A width for the whole line keeps the columns straight in whatever font the reader has.
    length = f' textLength="{len(content) * CHARACTER:g}"' if content else ""
    y = MARGIN + LINE_HEIGHT * (number + 1) - 5
    # Spaces that do not break are not run together either.
    letters = escape(content).replace(" ", "\u00a0")
    return f'<text x="{MARGIN}" y="{y}"{length} {style}>{letters}</text>'


if __name__ == "__main__":
    PICTURE.write_text(draw())
