"""LSTMCell in PyTorch's convention: one step of a batch, forward and backward."""

from grader.cell import Cell, homework
from grader.declaration import Wanted
from reference.dialects import TORCH_LSTM

CELL = Cell(
    made="LSTMCell(input, hidden)",
    forward="h, c = forward(x, (h, c))",
    backward="dx, dh, dc = backward(dh_next, dc_next)",
    torch=TORCH_LSTM,
    stacked=(
        "[W_i; W_f; W_g; W_o] = weight_ih",
        "[V_i; V_f; V_g; V_o] = weight_hh",
        "[b_i; b_f; b_g; b_o] = bias_ih",
        "[d_i; d_f; d_g; d_o] = bias_hh",
    ),
    batch=(1, 5),
)
ASSIGNMENT = homework(
    __file__,
    title="LSTMCell: one step of a Long Short-Term Memory in PyTorch's convention, forward and backward",
    cell=CELL,
    wanted=Wanted(
        "hw3/lstm_cell.py",
        places=("mytorch", ""),
        also=("lstm.py",),
        defines=("LSTMCell",),
        methods=("LSTMCell.forward", "LSTMCell.backward"),
        given=("LSTMCell.__init__",),
    ),
    points={"LSTM Cell Forward": 40, "LSTM Cell Backward": 60},
    archive="tar.gz",
    shares=("activation",),
    stand_ins=("activation.py", "mytorch/*", "nn/*"),
)
