"""What otter asks of the first problem."""

import os

from otter.test_files import test_case

OK_FORMAT = False

name = "GRU Cell Forward"
points = 30


@test_case()
def test_forward(GRU_Cell, usual_runner):
    """All 64 cases."""
    assert not usual_runner.wrong_on(usual_runner.forward, GRU_Cell, os.environ["CASES"])
