"""What is true: recurrent cells by PyTorch, in the dialect of each homework.

    dialects    how homeworks write a cell, as data; needs no torch
    gru         the truth about one step of a GRU: torch.nn.GRUCell with the homework's weights copied across
    gradients   NumPy in, NumPy out: what a function of tensors returns, and its gradients by autograd

Everything here is an oracle for a student: it is never readable where a hand-in runs. Nothing here knows of
grading, so nothing here imports `grader`. Importing `reference` does not import torch, which takes over a
second; importing `reference.gru` does.
"""
