"""Writes the inputs of a suite to a file, for the usual runner: the same work for both, drawn beforehand.

python benchmarks/suite_inputs.py FILE [SEED]
"""

from __future__ import annotations

import pickle
import sys
from pathlib import Path

from grader import discovery
from grader.baked import Shelf, usual_folder


def inputs_of(seed: int) -> bytes:
    """Return a pickled list with one mapping per case of GRU_Cell's suite: name -> array, float64,
    contiguous.
    """
    assignment = discovery.by_name("gru_cell", discovery.assignments())
    (suite,) = Shelf(usual_folder()).suites(assignment, seed).values()
    return pickle.dumps([dict(case.inputs) for case in suite.cases], pickle.HIGHEST_PROTOCOL)


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(inputs_of(int(sys.argv[2]) if len(sys.argv) > 2 else 0))
