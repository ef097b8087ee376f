"""Question 3, read off answers.toml: the number of parameters, and where a likely miscount comes from."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any

from grader.records import Judged

FILE, KEY = "answers.toml", "parameters"
# tomllib takes time by the square of a dotted key's length: seconds at 64 KiB, a tenth of one here.
MOST_BYTES = 1 << 13
STATE = 200  # also the size of the input

MATRIX = STATE * STATE
GATES = 4
PARAMETERS = GATES * (2 * MATRIX + STATE)

MISCOUNTS = {
    GATES * (2 * MATRIX + 2 * STATE): "It counts two bias vectors for each gate, as torch.nn.LSTM has them; "
    "the equations here have one.",
    GATES * 2 * MATRIX: "It leaves out the biases.",
    GATES * 2 * MATRIX + STATE: "It counts one bias vector for the whole cell; each gate has its own.",
    GATES * 2 * MATRIX + GATES: "It counts one number for each gate's bias; each is a vector.",
    3
    * (2 * MATRIX + STATE): "It counts three gates, as a GRU has them; the candidate g has weights as well.",
    3 * (2 * MATRIX + 2 * STATE): "It counts three gates, and two bias vectors for each, as torch.nn.GRU has "
    "them; an LSTM has four, and the equations here have one bias vector for each.",
    3 * 2 * MATRIX: "It counts three gates, and leaves out the biases; the candidate g has weights as well.",
    2 * MATRIX + STATE: "It counts a single gate; there are four of them, i, f, o and g.",
    2 * MATRIX + 2 * STATE: "It counts a single gate; there are four of them, and each has one bias vector.",
    2 * MATRIX: "It counts a single gate, without its bias; there are four of them, i, f, o and g.",
    GATES * (MATRIX + STATE): "It counts one weight matrix for each gate; x and h have one each.",
    GATES
    * (MATRIX + 2 * STATE): "It counts one weight matrix and two biases for each gate; x and h have one "
    "matrix each, and share a bias.",
    GATES * MATRIX: "It counts one weight matrix for each gate, and no bias; x and h have one matrix each.",
    MATRIX + STATE: "It counts one weight matrix and its bias; there are four gates, with two matrices each.",
    MATRIX: "It counts one weight matrix; there are four gates, with two matrices each.",
    GATES * (2 * MATRIX + STATE) + 2 * STATE: "It counts the states h and c as well; they are no parameters.",
    GATES * (2 * MATRIX + STATE) + STATE: "It counts a state as well; that is no parameter.",
    GATES * (2 * STATE + STATE): "It takes each weight for a vector; W x makes 200 numbers of 200, so W is "
    "a matrix.",
}

HOW = f"Write one line, {KEY} = and then the number, in digits alone: no comma, no quotes, no formula."


def parameters(files: Mapping[str, tuple[str, bytes]]) -> Judged:
    """Whether the number in answers.toml is the right one."""
    if FILE not in files:
        return _failed("missing", f"there is no {FILE} in this hand-in", HOW)
    path, content = files[FILE]
    answers = _table(path, content)
    if isinstance(answers, Judged):
        return answers
    if KEY not in answers:
        return _failed("missing", f"{path} has no {KEY}", HOW)
    number = _number(answers[KEY])
    if number is None:
        return _failed("dtype", f"{KEY} in {path} is {_kind(answers[KEY])}, not a whole number", HOW)
    if number == PARAMETERS:
        return Judged(True)
    hint = MISCOUNTS.get(number, "Count the entries of every matrix and vector that the six equations name.")
    return _failed("value", f"{number if abs(number) < 10**12 else 'this number'} is not right", hint)


def _table(path: str, content: bytes) -> dict[str, Any] | Judged:
    if len(content) > MOST_BYTES:
        return _failed("broken", f"{path} has more than {MOST_BYTES >> 10} KiB and was not read", HOW)
    try:
        return tomllib.loads(content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n"))
    except UnicodeDecodeError:
        return _failed("broken", f"{path} is not text in UTF-8", HOW)
    except tomllib.TOMLDecodeError as error:
        return _failed("broken", f"{path} cannot be read as TOML: {error}", HOW)
    except (ValueError, RecursionError):  # a number of thousands of digits, lists inside of lists
        return _failed("broken", f"{path} cannot be read as TOML", HOW)


def _number(value: object) -> int | None:
    """Return a whole number, however it is written: 320800, 320800.0, "320,800"."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and re.fullmatch(r"\s*\d{1,3}([ ,._']?\d{3}){0,4}\s*", value, re.ASCII):
        return int(re.sub(r"\D", "", value))
    return value if isinstance(value, int) else None


def _kind(value: object) -> str:
    kinds = {bool: "true or false", str: "a text", float: "a fraction", list: "a list", dict: "a table"}
    return kinds.get(type(value), "a date or time")


def _failed(reason: str, message: str, hint: str) -> Judged:
    return Judged(False, message, hint, reason)
