"""What came in: a hand-in unpacked, its notebooks, and the wanted files found in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from grader.records.findings import Finding


@dataclass(frozen=True)
class Notebook:
    """A Jupyter notebook, as the Python that is in it.

    Attributes:
        cells: the number of each code cell, counted from 1 through all cells, and its text; line for line
            what stands there, but for what is no Python and was left out.
        left_out: what that was, in words, with its cell and line: magics, shell commands.
        problem: why nothing of it can be graded, to stand behind its name: "is a notebook in R".
        whole: of every cell its kind ("code", "markdown", "raw") and its text as it was handed in.
    """

    cells: tuple[tuple[int, str], ...] = ()
    left_out: tuple[tuple[str, int, int], ...] = ()
    problem: str | None = None
    whole: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def text(self) -> str:
        """All cells, one below the other."""
        return "\n".join(text for _, text in self.cells)


@dataclass(frozen=True)
class HandIn:
    """What a student submitted, unpacked into memory: bounded, without links, litter left out.

    Attributes:
        name: the file or folder as the caller named it, without its parent folders.
        form: "tar", "tar.gz", "tar.bz2", "tar.xz", "zip", "folder" or "file".
        files: normalised POSIX path inside the hand-in -> content.
        sha256: hex digest of `files` (paths and contents), the same in whatever form they came.
        findings: what was noticed on the way in.
        notebooks: path -> what is in it, of those files that are Jupyter notebooks, whatever they are called.
    """

    name: str
    form: str
    files: Mapping[str, bytes]
    sha256: str
    findings: tuple[Finding, ...] = ()
    notebooks: Mapping[str, Notebook] = field(default_factory=dict)

    def code(self, path: str) -> bytes:
        """Return the Python of a file: its content, or that of a notebook's code cells."""
        return self.notebooks[path].text.encode() if path in self.notebooks else self.files[path]


@dataclass(frozen=True)
class Submission:
    """A hand-in in which the wanted files have been found.

    Attributes:
        hand_in: all that was submitted.
        found: path that the assignment asks for ("hw3/gru.py") -> path where it is in the hand-in; a file
            that is not required and not there is left out.
        findings: notices of the search, such as a file found one folder too high.
    """

    hand_in: HandIn
    found: Mapping[str, str]
    findings: tuple[Finding, ...] = ()
