"""course.toml: what a course changes during a term, so that a fix needs no new image.

    assignment = "..."        # which one is graded; without it, recognised from the files
    seed = 7                  # draws the cases
    strict = true             # reject a hand-in that imports more than is allowed, and hold it to all names
    sizes_of_one = "tell"     # what fails only where a size is 1 is told; "count" fails it
    time_limit_s = 120        # when the platform stops the grading; we end before
    secret_file = "secret"    # keys the cases; beside this file, or wherever the path leads from here
    numerical_gradients = "notice"    # or "fail": what differences in place of derivatives cost
    published_solution = "notice"     # or "person", "fail": what handing in a solution of ours costs
    follow_through = 0.5      # of a gradient's points, where it is wrong only because forward is

    [points]                  # of the assignment's problems, by name
    "GRU Cell Forward" = 40

    [limits]                  # of a student process: see declaration.Limits
    call_s = 20

    [hints]                   # what students are told of their mistakes: see grader.hints
    level = "term"            # or "arrays", "equation", "all"
    counterexample = true     # the smallest failing case is shown, too
    rules = [                 # which go before `level`; no two may hold for one hand-in
        { until = 2026-12-01T23:59:00+01:00, to_attempt = 2, level = "arrays" },
        { until = 2026-12-01T23:59:00+01:00, from_attempt = 3, level = "equation" },
    ]

Everything may be left out.
"""

from __future__ import annotations

from grader.course.reading import KEYS, LEAST_MEMORY_MIB, LIMITS, MOST_BYTES, named, read, rows
from grader.course.settings import Course
from grader.course.writing import SECRET_FILE, written

__all__ = [
    "KEYS",
    "LEAST_MEMORY_MIB",
    "LIMITS",
    "MOST_BYTES",
    "SECRET_FILE",
    "Course",
    "named",
    "read",
    "rows",
    "written",
]
