# attack: look for a classmate's text in every object of Python's, frozen or not
# earns: 100
# stopped by: the zygote, which never holds a byte of a hand-in
import gc
import linecache
import re
import sys

from honest import *

MARK = re.compile("cana" + "ry_of_" + "[0-9a-f]{16}")
gc.unfreeze()
for one in gc.get_objects():
    if type(one) is dict:
        for key, value in list(one.items()):
            for text in (key, value):
                if type(text) is str and MARK.search(text):
                    print("GOT", text[:100])
for path in linecache.cache:
    if not path.startswith("/handin/hw3/"):
        print("GOT", path)
for name in list(sys.modules):
    if "canary" in name or name in ("gru_before", "victim"):
        print("GOT", name)
