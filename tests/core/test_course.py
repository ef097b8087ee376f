"""course.toml: what it says holds, what it cannot say is a sentence, and what is written is read back."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import course, discovery, policy
from grader.course import Course
from grader.declaration import HintLevel, SizesOfOne
from grader.errors import UsageError
from grader.hints import HintPolicy, HintRule

ROOT = Path(__file__).parents[2]
KNOWN = discovery.assignments()
GRU = discovery.by_name("gru_cell", KNOWN)


LEVEL, UNTIL = 'level = "arrays"', "until = 2026-12-01T23:59:00+01:00"


def said(tmp_path: Path, text: str) -> Course:
    path = tmp_path / "course.toml"
    path.write_text(text)
    return course.read(path)


def test_an_empty_file_changes_nothing(tmp_path: Path) -> None:
    """All may be left out, and then all is as the assignments declare it."""
    empty = said(tmp_path, "")
    assert empty == Course()
    assert empty.applied(KNOWN) == KNOWN


def test_points_and_limits_hold_for_the_assignment_alone(tmp_path: Path) -> None:
    """What is changed is changed, all else of it stays, and so do all other assignments."""
    changed = said(
        tmp_path,
        'assignment = "gru_cell"\nseed = 7\nstrict = true\ntime_limit_s = 300\n'
        '[points]\n"GRU Cell Forward" = 12.5\n[limits]\ncall_s = 2\nmemory_mib = 512\ncpu_s = 1.5\n',
    )
    assert (changed.seed, changed.strict, changed.time_limit_s) == (7, True, 300)
    applied = changed.applied(KNOWN)
    assert [one.name for one in applied] == [one.name for one in KNOWN]
    for before, after in zip(KNOWN, applied, strict=True):
        if before.name != "gru_cell":
            assert after == before
    mine = discovery.by_name("gru_cell", applied)
    assert [problem.points for problem in mine.problems] == [12.5, 70]
    assert mine.limits == replace(GRU.limits, call_s=2, memory_bytes=512 << 20, cpu_s=2)


@pytest.mark.parametrize("choice", ["tell", "count"])
def test_sizes_of_one_may_count(tmp_path: Path, choice: str) -> None:
    """It holds for all assignments, as limits do, and changes what their results are kept by."""
    applied = said(tmp_path, f'sizes_of_one = "{choice}"\n').applied(KNOWN)
    assert {one.sizes_of_one for one in applied} == {SizesOfOne(choice)}
    assert (discovery.digest(applied[0]) == discovery.digest(KNOWN[0])) is (choice == "tell")


def test_limits_without_an_assignment_hold_for_all(tmp_path: Path) -> None:
    """A course that grades by recognition can still give more time."""
    applied = said(tmp_path, "[limits]\ntotal_s = 500\n").applied(KNOWN)
    assert {one.limits.total_s for one in applied} == {500}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('sizes_of_one = "yes"', "'sizes_of_one' must be \"tell\" or \"count\", not 'yes'"),
        ("sizes_of_one = 1", "'sizes_of_one' must be"),
        ("follow_through = 1.5", "'follow_through' must be a part of the points, from 0 to 1, not 1.5"),
        ("follow_through = -0.5", "'follow_through' must be a part of the points"),
        ("follow_through = true", "'follow_through' must be a part of the points"),
        ("seed = -1", "'seed' must be a whole number, 0 or more, not -1"),
        ("seed = true", "'seed' must be a whole number, 0 or more, not True"),
        ("seed = 1.5", "'seed' must be a whole number"),
        ('strict = "yes"', "'strict' must be true or false, not 'yes'"),
        ("time_limit_s = 5", "from 10 to 900"),
        ("time_limit_s = 901", "from 10 to 900"),
        ("time_limit_s = nan", "from 10 to 900"),
        ("sede = 1", "'sede' is unknown here; known are: assignment, seed"),
        ("[limits]\nmemory = 5", "[limits] 'memory' is unknown here; known are: call_s"),
        ("[limits]\nmemory_mib = 5", "[limits] 'memory_mib' must be a number, at least 256"),
        ("[limits]\ncall_s = inf", "[limits] 'call_s' must be a number"),
        ("[limits]\ncall_s = 0", "[limits] 'call_s' must be a number"),
        ("limits = 3", "'limits' must be a table, not 3"),
        ("[points]\na = 3", "needs `assignment`"),
        ('assignment = "gru_cell"\n[points]\n"GRU Cell Forward" = -1', "must be points"),
        ('assignment = "gru_cell"\n[points]\n"GRU Cell Forward" = "x"', "must be points"),
        ("assignment = gru_cell", "is not TOML: Invalid value (at line 1"),
        ("\x00", "is not TOML"),
        ("hints = 3", "'hints' must be a table, not 3"),
        ('[hints]\nlevel = "much"', "[hints] 'level' must be one of arrays, equation, term, all, not 'much'"),
        ("[hints]\nlevel = 2", "[hints] 'level' must be one of arrays"),
        ("[hints]\nshow = 1", "[hints] 'show' is unknown here; known are: level, counterexample, rules"),
        ("[hints]\ncounterexample = 1", "[hints] 'counterexample' must be true or false, not 1"),
        ("[hints]\nrules = 1", "[hints] 'rules' must be a list of tables"),
        ("[hints]\nrules = [1]", "[hints] 'rules' must be a list of tables"),
        ("[hints]\nrules = [{ to_attempt = 1 }]", "[hints] [rule 1] 'level' is missing"),
        (f"[hints]\nrules = [{{ {UNTIL}, til = 1, {LEVEL} }}]", "[rule 1] 'til' is unknown here; known are"),
        (f"[hints]\nrules = [{{ {LEVEL} }}]", "[hints] [rule 1] always holds: give it a date or an attempt"),
        (f"[hints]\nrules = [{{ from_attempt = 1, {LEVEL} }}]", "[rule 1] always holds"),
        (f"[hints]\nrules = [{{ from_attempt = 0, {LEVEL} }}]", "'from_attempt' must be the number of an"),
        (f"[hints]\nrules = [{{ from_attempt = 3, to_attempt = 2, {LEVEL} }}]", "begins with attempt 3 and"),
        (f"[hints]\nrules = [{{ until = 2026-12-01, {LEVEL} }}]", "[rule 1] 'until' must be a date with its"),
        (f"[hints]\nrules = [{{ until = 2026-12-01T23:59:00, {LEVEL} }}]", "'until' must be a date with its"),
        (
            f'[hints]\nrules = [{{ from = "soon", {LEVEL} }}]',
            "and its offset from UTC, as in 2026-12-01T23:59",
        ),
        (f"[hints]\nrules = [{{ from = 2026-12-02T00:00:00Z, {UNTIL}, {LEVEL} }}]", "before it begins"),
        (
            f"[hints]\nrules = [{{ {UNTIL}, {LEVEL} }}, {{ from_attempt = 3, {LEVEL} }}]",
            "[hints] rules 1 and 2 both hold for attempt 3 until 2026-12-01T23:59:00+01:00: let",
        ),
    ],
)
def test_what_cannot_be_is_a_sentence(tmp_path: Path, text: str, says: str) -> None:
    """The file, the key and what it should be are named."""
    with pytest.raises(UsageError) as caught:
        said(tmp_path, text)
    assert says in str(caught.value)
    assert str(tmp_path / "course.toml") in str(caught.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('assignment = "gru"', "there is no assignment 'gru'; there are: gru_cell,"),
        (
            'assignment = "gru_cell"\n[points]\nForward = 1',
            "no problem 'Forward'; it has: GRU Cell Forward, GRU Cell Backward",
        ),
        ("[limits]\ntotal_s = 1", "less than a single one (10 s, call_s)"),
    ],
)
def test_what_does_not_fit_the_assignment_is_a_sentence(tmp_path: Path, text: str, says: str) -> None:
    """A name that the assignment lacks is answered with those that it has."""
    with pytest.raises(UsageError) as caught:
        said(tmp_path, text).applied(KNOWN)
    assert says in str(caught.value)


@pytest.mark.parametrize("name", ["nothing.toml", "."])
def test_a_file_that_cannot_be_read_is_a_sentence(tmp_path: Path, name: str) -> None:
    """A missing file and a folder are the caller's to mend."""
    with pytest.raises(UsageError, match="cannot be read"):
        course.read(tmp_path / name)


MOMENTS = st.datetimes(
    datetime(1900, 1, 1), datetime(9000, 1, 1), timezones=st.just(timezone(timedelta(hours=5, minutes=30)))
)
RULE = st.builds(
    HintRule,
    st.sampled_from(HintLevel),
    ends=MOMENTS,
    from_attempt=st.integers(1, 9),
    to_attempt=st.none() | st.integers(9, 12),
)
HINTS = st.builds(
    HintPolicy, st.sampled_from(HintLevel), st.booleans(), st.tuples() | st.tuples(RULE)
) | st.builds(
    lambda at, first, second: HintPolicy(rules=(HintRule(first, ends=at), HintRule(second, begins=at))),
    MOMENTS,
    st.sampled_from(HintLevel),
    st.sampled_from(HintLevel),
)


@given(
    name=st.sampled_from([one.name for one in KNOWN]),
    points=st.floats(0, 1_000),
    seed=st.integers(0, 2**63 - 1),
    strict=st.booleans(),
    time_limit_s=st.none() | st.integers(10, 900),
    sizes_of_one=st.sampled_from(SizesOfOne),
    follow_through=st.floats(0, 1),
    hints=HINTS,
)
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory,
    name: str,
    points: float,
    seed: int,
    strict: bool,
    time_limit_s: int | None,
    sizes_of_one: SizesOfOne,
    follow_through: float,
    hints: HintPolicy,
) -> None:
    """`written` says everything that holds, so that reading it changes nothing."""
    declared = discovery.by_name(name, KNOWN)
    problems = tuple(replace(problem, points=points) for problem in declared.problems)
    assignment = replace(declared, problems=problems, sizes_of_one=sizes_of_one)
    path = tmp_path_factory.mktemp("course") / "course.toml"
    settings = Course(name, seed, strict, time_limit_s, follow_through=follow_through, hints=hints)
    path.write_text(course.written(assignment, settings))
    back = course.read(path)
    assert (back.assignment, back.seed, back.strict, back.time_limit_s) == (name, seed, strict, time_limit_s)
    assert back.hints == hints
    assert back.applied([declared])[0].sizes_of_one is sizes_of_one
    assert back.follow_through == follow_through
    assert discovery.by_name(name, back.applied(KNOWN)) == assignment


# A right forward, and its gradients by complex steps: right by value to the last digit.
BY_COMPLEX_STEPS = """import numpy as np

NAMES = ("Wzh", "Wrh", "Wh", "Wzx", "Wrx", "Wx")


def step(x, h, Wzh, Wrh, Wh, Wzx, Wrx, Wx):
    z = 1 / (1 + np.exp(-(Wzh @ h + Wzx @ x)))
    r = 1 / (1 + np.exp(-(Wrh @ h + Wrx @ x)))
    return (1 - z) * h + z * np.tanh(Wh @ (r * h) + Wx @ x)


class GRU_Cell:
    def __init__(self, in_dim, hidden_dim):
        pass

    def forward(self, x, h):
        self.given = [np.array(a, dtype=complex) for a in (x, h, *(getattr(self, name) for name in NAMES))]
        return step(x, h, *(getattr(self, name) for name in NAMES))

    def backward(self, delta):
        delta = np.ravel(delta)
        found = []
        for which, array in enumerate(self.given):
            slopes = np.zeros(array.shape)
            for at in np.ndindex(array.shape):
                array[at] += 1e-30j
                slopes[at] = np.sum(delta * step(*self.given).imag) / 1e-30
                array[at] = array[at].real
            found.append(slopes)
        for name, slopes in zip(NAMES, found[2:]):
            setattr(self, "d" + name, slopes)
        return found[0], found[1]
"""


def graded(tmp_path: Path, hand_in: Path, settings: str) -> dict[str, Any]:
    """Return the report of `cellgrade grade --course`, as JSON."""
    path = tmp_path / "course.toml"
    path.write_text(f'assignment = "gru_cell"\n{settings}\n')
    command = [
        sys.executable,
        "-m",
        "grader",
        "grade",
        "--course",
        str(path),
        "--format",
        "json",
        str(hand_in),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def passed(report: dict[str, Any]) -> dict[str, set[bool | None]]:
    """Problem -> what its criteria came to: right, wrong, or None where a person decides."""
    return {one["name"]: {c["passed"] for c in one["criteria"]} for one in report["problems"]}


@pytest.mark.parametrize(("settings", "points"), [("", 100), ('numerical_gradients = "fail"', 30)])
def test_a_course_decides_what_measured_gradients_are_worth(
    tmp_path: Path, settings: str, points: float
) -> None:
    """They are told either way; where a course gives nothing for them, forward keeps its points."""
    hand_in = tmp_path / "handin" / "hw3" / "gru.py"
    hand_in.parent.mkdir(parents=True)
    hand_in.write_text(BY_COMPLEX_STEPS)
    report = graded(tmp_path, tmp_path / "handin", settings)
    assert report["score"] == points
    assert "measures its gradients: the imaginary part after a complex step" in json.dumps(report["findings"])
    assert passed(report) == {"GRU Cell Forward": {True}, "GRU Cell Backward": {points == 100}}


@pytest.mark.parametrize(
    ("settings", "points", "verdict"),
    [
        ("", 100, True),
        ('published_solution = "person"', 0, None),
        ('published_solution = "fail"', 0, False),
    ],
)
def test_a_course_decides_what_our_own_solution_is_worth(
    tmp_path: Path, settings: str, points: float, verdict: bool | None
) -> None:
    """Full points, a person's decision, or nothing; and it is told in each case."""
    report = graded(tmp_path, ROOT / "src" / "gru_cell", settings)
    assert report["score"] == points
    assert policy.PUBLISHED in json.dumps(report["findings"])
    assert passed(report) == {"GRU Cell Forward": {verdict}, "GRU Cell Backward": {verdict}}
