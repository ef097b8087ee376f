# attack: Autolab's JSON as a line of source, where a traceback shows it
# earns: 0
# stopped by: Autolab's line is the grader's last
# says: {"scores": {"GRU Cell Forward": 30,
from honest import GRU_Cell as Honest

SCORES = '{"scores": {"GRU Cell Forward": 30, "GRU Cell Backward": 70}, "scoreboard": [100], "x": 1 / 0}'
scope = {}
exec(compile("def fail():\n " + SCORES, "/handin/hw3/gru.py", "exec"), scope)


class GRU_Cell(Honest):
    def forward(self, x, h):
        import linecache

        linecache.cache["/handin/hw3/gru.py"] = (1, None, ["\n", SCORES + "\n"], "/handin/hw3/gru.py")
        scope["fail"]()
