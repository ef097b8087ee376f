"""What Gradescope's run_autograder starts: unpacks the hand-in, and runs the tests by gradescope-utils.

python run_tests.py HANDIN CASES RESULTS
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from gradescope_utils.autograder_utils.json_test_runner import JSONTestRunner


def main() -> None:
    """Grade one hand-in."""
    hand_in, cases, results = sys.argv[1:]
    os.environ["CASES"] = cases
    with tempfile.TemporaryDirectory() as folder, open(results, "w") as file:
        subprocess.run(["tar", "-xf", hand_in, "-C", folder], check=True)
        sys.path.insert(0, folder)
        tests = unittest.defaultTestLoader.discover(str(Path(__file__).parent / "tests"))
        JSONTestRunner(visibility="visible", stream=file).run(tests)


if __name__ == "__main__":
    main()
