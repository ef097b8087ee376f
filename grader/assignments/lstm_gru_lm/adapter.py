"""How a language model is called. Runs in the student's process: torch, NumPy, Python's own, and `inside`.

Words come numbered in the order of the sorted vocabulary; a hand-in numbers them by its own vocabulary.txt.
What is answered of its weights is in the order of the sorted vocabulary again.
"""

from __future__ import annotations

import hashlib
import inspect
import io
import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
import safetensors.torch
import torch
from inside.adapter_api import Absent, Given

SETTINGS = {
    "lstm": ("lstm", 0.0),
    "lstm-dropout": ("lstm", 0.5),
    "gru": ("gru", 0.0),
    "gru-dropout": ("gru", 0.5),
}
ANSWERS = ("tensors", "weights", "log_p", "whole", "again", "later", "carried", "raw")
WEIGHTS = ("weights.safetensors", "weights.pt", "weights.pth")
STEPS = 10  # words that a model reads at once: their scores are 8 MB, and fit into a cache
PART = 1 << 18  # numbers of its weights that one answer carries
MOST_NAMES = 5
Tensors = dict[str, torch.Tensor]


class NotUsable(Exception):
    """What was handed in cannot be used: a sentence without its full stop."""


class Trained:
    """A model with its saved weights.

    Args:
        setting: one of SETTINGS.
        module: the hand-in.
        files: its files.
        size: how many words there are.
    """

    def __init__(self, setting: str, module: Any, files: Mapping[str, bytes], size: int) -> None:
        cell, dropout = SETTINGS[setting]
        self.model = _built(module, cell, dropout, size)
        words = _words(files)
        if len(words) != size:
            raise NotUsable(f"vocabulary.txt has {len(words)} words, and the training text {size}")
        # order[i] is the hand-in's number of the i-th word of the sorted vocabulary.
        self.order = torch.tensor(sorted(range(size), key=words.__getitem__))
        state = self.model.state_dict()
        _load(self.model, state, _read(setting, files))
        self.model.eval()
        self.tensors = {
            name: tensor.detach()[self.order] if tensor.shape[:1] == (size,) else tensor.detach()
            for name, tensor in self.model.state_dict().items()
        }
        self.flat = np.concatenate([one.numpy().ravel() for one in self.tensors.values()])

    def about(self) -> bytes:
        """Return what the weights are, as JSON: name and shape of each, and a digest of them all."""
        shapes = [[name, list(one.shape)] for name, one in self.tensors.items()]
        digest = hashlib.sha256(self.flat.tobytes()).hexdigest()
        return json.dumps({"tensors": shapes, "sha256": digest}).encode()

    def scores(self, words: torch.Tensor, state: Any) -> tuple[torch.Tensor, Any]:
        """Words (steps, rows), by the sorted vocabulary -> scores (steps, rows, vocabulary), state."""
        returned = self.model(self.order[words], state)
        if not (isinstance(returned, tuple | list) and len(returned) == 2):
            raise NotUsable(f"forward returned {type(returned).__name__}, not two things, scores and state")
        scores, state = returned
        wanted = (*words.shape, len(self.order))
        if not isinstance(scores, torch.Tensor) or scores.numel() != np.prod(wanted):
            found = tuple(scores.shape) if isinstance(scores, torch.Tensor) else type(scores).__name__
            raise NotUsable(f"scores of words {tuple(words.shape)} are {found}, not {wanted}")
        return scores.reshape(wanted).float(), state

    def log_p(self, text: torch.Tensor) -> torch.Tensor:
        """Text (length, rows) -> log p of every word but the first of each row, (length - 1, rows)."""
        # Made before: small arrays that stay, between large ones that go, leave the memory in pieces.
        found, state = torch.empty(len(text) - 1, text.shape[1]), None
        for start in range(0, len(text) - 1, STEPS):
            end = min(start + STEPS, len(text) - 1)
            scores, state = self.scores(text[start:end], state)
            following = self.order[text[start + 1 : end + 1]].unsqueeze(-1)
            found[start:end] = scores.gather(-1, following).squeeze(-1) - torch.logsumexp(scores, -1)
        return found

    def whole(self, pieces: Iterator[torch.Tensor]) -> torch.Tensor:
        """Texts, one behind the other -> log p of the whole vocabulary after each word."""
        found, state = [], None
        for words in pieces:
            scores, state = self.scores(words, state)
            found.append(torch.log_softmax(scores, -1)[..., self.order])
        return torch.cat(found)


def asked(setting: str, module: Any, given: Given) -> Mapping[str, object]:
    """Answer for one setting: a part of its weights, log p of a text's words, or whole distributions."""
    arrays = given.arrays
    try:
        trained = _trained(setting, module, given.files, int(arrays["size"][0]))
        with torch.no_grad():
            if "part" in arrays:
                at = int(arrays["part"][0])
                part = trained.flat[at * PART : (at + 1) * PART]
                return {
                    "weights": part,
                    **({} if at else {"tensors": np.frombuffer(trained.about(), np.uint8)}),
                }
            if "text" in arrays:
                return {"log_p": trained.log_p(_numbers(arrays["text"])).numpy()}
            return _probed(trained, _numbers(arrays["probe"]), _numbers(arrays["later"]))
    except NotUsable as why:
        return dict.fromkeys(ANSWERS, Absent(str(why)))


def _probed(trained: Trained, words: torch.Tensor, later: torch.Tensor) -> Mapping[str, object]:
    """Whole distributions after each of a few words, in ways that must agree."""
    half = len(words) // 2
    raw, _ = trained.scores(words, None)
    said = {
        "whole": trained.whole(iter([words])),
        "again": trained.whole(iter([words])),
        "later": trained.whole(iter([torch.cat([words[:half], later[half:]])])),
        "carried": trained.whole(iter([words[:half], words[half:]])),
        "raw": torch.stack([raw.min(), raw.max(), raw.sum(-1).min(), raw.sum(-1).max()]),
    }
    return {name: one.numpy() for name, one in said.items()}


_known: dict[str, Trained | NotUsable] = {}


def _trained(setting: str, module: Any, files: Mapping[str, bytes], size: int) -> Trained:
    """Return a setting's model, made once in a job."""
    if setting not in _known:
        _known.clear()  # the one before is not asked again
        try:
            _known[setting] = Trained(setting, module, files, size)
        except NotUsable as why:
            _known[setting] = why
    found = _known[setting]
    if isinstance(found, NotUsable):
        raise found
    return found


def _built(module: Any, cell: str, dropout: float, size: int) -> Any:
    """Return build_model(cell, dropout), with words=size where it takes that."""
    build: Callable[..., Any] = module.build_model
    try:
        takes_words = "words" in inspect.signature(build).parameters
    except (TypeError, ValueError):
        takes_words = False
    model = build(cell, dropout, words=size) if takes_words else build(cell, dropout)
    if not isinstance(model, torch.nn.Module):
        raise NotUsable(f"build_model returned {type(model).__name__}, not an nn.Module")
    return model


def _words(files: Mapping[str, bytes]) -> list[str]:
    """Return the words of vocabulary.txt, in its order."""
    found = _nearest(files, ("vocabulary.txt",))
    if found is None:
        raise NotUsable("runs/vocabulary.txt is not in the hand-in")
    return files[found].decode("utf-8", "replace").removesuffix("\n").replace("\r\n", "\n").split("\n")


def _read(setting: str, files: Mapping[str, bytes]) -> tuple[str, Tensors]:
    """Return the path of a setting's weights, and the tensors in them by name."""
    path = _nearest(files, tuple(f"{setting}/{name}" for name in WEIGHTS))
    if path is None:
        raise NotUsable(f"runs/{setting}/{WEIGHTS[0]} is not in the hand-in (nor weights.pt)")
    try:
        if path.endswith(".safetensors"):
            found = safetensors.torch.load(files[path])
        else:
            found = torch.load(io.BytesIO(files[path]), map_location="cpu", weights_only=True)
    except MemoryError:
        raise
    except Exception as error:  # whatever a reader raises on bytes that are no weights
        what = f"{type(error).__name__}: {error}".split("\n", 1)[0]
        raise NotUsable(f"{path} cannot be read as weights ({what[:90]})") from None
    if not isinstance(found, dict) or not all(isinstance(one, torch.Tensor) for one in found.values()):
        raise NotUsable(f"{path} holds more than tensors by name: save model.state_dict() and nothing else")
    return path, found


def _load(model: Any, state: Tensors, read: tuple[str, Tensors]) -> None:
    """Load the tensors of a file, if they are exactly those of the model."""
    path, found = read
    kept = {tensor.data_ptr() for name, tensor in state.items() if name in found}
    lacking = [name for name, tensor in state.items() if name not in found and tensor.data_ptr() not in kept]
    more = [name for name in found if name not in state]
    if lacking or more:
        says = [f"lacks {_listed(lacking)}"] * bool(lacking) + [f"holds {_listed(more)} beside it"] * bool(
            more
        )
        raise NotUsable(f"{path} does not fit the model: it {' and '.join(says)}")
    for name, tensor in found.items():
        if tensor.shape != state[name].shape:
            shapes = f"{tuple(tensor.shape)}, and the model's {tuple(state[name].shape)}"
            raise NotUsable(f"{path} does not fit the model: {name} has shape {shapes}")
        if tensor.dtype != torch.float32:
            raise NotUsable(f"{name} in {path} is {str(tensor.dtype).removeprefix('torch.')}, not float32")
    if any(tensor.dtype != torch.float32 for tensor in state.values()):
        raise NotUsable("the model's own weights are not all float32")
    model.load_state_dict(found, strict=False)


def _listed(names: list[str]) -> str:
    shown = ", ".join(name[:40] for name in names[:2])
    return shown if len(names) <= 2 else f"{shown} and {len(names) - 2} more"


def _nearest(files: Mapping[str, bytes], ends: tuple[str, ...]) -> str | None:
    """Return the path that ends so, in whole names; of several the one with the fewest folders."""
    fits = [path for path in files if any(f"/{path}".endswith(f"/{end}") for end in ends)]
    return min(fits, key=lambda path: (path.count("/"), path), default=None)


def _numbers(array: np.ndarray[Any, Any]) -> torch.Tensor:
    return torch.from_numpy(array).long()


CALLS = {setting: partial(asked, setting) for setting in SETTINGS}
