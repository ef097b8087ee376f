# attack: replace the methods of the running job by others, found by walking the frames
# earns: 30
# stopped by: the grader makes scores of nothing but arrays
import sys

import numpy as np
from honest import GRU_Cell as Honest


def running_job():
    frame = sys._getframe()
    while frame is not None:
        if type(frame.f_locals.get("self")).__name__ == "Job":
            return frame.f_locals["self"]
        frame = frame.f_back
    return None


def call(about, case):
    if about["call"] == "backward":
        return {"absent": {}, "passed": True}, {name: np.zeros(1) for name in about["outputs"]}
    return original(about, case)


job = running_job()
original = job._call
job._call = call
GRU_Cell = Honest
