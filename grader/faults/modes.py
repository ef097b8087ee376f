"""What of a hand-in has a mistake in it, as a report has it."""

from __future__ import annotations

from enum import StrEnum


class Mode(StrEnum):
    """What of a hand-in has the fault in it."""

    FORWARD = "forward"  # backward is that of the statement, with the values of the wrong forward
    CONSISTENT = "consistent"  # backward is the exact gradient of the wrong forward
    BACKWARD = "backward"  # forward is right
    BORROWED = "borrowed"  # forward is right, and backward that of the wrong one
    OUTPUT = "output"  # all is right but what is handed back
    GIVEN = "given"  # all is right but what it starts from
    LOOP = "loop"  # the cell is right, and the loop around it is not


FACT = "fact"  # the mode of what is known of an array, and is no cause
CONSISTENT = str(Mode.CONSISTENT)  # that of a wrong forward whose gradient backward is
LOOP = str(Mode.LOOP)  # that of a loop around a right cell; of its way back nothing is said

TRUE_TO_IT = "Your backward is the exact gradient of that forward: only forward is to be mended."
"""What is said of a backward that is right for a wrong forward."""
