"""A training that may be stopped at any moment, and goes on as if it had not been."""

import os
import time
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

from corpus import windows
from evaluate import as_perplexity

STEPS = 35  # words that back-propagation through time goes back
MAX_NORM = 0.25  # of the gradient of a window's mean loss: a longer one is shortened to this


@contextmanager
def replacing(path):
    """Give the path of a new file that takes the place of `path` once it is whole and on the disk.

    Whenever the program or the machine stops, the old file is there, or the new one.
    """
    new = Path(f"{path}.{os.getpid()}")  # another training may be writing to the same folder
    yield new
    with open(new, "rb+") as written:
        os.fsync(written.fileno())
    os.replace(new, path)


def detached(state):
    """Return the state without its past, where back-propagation ends: h of a GRU, (h, c) of an LSTM."""
    return tuple(part.detach() for part in state) if isinstance(state, tuple) else state.detach()


class Training:
    """A model on its way, with everything that is needed to go on from exactly here."""

    def __init__(self, model, checkpoint, save_every_s, bf16):
        self.model = model
        self.optimizer = torch.optim.SGD(model.parameters(), lr=0)
        self.checkpoint = checkpoint
        self.save_every_s = save_every_s
        self.bf16 = bf16
        self.device = model.bias.device
        # Where it is: these go into the checkpoint, with the weights and the state of the random numbers.
        self.epoch = 1
        self.window = 0  # windows of this epoch that are done
        self.state = None  # of the model, after them; at the start of an epoch, zeros
        self.loss = 0.0  # -log p, summed over their words
        self.metrics = []  # a row for each epoch that is done

    def run_epoch(self, text, learning_rate, step):
        """Walk through the rest of an epoch; `step(perplexity)` is called after each window.

        Returns e to the mean loss of all its words, as it was on the way: the weights changed, and dropout
        was on. (To measure it afterwards would be a second pass over the whole text.)
        """
        self.model.train()
        self.optimizer.param_groups[0]["lr"] = learning_rate
        saved = time.monotonic()
        for words, following in islice(windows(text, STEPS), self.window, None):
            loss = self.learn(words, following)
            self.loss += loss * following.numel()
            self.window += 1
            if time.monotonic() - saved >= self.save_every_s:
                self.save()
                saved = time.monotonic()
            step(as_perplexity(loss))
        return as_perplexity(self.loss / text[1:].numel())

    def learn(self, words, following):
        """Take one step of gradient descent. Returns the mean loss of the window, as it was before."""
        hidden, state = self.model.read(words, self.state)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
            scores = self.model.score(hidden)  # three quarters of all the arithmetic
        losses = F.cross_entropy(scores.flatten(0, 1), following.flatten(), reduction="none")
        loss = losses.float().mean()  # in bfloat16 a mean would have but two or three digits
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), MAX_NORM)
        self.optimizer.step()
        self.state = detached(state)
        return loss.item()

    def end_epoch(self, row):
        """Note what was measured, and stand at the start of the next epoch."""
        self.metrics.append(row)
        self.epoch, self.window, self.state, self.loss = self.epoch + 1, 0, None, 0.0
        self.save()

    def save(self):
        """Write the checkpoint."""
        with replacing(self.checkpoint) as new:
            torch.save(
                {
                    "model": self.model.state_dict(),
                    "optimizer": self.optimizer.state_dict(),
                    "random": torch.get_rng_state(),
                    "random_cuda": torch.cuda.get_rng_state() if self.device.type == "cuda" else None,
                    "epoch": self.epoch,
                    "window": self.window,
                    "state": self.state,
                    "loss": self.loss,
                    "metrics": self.metrics,
                },
                new,
            )

    def load(self):
        """Go to where the checkpoint was written."""
        saved = torch.load(self.checkpoint, map_location=self.device, weights_only=True)
        self.model.load_state_dict(saved["model"])
        self.optimizer.load_state_dict(saved["optimizer"])
        torch.set_rng_state(saved["random"].cpu())
        if self.device.type == "cuda" and saved["random_cuda"] is not None:
            torch.cuda.set_rng_state(saved["random_cuda"].cpu())
        self.epoch, self.window, self.state = saved["epoch"], saved["window"], saved["state"]
        self.loss, self.metrics = saved["loss"], saved["metrics"]
