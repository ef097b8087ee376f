# attack: a message of characters that take most room when they are written as escapes
# earns: 0
# stopped by: a message is cut in the job, and again in the report
from honest import GRU_Cell as Honest

WIDE = "\U000e0001" * 100_000


class GRU_Cell(Honest):
    def forward(self, x, h):
        raise ValueError(WIDE)
