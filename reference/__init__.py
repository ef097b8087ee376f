"""What is true: recurrent cells by PyTorch, in the dialect of each homework.

    dialects    how homeworks write a cell, as data; needs no torch
    gates       a gate's weights, and torch's cells with such weights put in
    rnn         the truth about a step of a plain RNN: torch.nn.RNNCell with the homework's weights put in
    gru         of a GRU: torch.nn.GRUCell
    lstm        of an LSTM: torch.nn.LSTMCell
    cells       a step of whichever of these cells a dialect is of, and what its printed equations define
    operations  the operations of a cell's equations, for cells that torch does not have
    precision   whether in float64 or, for a while, in float32; needs no torch
    gradients   NumPy in, NumPy out: what a function of tensors returns, and its gradients by autograd

Everything here is an oracle for a student: it is never readable where a hand-in runs. Nothing here knows of
grading, so nothing here imports `grader`. Importing `reference` does not import torch, which takes over a
second; importing `reference.gru` does.
"""
