# attack: stand before every import of the job with a finder, a loader and a replaced __import__
# earns: 100
# stopped by: the job imports nothing of the grader's
import builtins
import sys

from honest import *

real = builtins.__import__


def asked(name, *rest, **more):
    if name.split(".")[0] in ("grader", "reference", "torch"):
        print("GOT", name)
    return real(name, *rest, **more)


class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.split(".")[0] in ("grader", "reference", "torch"):
            print("GOT", name)


builtins.__import__ = asked
sys.meta_path.insert(0, Finder)
