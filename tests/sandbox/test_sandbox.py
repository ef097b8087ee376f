"""A session with real jobs: every way to die is told apart, and no way to answer is believed too much."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from real_jobs import SHORT, HandedIn, handed_in, started_zygote

from grader.errors import DeclarationError, SandboxError
from grader.records import Answer, FailureKind
from grader.sandbox.process import KEPT_BYTES, TOO_SLOW, JobEndedError
from grader.sandbox.socket_line import SocketLine
from grader.sandbox.zygote import Zygote

QUICK = replace(SHORT, call_s=0.5)


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    with started_zygote() as zygote:
        yield zygote


CHANNEL = """
import gc, os, socket, struct, json, time
def send(content): os.write(3, content)
def frame(header, payload=b''):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack('<4sIQ', b'CGF1', len(text), len(payload)) + text + payload
ANSWER = frame({'about': {'absent': {}}, 'arrays': [['y', 'f8', [1]]]}, struct.pack('<d', 42.0))
"""
ROUNDS = "def g(x): return x + 1\n"


@pytest.mark.parametrize(
    ("text", "kind", "says"),
    [
        ("def f(x):\n  while True: pass", FailureKind.TIME, "f was stopped after 0.5 s"),
        ("import time\ndef f(x): time.sleep(9)", FailureKind.TIME, "f was stopped after 0.5 s"),
        (
            "import signal as S\ndef f(x):\n  for s in {*range(1, 32)} - {9, 19}: S.signal(s, S.SIG_IGN)\n"
            "  while True:\n    try:\n      while True: pass\n    except BaseException: pass",
            FailureKind.TIME,
            "f was stopped after 0.5 s",
        ),
        (
            "import ctypes\ndef f(x): ctypes.string_at(0)",
            FailureKind.CRASHED,
            "f crashed Python itself (SIGSEGV)",
        ),
        ("import os\ndef f(x): os.abort()", FailureKind.CRASHED, "f crashed Python itself (SIG"),
        ("import os\ndef f(x): os._exit(0)", FailureKind.EXITED, "f ended the process (exit status 0)"),
        ("import os\ndef f(x): os._exit(3)", FailureKind.EXITED, "f ended the process (exit status 3)"),
        ("import os\ndef f(x): os.close(3)", FailureKind.EXITED, "f ended the process (exit status 70)"),
        (
            "def f(x):\n  while True: print('x' * 10000)",
            FailureKind.OUTPUT,
            "f was stopped: it printed more than 1 MiB",
        ),
        (
            "import os\ndef f(x):\n  while True: os.write(2, bytes(60000))",
            FailureKind.OUTPUT,
            "f was stopped: it printed more than 1 MiB",
        ),
        (
            CHANNEL + "def f(x): send(b'garbage')",
            FailureKind.GARBLED,
            "f answered with bytes that are no answer",
        ),
        (
            CHANNEL + "def f(x): send(b'CGF1' + bytes(12)); return x",
            FailureKind.GARBLED,
            "bytes that are no answer",
        ),
        (CHANNEL + "def f(x): send(ANSWER + b'more')", FailureKind.GARBLED, "bytes that are no answer"),
        (CHANNEL + "def f(x): send(ANSWER + ANSWER)", FailureKind.GARBLED, "bytes that are no answer"),
        (CHANNEL + "def f(x): send(frame(b'[' * 60000))", FailureKind.GARBLED, "bytes that are no answer"),
        (
            CHANNEL + "def f(x): send(struct.pack('<4sIQ', b'CGF1', 10, 2**62))",
            FailureKind.GARBLED,
            "bytes that are no answer",
        ),
        (CHANNEL + "def f(x): send(ANSWER[:-1]); os._exit(0)", FailureKind.EXITED, "ended the process"),
        (
            CHANNEL + "def f(x): send(ANSWER[:-1]); time.sleep(9)",
            FailureKind.TIME,
            "f was stopped after 0.5 s",
        ),
        (
            CHANNEL + "def f(x):\n  os.close(3)\n  time.sleep(9)",
            FailureKind.GARBLED,
            "f closed the connection that carries its answers",
        ),
    ],
    ids=lambda value: value.splitlines()[-1][:50] if isinstance(value, str) and "\n" in value else None,
)
def test_deaths_are_told_apart(zygote: Zygote, text: str, kind: FailureKind, says: str) -> None:
    """Each way to end a call is named, ends that call alone, and the next call gets a fresh job."""
    with handed_in(zygote, f"{ROUNDS}{text}", limits=QUICK) as hand_in:
        failure = hand_in.failure("f")
        assert failure.kind is kind
        assert says in failure.message
        assert failure.fatal
        assert hand_in.value("g").tolist() == [1, 2, 3]


def test_processor_time_is_limited_whatever_the_clock_says(zygote: Zygote) -> None:
    """A loop that has used its processor seconds is stopped before the wall clock is up."""
    limits = replace(SHORT, call_s=8, cpu_s=1)
    with handed_in(zygote, "def f(x):\n  while True: pass", limits=limits) as hand_in:
        failure = hand_in.failure()
    assert (failure.kind, failure.message) == (FailureKind.TIME, "f was stopped after 1 s of processor time")


def test_the_whole_has_its_own_limit(zygote: Zygote) -> None:
    """When the seconds of the whole submission are used up, that is what is said, at once for every call."""
    limits = replace(SHORT, total_s=1.0)
    with handed_in(zygote, ROUNDS + "import time\ndef f(x): time.sleep(9)", limits=limits) as hand_in:
        assert hand_in.failure("f").message == "f was stopped: all calls together may take 1 s"
        began = time.monotonic()
        assert "all calls together may take 1 s" in hand_in.failure("g").message
        assert time.monotonic() - began < 5


MEMORY = [
    "np.ones(10**11)",
    "bytearray(10**12)",
    "[bytes(10**7) for _ in range(1000)]",
    "'x' * 10**10",
]


@pytest.mark.parametrize("expression", MEMORY)
def test_too_much_memory_is_a_memory_error(zygote: Zygote, expression: str) -> None:
    """More memory than there is raises MemoryError on the student's line; the job lives on."""
    with handed_in(zygote, f"{ROUNDS}import numpy as np\ndef f(x):\n  return {expression}") as hand_in:
        failure = hand_in.failure()
        assert (failure.kind, failure.fatal, failure.line) == (FailureKind.MEMORY, False, 4)
        assert "MemoryError" in failure.message
        assert hand_in.value("g").tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("raise SystemExit(0)", "f raised SystemExit: 0"),
        ("import sys; sys.exit('done')", "f raised SystemExit: done"),
        ("raise KeyboardInterrupt", "f raised KeyboardInterrupt"),
        ("raise GeneratorExit", "f raised GeneratorExit"),
        ("raise type('Mine', (BaseException,), {})('ä')", "f raised Mine: ä"),
        (
            "raise ExceptionGroup('two', [ValueError(1), KeyError(2)])",
            "f raised ExceptionGroup: two (2 sub-exceptions)",
        ),
        ("raise ValueError('a\\nb')", "f raised ValueError: a\nb"),
        ("return f(x)", "f raised RecursionError: maximum recursion depth exceeded"),
        ("return x @ [1, 2]", "f raised ValueError: matmul: Input operand 1 has a mismatch"),
        ("return undefined", "f raised NameError: name 'undefined' is not defined"),
        ("input()", "f raised EOFError: EOF when reading a line"),
    ],
)
def test_what_is_raised_is_told(zygote: Zygote, text: str, message: str) -> None:
    """Any exception, SystemExit included, is told with its line, and the job lives on."""
    with handed_in(zygote, f"{ROUNDS}def f(x):\n  {text}") as hand_in:
        failure = hand_in.failure()
        assert failure.kind is FailureKind.RAISED
        assert failure.message.startswith(message)
        assert (failure.file, failure.line, failure.fatal) == ("hw3/gru.py", 3, False)
        assert hand_in.value("g").tolist() == [1, 2, 3]


HOSTILE_EXCEPTIONS = {
    "str raises": "class E(Exception):\n  def __str__(self): raise SystemExit\n",
    "str is no str": "class E(Exception):\n  def __str__(self): return 5\n",
    "str lies": "class S(str):\n  __getitem__ = __len__ = strip = lambda *a: 'x' * 10**6\n"
    "class E(Exception):\n  def __str__(self): return S('y' * 10**6)\n",
    "huge message": "class E(Exception):\n  def __str__(self): return chr(0x1F600) * 10**6\n",
    "surrogates": "class E(Exception):\n  def __str__(self): return chr(0xD800) * 10**6\n",
    "control characters": "class E(Exception):\n  def __str__(self): return chr(0) * 10**6\n",
    "huge name": "E = type('é' * 10**5, (Exception,), {})\n",
    "name lies": "class M(type):\n  @property\n  def __name__(cls): raise SystemExit\n"
    "class E(Exception, metaclass=M): pass\n",
    "class lies": "class E(Exception):\n  @property\n  def __class__(self): raise SystemExit\n",
    "odd syntax error": "class E(SyntaxError):\n  filename = 5; lineno = []; text = {}; msg = 3.0\n",
    "odd syntax error of ours": "class E(SyntaxError):\n"
    "  filename = '/handin/x' + 'é' * 10**6; lineno = 10**5000; text = 'é' * 10**6; msg = object()\n",
    "no traceback": "class E(Exception):\n  __traceback__ = 5\n",
}


@pytest.mark.parametrize("name", HOSTILE_EXCEPTIONS)
def test_hostile_exceptions_are_raised_and_no_more(zygote: Zygote, name: str) -> None:
    """Whatever an exception is made of, the call raised it; the job and its later answers are unharmed."""
    with handed_in(zygote, f"{ROUNDS}{HOSTILE_EXCEPTIONS[name]}\ndef f(x): raise E()") as hand_in:
        failure = hand_in.failure()
        assert (failure.kind, failure.fatal) == (FailureKind.RAISED, False)
        assert len(failure.message) < 3_000
        assert hand_in.value("g").tolist() == [1, 2, 3]


def test_the_largest_traceback_fits_into_a_frame(zygote: Zygote) -> None:
    """Long lines, names, paths and messages of the characters that take the most bytes are cut to fit."""
    name = "é" * 5_000
    text = (
        f"def {name}(n):\n"
        "  if n == 0: raise ValueError(chr(2) * 10**5 + chr(0xD800) * 10**5)\n"
        f"  return {name}(n - 1)  # {chr(2) * 5_000}\n"
        f"def f(x): return {name}(50)\n"
    ).replace(f"return {name}(n", f"return '{chr(2) * 5_000}' and {name}(n")
    with handed_in(zygote, ROUNDS + text) as hand_in:
        failure = hand_in.failure()
        assert failure.kind is FailureKind.RAISED
        assert failure.traceback is not None
        assert failure.traceback.count("  File ") == 12
        assert hand_in.value("g").tolist() == [1, 2, 3]


def test_a_failed_import_is_every_calls_failure(zygote: Zygote) -> None:
    """A hand-in of which nothing can be read fails each call with that reason."""
    with handed_in(zygote, "\n1 = = 2") as hand_in:
        for call in ("f", "g"):
            assert hand_in.failure(call).message.startswith("importing hw3/gru.py raised SyntaxError: ")
            assert hand_in.failure(call).line == 2


def test_a_statement_that_raises_costs_itself_alone(zygote: Zygote) -> None:
    """What fails at the top level is noted once, with its line; the rest runs, and nothing of it twice."""
    text = f"print('once')\n1 / 0\n{ROUNDS}\nimport sys\nsys.exit(2)\ndef f(x): return 2 * x\nprint('end')"
    with handed_in(zygote, text) as hand_in:
        assert hand_in.value("f").tolist() == [0, 2, 4]
        assert hand_in.value("g").tolist() == [1, 2, 3]
    assert hand_in.session.printed("stdout").text == "once\nend\n"
    first, second = hand_in.session.importing.stopped
    assert (first.file, first.line, first.shown, first.needed) == ("hw3/gru.py", 2, "1 / 0", False)
    assert first.failure is not None
    assert first.failure.message == "`1 / 0` raised ZeroDivisionError: division by zero"
    assert second.failure is not None
    assert second.failure.message == "`sys.exit(2)` raised SystemExit: 2"


ENDINGS = {
    "exits": ("import os\nos._exit(5)", FailureKind.EXITED),
    "crashes": ("import ctypes\nctypes.string_at(0)", FailureKind.CRASHED),
    "hangs": ("while True:\n    pass", FailureKind.TIME),
    "prints without end": ("while True:\n    print('x' * 10_000)", FailureKind.OUTPUT),
}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("place", ["above", "below", "in a module"])
def test_a_statement_that_ends_the_job_is_left_out_of_the_next(
    zygote: Zygote, ending: str, place: str
) -> None:
    """A fresh job runs the rest without it, and every later job as well; what was printed is told once."""
    text, kind = ENDINGS[ending]
    functions = "print('once')\ndef f(x): return 2 * x\ndef g(x): import os; os._exit(1)\n"
    main = {"above": f"{text}\n{functions}", "below": f"{functions}\n{text}"}.get(
        place, f"import a\n{functions}"
    )
    files = {"hw3/a.py": f"x = 1\n{text}\ny = x"} if place == "in a module" else None
    with handed_in(zygote, main, limits=replace(SHORT, call_s=1.0), files=files) as hand_in:
        assert hand_in.value("f").tolist() == [0, 2, 4]
        assert hand_in.failure("g").kind is FailureKind.EXITED
        assert hand_in.value("f").tolist() == [0, 2, 4]
    (stopped,) = hand_in.session.importing.stopped
    assert stopped.file == ("hw3/a.py" if place == "in a module" else "hw3/gru.py")
    assert stopped.failure is not None
    assert stopped.failure.kind is kind
    assert hand_in.session.printed("stdout").text == "once\n" * 2  # by two jobs, one after the other


def test_several_loops_leave_the_definitions(zygote: Zygote) -> None:
    """After two that never end, whatever defines nothing is left out; conditional definitions stay."""
    loop = "while True:\n    pass\n"
    kept = "try:\n    import torch\nexcept ImportError:\n    torch = None\nif torch is None:\n    N = 2\n"
    text = f"{loop}{kept}{loop}def f(x): return N * x\n{loop}y = f(1)\n"
    with handed_in(zygote, text, limits=replace(SHORT, call_s=0.6)) as hand_in:
        assert hand_in.value("f").tolist() == [0, 2, 4]
    assert hand_in.session.importing.definitions_alone


def test_a_definition_that_hangs_costs_itself(zygote: Zygote) -> None:
    """A class whose body never ends is left out like any statement, and said to be why it is missing."""
    text = "class C:\n    while True: pass\ndef f(x): return x\ndef g(x): return C()\n"
    with handed_in(zygote, text, limits=QUICK) as hand_in:
        assert hand_in.value("f").tolist() == [0, 1, 2]
        assert "C" in hand_in.session.importing.missing


@pytest.mark.parametrize(
    "at", ["5", "['hw3/gru.py', 'x']", "['no.py', 3]", "[[], {}]", "['hw3/gru.py', 10**400]"]
)
def test_a_forged_announcement_is_worth_nothing(zygote: Zygote, at: str) -> None:
    """Whatever a job says of what comes next, it is imported or fails, and the grader goes on."""
    text = (
        f"{CHANNEL}send(frame({{'about': {{'at': {at}}}, 'arrays': []}}))\nos._exit(0)\ndef f(x): return x\n"
    )
    with handed_in(zygote, text, limits=QUICK) as hand_in:
        answer = hand_in.ask("f")
    assert answer.failure is not None or answer.arrays["y"].tolist() == [0, 1, 2]


def test_an_import_that_answers_for_itself_is_every_calls_failure(zygote: Zygote) -> None:
    """A hand-in that writes into our channel while it is imported gets no second job."""
    with handed_in(zygote, f"{ROUNDS}import os\nos.write(3, b'garbage')\ndef f(x): return x") as hand_in:
        for call in ("f", "g"):
            message = hand_in.failure(call).message
            assert message == "importing hw3/gru.py answered with bytes that are no answer"


def test_an_answer_before_the_question_is_no_answer(zygote: Zygote) -> None:
    """What a call left in the channel for the next one is never taken for that one's answer."""
    text = CHANNEL + ROUNDS + (
        "import threading, signal\n"
        "def f(x):\n"
        "  signal.signal(signal.SIGALRM, lambda *_: send(ANSWER))\n"
        "  signal.setitimer(signal.ITIMER_REAL, 0.1)\n"
        "  return x\n"
    )  # fmt: skip
    with handed_in(zygote, text, limits=QUICK) as hand_in:
        assert hand_in.value("f").tolist() == [0, 1, 2]
        time.sleep(0.2)
        answer = hand_in.ask("f")
    # The early frame may have been there already, or come while the next question was on its way: either
    # way it was the student who made it, so that it may be believed to be its answer, or be refused.
    assert answer.failure is not None or answer.arrays["y"].tolist() in ([42.0], [0, 1, 2])


FORGED = {
    "no absent": "{'about': {}, 'arrays': []}",
    "absent of numbers": "{'about': {'absent': {'y': 5}}, 'arrays': []}",
    "raised a list": "{'about': {'raised': []}, 'arrays': []}",
    "raised nothing": "{'about': {'raised': {}}, 'arrays': []}",
    "frames a number": "{'about': {'raised': {'type': 'E', 'message': 'm', 'frames': 5}}, 'arrays': []}",
    "frames": "{'about': {'raised': {'type': '', 'message': '', 'frames': [[1, {}, 2, 3]]}}, 'arrays': []}",
    "type a dict": "{'about': {'raised': {'type': {}, 'message': 'm', 'frames': []}}, 'arrays': []}",
}


@pytest.mark.parametrize("name", FORGED)
def test_forged_answers_are_no_answers(zygote: Zygote, name: str) -> None:
    """A frame that is well-formed and makes no sense is the student's failure, never an error of ours."""
    with handed_in(zygote, f"{CHANNEL}def f(x):\n  send(frame({FORGED[name]})); time.sleep(0.1)") as hand_in:
        assert hand_in.failure().kind is FailureKind.GARBLED


def test_a_forged_answer_adds_no_arrays(zygote: Zygote) -> None:
    """Arrays that were not asked for are dropped, and what is missing says so."""
    header = (
        "{'about': {'absent': {'z': 'no'}, 'score': 100}, 'arrays': [['z', 'f8', [0]], ['h', 'f8', [0]]]}"
    )
    with handed_in(zygote, f"{CHANNEL}def f(x):\n  send(frame({header})); time.sleep(0.1)") as hand_in:
        assert hand_in.ask() == Answer({}, {"y": "is missing"})


def test_large_answers_fit_or_are_told(zygote: Zygote) -> None:
    """An answer as large as may be comes whole; one entry more is named as too large."""
    text = "import numpy as np\ndef f(x): return np.arange(2.0**18)\ndef g(x): return np.arange(2.0**18 + 1)"
    with handed_in(zygote, text) as hand_in:
        np.testing.assert_array_equal(hand_in.value("f"), np.arange(2.0**18))
        assert hand_in.ask("g").absent == {"y": "has shape (262145,): far too large"}


def test_one_bad_result_leaves_the_others(zygote: Zygote) -> None:
    """Of two results, one that cannot be made an array does not take the other along."""
    text = """
class H:
    def __array__(self, *a, **k): raise SystemExit
    __eq__ = __len__ = __iter__ = __array__
def f(x): return H(), x
"""
    with handed_in(zygote, text) as hand_in:
        hand_in.outputs = ("y", "z")
        answer = hand_in.ask("pair")
    assert answer.absent == {"y": "cannot be made an array: SystemExit"}
    assert answer.arrays["z"].tolist() == [0, 1, 2]


def printed(hand_in: HandedIn, stream: str = "stdout") -> tuple[str, int]:
    hand_in.session.close()
    whole = hand_in.session.printed(stream)
    return whole.text, whole.dropped_bytes


def test_what_is_printed_is_kept_in_order(zygote: Zygote) -> None:
    """Output of the import and of all calls is kept, in order, each stream apart."""
    text = "import sys\nprint('import')\ndef f(x):\n  print('f'); print('oops', file=sys.stderr); return x"
    with handed_in(zygote, text) as hand_in:
        hand_in.value()
        hand_in.value()
        assert printed(hand_in) == ("import\nf\nf\n", 0)
        assert printed(hand_in, "stderr") == ("oops\noops\n", 0)


@pytest.mark.parametrize("letter", ["x", "é", "€", "😀"])
def test_what_is_printed_is_cut_with_a_count(zygote: Zygote, letter: str) -> None:
    """The beginning is kept, no character is cut in half, and the rest is counted in bytes."""
    with handed_in(
        zygote, f"def f(x):\n  print('a', {letter!r} * 30_000, sep='', end=''); return x"
    ) as hand_in:
        hand_in.value()
        text, dropped_bytes = printed(hand_in)
    assert text == "a" + letter * ((KEPT_BYTES - 1) // len(letter.encode()))
    assert dropped_bytes + len(text.encode()) == 1 + 30_000 * len(letter.encode())


@pytest.mark.parametrize("end", ["os._exit(1)", "ctypes.string_at(0)", "time.sleep(9)"])
def test_what_is_printed_before_a_crash_is_kept(zygote: Zygote, end: str) -> None:
    """The lines that a process printed before its death are what explains it: they are kept."""
    text = f"import os, ctypes, time\nprint('import')\ndef f(x):\n  print('here'); {end}\n{ROUNDS}"
    with handed_in(zygote, text, limits=QUICK) as hand_in:
        hand_in.failure()
        hand_in.value("g")
        assert printed(hand_in) == ("import\nhere\nimport\n", 0)


@pytest.mark.parametrize(
    "trick",
    [
        "sys.stdout.close()",
        "os.close(1); os.close(2)",
        "del sys.stdout, sys.stderr, sys.__stdout__",
        "sys.stdout = sys.stderr = None",
        "sys.stdout = io.StringIO()",
        "sys.stdout = type('S', (), {'flush': lambda self: sys.exit(), 'write': lambda self, t: None})()",
        "sys.stdin.close(); os.close(0)",
        "np.seterr(all='raise')",
        "sys.setrecursionlimit(100_000)",
        "sys.path.clear(); sys.meta_path.clear(); sys.modules.clear()",
        "sys.excepthook = sys.displayhook = None",
        "warnings.simplefilter('error')",
        "gc.disable(); random.seed(1); np.random.seed(1)",
        "builtins.print = None",
        "np.asarray = np.array = np.allclose = lambda *a, **k: True",
    ],
)
def test_odd_habits_cost_nothing(zygote: Zygote, trick: str) -> None:
    """What a hand-in does to the streams and modules of its own process leaves its answers as they are."""
    text = (
        "import sys, os, io, gc, random, warnings, builtins, numpy as np\n"
        f"def f(x):\n  {trick}\n  return x\n{ROUNDS}"
    )
    with handed_in(zygote, text) as hand_in:
        answer = hand_in.ask("f")
        if "asarray" in trick or "modules.clear" in trick:  # it broke its own tools: no answer, no credit
            assert answer.failure is None or answer.failure.kind is not FailureKind.TIME
        else:
            assert answer.failure is None
            assert hand_in.value("g").tolist() == [1, 2, 3]


def test_random_numbers_are_the_same_in_every_run(zygote: Zygote) -> None:
    """With the case's seed, NumPy's and Python's random numbers repeat: in a new job, and within one."""
    text = "import random, numpy as np\ndef f(x): return np.append(np.random.randn(3), [random.random()])"
    drawn = []
    for _ in range(2):
        with handed_in(zygote, text) as hand_in:
            drawn += [hand_in.value(seed=7), hand_in.value(seed=7)]
            other = hand_in.value(seed=8)
    assert all((one == drawn[0]).all() for one in drawn)
    assert (other != drawn[0]).all()


def test_random_numbers_at_import_are_the_same_in_every_run(zygote: Zygote) -> None:
    """Weights drawn while the module is imported, and the order of a set of strings, repeat as well."""
    text = (
        "import numpy as np\nW = np.random.randn(30)\n"
        "S = [int(s) for s in {str(n) for n in range(30)}]\ndef f(x): return W * S"
    )
    values = []
    for _ in range(2):
        with started_zygote() as fresh, handed_in(fresh, text) as hand_in:
            values.append(hand_in.value())
    np.testing.assert_array_equal(values[0], values[1])


def test_a_call_gets_fresh_inputs(zygote: Zygote) -> None:
    """Inputs that a call changed in place are unchanged for the next."""
    with handed_in(zygote, "def f(x):\n  x += 1\n  return x") as hand_in:
        assert [hand_in.value().tolist() for _ in range(2)] == [[1, 2, 3], [1, 2, 3]]


def test_an_adapter_may_import_what_python_has(zygote: Zygote) -> None:
    """A module that the adapter alone imports is there."""
    adapter = "import colorsys\ndef f(module, given): return {'y': colorsys.rgb_to_hsv(0, 0, 1)}"
    with handed_in(zygote, "", adapter=adapter) as hand_in:
        assert hand_in.value().tolist() == pytest.approx([2 / 3, 1, 1])


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many jobs, killed and ended, leave no descriptor, process or folder."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    fds = len(os.listdir("/proc/self/fd"))
    with started_zygote() as zygote:
        for text in 10 * [
            "def f(x): return x",
            "import os\ndef f(x): os._exit(0)",
            "1/0",
            "def f(x): print('x' * 2 * 10**6)",
        ]:
            with handed_in(zygote, text) as hand_in:
                hand_in.ask()
        zygote_pid = zygote._process.pid
        assert _children(zygote_pid) == []
    assert not Path(f"/proc/{zygote_pid}").exists()
    assert len(os.listdir("/proc/self/fd")) == fds
    assert list(tmp_path.iterdir()) == []


def _children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def test_a_zygote_without_an_interpreter_is_our_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """A student environment that is not there is a SandboxError, and leaves nothing open."""
    monkeypatch.setenv("CELLGRADE_STUDENT_PYTHON", "/nonexistent/python")
    fds = len(os.listdir("/proc/self/fd"))
    with pytest.raises(SandboxError, match="no student environment"):
        Zygote()
    assert len(os.listdir("/proc/self/fd")) == fds


def test_a_zygote_that_dies_is_our_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """An interpreter that does not do what it should is a SandboxError with its last words."""
    monkeypatch.setenv("CELLGRADE_STUDENT_PYTHON", "/bin/false")
    with Zygote() as broken, pytest.raises(SandboxError, match="did not start"):
        broken.start({})


def test_what_goes_to_a_job_may_be_large(zygote: Zygote) -> None:
    """A hand-in of megabytes and inputs of megabytes arrive whole."""
    files = {f"hw3/m{n}.py": "# " + "é" * 100_000 for n in range(20)}
    big = np.arange(2.0**18).reshape(2**9, 2**9)
    with handed_in(zygote, "def f(x): return x + 1", files=files) as hand_in:
        np.testing.assert_array_equal(hand_in.ask(x=big).arrays["y"], big + 1)


def test_a_job_may_die_just_as_it_is_killed(zygote: Zygote) -> None:
    """A job that ends by itself at its deadline is a job that has ended, and no fault of ours."""
    with handed_in(zygote, "def f(x): return x") as hand_in:
        hand_in.ask()
        job = hand_in.session._job
        assert job is not None
        assert isinstance(job._line, SocketLine)
        signal.pidfd_send_signal(job._line.pidfd, signal.SIGKILL)
        assert select.select([job._line.pidfd], [], [], 5)[0]
        time.sleep(0.05)  # until the zygote has reaped it
        with pytest.raises(JobEndedError):
            job._end(TOO_SLOW)
        hand_in.session._job = None
    with handed_in(zygote, "def f(x): return x") as hand_in:
        assert hand_in.value().tolist() == [0, 1, 2]


def test_a_lower_limit_that_was_inherited_is_kept() -> None:
    """Where a platform has set a lower limit already, it stays, and all the others are set all the same."""
    text = (
        "import resource as r\n"
        "def f(x): return [r.getrlimit(k)[1] for k in (r.RLIMIT_CPU, r.RLIMIT_NPROC, r.RLIMIT_NOFILE)]"
    )
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_CPU, (3, 3))\n"
        "sys.path.insert(0, sys.argv[1])\n"
        "from real_jobs import handed_in, started_zygote\n"
        f"with started_zygote() as z, handed_in(z, {text!r}) as h: print(h.value().tolist())"
    )
    tests = str(Path(__file__).parents[1] / "support")
    ran = subprocess.run([sys.executable, "-c", code, tests], capture_output=True, text=True)
    assert ran.stdout == "[3, 0, 16]\n", ran.stderr


TABLE = """
from functools import partial

def _called(name, module, given):
    return {"y": getattr(module, name)(given.arrays["x"])}

def f(module, given):
    raise AssertionError("it is not in the table")

CALLS = {"f": partial(_called, "f"), "g": partial(_called, "g")}
"""


def test_an_adapter_may_have_a_table_of_its_calls(zygote: Zygote) -> None:
    """Then the table counts, not what is defined beside it; what it lacks is found before a hand-in is."""
    with handed_in(zygote, "def f(x): return x + 1", adapter=TABLE) as hand_in:
        assert hand_in.value().tolist() == [1, 2, 3]
    lacking = TABLE.replace('"f": partial(_called, "f"), ', "")
    with (
        pytest.raises(DeclarationError, match=r"adapter\.py defines no f, which a check calls"),
        handed_in(zygote, "def f(x): return x", adapter=lacking) as hand_in,
    ):
        hand_in.ask()


def test_what_is_asked_aside_leaves_nothing_behind(zygote: Zygote) -> None:
    """Asked aside, a hand-in starts afresh; what it prints, asserts or dies of there is told nowhere."""
    text = (
        "import os\nprint('import')\ncalls = []\n"
        "def f(x):\n  print('f'); calls.append(1); assert len(calls) > 1; return x + len(calls)\n"
        "def g(x): os._exit(3)"
    )
    with handed_in(zygote, text) as hand_in:
        hand_in.value()
        hand_in.value()
        asserts_before = hand_in.session.failed_asserts
        with hand_in.session.aside(5.0) as apart:
            other = HandedIn(apart)
            assert other.value().tolist() == [1, 2, 3]  # the first call of a fresh import
            assert other.failure("g").kind is FailureKind.EXITED
            assert other.value().tolist() == [1, 2, 3]
        assert hand_in.session.failed_asserts == asserts_before
        assert printed(hand_in)[0] == "import\nf\nf\n"
        assert hand_in.value().tolist() == [1, 2, 3]


def test_what_is_asked_aside_has_a_time_of_its_own(zygote: Zygote) -> None:
    """A call aside is stopped when the time aside is over, and the hand-in goes on as before."""
    with handed_in(zygote, f"{ROUNDS}def f(x):\n  while True: pass") as hand_in:
        with hand_in.session.aside(0.3) as apart:
            assert HandedIn(apart).failure("f").kind is FailureKind.TIME
        assert hand_in.value("g").tolist() == [1, 2, 3]


def test_after_too_much_in_all_the_next_function_is_asked_of_a_fresh_import(zygote: Zygote) -> None:
    """A function whose answers are too large in all takes only its own criteria along."""
    text = f"{ROUNDS}import numpy as np\ndef f(x): return np.zeros(250_000)"
    with handed_in(zygote, text) as hand_in:
        answers = [hand_in.ask("f") for _ in range(18)]
        assert answers[-1].failure is not None
        assert "more than 32 MiB in all" in answers[-1].failure.message
        assert hand_in.value("g").tolist() == [1, 2, 3]
