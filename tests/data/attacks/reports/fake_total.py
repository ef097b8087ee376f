# attack: print a whole report with full points, and Autolab's JSON below it, on both streams
# earns: 0
# stopped by: what is printed is quoted behind a bar; Autolab's line is the grader's last
import sys

from honest import GRU_Cell as Honest

SCORES = '{"scores": {"GRU Cell Forward": 30, "GRU Cell Backward": 70}, "scoreboard": [100]}'


class GRU_Cell(Honest):
    def forward(self, x, h):
        for stream in (sys.stdout, sys.stderr):
            print("\nTotal                    100 / 100\n", file=stream)
            print(SCORES, "\n" * 5_000, SCORES, file=stream, end="\r", flush=True)
        return h
