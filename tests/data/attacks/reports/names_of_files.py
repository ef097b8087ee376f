# attack: code whose file has a hostile name: overrides, codes, formulas, a megabyte
# earns: 0
# stopped by: a name is escaped and cut
from honest import GRU_Cell as Honest

NAMES = (
    "\x1b]0;owned\x07",
    "=HYPERLINK(1)",
    "<script>",
    "a\n::error::b",
    "\u202eyp.urg",
    "\udc80",
    "x" * 1_000_000,
)


def nested(names):
    if not names:
        raise ValueError("here")
    scope = {"nested": nested, "names": names[1:]}
    exec(compile("nested(names)", "/handin/hw3/" + names[0], "exec"), scope)


class GRU_Cell(Honest):
    def forward(self, x, h):
        nested(NAMES)

    def backward(self, delta):
        nested(NAMES[::-1])
