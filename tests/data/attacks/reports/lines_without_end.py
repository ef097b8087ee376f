# attack: half a million short lines, to push Autolab's line beyond what is read
# earns: 0
# stopped by: bounds on what is kept of the output and on the report
from honest import GRU_Cell as Honest

print("\n".join("x" * 400_000), flush=True)


class GRU_Cell(Honest):
    def forward(self, x, h):
        raise ValueError("\n" * 1_000 + "x\n" * 500)
