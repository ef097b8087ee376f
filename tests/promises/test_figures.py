"""Every figure on speed or memory in the documents is one that the benchmark has written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmarks import explained, quotes, store, tables
from benchmarks.growth import draw

ROOT = Path(__file__).parents[2]
# What reads as a measured figure. Limits, such as "30 seconds", are not measured.
FIGURE = re.compile(
    r"\d[\d,.]*\s*(?:ms\b|milliseconds|MB\b|MiB\b|GB\b|GiB\b|KiB\b)"
    r"|\d[\d,.]*\s*(?:hand-ins|gradings) (?:a|per) second|\d[\d,.]* times (?:as|the|faster|less|more)",
)
# What is no measurement: it is set, or is the size of what is downloaded, or somebody else's.
SET = {
    "README.md": ["1 GB"],
    "CONTRIBUTING.md": ["1 GB"],
    "benchmarks/README.md": ["6 GB", "2 ms"],
    "docs/autolab.md": ["1 GiB"],
}


@pytest.mark.parametrize("document", quotes.documents(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_document_quotes_what_was_measured(document: Path) -> None:
    """What stands between two marks is what results.json says."""
    text = document.read_text()
    assert text == quotes.quoted(text, store.read()), "run: .venv/bin/python -m benchmarks --render"


@pytest.mark.parametrize("document", quotes.documents(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_figure_is_written_by_hand(document: Path) -> None:
    """Outside the marks there is no figure on speed or memory, but what is set."""
    unmarked = quotes.MARKED.sub("", document.read_text())
    found = [one[0] for one in FIGURE.finditer(unmarked)]
    name = document.relative_to(ROOT).as_posix()
    assert [one for one in found if one not in SET.get(name, [])] == []


def test_the_results_are_rendered_from_their_file() -> None:
    """RESULTS.md, and every picture with its table, is what comes of results.json."""
    sections = store.read()
    assert (store.HERE / "RESULTS.md").read_text() == tables.rendered(sections, explained.FILE.read_text())
    drawn = {name.removeprefix(tables.GROWTH) for name in sections if name.startswith(tables.GROWTH)}
    assert {path.stem for path in draw.FOLDER.glob("*.svg")} == drawn


@pytest.mark.parametrize(
    "name", [name for name in store.read() if name.startswith(tables.GROWTH)], ids=lambda name: name
)
def test_a_picture_has_the_figures_of_the_results(name: str, tmp_path: Path) -> None:
    """The committed table of a curve is what is written today; its picture is of the same figures."""
    short, figures = name.removeprefix(tables.GROWTH), store.read()[name]["figures"]
    draw.draw(short, figures, tmp_path)
    assert (draw.FOLDER / f"{short}.csv").read_text() == (tmp_path / f"{short}.csv").read_text()
    # Another version of matplotlib draws other bytes.
    assert draw.digest(figures) in (draw.FOLDER / f"{short}.svg").read_text()


def test_every_mutant_that_was_counted_is_told() -> None:
    """Each assignment of UNEXPLAINED.md has a row, with all three kinds of change."""
    text = explained.FILE.read_text()
    rows = list(explained.rows(text))
    assert len(rows) == text.count("\n## ") > 0
    assert all(all(cells) for cells in rows)
    line = "- model: of 8 plausible ones with wrong values 6 explained (75 %), 2 not, 1 falsely"
    planted = f"# Title\n\n## a\n\nSeed 3.\n\n{line}"
    assert list(explained.rows(planted)) == [["`a`", "3", "6 of 8 (75 %)", "", "", "1"]]


def test_a_quoted_figure_that_nobody_measured_is_an_error() -> None:
    """A name that is not known is not passed over."""
    with pytest.raises(KeyError):
        quotes.quoted("<!--=speed_of_light-->1<!--/-->", {})
    with pytest.raises(KeyError):
        quotes.quoted("<!--=cold_ms-->1<!--/-->", {})
