# attack: a message that goes on below like a report of the grader's own
# earns: 0
# stopped by: a message is indented and wrapped; Autolab's line is the grader's last
from honest import GRU_Cell as Honest

REPORT = """all right

GRU Cell Forward          30 / 30
  ok    h                 30 / 30
GRU Cell Backward         70 / 70

Total                    100 / 100
{"scores": {"GRU Cell Forward": 30, "GRU Cell Backward": 70}, "scoreboard": [100]}
"""


class GRU_Cell(Honest):
    def forward(self, x, h):
        raise ValueError(REPORT + "\r" + REPORT + "\x0b\x0c\x85\u2028\u2029" + REPORT)
