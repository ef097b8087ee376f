"""A test for each array, with its weight; all 64 cases are asked once for each problem."""

from __future__ import annotations

import os
import sys
import unittest

from gradescope_utils.autograder_utils.decorators import number, weight

sys.path.append(os.environ["BENCHMARKS"])
import usual_runner
from hw3.gru import GRU_Cell


class TestForward(unittest.TestCase):
    """30 points."""

    @weight(usual_runner.FORWARD_POINTS)
    @number("1")
    def test_h_t(self) -> None:
        """GRU Cell Forward"""
        self.assertNotIn("h_t", usual_runner.wrong_on(usual_runner.forward, GRU_Cell, os.environ["CASES"]))


class TestBackward(unittest.TestCase):
    """70 points."""

    wrong: set[str]

    @classmethod
    def setUpClass(cls) -> None:
        """Ask all cases."""
        cls.wrong = usual_runner.wrong_on(usual_runner.backward, GRU_Cell, os.environ["CASES"])


def _test_of(name: str) -> object:
    @weight(usual_runner.BACKWARD_POINTS / len(usual_runner.GRADIENTS))
    @number("2")
    def test(self: TestBackward) -> None:
        self.assertNotIn(name, self.wrong)

    test.__doc__ = f"GRU Cell Backward: {name}"
    return test


for _name in usual_runner.GRADIENTS:
    setattr(TestBackward, f"test_{_name}", _test_of(_name))
