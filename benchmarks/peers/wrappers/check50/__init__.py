"""The checks of check50: a function for each problem, whose docstring is what a student reads."""

from __future__ import annotations

import os
import sys

import check50

sys.path.append(os.environ["BENCHMARKS"])
import usual_runner


@check50.check()
def exists() -> None:
    """hw3/gru.py exists"""
    check50.exists("hw3/gru.py")


@check50.check(exists)
def forward() -> None:
    """GRU Cell Forward"""
    _all_right(usual_runner.forward)


@check50.check(exists)
def backward() -> None:
    """GRU Cell Backward"""
    _all_right(usual_runner.backward)


def _all_right(call: usual_runner.Call) -> None:
    sys.path.insert(0, os.getcwd())
    from hw3.gru import GRU_Cell

    if wrong := usual_runner.wrong_on(call, GRU_Cell, os.environ["CASES"]):
        raise check50.Failure(f"{', '.join(sorted(wrong))} wrong")
