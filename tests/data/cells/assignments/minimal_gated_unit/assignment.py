"""MGU: one step of a minimal gated unit, forward and backward."""

from grader.cell import Cell, homework
from grader.declaration import Wanted

CELL = Cell(
    made="MGU(hidden, input)",
    forward="h_next = step(x, h)",
    backward="dx, dh = back(delta)",
    letters={"h_next": "h′"},
    gradients="dx dh dW_f dU_f db_f dW_h dU_h db_h",
    forms=("(hidden,)", "(hidden, 1)"),
)
ASSIGNMENT = homework(
    __file__,
    title="MGU: one step of a minimal gated unit, forward and backward",
    cell=CELL,
    wanted=Wanted("mgu.py", defines=("MGU",), methods=("MGU.step", "MGU.back"), given=("MGU.__init__",)),
    points={"MGU Forward": 10, "MGU Backward": 16},
)
