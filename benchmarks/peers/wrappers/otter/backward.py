"""What otter asks of the second problem."""

import os

from otter.test_files import test_case

OK_FORMAT = False

name = "GRU Cell Backward"
points = 70


@test_case()
def test_backward(GRU_Cell, usual_runner):
    """All 64 cases."""
    assert not usual_runner.wrong_on(usual_runner.backward, GRU_Cell, os.environ["CASES"])
