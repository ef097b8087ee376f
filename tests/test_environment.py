"""Where the student's process comes from, and which modules are there before the hand-in is met."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import SandboxError
from grader.sandbox import environment


@pytest.mark.parametrize(
    ("text", "modules"),
    [
        ("import colorsys", {"colorsys"}),
        ("import os as o, colorsys as c", {"os", "colorsys"}),
        ("import sys; import colorsys", {"sys", "colorsys"}),
        ("if 1: import colorsys", {"colorsys"}),
        ("\tfrom xml.etree import ElementTree as T, ElementPath", {"xml.etree", "xml.etree.ElementTree"}),
        ("from concurrent import (futures)", {"concurrent", "concurrent.futures"}),
        ("__import__('colorsys')", {"colorsys"}),
        ('importlib.import_module("colorsys")', {"colorsys"}),
        ("import numpy.matlib", {"numpy.matlib"}),
        ("from numpy import matlib, dot", {"numpy", "numpy.matlib"}),
        ("np.fft.fft(x)", {"numpy.fft"}),
        ("np.core.umath", {"numpy.core"}),
    ],
)
def test_modules_are_found_however_they_are_imported(text: str, modules: set[str]) -> None:
    """Whatever form an import has, the module it names is imported beforehand."""
    assert modules <= set(environment.modules_needed([text]))


@pytest.mark.parametrize(
    "text",
    [
        "import torch",
        "import grader, reference.gru, inside, hypothesis",
        "import this, antigravity, idlelib.run, turtledemo, test.support, ensurepip",
        "import unittest.__main__, ensurepip.__main__, venv.__main__",
        "from unittest import __main__",
        "__import__('asyncio.__main__')",
        "import ..os, .os",
        "fro\u043c os import path",
    ],
)
def test_nothing_else_is_imported_before_the_lockdown(text: str) -> None:
    """What is not Python's or NumPy's, or does something when imported, is never imported with rights."""
    harmless = {"asyncio", "unittest", "venv"}
    assert set(environment.modules_needed([text])) <= harmless


@given(st.lists(st.text(max_size=200), max_size=3))
def test_any_text_gives_modules_of_python_and_numpy(texts: list[str]) -> None:
    """Any text gives a bounded list of names that begin in the standard library or NumPy."""
    for module in environment.modules_needed(texts):
        assert module.partition(".")[0] in {*sys.stdlib_module_names, "numpy"}


def test_the_list_is_bounded_and_keeps_whole_modules() -> None:
    """Of very many names the shortest are kept: those that are surely modules."""
    text = "import colorsys\n" + "".join(f"from math import a{number}\n" for number in range(5_000))
    needed = environment.modules_needed([text])
    assert len(needed) == environment.MAX_NEEDED
    assert "colorsys" in needed


def test_a_missing_environment_is_our_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a student's interpreter the error says where it was looked for and how to make it."""
    monkeypatch.setenv("CELLGRADE_STUDENT_PYTHON", str(tmp_path / "python"))
    with pytest.raises(SandboxError, match=rf"no student environment at {tmp_path}/python: `make setup`"):
        environment.student_python()


def test_another_interpreter_may_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """CELLGRADE_STUDENT_PYTHON is taken where it exists."""
    monkeypatch.setenv("CELLGRADE_STUDENT_PYTHON", sys.executable)
    assert environment.student_python() == Path(sys.executable)
