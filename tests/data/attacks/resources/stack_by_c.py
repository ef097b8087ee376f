# attack: overflow C's stack through repr, comparison, pickling, json, copy and regular expressions
# earns: 100
# stopped by: a job that crashes takes only itself along; Python's own guards
import copy
import json
import pickle
import re
import sys

from honest import *

deep = []
for _ in range(100_000):
    deep = [deep]
for use in (repr, json.dumps, pickle.dumps, copy.deepcopy, lambda value: value == copy.copy(value), hash, np.array):
    try:
        use(deep)
    except (RecursionError, TypeError, ValueError, MemoryError):
        pass
try:
    re.compile("(" * 90 + ")" * 90).match("")
except (re.error, RecursionError):
    pass
# Taken apart by hand: else its end would be the deepest recursion of all.
while deep:
    deep = deep.pop()
