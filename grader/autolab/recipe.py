"""The lab's Makefile, which Tango runs: whatever becomes of cellgrade, Autolab can take the last line."""

from __future__ import annotations

import shlex

from grader.declaration import Assignment
from grader.report import autolab_line

# What students read while the job runs. The line below it is there from the start: should Tango's limit end
# make itself, nothing more can be printed.
BEGINNING = (
    "Your hand-in is being graded. The report will stand below.",
    "(The next line is for Autolab: should the grading be cut short, no score is recorded.)",
)
# What they read when it ended otherwise than by itself. $$1 is the shell's $1, as make writes it: the status.
ENDING = (
    "The grader was stopped; that is not your fault, and no score was recorded.",
    "(For course staff: it ended with status $$1. 137 is a kill, mostly for memory. If something cannot "
    "fork, or a resource is temporarily unavailable, the limit on processes was reached, -u of autodriver: "
    "it counts all that has the same user id on the whole machine.)",
)


# What they read when not even a shell could be started, or it was killed.
NO_SHELL = (
    "The grading could not be run; that is not your fault, and no score was recorded.",
    "(For course staff: above stands what the system said. Where a resource is temporarily unavailable, the "
    "limit on processes was reached, -u of autodriver or --pids-limit of the container.)",
)


def makefile(assignment: Assignment, hand_in: str, is_built_in: bool) -> str:
    """Return what Tango runs in the image.

    The last line is printed by a trap, which needs no further process: where the shell cannot fork, it runs
    nothing that stands behind `||`. Where there is no shell, or it is killed, make itself prints it: that the
    shell came to its end stands in the file `state`, written over in place, as a disk may be full by then.

    Args:
        assignment: with the points of the course.
        hand_in: the name that Autolab gives to what is handed in.
        is_built_in: the image has the assignment; else it is in autograde.tar.
    """
    own = "" if is_built_in else " --assignments assignments"
    grade = (
        f"cellgrade grade {hand_in} --format autolab --assignment {shlex.quote(assignment.name)}"
        f" --course course.toml{own}"
    )
    beginning, ending = (" ".join(f'"{line}"' for line in lines) for lines in (BEGINNING, ENDING))
    otherwise = "".join(f"$(info {line})" for line in ("", *NO_SHELL, "", "$(NO_SCORES)"))
    return f"""\
# Written by cellgrade autolab-lab. Tango runs it in the image, beside autograde.tar.
export NO_SCORES := {_in_make(autolab_line.without_scores(assignment.rows))}

.PHONY: all grade
all: grade
\t$(if $(filter ended,$(file < state)),,{otherwise})

grade:
\t-@ended() {{ \\
\t    [ -n "$$graded" ] || printf '\\n%s\\n%s\\n\\n%s\\n' {ending} "$$NO_SCORES"; \\
\t    echo ended 1<> state; \\
\t    exit 0; \\
\t}}; \\
\ttrap 'ended $$?' EXIT; \\
\tprintf '%s\\n%s\\n%s\\n\\n' {beginning} "$$NO_SCORES"; \\
\techo start > state && tar -mxf autograde.tar && {grade} && graded=yes
"""


def _in_make(line: str) -> str:
    """Return the line as make takes it in a variable."""
    return line.replace("$", "$$").replace("#", "\\#")
