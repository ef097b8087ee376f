# attack: print Autolab's JSON when everything else is printed
# earns: 0
# stopped by: a job ends by os._exit; what it prints is quoted
import atexit
import weakref

SCORES = '{"scores": {"GRU Cell Forward": 30, "GRU Cell Backward": 70}, "scoreboard": [100]}'


class GRU_Cell:
    def __del__(self):
        print(SCORES)


atexit.register(print, "GOT", SCORES)
weakref.finalize(GRU_Cell, print, "GOT", SCORES)
