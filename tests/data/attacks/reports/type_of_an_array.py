# attack: names of types, where a report says what was returned instead of an array
# earns: 0
# stopped by: a name is escaped and cut
from honest import GRU_Cell as Honest

NAME = '"\x1b[2J\u202e\n{"scores": {}}=1+1<script>' * 1_000


class GRU_Cell(Honest):
    def forward(self, x, h):
        return type(NAME, (), {})()

    def backward(self, delta):
        return type("::error::", (dict,), {})(), type(NAME, (), {"__array__": None})()
