"""From a path to a `Submission`: unpack in memory, recognise the assignment, find the wanted files.

Everything here runs in the trusted grader on bytes that a student chose. So nothing is written to disk, no
link is followed, no source is parsed, and every loop and every buffer is bounded by `grader.intake.bounds`.
"""

from grader.intake.locating import advised, locate
from grader.intake.recognising import may_be, recognise
from grader.intake.unpacking import unpack

__all__ = ["advised", "locate", "may_be", "recognise", "unpack"]
