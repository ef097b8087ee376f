"""Where a hand-in runs, and what it may use there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Environment(StrEnum):
    """What is in memory where a hand-in runs, beside Python itself. NumPy always is."""

    NUMPY = "numpy"
    TORCH = "torch"  # for homeworks that are written in PyTorch; costs 200 MiB and a second at the start
    NOTEBOOK = "notebook"  # and whose notebooks are run as a whole, with their pictures
    KERAS = "keras"  # for those written in Keras, whose arrays are torch's

    @property
    def packages(self) -> tuple[str, ...]:
        """What may be imported beside Python's own modules."""
        return ("numpy", *_BESIDE_NUMPY[self])

    @property
    def installed_in(self) -> str:
        """Name of the virtual environment that has all of these: one for NumPy, and one for all others."""
        return self.NUMPY if self is Environment.NUMPY else self.TORCH


_BESIDE_NUMPY: dict[Environment, tuple[str, ...]] = {
    Environment.NUMPY: (),
    Environment.TORCH: ("torch", "safetensors"),
    Environment.NOTEBOOK: ("torch", "matplotlib", "IPython", "tqdm"),
    Environment.KERAS: ("torch", "h5py", "keras"),
}


OURS_S = 30.0
"""Of a grading, seconds that are not the student's: reading the hand-in, starting jobs, a second try when one
does not start, judging. On a busy machine; it takes a tenth of it on another."""


@dataclass(frozen=True)
class Limits:
    """What a student process may use.

    Attributes:
        call_s: wall-clock seconds for importing the hand-in, and for each call.
        model_s: what the model hand-in takes for its slowest call, about; for messages. Limits are multiples
            of it that no right answer comes near.
        total_s: wall-clock seconds for the whole submission.
        cpu_s: processor seconds for one process.
        memory_bytes: address space of one process.
        carried_bytes: of the files of a hand-in that go to its job beside its sources, in all.
        output_bytes: what it may print before it is stopped.
    """

    call_s: float = 10.0
    model_s: float | None = None
    total_s: float = 60.0
    cpu_s: int = 30
    memory_bytes: int = 1 << 30
    carried_bytes: int = 16 << 20
    output_bytes: int = 32 << 20

    @property
    def held_s(self) -> float:
        """Seconds for which one hand-in may keep a grader busy, whatever it does."""
        return self.total_s + OURS_S

    @property
    def compared(self) -> str:
        """The end of a sentence about a call that took too long."""
        return f"; the model answer takes {self.model_s:g} s" if self.model_s is not None else ""
