# attack: files of the hand-in whose names hold codes that a terminal obeys
# earns: 0
# stopped by: names with control characters are refused on unpacking
# says: a name with control characters
import importlib

from honest import GRU_Cell  # noqa: F401

importlib.import_module("\x1b]0;owned\x07")

# file: \x1b]0;owned\x07.py
raise ValueError("first")
# file: a\nb.py
raise ValueError("second")
