"""The small model of Zaremba, Sutskever and Vinyals, "Recurrent Neural Network Regularization" (2014)."""

import torch
from torch import nn
from torch.nn import functional as F

UNITS = 200
LAYERS = 2
WORDS = 10_000
CELLS = {"lstm": nn.LSTM, "gru": nn.GRU}


class LanguageModel(nn.Module):
    """Scores each word of the vocabulary as the next one, given all words so far.

    Dropout acts where the paper has it: on what enters a layer and on what leaves the last one, never on what
    a layer hands to itself. One thing is not the paper's: the vector that a word is read by is also the one
    that it is scored by ("weight tying", Press and Wolf, 2017): 2 million weights in place of 4.
    """

    def __init__(self, cell, dropout, words=WORDS):
        super().__init__()
        self.embedding = nn.Embedding(words, UNITS)
        self.rnn = CELLS[cell](UNITS, UNITS, LAYERS, dropout=dropout)
        self.dropout = nn.Dropout(dropout)
        self.bias = nn.Parameter(torch.zeros(words))
        for weights in [self.embedding.weight, *self.rnn.parameters()]:
            nn.init.uniform_(weights, -0.1, 0.1)

    def forward(self, words, state=None):
        """Words (steps, rows), state before -> scores (steps, rows, vocabulary), state after."""
        hidden, state = self.read(words, state)
        return self.score(hidden), state

    def read(self, words, state=None):
        """Words (steps, rows), state before -> output of the last layer (steps, rows, 200), state after."""
        hidden, state = self.rnn(self.dropout(self.embedding(words)), state)
        return self.dropout(hidden), state

    def score(self, hidden):
        """Output of the last layer (..., 200) -> scores (..., vocabulary), whose log-softmax is log p."""
        return F.linear(hidden, self.embedding.weight, self.bias)


def build_model(cell, dropout, words=WORDS):
    """Return a new model: `cell` is "lstm" or "gru", `dropout` the probability of dropping a value."""
    return LanguageModel(cell, dropout, words)
