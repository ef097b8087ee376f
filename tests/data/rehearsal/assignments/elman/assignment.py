"""ElmanCell: one step of a plain recurrent network, forward and backward, in batches."""

from grader.cell import Cell, homework
from grader.declaration import Wanted
from reference.dialects import Activation, Orientation, RNNDialect

CELL = Cell(
    made="ElmanCell(input, hidden)",
    forward="h = forward(x, h)",
    backward="dx, dh = backward(dh_next)",
    torch=RNNDialect(Activation.TANH, biases=1, orientation=Orientation.OUTPUT_BY_INPUT),
    batch=(1, 6),
    gradients="dx dh dW_x dW_h db",
)
ASSIGNMENT = homework(
    __file__,
    title="ElmanCell: one step of a plain recurrent network, forward and backward",
    cell=CELL,
    wanted=Wanted(
        "elman.py",
        defines=("ElmanCell",),
        methods=("ElmanCell.forward", "ElmanCell.backward"),
        given=("ElmanCell.__init__",),
    ),
    points={"Elman Forward": 40, "Elman Backward": 60},
)
