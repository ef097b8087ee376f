# attack: SystemExit with status 0 while being imported, so that nothing is tested and all is well
# earns: 100
# stopped by: the guard around each statement: what is right beside it counts, and nothing more
# says: SystemExit: 0
import sys

from honest import GRU_Cell  # noqa: F401

print('{"scores": {"GRU Cell Forward": 30, "GRU Cell Backward": 70}}', flush=True)
sys.exit(0)
