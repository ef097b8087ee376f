"""The PDF that a person reads, and who hands it in: what can be said of it without opening it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence

from grader.records import Judged

SOURCE, PDF = "homework6_*.py", "homework6_*.pdf"


def derivation(files: Mapping[str, tuple[str, bytes]]) -> Judged:
    """Left to a person, with what can be said of the PDF and of whose it is."""
    says = ["a person reads the derivation and the screenshot"]
    source, pdf = (files.get(wanted) for wanted in (SOURCE, PDF))
    stem = posixpath.splitext(posixpath.basename(source[0]))[0] if source else ""
    if pdf is None:
        says.append(f"There is no {stem or 'homework6_NAME'}.pdf in this hand-in")
    else:
        says.append(f"{pdf[0]} {about_pdf(pdf[1])}")
        if stem and posixpath.splitext(posixpath.basename(pdf[0]))[0] != stem:
            says.append(f"Its name should be that of the program, {stem}.pdf")
    if stem.startswith("homework6_"):
        says.append(_about_names(stem.removeprefix("homework6_").split("_")))
    return Judged(None, ". ".join(says))


def _about_names(names: Sequence[str]) -> str:
    if len(names) == 1:
        return f"By its name this is the work of {names[0]}"
    if len(names) == 2:
        return f"By its name this is the work of {names[0]} and {names[1]}: both get the mark"
    return f"Its name lists {len(names)} people, {', '.join(names)}; a team has at most two"


def about_pdf(content: bytes) -> str:
    """Return what the bytes say: whether it is a PDF, and how many pages. Nothing in it is unpacked."""
    if b"%PDF-" not in content[:1024]:
        return "is not a PDF"
    # `/Type /Page` stands once per page, `/Count n` in the page tree; newer PDFs compress both away.
    pages = len(re.findall(rb"/Type\s{0,8}/Page(?![A-Za-z])", content))
    counts = [int(count) for count in re.findall(rb"/Count\s{1,8}(\d{1,6})(?!\d)", content)]
    found = max([pages, *counts])
    if found:
        return f"is a PDF of {found} {'page' if found == 1 else 'pages'}"
    if b"/ObjStm" in content:
        return "is a PDF; how many pages it has is compressed and was not looked at"
    return "begins like a PDF, but no page can be seen in it: does it open?"
