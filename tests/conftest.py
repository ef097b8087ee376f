"""What all tests share: no silent skip in CI, one Hypothesis profile, a header that says what was found."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import zlib
from collections.abc import Generator
from pathlib import Path

import made_course
import pytest
from autodriver_house import House, make, why_no_house
from hypothesis import settings

IN_CI = os.environ.get("CI") == "true"
COURSE_DATA = "CELLGRADE_DATA"
ROOT = Path(__file__).parent.parent
# A name of its own for each checkout, of what Tango takes for one: several may share an engine.
IMAGE = f"cellgrade_test_{zlib.crc32(bytes(ROOT)):08x}"

# Suites that a test's commands draw are kept for those after it; whoever runs the tests keeps none of them.
os.environ.setdefault("CELLGRADE_CACHE", str(ROOT / "build" / "suites"))

# Tests ask for the course's own data by a fixture; all else meets small texts in its place. (Workers of a run
# in parallel inherit both.)
GIVEN_DATA = os.environ.setdefault("CELLGRADE_GIVEN_DATA", os.environ.get(COURSE_DATA, ""))
os.environ[COURSE_DATA] = str(made_course.lay(ROOT / "build" / "made_course"))

# A test must say the same thing twice: on a slow machine, and after yesterday's failure.
settings.register_profile("cellgrade", database=None, deadline=None, derandomize=True)
settings.load_profile("cellgrade")


def docker_version() -> str | None:
    """Version of the Docker engine that answers, or None."""
    try:
        answer = subprocess.run(
            ["docker", "info", "--format", "{{.ServerVersion}}"], capture_output=True, text=True, timeout=30
        )
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.strip() if answer.returncode == 0 and answer.stdout.strip() else None


@pytest.fixture(scope="session")
def docker_engine() -> str:
    """Version of the Docker engine; without one, a visible skip."""
    version = docker_version()
    if version is None:
        pytest.skip('no Docker engine answers: eval "$(.ci/engine start)" starts one')
    return version


@pytest.fixture(scope="session")
def image(docker_engine: str) -> str:
    """Name of the image, built from this checkout: by one process, while others that want it wait."""
    with open(ROOT / "Dockerfile", "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run([ROOT / ".ci" / "wheel", sys.executable], check=True)
        built = subprocess.run(
            ["docker", "build", "--network", "host", "--tag", IMAGE, ROOT], capture_output=True, text=True
        )
    assert built.returncode == 0, built.stdout[-4000:] + built.stderr[-4000:]
    return IMAGE


@pytest.fixture(scope="session")
def baked_image(image: str) -> str:
    """Name of the image without torch: a few layers more than `image` has left behind."""
    return built_target(f"{image}_baked", "baked")


@pytest.fixture(scope="session")
def pytorch_image(image: str) -> str:
    """Name of the image for hand-ins written in PyTorch."""
    return built_target(f"{image}_pytorch", "pytorch")


def built_target(name: str, target: str) -> str:
    """Build a target of the Dockerfile under a name, and return that."""
    built = subprocess.run(
        ["docker", "build", "--network", "host", "--target", target, "--tag", name, ROOT],
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stdout[-4000:] + built.stderr[-4000:]
    return name


@pytest.fixture(scope="session", params=["autodriver", "sanitized"])
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> House:
    """Where autodriver is installed, as it is and with the sanitizers; without root, a visible skip."""
    if reason := why_no_house():
        pytest.skip(reason)
    build = tmp_path_factory.mktemp("autodriver")
    make(request.param, build)
    return House(build / request.param, build / "outside")


@pytest.fixture(scope="session")
def course_data() -> Path:
    """Return the folder of the course's data; without one, a visible skip."""
    if not GIVEN_DATA:
        pytest.skip(f"{COURSE_DATA} is not set: it names the folder of the course's data")
    return Path(GIVEN_DATA)


def pytest_report_header() -> list[str]:
    docker = docker_version()
    return [
        f"Docker engine: {docker or 'none answers, so nothing tests the image'}",
        f"{COURSE_DATA}: {GIVEN_DATA or 'not set, so nothing tests the course data'}",
        f"user: {'root' if os.geteuid() == 0 else 'not root, so no job changes its user'}",
    ]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """First the tests that wait for the image to be built: the other worker goes on meanwhile."""
    items.sort(key=lambda item: not (isinstance(item, pytest.Function) and "image" in item.fixturenames))


def _not_in_ci(report: pytest.TestReport | pytest.CollectReport) -> None:
    """In CI, turn a skip into a failure: a tool that is missing there would silence its tests for ever.

    The course's data alone may be missing, where a repository is checked without it.
    """
    if not (IN_CI and report.skipped) or hasattr(report, "wasxfail"):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    if COURSE_DATA in reason and not GIVEN_DATA:
        return
    report.outcome = "failed"
    report.longrepr = f"A skip counts as a failure in CI. {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _not_in_ci(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _not_in_ci(report)
    return report
