"""The Penn Treebank as numbers: its vocabulary, its texts, and the windows that a model reads them in."""

from collections import Counter

import torch

END = "<eos>"  # a word of its own, at the end of every line


def words_of(path):
    """Yield the words of a text, each line ended by <eos>."""
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            yield from line.split()
            yield END


def read_vocabulary(data):
    """Return the training text's words, the most frequent first: a word's place is its number."""
    counts = Counter(words_of(data / "ptb.train.txt"))
    return sorted(counts, key=lambda word: (-counts[word], word))


def read_text(path, vocabulary, rows):
    """Return a text as numbers, cut into `rows` pieces of equal length, side by side: (words // rows, rows).

    What is left over at the end, fewer than `rows` words, is left out.
    """
    number = {word: i for i, word in enumerate(vocabulary)}
    try:
        numbers = torch.tensor([number[word] for word in words_of(path)])
    except KeyError as unknown:
        raise SystemExit(f"{path} has the word {unknown}, which is not in the training text") from None
    length = len(numbers) // rows
    return numbers[: length * rows].view(rows, length).t().contiguous()


def windows(text, steps):
    """Walk through a text (length, rows) by `steps` words: what is read, and what comes one word later."""
    for start in range(0, len(text) - 1, steps):
        end = min(start + steps, len(text) - 1)
        yield text[start:end], text[start + 1 : end + 1]
