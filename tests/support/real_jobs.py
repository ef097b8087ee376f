"""Small hand-ins in real jobs, for the tests that need them: a zygote, a short adapter, short limits."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from grader.declaration import Check, Environment, Limits, Output
from grader.errors import SandboxError
from grader.inside import facts
from grader.records import Answer, Array, Case, Failure
from grader.sandbox import environment
from grader.sandbox.brief import Brief
from grader.sandbox.jobs import Jobs, job_uid
from grader.sandbox.launcher import Launcher
from grader.sandbox.session import Session
from grader.sandbox.zygote import Zygote

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


# Below a copy of inside/lockdown.py: what a job must never be able to ask of the real one.
SWITCHED_OFF = """
_put_on_really = _put_on

def _put_on(layers, name, switch):
    if name in {without!r}:
        layers.off.append(name + ": switched off")
    else:
        _put_on_really(layers, name, switch)
"""


@contextmanager
def started_zygote(kind: Environment = Environment.NUMPY) -> Iterator[Zygote]:
    """Give a zygote; without a student environment, a visible skip."""
    try:
        environment.student_python(kind)
    except SandboxError as error:
        pytest.skip(str(error))
    with Zygote(kind) as zygote:
        yield zygote


@contextmanager
def started_without(layers: Sequence[str], launcher: type[Launcher] = Zygote) -> Iterator[Launcher]:
    """Give a launcher whose jobs leave out these layers, to show what each is good for: a changed
    copy runs.
    """
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(launcher.code / "inside", Path(folder, "inside"))
        with open(Path(folder, "inside", "lockdown.py"), "a", encoding="utf-8") as file:
            file.write(SWITCHED_OFF.format(without=tuple(layers)))
        with type("Changed", (launcher,), {"code": Path(folder)})() as started:
            yield started


@dataclass
class HandedIn:
    """A hand-in of one or more files, ready to be asked."""

    session: Session
    outputs: tuple[str, ...] = field(default=("y",))

    def ask(self, call: str = "f", seed: int = 7, **inputs: Array) -> Answer:
        """Return what the hand-in answers for x = 0, 1, 2 or the inputs given."""
        case = Case(f"case {seed}", seed, inputs or {"x": np.arange(3.0)})
        return self.session.ask(self._check(call), case, 0)

    def ask_each(self, xs: Iterable[Array], call: str = "f") -> list[Answer]:
        """Return what it answers for each x, asked for all of them at once."""
        cases = [Case(f"case {at}", at, {"x": x}) for at, x in enumerate(xs)]
        return self.session.ask_each(self._check(call), cases, 0)

    def _check(self, call: str) -> Check:
        return Check(call, "none", tuple(Output(name) for name in self.outputs))

    def value(self, call: str = "f", seed: int = 7) -> Array:
        """Return the array y of an answer without failure."""
        answer = self.ask(call, seed)
        assert answer.failure is None, answer.failure
        assert not answer.absent, answer.absent
        return answer.arrays["y"]

    def failure(self, call: str = "f") -> Failure:
        """Return the failure of a call that must have one."""
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
    unsandboxed: bool = False,
    carried: Mapping[str, bytes] | None = None,
    lent: Mapping[str, bytes] | None = None,
) -> Iterator[HandedIn]:
    """Give a session over a main file and the files beside it."""
    texts = {main: text, **(files or {})}
    calls = tuple(re.findall(r"^def ([a-z]\w*)", adapter, re.MULTILINE)) or ("f",)
    given = tuple(facts.definitions(starter, "starter")) if starter is not None else ()
    brief = Brief(
        texts,
        main,
        main,
        adapter,
        calls=calls,
        limits=limits,
        starter=starter,
        given=given,
        disk=carried is not None or lent is not None,
        carried=carried or {},
        lent=lent or {},
    )
    with Session(Jobs(zygote, uid, unsandboxed), brief) as session:
        yield HandedIn(session)
