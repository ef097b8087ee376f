"""Suites as they were drawn once: a grading that finds one needs neither torch nor Hypothesis.

Catalogues of mistakes lie beside them, as they were compiled once.

    flat       one file of named arrays, mapped into memory, that tells whether it is whole
    form       a suite as a flat file's index and arrays, and back
    key        what each depends on, and so the name of its file
    shelf      the folder where they lie, and how one is read, written and, when there are too many, let go of

A file is a cache: it holds what would be drawn or compiled, bit for bit, or it is not used.
"""

from __future__ import annotations

from grader.baked.shelf import INSTALLED, VARIABLE, Shelf, usual_folder

__all__ = ["INSTALLED", "VARIABLE", "Shelf", "usual_folder"]
