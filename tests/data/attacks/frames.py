"""Walks the frames above a function: laid beside the attacks that say `# with: frames.py`."""

import sys

SECRETS = {"expected", "truth", "suite", "lookalikes", "points", "tolerance"}
OF_A_JOB = {"channel", "module", "adapter", "calls", "disk", "files", "ours", "theirs"}  # none of it is a secret


def look_upwards():
    """Print what names the truth, and what a job has that it need not have."""
    frame = sys._getframe(1)
    while frame is not None:
        for name, value in list(frame.f_locals.items()):
            if name in SECRETS:
                print("GOT", name)
            if name == "self" and type(value).__name__ == "Job" and set(vars(value)) - OF_A_JOB:
                print("GOT", sorted(vars(value)))
        frame = frame.f_back
