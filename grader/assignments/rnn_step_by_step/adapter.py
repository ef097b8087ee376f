"""How the functions are called. Runs in the student's process: NumPy, the standard library and `inside` only.

Each can be asked in up to three ways: with all that it uses the student's own; from caches put together here
as the statement prescribes them; and with a cell of this file in place of the one that it calls. Those cells
compute something else of the right shapes: nothing here is what the homework asks for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
from inside.adapter_api import Absent, Given, pack
from numpy.typing import NDArray

Array = NDArray[Any]
Arrays = Mapping[str, Array]

PARAMETERS = ("Wax", "Waa", "Wya", "ba", "Wf", "bf", "Wi", "bi", "Wc", "bc", "Wo", "bo", "Wy", "by")
# The arrays that a way forward starts from, and what it returns.
FORWARD = {
    "rnn_cell_forward": (("xt", "a_prev"), ("a_next", "yt", "cache")),
    "rnn_forward": (("x", "a0"), ("a", "y", "caches")),
    "lstm_cell_forward": (("xt", "a_prev", "c_prev"), ("a_next", "c_next", "yt", "cache")),
    "lstm_forward": (("x", "a0"), ("a", "y", "c", "caches")),
}
# The derivatives that a way back is handed, and the keys of the dictionary that it returns.
BY_RNN = ("dWax", "dWaa", "dba")
BY_LSTM = ("dWf", "dbf", "dWi", "dbi", "dWc", "dbc", "dWo", "dbo")
BACKWARD = {
    "rnn_cell_backward": (("da_next",), ("dxt", "da_prev", *BY_RNN)),
    "rnn_backward": (("da",), ("dx", "da0", *BY_RNN)),
    "lstm_cell_backward": (("da_next", "dc_next"), ("dxt", "da_prev", "dc_prev", *BY_LSTM)),
    "lstm_backward": (("da",), ("dx", "da0", *BY_LSTM)),
}
# The sizes of an array in a table's example, and the length of a cache.
SIZES = {"x": 3, "a": 5, "y": 2, "m": 10, "c": 8, "1": 1}
AXES = {"a_next": "am", "c_next": "am", "yt": "ym", "a": "amt", "c": "amt", "y": "ymt"}
AXES |= {"dxt": "xm", "da_prev": "am", "dc_prev": "am", "dx": "xmt", "da0": "am", "dWax": "ax", "dWaa": "aa"}
AXES |= {f"dW{gate}": "ac" for gate in "fico"} | {f"db{gate}": "a1" for gate in "afico"}
LENGTHS = {"cache": 10, "caches": 2}


class NotThereError(Exception):
    """What a call needs is not there. The message is a sentence without its full stop."""


class Answers(Mapping[str, object]):
    """What a function answered, by name, and by "table a_next[4]" the entry that a table prints of it."""

    def __init__(self, found: Mapping[str, object], steps: int) -> None:
        self.found = found
        self.steps = steps

    def __iter__(self) -> Iterator[str]:
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)

    def __getitem__(self, name: str) -> object:
        if not name.startswith("table "):
            return self.found[name]
        whole, *indices = re.findall(r"\w+", name.removeprefix("table "))
        value = self._whole(whole)
        try:
            for index in indices:
                value = value if isinstance(value, Absent) else value[int(index)]
        except Exception as error:  # a student's cache may hold anything
            return Absent(f"it cannot be looked up in {whole}: {type(error).__name__}: {error}")
        return value

    def _whole(self, name: str) -> Any:
        """Return what the table prints an entry of, if its shape or length is the one printed with it."""
        value = self.found[name]
        if name in LENGTHS:
            length = len(value) if isinstance(value, tuple | list) else None
            if isinstance(value, Absent) or length == LENGTHS[name]:
                return value
            has = "no length" if length is None else f"length {length}"
            return Absent(f"{name} has {has}, and the table prints {LENGTHS[name]}")
        array = pack(value)
        shape = tuple({**SIZES, "t": self.steps}[axis] for axis in AXES[name])
        if isinstance(array, Absent) or array.shape == shape:
            return array
        return Absent(f"{name} has shape {array.shape}, and the table prints {shape}")


def _asked(names: Sequence[str], given: Given, ask: Callable[[], Mapping[str, object]]) -> Answers:
    """Return what was answered; where something is not there, for every name that it is not."""
    steps = given.arrays["x"].shape[2] if "x" in given.arrays else 1
    try:
        return Answers(ask(), steps)
    except NotThereError as why:
        return Answers(dict.fromkeys(names, Absent(str(why))), steps)


# --- with all that it uses the student's own


def _forward(name: str, module: Any, given: Given) -> Answers:
    """Return what a way forward returns, by name."""

    def ask() -> Mapping[str, object]:
        if given.interleaved:
            _returned(name, module, _other(given))
        return _returned(name, module, given)

    return _asked(FORWARD[name][1], given, ask)


def _backward(name: str, module: Any, given: Given) -> Answers:
    """Return the gradients of a way back, from the cache that the student's own way forward returned."""

    def ask() -> Mapping[str, object]:
        forward = name.replace("backward", "forward")
        *_, key = FORWARD[forward][1]
        cache = _returned(forward, module, given)[key]
        if given.interleaved:
            _returned(forward, module, _other(given))
        return _gradients(name, module, given, cache)

    return _asked(BACKWARD[name][1], given, ask)


def _returned(name: str, module: Any, given: Given) -> Mapping[str, object]:
    """Return what one call of a way forward returns, by name."""
    inputs, names = FORWARD[name]
    function = _function(module, name)
    returned = function(*(given.arrays[key] for key in inputs), _parameters(given))
    if not isinstance(returned, tuple | list) or len(returned) != len(names):
        what = f"{len(returned)} things" if isinstance(returned, tuple | list) else _kind(returned)
        raise NotThereError(f"{name} returned {what}, not {', '.join(names)}")
    return dict(zip(names, returned, strict=True))


def _gradients(name: str, module: Any, given: Given, cache: object) -> Mapping[str, object]:
    """Return the dictionary that one call of a way back returns; of what is not in it, why."""
    deltas, names = BACKWARD[name]
    returned = _function(module, name)(*(given.arrays[key] for key in deltas), cache)
    if not isinstance(returned, Mapping):
        raise NotThereError(f"{name} returned {_kind(returned)}, not a dictionary")
    return {key: returned.get(key, Absent(f'gradients["{key}"] was never set')) for key in names}


def _kind(value: object) -> str:
    return "None" if value is None else f"a {type(value).__name__}"


def _function(module: Any, name: str) -> Callable[..., Any]:
    """Return the student's function, with what a notebook's first cell imports beside it."""
    for known, given in {"np": np, "sigmoid": sigmoid, "softmax": softmax}.items():
        if not hasattr(module, known):
            setattr(module, known, given)
    function = getattr(module, name, None)
    if not callable(function):
        raise NotThereError(f"there is no function {name}")
    return function  # type: ignore[no-any-return]


def sigmoid(a: Array) -> Array:
    """As in rnn_utils.py, which students are given."""
    return np.asarray(1.0 / (1.0 + np.exp(-a)))


def softmax(a: Array) -> Array:
    """As in rnn_utils.py, which students are given."""
    powers = np.exp(a - np.max(a, axis=0))
    return np.asarray(powers / np.sum(powers, axis=0))


def _parameters(given: Given) -> dict[str, Array]:
    return {name: given.arrays[name] for name in PARAMETERS if name in given.arrays}


def _other(given: Given) -> Given:
    """Other inputs of the same shapes: what a call leaves behind in its module must not disturb another."""
    return Given({name: array[::-1] for name, array in given.arrays.items()}, given.form, interleaved=False)


# --- from caches, or with a cell, that are not the student's


def _from_our_cache(name: str, module: Any, given: Given) -> Answers:
    """Return the gradients of a way back, from a cache that holds what the statement prescribes."""
    cache = (_caches if "x" in given.arrays else _cache)(given.arrays, _parameters(given))
    return _asked(BACKWARD[name][1], given, lambda: _gradients(name, module, given, cache))


def _cache(arrays: Arrays, parameters: Arrays) -> tuple[Any, ...]:
    """Return the cache of one step."""
    rnn, lstm = "a_next a_prev xt", "a_next c_next a_prev c_prev ft it cct ot xt"
    return (*(arrays[key] for key in (lstm if "ft" in arrays else rnn).split()), parameters)


def _caches(arrays: Arrays, parameters: Arrays) -> tuple[Any, ...]:
    """([cache of the first step, of the second, ...], x), from arrays over time, (n, m, T_x)."""
    before = {"a": arrays["a0"], "c": np.zeros_like(arrays["a0"])}
    steps = []
    for t in range(arrays["x"].shape[2]):
        step = {key: array[:, :, t] for key, array in arrays.items() if array.ndim == 3}
        step |= {"xt": step["x"], "a_prev": before["a"], "c_prev": before["c"]}
        step |= {f"{key}_next": step[key] for key in "ac" if key in step}
        steps.append(_cache(step, parameters))
        before |= {key: step[key] for key in "ac" if key in step}
    return steps, arrays["x"]


def _with_our_cell(ask: Callable[..., Answers], name: str, module: Any, given: Given) -> Answers:
    """Return what a loop answers when a cell of this file stands in for the one that it calls."""
    cell = name.replace("_", "_cell_")
    namespace = getattr(getattr(module, name, None), "__globals__", module.__dict__)
    with _in_place(namespace, cell, STAND_INS[cell]):
        return ask(name, module, given)


@contextmanager
def _in_place(namespace: dict[str, Any], name: str, function: Callable[..., Any]) -> Iterator[None]:
    """For a while, the function stands under that name where the student's loop looks it up."""
    own = {key: value for key, value in namespace.items() if key == name}
    namespace[name] = function
    try:
        yield
    finally:
        del namespace[name]
        namespace.update(own)


# Every array that they return depends on every one that they are handed, as in a true cell: a loop that hands
# on a wrong one cannot pass by it.


def stand_in_rnn_cell_forward(xt: Array, a_prev: Array, parameters: Arrays) -> tuple[Any, ...]:
    """Another cell with the arguments, shapes and cache of rnn_cell_forward."""
    a_next = parameters["ba"] + 0.5 * a_prev[::-1] + 0.25 * np.sum(xt, axis=0)
    yt_pred = parameters["by"] + np.mean(a_next, axis=0)
    return a_next, yt_pred, (a_next, a_prev, xt, parameters)


def stand_in_lstm_cell_forward(
    xt: Array, a_prev: Array, c_prev: Array, parameters: Arrays
) -> tuple[Any, ...]:
    """Another cell with the arguments, shapes and cache of lstm_cell_forward."""
    a_next = parameters["bo"] + 0.5 * a_prev[::-1] + 0.25 * np.sum(xt, axis=0) - 0.25 * c_prev
    c_next = parameters["bc"] + a_next - 0.5 * c_prev[::-1]
    yt_pred = parameters["by"] + np.mean(a_next, axis=0)
    cache = (a_next, c_next, a_prev, c_prev, a_next, c_next, a_next, c_next, xt, parameters)
    return a_next, c_next, yt_pred, cache


def stand_in_rnn_cell_backward(da_next: Array, cache: tuple[Any, ...]) -> dict[str, Array]:
    """Another cell with the arguments, keys and shapes of rnn_cell_backward."""
    a_next, a_prev, xt, _ = cache
    held = np.mean(a_next - 0.5 * a_prev, axis=0) + np.mean(xt, axis=0)  # (m,)
    found = {"dxt": xt * np.mean(da_next, axis=0) + held, "da_prev": 0.5 * da_next[::-1] + held}
    return found | _by_weights(BY_RNN, (len(xt), len(a_prev), 1), da_next, held)


def stand_in_lstm_cell_backward(da_next: Array, dc_next: Array, cache: tuple[Any, ...]) -> dict[str, Array]:
    """Another cell with the arguments, keys and shapes of lstm_cell_backward."""
    a_next, c_next, a_prev, c_prev, *_, xt, _ = cache
    held = np.mean(a_next - 0.5 * a_prev + c_next * c_prev, axis=0) + np.mean(xt, axis=0)  # (m,)
    delta, dc_prev = da_next + 2.0 * dc_next, da_next - 0.5 * dc_next + held
    found = {"dxt": xt * np.mean(delta, axis=0) + held, "da_prev": 0.5 * delta[::-1] + held}
    return found | {"dc_prev": dc_prev} | _by_weights(BY_LSTM, (len(a_prev) + len(xt), 1) * 4, delta, held)


def _by_weights(names: Sequence[str], columns: Sequence[int], delta: Array, held: Array) -> dict[str, Array]:
    """Return an array of its own for each weight, (n_a, columns)."""
    found = {}
    for i, (name, width) in enumerate(zip(names, columns, strict=True), start=1):
        of_step = i * np.sum(delta, axis=1, keepdims=True) + np.mean(held)  # (n_a, 1)
        found[name] = of_step * np.arange(1, width + 1)
    return found


STAND_INS: Mapping[str, Callable[..., Any]] = {
    "rnn_cell_forward": stand_in_rnn_cell_forward,
    "lstm_cell_forward": stand_in_lstm_cell_forward,
    "rnn_cell_backward": stand_in_rnn_cell_backward,
    "lstm_cell_backward": stand_in_lstm_cell_backward,
}


def _calls() -> Iterator[tuple[str, Callable[[Any, Given], Answers]]]:
    """Yield the calls, by the names that functions.py has for them."""
    yield from ((name, partial(_forward, name)) for name in FORWARD)
    for name in BACKWARD:
        yield name, partial(_backward, name)
        yield f"{name}_from_our_cache", partial(_from_our_cache, name)
    for cell in ("rnn", "lstm"):
        yield f"{cell}_forward_with_our_cell", partial(_with_our_cell, _forward, f"{cell}_forward")
        yield f"{cell}_backward_with_our_cell", partial(_with_our_cell, _from_our_cache, f"{cell}_backward")


CALLS = dict(_calls())
