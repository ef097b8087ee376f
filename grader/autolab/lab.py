"""Writes an Autolab lab that can be imported: problems, points and limits there are those that are graded.

A lab is a tar of one folder, which Autolab's "Install Assessment" takes (`valid_asmt_tar` in its
app/controllers/assessments_controller.rb, `deserialize` in its app/models/assessment.rb):

    grucell/grucell.yml          problems with their points, dates, the hand-in's name, time limit, image
    grucell/grucell.rb           its hooks: what there is of scores is kept where the grader fails
    grucell/autograde-Makefile   what Tango runs in the image, under the name Makefile
    grucell/autograde.tar        beside it: course.toml, and the assignment where the image does not have it
    grucell/grucell-handout.tar  for the students: the starter, the statement, what else a course hands out
    grucell/statement.html       the statement as a page, Autolab's write-up
"""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader import autolab_rules, course
from grader.autolab import hooks, recipe, writeup
from grader.autolab.dates import Dates
from grader.course import Course
from grader.declaration import ORACLES, Loaded
from grader.errors import UsageError
from grader.intake.bounds import ARCHIVE_BYTES, FILE_BYTES, MIB
from grader.secret import Secret

SLACK_S = 60  # for what is not the student's: starting, torch, comparing, on a busy machine
IMAGE = re.compile(r"[a-z0-9_]+")  # what Tango takes for an image's name
WRITEUP = "statement.html"
# Fields of a lab that older versions of Autolab do not know: one of them aborts their import.
SINCE: Mapping[str, tuple[int, ...]] = {"github_submission_enabled": (2, 8), "disable_network": (2, 13)}
AUTOLAB = ".".join(map(str, max(SINCE.values())))  # the oldest version that takes all of them


@dataclass(frozen=True)
class Setting:
    """What a lab is told beside the assignment and the course.

    Attributes:
        dates: when it begins, is due and ends.
        image: name of the grading image on Tango's side.
        autolab: the oldest version of Autolab that must take it.
        from_github: students may hand in from GitHub as well, where Autolab is set up for that.

    Raises:
        UsageError: the image's name is none that Tango takes, or the version is none.
    """

    dates: Dates
    image: str = "cellgrade"
    autolab: str = AUTOLAB
    from_github: bool = False

    def __post_init__(self) -> None:
        """Hold the names to their forms."""
        if not IMAGE.fullmatch(self.image):
            raise UsageError(f"Tango takes an image's name of a-z, 0-9 and _ alone, not {self.image!r}")
        if not re.fullmatch(r"\d+(\.\d+)*", self.autolab):
            raise UsageError(f"a version of Autolab is like {AUTOLAB}, not {self.autolab!r}")

    @property
    def fields(self) -> dict[str, bool]:
        """Those of `SINCE` that this version knows."""
        version = tuple(map(int, self.autolab.split(".")))
        said = {"github_submission_enabled": self.from_github, "disable_network": True}
        return {name: value for name, value in said.items() if version >= SINCE[name]}


def time_limit_s(assignment: Loaded) -> int:
    """Return a time limit for Autolab that leaves a student's code all the time that the assignment grants
    it.
    """
    needed_s = assignment.limits.total_s + SLACK_S
    return int(min(autolab_rules.LONGEST_S, -(-needed_s // 10) * 10))


def lab_name(assignment: Loaded) -> str:
    """Return the lab's name: the assignment's, in the letters and digits that every version of Autolab takes.

    Raises:
        UsageError: nothing is left of it, or it begins with a digit, as no module of Ruby may.
    """
    name = re.sub(r"[^a-z0-9]", "", assignment.name.lower())
    if not name or name[0].isdigit():
        raise UsageError(
            f"Autolab needs a lab's name to begin with a letter a-z; {assignment.name!r} gives {name!r}"
        )
    return name


def hand_in_name(assignment: Loaded) -> str:
    """Return what Autolab calls the file that a student uploads, whatever its own name is."""
    if assignment.archive is not None:
        return "handin.zip" if assignment.archive == "zip" else "handin.tar"
    path = assignment.wanted[0].path
    is_one_file = len(assignment.wanted) == 1 and re.fullmatch(r"[\w.-]+", path) is not None
    return path if is_one_file else "handin.tar"


def max_size_mib(assignment: Loaded) -> int:
    """Return the largest upload that Autolab takes: what is graded of one. (Autolab's own default is 2.)"""
    is_packed = hand_in_name(assignment).endswith((".tar", ".zip"))
    return (ARCHIVE_BYTES if is_packed else FILE_BYTES) // MIB


def write(
    assignment: Loaded, settings: Course, setting: Setting, built_in: Path, key: Secret | None = None
) -> bytes:
    """Return the lab as a tar, the same bytes for the same arguments.

    Args:
        assignment: with the points and limits of the course.
        settings: the course's other settings, its time limit included.
        setting: dates, and what Autolab and Tango are told.
        built_in: the folder of the assignments that the image has.
        key: the course's secret. It travels in autograde.tar, which Autolab shows to instructors alone.
    """
    name = lab_name(assignment)
    is_built_in = assignment.folder.parent == built_in
    graded = {"course.toml": course.written(assignment, settings).encode()}
    if key is not None:
        graded[course.SECRET_FILE] = key.key + b"\n"
    if not is_built_in:
        graded |= {
            f"assignments/{assignment.name}/{path}": content for path, content in _folder(assignment).items()
        }
    statement = (assignment.folder / "statement.md").read_text(encoding="utf-8")
    handout = f"{assignment.name}-handout"
    given = {**assignment.handed_out, **assignment.starter, "statement.md": statement.encode()}
    return _tar(
        {
            f"{name}/{name}.yml": _yml(assignment, settings, name, setting).encode(),
            f"{name}/{name}.rb": hooks.source(name).encode(),
            f"{name}/autograde-Makefile": recipe.makefile(
                assignment, hand_in_name(assignment), is_built_in
            ).encode(),
            f"{name}/autograde.tar": _tar(graded),
            f"{name}/{name}-handout.tar": _tar({f"{handout}/{path}": one for path, one in given.items()}),
            f"{name}/{WRITEUP}": writeup.page(assignment.title, statement).encode(),
        }
    )


def _yml(assignment: Loaded, settings: Course, name: str, setting: Setting) -> str:
    import yaml

    lab: dict[str, Any] = {
        "general": {
            "name": name,
            "display_name": assignment.title,
            "category_name": "Homework",
            "description": "",
            "handin_filename": hand_in_name(assignment),
            "handin_directory": "handin",
            "handout": f"{name}-handout.tar",
            "writeup": WRITEUP,
            "max_grace_days": 0,
            "max_submissions": -1,
            "disable_handins": False,
            "max_size": max_size_mib(assignment),
            **setting.fields,
        },
        "dates": setting.dates.fields,
        # What is worth nothing is no row of the gradebook, and has no score in the last line.
        "problems": [
            {"name": problem.name, "description": "", "max_score": float(problem.points), "optional": False}
            for problem in assignment.problems
            if problem.points
        ],
        "autograder": {
            "autograde_timeout": int(settings.time_limit_s or time_limit_s(assignment)),
            "autograde_image": setting.image,
            "release_score": True,
        },
    }
    return str(yaml.safe_dump(lab, sort_keys=False, explicit_start=True, allow_unicode=False, width=100))


def _folder(assignment: Loaded) -> Mapping[str, bytes]:
    """Path -> content of an assignment's folder, but for what would be an oracle."""
    found = [(path, path.relative_to(assignment.folder)) for path in sorted(assignment.folder.rglob("*"))]
    return {
        inside.as_posix(): path.read_bytes()
        for path, inside in found
        if path.is_file() and inside.parts[0] not in ORACLES and "__pycache__" not in inside.parts
    }


def _tar(files: Mapping[str, bytes]) -> bytes:
    """Return a tar with each folder before what is in it: Autolab looks for the one at the root."""
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
