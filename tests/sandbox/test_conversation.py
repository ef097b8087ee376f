"""All cases of a check go to a job in one message: what comes back is what asking one by one brings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace

import numpy as np
import pytest
from real_jobs import SHORT, HandedIn, handed_in, started_zygote

from grader.records import Answer, Array, FailureKind
from grader.sandbox.fresh import Fresh
from grader.sandbox.zygote import Zygote

XS = [np.full(2, float(at)) for at in range(40)]

# Each behaves otherwise from one case to the next; x[0] is the number of the case.
WAYS = {
    "numbers": "def f(x): return 2 * x",
    "chance": "import random, numpy as np\ndef f(x): return x + np.random.rand(2) + random.random()",
    "raising now and then": "def f(x):\n  if x[0] % 3 == 1: raise ValueError(f'case {x[0]}')\n  return x",
    "absent now and then": "def f(x): return None if x[0] % 3 == 1 else x",
    "an assert that fails in the end": "def f(x):\n  assert x[0] < 30\n  return x",
    "printing": "import sys\ndef f(x):\n  print(x[0]); print('e', x[0], file=sys.stderr)\n  return x",
    "states that are kept": "kept = []\ndef f(x):\n  kept.append(x); return sum(kept)",
    "inputs that are changed": "def f(x):\n  x += 1; return x",
    "inputs that are resized": "def f(x):\n  x.resize(5); return x",
    "a crash": "import os\ndef f(x):\n  if x[0] == 17: os.abort()\n  return x",
    "an end": "import os\ndef f(x):\n  print('*' * 30)\n  if x[0] == 17: os._exit(3)\n  return x",
    "an endless loop": "def f(x):\n  print('*' * 30)\n  while x[0] == 17: pass\n  return x",
    "too much memory": "import numpy as np\ndef f(x):\n  if x[0] == 17: np.ones(1 << 29)\n  return x",
    "too much printed": "def f(x):\n  print('*' * 40_000); return x",
    "too much printed at once": "def f(x):\n  print('*' * (2_000_000 if x[0] == 17 else 50)); return x",
    "too much on standard error": "import sys\ndef f(x):\n  print('*' * 40_000, file=sys.stderr); return x",
    "too large in all": "import numpy as np\ndef f(x):\n  print(x[0]); return np.zeros(250_000)",
    "a forged answer": "import os\ndef f(x):\n  if x[0] == 17: os.write(3, b'no frame at all')\n  return x",
    "an answer too many": "import os\ndef f(x):\n"
    "  if x[0] == 39: os.write(3, b'CGF1' + bytes(12))\n"
    "  return x",
    "nothing there": "def g(x): return x",
    "gone from some case on": "def f(x):\n  print(x[0])\n  if x[0] == 17: globals().pop('f')\n  return x",
}

Told = tuple[list[object], list[object], list[object]]
Asking = Callable[[HandedIn], Sequence[Answer]]


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    with started_zygote() as started:
        yield started


def each(hand_in: HandedIn) -> list[Answer]:
    return hand_in.ask_each(XS)


def one_by_one(hand_in: HandedIn) -> list[Answer]:
    answers: list[Answer] = []
    for at, x in enumerate(XS):
        answers.append(hand_in.ask(seed=at, x=x))
        if (failure := answers[-1].failure) is not None and failure.fatal:
            break
    return answers


def told(way: AbstractContextManager[HandedIn], asking: Asking) -> Told:
    """Return all that comes of a hand-in: answers, failed asserts, and what is kept of its printing."""
    with way as hand_in:
        answers = [
            (
                {name: (array.dtype, array.tolist()) for name, array in one.arrays.items()},
                one.absent,
                one.failure,
                one.asserts,
            )
            for one in asking(hand_in)
        ]
        asserts = list(hand_in.session.failed_asserts)
        hand_in.session.close()
        printed = [hand_in.session.printed(stream) for stream in ("stdout", "stderr")]
    return [*answers], [*asserts], [*printed]


@pytest.mark.parametrize("way", WAYS)
def test_asked_at_once_it_answers_as_one_by_one(zygote: Zygote, way: str) -> None:
    """Answers, failures, asserts and output are the same, and the call that ends a job is the same one."""
    limits = replace(SHORT, total_s=60.0)
    at_once, in_turn = (
        told(handed_in(zygote, WAYS[way], limits=limits), asking) for asking in (each, one_by_one)
    )
    assert at_once == in_turn


@pytest.mark.parametrize("way", ["raising now and then", "too much printed", "an end"])
def test_so_does_a_process_of_its_own(way: str) -> None:
    """Where no zygote is, frames come through pipes, and threads read them."""
    with Fresh() as fresh:
        at_once, in_turn = (told(handed_in(fresh, WAYS[way]), asking) for asking in (each, one_by_one))
    assert at_once == in_turn


def test_a_limit_is_for_a_call_and_not_for_all_of_them(zygote: Zygote) -> None:
    """Forty calls may take longer together than one of them may."""
    text = "import time\ndef f(x):\n  time.sleep(0.06); return x"
    with handed_in(zygote, text, limits=replace(SHORT, call_s=1.5)) as hand_in:
        assert [one.failure for one in each(hand_in)] == [None] * len(XS)


def test_an_answer_that_is_there_counts_whatever_comes_after_it(zygote: Zygote) -> None:
    """What was answered before the end stays, and the next function gets a fresh job."""
    text = f"{WAYS['a crash']}\ndef g(x): return x"
    with handed_in(zygote, text, adapter=ADAPTER) as hand_in:
        answers = each(hand_in)
        assert len(answers) == 18
        assert answers[-1].failure is not None
        assert answers[-1].failure.kind is FailureKind.CRASHED
        assert [one.arrays["y"][0] for one in answers[:-1]] == list(range(17))
        assert hand_in.value("g").tolist() == [0, 1, 2]


def test_many_and_large_cases_are_sent_in_several_messages(zygote: Zygote) -> None:
    """More cases than go into one message, and larger ones than a socket holds, are answered in order."""
    many: list[Array] = [np.array([float(at)]) for at in range(700)]
    large: list[Array] = [np.full(200_000, float(at)) for at in range(9)]
    text = "def f(x): return x[:1] + len(x)"
    with handed_in(zygote, text) as hand_in:
        for xs in (many, large):
            answers = hand_in.ask_each(xs)
            assert [one.arrays["y"][0] for one in answers] == [x[0] + len(x) for x in xs]


ADAPTER = """
def f(module, given):
    return {"y": module.f(given.arrays["x"])}

def g(module, given):
    return {"y": module.g(given.arrays["x"])}
"""
