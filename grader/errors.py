"""Everything that can go wrong, by whose fault it is.

What is wrong with a *hand-in* is never an exception that escapes the engine: it is a `Rejection`, caught
there, or a `Finding`. The other exceptions are ours or the caller's, and never cost a student a point.
"""


class GraderError(Exception):
    """Our fault: grading could not be done. The student's score stays unrecorded."""


class NotDrawnError(GraderError):
    """Cases cannot be drawn here, for want of what draws them.

    Args:
        needed: the package that is not installed.
        begins: what cannot be done, to stand before why.
    """

    def __init__(self, needed: str | None, begins: str = "no cases can be drawn here") -> None:
        super().__init__(
            f"{begins}, since {needed} is not installed. Run `cellgrade bake` with the same options where it "
            "is, as in the image with torch, and lay the files that it names into $CELLGRADE_CACHE here"
        )


class CourseDataError(GraderError):
    """A file that the course hands out, and that the homework needs, is not there."""


class SandboxError(GraderError):
    """The student process could not be started or kept apart as promised."""


class DeclarationError(GraderError):
    """An assignment's folder contradicts itself or the rules of grader/declaration."""


class EquationError(DeclarationError):
    """An equation that cannot be used. The message begins with its file, line and, if it helps, column."""


class UsageError(Exception):
    """The caller asked for something that does not exist; the message says what does."""


class Rejection(Exception):  # noqa: N818 - a verdict on the hand-in, not an error of the program
    """The student's fault: nothing in the hand-in can be graded. Worth 0 points.

    Args:
        message: one sentence: what is there and what was expected.
        hint: one sentence: what to do about it, such as how to build the tar.

    Attributes:
        content: hex SHA-256 of the bytes that were handed in, where they were read and could not be unpacked.
    """

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.content: str | None = None
