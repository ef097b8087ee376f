"""A whole job, as Tango runs one: `su autolab`, autodriver, make, cellgrade, and the line that comes out.

The command is that of Tango's vmms/localDocker.py, in the container that this runs in. A job takes what is in
/home/autolab away: so it is for a container that is thrown away.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import tarfile
import tempfile
from datetime import datetime
from pathlib import Path

from grader import discovery
from grader.autolab import lab
from grader.autolab.dates import Dates
from grader.course import Course
from grader.report import autolab_reading

assert sys.platform == "linux"

HERE = Path(__file__).parent / "assignments"
HAND_IN = "import numpy as np\n\n\ndef product(W, x):\n    return np.dot(W, x)\n"
LIMIT_S = 600  # it takes some seconds, and nobody knows how busy the machine is
PROCESSES = 100  # VM_ULIMIT_USER_PROC of Tango's config.py
AUTODRIVER = f"autodriver -u {PROCESSES} -f 104857600 -t {LIMIT_S} -o 1024000 autolab"
MOST_LINES = 12


def run(shell: str) -> str | None:
    """Grade a hand-in that is right; None if it got its points, else what came instead.

    Args:
        shell: the shell that Tango calls, `sh`.
    """
    if any(Path("/home/autolab").glob("[!.]*")):
        return "not tried, since /home/autolab is not empty: run image-check in a fresh container"
    with tempfile.TemporaryDirectory(prefix="image-check-") as folder:
        mount = Path(folder)
        mount.chmod(0o755)
        problems = _lay_out(mount)
        command = (
            f'cp -r {mount}/* autolab/; su autolab -c "{AUTODRIVER} > output/feedback 2>&1"; '
            f"cp output/feedback {mount}/feedback"
        )
        try:
            done = subprocess.run(  # noqa: S603 - as Tango does it, in its own words
                [shell, "-c", command],
                cwd="/home",
                capture_output=True,
                timeout=LIMIT_S + 60,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"the job did not come to an end: {error}"
        _tidy_up()
        feedback = mount / "feedback"
        said = feedback.read_bytes().decode(errors="replace") if feedback.is_file() else ""
    try:
        scores = autolab_reading.read(said, problems)
    except autolab_reading.RuleBrokenError:
        return _told("no score came out", done.stderr.decode(errors="replace") + said)
    if list(scores.values()) != [1]:
        return _told(f"it got {scores}, and was right", done.stderr.decode(errors="replace") + said)
    return None


def _lay_out(mount: Path) -> list[str]:
    """Put into a folder what Tango mounts; returns the problems' names."""
    (assignment,) = discovery.assignments(HERE)
    day = datetime(2000, 1, 1)  # a lab needs dates, and nobody reads these
    written = lab.write(
        assignment,
        Course(assignment.name, time_limit_s=LIMIT_S),
        lab.Setting(Dates(day, day, day)),
        discovery.BUILT_IN,
    )
    with tarfile.open(fileobj=io.BytesIO(written)) as tar:
        for name, beside in (("autograde-Makefile", "Makefile"), ("autograde.tar", "autograde.tar")):
            content = tar.extractfile(f"{lab.lab_name(assignment)}/{name}")
            assert content is not None
            with open(mount / beside, "wb") as file:
                shutil.copyfileobj(content, file)
    (mount / lab.hand_in_name(assignment)).write_text(HAND_IN)
    return list(assignment.rows)


def _tidy_up() -> None:
    """Leave the folders as the image has them, so that another check finds them."""
    folder = Path("/home/autolab")
    if not folder.exists():
        folder.mkdir(0o755)
        shutil.chown(folder, "autolab", "autolab")
    Path("/home/output/feedback").unlink(missing_ok=True)


def _told(what: str, said: str) -> str:
    """Return what went wrong, and below it the end of what was printed."""
    lines = [line for line in said.splitlines() if line.strip()]
    return "\n".join([what, *(f"  | {line[:200]}" for line in lines[-MOST_LINES:])])
