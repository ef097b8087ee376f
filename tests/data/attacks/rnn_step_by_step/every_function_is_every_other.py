# attack: answer every question with what another one asked
# earns: 9
# stopped by: each output has a truth of its own
import honest

last = [0.0]


def remembered(*arguments):
    last.append(honest.lstm_cell_forward(*arguments) if len(last) < 2 else last[-1])
    return last[-1]


rnn_cell_forward = rnn_forward = lstm_cell_forward = lstm_forward = rnn_cell_backward = rnn_backward = lstm_cell_backward = lstm_backward = remembered
