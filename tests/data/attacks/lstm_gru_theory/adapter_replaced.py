# attack: put functions of one's own into the adapter's namespace
# earns: 10
# stopped by: the grader knows which arrays it asked for, and what they should hold
import sys


def replace(*arguments):
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_filename == "adapter.py":
            for name, value in list(frame.f_globals.items()):
                if callable(value) and not name.startswith("__"):
                    frame.f_globals[name] = lambda *_, **__: {}
        frame = frame.f_back
    return 0.0


dW_xz = dW_hz = dW_xg = dW_hg = dW_xr = dW_hr = replace
