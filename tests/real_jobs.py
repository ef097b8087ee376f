"""Small hand-ins in real jobs, for the tests that need them: a zygote, a short adapter, short limits."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import pytest

from grader.declaration import Check, Environment, Limits, Output
from grader.errors import SandboxError
from grader.sandbox import environment
from grader.sandbox.launcher import Launcher
from grader.sandbox.session import Session, job_uid
from grader.sandbox.zygote import Zygote
from grader.words import Answer, Array, Case, Failure

# Each call of the adapter is a function of the hand-in that takes x and returns y.
ADAPTER = """
def f(module, given):
    return {"y": module.f(given.arrays["x"])}

def g(module, given):
    return {"y": module.g(given.arrays["x"])}

def pair(module, given):
    y, z = module.f(given.arrays["x"])
    return {"y": y, "z": z}
"""
SHORT = Limits(call_s=2.0, total_s=20.0, cpu_s=5, memory_bytes=1 << 30, output_bytes=1 << 20)


@contextmanager
def started_zygote(kind: Environment = Environment.NUMPY) -> Iterator[Zygote]:
    """A zygote; without a student environment, a visible skip."""
    try:
        environment.student_python(kind)
    except SandboxError as error:
        pytest.skip(str(error))
    with Zygote(kind) as zygote:
        yield zygote


@dataclass
class HandedIn:
    """A hand-in of one or more files, ready to be asked."""

    session: Session
    outputs: tuple[str, ...] = field(default=("y",))

    def ask(self, call: str = "f", seed: int = 7, **inputs: Array) -> Answer:
        """What the hand-in answers for x = 0, 1, 2 or the inputs given."""
        case = Case("case", seed, inputs or {"x": np.arange(3.0)})
        check = Check(call, "none", tuple(Output(name) for name in self.outputs))
        return self.session.ask(check, case, 0)

    def value(self, call: str = "f", seed: int = 7) -> Array:
        """The array y of an answer without failure."""
        answer = self.ask(call, seed)
        assert answer.failure is None, answer.failure
        assert not answer.absent, answer.absent
        return answer.arrays["y"]

    def failure(self, call: str = "f") -> Failure:
        """The failure of a call that must have one."""
        answer = self.ask(call)
        assert answer.failure is not None, answer
        return answer.failure


@contextmanager
def handed_in(
    zygote: Launcher,
    text: str,
    *,
    limits: Limits = SHORT,
    main: str = "hw3/gru.py",
    files: Mapping[str, str] | None = None,
    adapter: str = ADAPTER,
    starter: str | None = None,
    uid: int | None = job_uid(os.geteuid()),
    without: Sequence[str] = (),
) -> Iterator[HandedIn]:
    """A session over a main file and the files beside it."""
    texts = {main: text, **(files or {})}
    with Session(
        zygote,
        texts=texts,
        main=main,
        wanted=main,
        adapter=adapter,
        calls=["f"],
        needs=[],
        starter=starter,
        limits=limits,
        uid=uid,
        unsandboxed=bool(without),
        without=without,
    ) as session:
        yield HandedIn(session)
