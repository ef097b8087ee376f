"""PeepholeLSTM: one step of an LSTM whose gates see the cell state, forward and backward, in batches."""

from grader.cell import Cell, homework
from grader.declaration import Wanted

CELL = Cell(
    made="PeepholeLSTM(input, hidden)",
    forward="h, c = forward(x, h, c)",
    backward="dx, dh, dc = backward(dh_next, dc_next)",
    batch=(1, 4),
)
ASSIGNMENT = homework(
    __file__,
    title="PeepholeLSTM: one step of an LSTM with peepholes, forward and backward",
    cell=CELL,
    wanted=Wanted(
        "peephole.py",
        defines=("PeepholeLSTM",),
        methods=("PeepholeLSTM.forward", "PeepholeLSTM.backward"),
        given=("PeepholeLSTM.__init__",),
    ),
    points={"Peephole Forward": 40, "Peephole Backward": 60},
)
