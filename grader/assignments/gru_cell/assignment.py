"""GRU_Cell: one step of a Gated Recurrent Unit, forward and backward (11-785, homework 3, spring 2019)."""

from grader.cell import Cell, homework
from grader.declaration import Wanted
from reference.dialects import CMU_GRU

CELL = Cell(
    made="GRU_Cell(input, hidden)",
    forward="h = forward(x, h)",
    backward="dx, dh = backward(delta)",
    torch=CMU_GRU,
    gradients="dWrx dWrh dWzx dWzh dWx dWh dx dh",
    # All of twenty public solutions accept a row, which the original grader hands over; some successors of
    # the homework take the vector alone.
    forms=("(1, hidden)", "(hidden,)"),
)
ASSIGNMENT = homework(
    __file__,
    title="GRU_Cell: one step of a Gated Recurrent Unit, forward and backward",
    cell=CELL,
    wanted=Wanted(
        "hw3/gru.py",
        also=("gru_cell.py",),
        defines=("GRU_Cell",),
        methods=("GRU_Cell.forward", "GRU_Cell.backward"),
        given=("GRU_Cell.__init__",),
    ),
    points={"GRU Cell Forward": 30, "GRU Cell Backward": 70},
    archive="tar.gz",
    shares=("activation",),
    stand_ins=("activation.py", "mytorch/*", "nn/*"),
)
