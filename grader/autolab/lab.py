"""Writes an Autolab lab that can be imported: problems, points and limits there are those that are graded.

A lab is a tar of one folder, which Autolab's "Install Assessment" takes (`valid_asmt_tar` in its
app/controllers/assessments_controller.rb, `deserialize` in its app/models/assessment.rb):

    grucell/grucell.yml          problems with their points, the hand-in's name, time limit, image
    grucell/grucell.rb           the hook file that older versions ask for; it changes nothing
    grucell/autograde-Makefile   what Tango runs in the image, under the name Makefile
    grucell/autograde.tar        beside it: course.toml, and the assignment where the image does not have it
    grucell/grucell-handout.tar  for the students: the starter and the statement
"""

from __future__ import annotations

import io
import re
import shlex
import tarfile
from collections.abc import Mapping
from pathlib import Path

from grader import course
from grader.course import Course
from grader.declaration import Assignment
from grader.errors import UsageError
from grader.report import autolab
from grader.secret import Secret

SLACK_S = 60  # for what is not the student's: starting, torch, comparing, on a busy machine
# Of an assignment's folder: what no grading needs, and what would be an oracle.
LEFT_OUT = ("wrong", "__pycache__")
IMAGE = re.compile(r"[a-z0-9_]+")  # what Tango takes for an image's name


def time_limit_s(assignment: Assignment) -> int:
    """A time limit for Autolab that leaves a student's code all the time that the assignment grants it."""
    needed_s = assignment.limits.total_s + SLACK_S
    return int(min(course.LONGEST_S, -(-needed_s // 10) * 10))


def lab_name(assignment: Assignment) -> str:
    """The lab's name: the assignment's, in the letters and digits that every version of Autolab takes.

    Raises:
        UsageError: nothing is left of it, or it begins with a digit, as no module of Ruby may.
    """
    name = re.sub(r"[^a-z0-9]", "", assignment.name.lower())
    if not name or name[0].isdigit():
        raise UsageError(
            f"Autolab needs a lab's name to begin with a letter a-z; {assignment.name!r} gives {name!r}"
        )
    return name


def hand_in_name(assignment: Assignment) -> str:
    """What Autolab calls the file that a student uploads, whatever its own name is."""
    if assignment.archive is not None:
        return "handin.zip" if assignment.archive == "zip" else "handin.tar"
    path = assignment.wanted[0].path
    is_one_file = len(assignment.wanted) == 1 and re.fullmatch(r"[\w.-]+", path) is not None
    return path if is_one_file else "handin.tar"


def write(
    assignment: Assignment, settings: Course, image: str, built_in: Path, key: Secret | None = None
) -> bytes:
    """The lab as a tar, the same bytes for the same arguments.

    Args:
        assignment: with the points and limits of the course.
        settings: the course's other settings, its time limit included.
        image: name of the grading image on Tango's side.
        built_in: the folder of the assignments that the image has.
        key: the course's secret. It travels in autograde.tar, which Autolab shows to instructors alone.

    Raises:
        UsageError: the image's name is none that Tango takes.
    """
    if not IMAGE.fullmatch(image):
        raise UsageError(f"Tango takes an image's name of a-z, 0-9 and _ alone, not {image!r}")
    name = lab_name(assignment)
    assert assignment.folder is not None
    is_built_in = assignment.folder.parent == built_in
    graded = {"course.toml": course.written(assignment, settings).encode()}
    if key is not None:
        graded[course.SECRET_FILE] = key.key + b"\n"
    if not is_built_in:
        graded |= {
            f"assignments/{assignment.name}/{path}": content for path, content in _folder(assignment).items()
        }
    handout = f"{assignment.name}-handout"
    given = {**assignment.provided, **assignment.starter}
    given["statement.md"] = (assignment.folder / "statement.md").read_bytes()
    return _tar(
        {
            f"{name}/{name}.yml": _yml(assignment, settings, name, image).encode(),
            f"{name}/{name}.rb": _RB.format(module=name.capitalize(), name=name).encode(),
            f"{name}/autograde-Makefile": _makefile(assignment, is_built_in).encode(),
            f"{name}/autograde.tar": _tar(graded),
            f"{name}/{name}-handout.tar": _tar({f"{handout}/{path}": one for path, one in given.items()}),
        }
    )


# As in Autolab's own examples/hello/hello.rb: without hooks, everything is as the yml says.
_RB = """\
require "AssessmentBase.rb"

module {module}
  include AssessmentBase

  def assessmentInitialize(course)
    super("{name}", course)
    @problems = []
  end
end
"""


def _yml(assignment: Assignment, settings: Course, name: str, image: str) -> str:
    import yaml

    lab = {
        "general": {
            "name": name,
            "display_name": assignment.title,
            "category_name": "Homework",
            "description": "",
            "handin_filename": hand_in_name(assignment),
            "handin_directory": "handin",
            "handout": f"{name}-handout.tar",
            "writeup": "",
            "max_grace_days": 0,
            "max_submissions": -1,
            "disable_handins": False,
            "max_size": 2,
        },
        # What is worth nothing is no row of the gradebook, and has no score in the last line.
        "problems": [
            {"name": problem.name, "description": "", "max_score": float(problem.points), "optional": False}
            for problem in assignment.problems
            if problem.points
        ],
        "autograder": {
            "autograde_timeout": int(settings.time_limit_s or time_limit_s(assignment)),
            "autograde_image": image,
            "release_score": True,
        },
    }
    return str(yaml.safe_dump(lab, sort_keys=False, explicit_start=True, allow_unicode=False, width=100))


def _makefile(assignment: Assignment, is_built_in: bool) -> str:
    """Whatever becomes of cellgrade, killed for its memory too, the last line is one that Autolab takes.

    It stands there from the start: should Tango's limit end make itself, nothing more can be printed.
    """
    no_scores = autolab.last_line([problem.name for problem in assignment.problems if problem.points])
    own = "" if is_built_in else " --assignments assignments"
    recipe = [
        "tar -mxf autograde.tar",
        f"cellgrade grade {hand_in_name(assignment)} --format autolab"
        f" --assignment {shlex.quote(assignment.name)} --course course.toml{own}",
    ]
    first = r"printf 'If nothing stands below, the grading was cut short, and nothing was recorded:\n%s\n\n'"
    otherwise = r"printf '\nThe grader was stopped; that is not your fault.\n%s\n' '$(NO_SCORES)'"
    return (
        "# Written by cellgrade autolab-lab. Tango runs it in the image, beside autograde.tar.\n"
        f"NO_SCORES := {_in_make(no_scores)}\n\n"
        f"all:\n\t@{first} '$(NO_SCORES)'\n\t@{' && '.join(recipe)} || \\\n\t{otherwise}\n"
    )


def _in_make(line: str) -> str:
    """The line as make takes it in a variable that stands between single quotes of a shell."""
    return line.replace("$", "$$").replace("#", "\\#").replace("'", "'\\''")


def _folder(assignment: Assignment) -> Mapping[str, bytes]:
    assert assignment.folder is not None
    return {
        path.relative_to(assignment.folder).as_posix(): path.read_bytes()
        for path in sorted(assignment.folder.rglob("*"))
        if path.is_file() and not set(LEFT_OUT) & set(path.relative_to(assignment.folder).parts)
    }


def _tar(files: Mapping[str, bytes]) -> bytes:
    """A tar with each folder before what is in it: Autolab looks for the one at the root."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        folders: set[str] = set()
        for path, content in files.items():
            parts = path.split("/")[:-1]
            for folder in ("/".join(parts[:depth]) for depth in range(1, len(parts) + 1)):
                if folder not in folders:
                    folders.add(folder)
                    tar.addfile(_member(folder, tarfile.DIRTYPE, 0o755))
            member = _member(path, tarfile.REGTYPE, 0o600 if path == course.SECRET_FILE else 0o644)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def _member(path: str, kind: bytes, mode: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(path)
    member.type, member.mode = kind, mode
    return member
