"""The small model of "Recurrent Neural Network Regularization" (Zaremba, Sutskever and Vinyals, 2014)."""

from torch import nn

WORDS = 10_000


class LanguageModel(nn.Module):
    """Scores each word of the vocabulary as the next one, given all words so far."""

    def __init__(self, cell, dropout, words=WORDS):
        super().__init__()
        raise NotImplementedError("two layers of 200 units of the cell that is asked")

    def forward(self, words, state=None):
        """Words (steps, rows), state before -> scores (steps, rows, vocabulary), state after."""
        raise NotImplementedError


def build_model(cell, dropout, words=WORDS):
    """Return a new model: `cell` is "lstm" or "gru", `dropout` the probability of dropping a value."""
    raise NotImplementedError("a LanguageModel of this cell")
