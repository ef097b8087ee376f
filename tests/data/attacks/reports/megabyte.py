# attack: a message, a name and a line of source of a megabyte each
# earns: 0
# stopped by: a message is cut in the job, and again in the report
import linecache

from honest import GRU_Cell as Honest

LONG = "long " * 200_000


class GRU_Cell(Honest):
    def forward(self, x, h):
        linecache.cache["/handin/x.py"] = (1, None, [LONG] * 10, "/handin/x.py")
        exec(
            compile("\n\nraise kind(LONG)", "/handin/x.py", "exec"),
            {"kind": type(LONG, (Exception,), {}), "LONG": LONG},
        )
