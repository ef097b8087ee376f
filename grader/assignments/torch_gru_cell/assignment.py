"""GRUCell in PyTorch's convention: one step, forward and backward (11-785, homework 3, later terms)."""

from grader.cell import Cell, homework
from grader.declaration import Wanted
from reference.dialects import TORCH_GRU

CELL = Cell(
    made="GRUCell(input, hidden)",
    forward="h_t = forward(x, h_prev_t)",
    backward="dx, dh = backward(delta)",
    torch=TORCH_GRU,
    letters={"h_prev_t": "h", "h_t": "h′"},
    # Terms differ in what they hand over, and hand-ins in what they accept.
    forms=("(hidden,)", "(1, hidden)"),
    # What some terms call the biases: the same letters in another order, i for input where others write x.
    also={"brx": "bir", "bzx": "biz", "bnx": "bin", "brh": "bhr", "bzh": "bhz", "bnh": "bhn"},
)
ASSIGNMENT = homework(
    __file__,
    title="GRUCell: one step of a Gated Recurrent Unit in PyTorch's convention, forward and backward",
    cell=CELL,
    wanted=Wanted(
        "hw3/gru_cell.py",
        places=("mytorch", ""),
        also=("gru.py",),
        defines=("GRUCell",),
        methods=("GRUCell.forward", "GRUCell.backward"),
        given=("GRUCell.__init__",),
    ),
    points={"GRU Cell Forward": 30, "GRU Cell Backward": 70},
    archive="tar.gz",
    shares=("activation",),
    stand_ins=("activation.py", "mytorch/*", "nn/*"),
)
