# attack: a source that is nested too deeply for Python's parser and for its repr
# earns: 0
# stopped by: a crash or an exception of the job alone
import ast
import sys

from honest import *


def forward(self, x, h):
    sys.setrecursionlimit(2**31 - 1)
    for source in (
        "-" * 200_000 + "1",
        "(" * 199 + ")" * 199,
        "a" + ".a" * 200_000,
        "[" * 90 + "lambda:" * 99_999,
    ):
        try:
            repr(ast.dump(ast.parse(source)))
        except (SyntaxError, MemoryError, RecursionError):
            continue
    nested = []
    for _ in range(1_000_000):
        nested = [nested]
    return repr(nested)


GRU_Cell.forward = forward
