"""The journal: what it keeps is what comes out, and what it cannot do it says."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from batch_runs import ROOT, environment
from hypothesis import given
from hypothesis import strategies as st

from grader import issuing
from grader.batch.entry import Entry, Graded
from grader.batch.journal import lock, report_codec
from grader.batch.journal.journal import Journal, hand_in_row
from grader.batch.journal.tables import HandInRow, ResultRow
from grader.batch.results_folder import JOURNAL, LOCK
from grader.errors import GraderError, UsageError
from grader.records import Attachment, Blame, CriterionResult, Curve, Finding, ProblemResult, Report, Status

NAMES = st.from_regex(r"[a-z][a-z0-9_-]{0,8}\.(ipynb|png)", fullmatch=True)
st.register_type_strategy(Attachment, st.builds(Attachment, NAMES, st.binary(max_size=40)))
numbers = st.floats(allow_nan=False)
st.register_type_strategy(float, numbers)  # points are finite, and a curve's values


def report(points: float = 1.0, **more: Any) -> Report:
    return Report(
        assignment="gru_cell", title="T", status=Status.GRADED, problems=(), hand_in="", version="1", **more
    )


def entry(student: str, version: int = 1) -> Entry:
    return Entry(student, version, Path("in") / f"{student}.tar")


def result(key: str, told: Report | None = None) -> ResultRow:
    return ResultRow(key, "{}", report_codec.report_text(told or report()), 3.0, 4.0)


def hand_in(
    whose: str | Entry, key: str, content: str | None = "c", notices: Sequence[Finding] = ()
) -> HandInRow:
    of = whose if isinstance(whose, Entry) else entry(whose)
    said = report_codec.findings_text(notices)
    return hand_in_row(of, content=content, key=key, name=of.path.name, notices=said)


def plan(kept: Journal, *students: str) -> None:
    """Begin a run about these students, in this order."""
    kept.plan([entry(student) for student in students], {student: student for student in students})


def reports(kept: Journal) -> dict[str, Report]:
    """Return what is known: stem -> report."""
    return {one.file: one.report for one in kept.graded()}


@given(st.from_type(Report))
def test_a_report_that_was_kept_is_the_same(original: Report) -> None:
    """Whatever a report says, odd characters and odd numbers too, it says after it was kept."""
    assert report_codec.report_of(report_codec.report_text(original)) == original
    assert report_codec.report_text(original).isascii()


@given(st.lists(st.from_type(Finding)))
def test_findings_that_were_kept_are_the_same(original: list[Finding]) -> None:
    """So do findings."""
    assert report_codec.findings_of(report_codec.findings_text(original)) == tuple(original)


def test_a_curve_comes_back_number_by_number() -> None:
    """Nothing is rounded or thinned on the way."""
    curve = Curve("loss", (0.1 + 0.2, 1e-300, 2.0))
    drawn = CriterionResult("loss", True, 1, 1, curve=curve)
    original = replace(report(), problems=(ProblemResult("training", 1, 1, (drawn,)),))
    assert report_codec.report_of(report_codec.report_text(original)) == original


def test_rows_come_in_the_order_of_the_plan_with_their_own_names(tmp_path: Path) -> None:
    """Two students with one result each get a report with their own name and notices."""
    note = Finding(Blame.NOBODY, "it is a zip")
    with Journal(tmp_path) as kept:
        plan(kept, "zoe", "ann", "tom")
        kept.keep(hand_in("ann", "k"), result("k"))
        kept.keep(hand_in("zoe", "k", notices=[note]))
    with Journal(tmp_path) as kept:
        zoe, ann = kept.graded()
        assert kept.missing() == ("tom",)
    assert zoe == Graded(entry("zoe"), issuing.issued(report(), "zoe.tar", [note]), "zoe", ("ann",))
    assert ann == Graded(entry("ann"), issuing.issued(report(), "ann.tar", ()), "ann", ("zoe",))


def test_what_a_group_has_handed_in_is_no_copy(tmp_path: Path) -> None:
    """One hand-in of two students is theirs; that of a third with the same files is a copy."""
    with Journal(tmp_path) as kept:
        ann, bob = (Entry(student, 0, Path("the\udcff") / "same") for student in ("ann", "bob"))
        everybody = (ann, bob, entry("cy"))
        kept.plan(everybody, {one.student: one.student for one in everybody})
        for one in everybody:
            kept.keep(hand_in(one, "k"), result("k"))
        assert [one.identical for one in kept.graded()] == [("cy",), ("cy",), ("ann", "bob")]


def test_what_is_known_is_not_kept_twice(tmp_path: Path) -> None:
    """A batch that goes on writes nothing for what it finds in the journal."""
    with Journal(tmp_path) as kept:
        plan(kept, "ann")
        kept.keep(hand_in("ann", "k"), result("k"))
        before = (tmp_path / JOURNAL).read_bytes()
        kept.keep(hand_in("ann", "k"))
        assert (tmp_path / JOURNAL).read_bytes() == before
        kept.keep(hand_in("ann", "k", content="d"))
        assert (tmp_path / JOURNAL).read_bytes() != before
        assert kept.score("k") == (3.0, 4.0)
        assert kept.score("other") is None


def test_faults_last_until_the_next_run(tmp_path: Path) -> None:
    """A fault of ours stands in place of a report, and is forgotten when the next run begins."""
    fault = issuing.failed(None, "ann.tar", GraderError("no memory"))
    with Journal(tmp_path) as kept:
        plan(kept, "ann")
        kept.fail(entry("ann"), fault)
        assert reports(kept) == {"ann": fault}
        assert kept.missing() == ()
        plan(kept, "ann")
        assert reports(kept) == {}
        assert kept.missing() == ("ann",)


def test_earlier_versions_are_rows_of_their_own(tmp_path: Path) -> None:
    """They do not count, and copies of them are nobody's copies."""
    with Journal(tmp_path) as kept:
        kept.plan([entry("ann", 2)], {"ann": "ann"}, [entry("ann", 1)])
        for version in (1, 2):
            kept.keep(hand_in(entry("ann", version), "k"), result("k"))
        (counting,), (earlier,) = kept.graded(), kept.graded(counting=False)
        assert (counting.entry.version, counting.counts, counting.identical) == (2, True, ())
        assert (earlier.entry.version, earlier.counts, earlier.identical) == (1, False, ())


def test_names_of_any_kind_are_kept(tmp_path: Path) -> None:
    """A student whose name on the disk is no UTF-8 is a student as well."""
    odd = "a\udcff'; DROP TABLE plan; --\0\n"
    with Journal(tmp_path) as kept:
        whose = Entry(odd, 0, Path("x\udcff"), "Ä", "s\udcfe")
        kept.plan([whose], {odd: "stem"})
        kept.keep(hand_in_row(whose, content=None, key="k", name=odd, notices="[]"), result("k"))
        (found,) = kept.graded()
    assert found.entry == whose
    assert found.report.hand_in == odd


def test_a_journal_of_another_form_is_refused(tmp_path: Path) -> None:
    """With a sentence that says what to do, and without touching it."""
    Journal(tmp_path).__exit__()
    with sqlite3.connect(tmp_path / JOURNAL) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    before = (tmp_path / JOURNAL).read_bytes()
    with pytest.raises(UsageError, match=r"another version of cellgrade \(form 99.*--out"):
        Journal(tmp_path)
    assert (tmp_path / JOURNAL).read_bytes() == before


def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    """A database that is not ours is left alone."""
    with sqlite3.connect(tmp_path / JOURNAL) as database:
        database.execute("CREATE TABLE theirs (x)")
    database.close()
    with pytest.raises(UsageError, match="no journal of cellgrade"):
        Journal(tmp_path)


@pytest.mark.parametrize("damage", ["no database", "torn"])
def test_a_damaged_journal_is_said(tmp_path: Path, damage: str) -> None:
    """What is no database, or one with a page torn out, is named as damaged."""
    path = tmp_path / JOURNAL
    if damage == "no database":
        path.write_text("hello, this is a long text and not a database at all" * 100)
    else:
        with Journal(tmp_path) as kept:
            plan(kept, *(f"s{number}" for number in range(500)))
        content = bytearray(path.read_bytes())
        content[4096 * 9 : 4096 * 12] = bytes(4096 * 3)
        path.write_bytes(content)
    with pytest.raises(UsageError, match=r"damaged .* move it away"):
        Journal(tmp_path)


def test_a_turned_bit_changes_no_grade(tmp_path: Path) -> None:
    """Wherever in the file: the row is gone, or the journal is refused, or nothing of it has changed."""
    path = tmp_path / JOURNAL
    everybody = [f"s{number}" for number in range(12)]
    with Journal(tmp_path) as kept:
        plan(kept, *everybody)
        for student in everybody:
            kept.keep(hand_in(student, student), result(student, report(message=f"90 of 100 {student}")))
        before = reports(kept)
        assert before.keys() == set(everybody)
        scores = {student: kept.score(student) for student in everybody}
    content = path.read_bytes()
    rng = random.Random(3)
    refused = taken_out = 0
    for _ in range(300):
        at, bit = rng.randrange(len(content)), 1 << rng.randrange(8)
        path.write_bytes(content[:at] + bytes([content[at] ^ bit]) + content[at + 1 :])
        try:
            with Journal(tmp_path) as kept:
                taken_out += bool(kept.damaged)
                assert reports(kept).items() <= before.items()
                assert all(kept.score(student) in (None, scores[student]) for student in everybody)
        except UsageError:
            refused += 1
    assert taken_out > 30
    assert refused < 60


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE results SET score = 2.0 WHERE key = 'a'",
        "UPDATE results SET report = replace(report, 'T', 'U') WHERE key = 'a'",
        "UPDATE results SET key = 'x' WHERE key = 'a'",
        "UPDATE hand_ins SET key = 'b' WHERE key = 'a'",
    ],
)
def test_a_row_that_does_not_fit_is_as_if_it_had_never_been(tmp_path: Path, change: str) -> None:
    """It is counted, the others stay, and the same key can be kept again."""
    with Journal(tmp_path) as kept:
        plan(kept, *"ab")
        for student in "ab":
            kept.keep(hand_in(student, student), result(student))
    with sqlite3.connect(tmp_path / JOURNAL) as database:
        database.execute(change)
    database.close()
    with Journal(tmp_path) as kept:
        assert kept.damaged == 1
        assert kept.missing() == ("a",)
        assert reports(kept).keys() == {"b"}
        kept.keep(hand_in("a", "a"), result("a"))
        assert kept.missing() == ()
        assert reports(kept).keys() == {"a", "b"}
    with Journal(tmp_path) as kept:
        assert kept.damaged == 0
        assert kept.score("a") == (3.0, 4.0)


def test_what_changes_while_it_is_read_is_said(tmp_path: Path) -> None:
    """A run that has begun goes no further with a row that does not fit any more."""
    with Journal(tmp_path) as kept:
        plan(kept, "a")
        kept.keep(hand_in("a", "a"), result("a"))
        with sqlite3.connect(tmp_path / JOURNAL) as database:
            database.execute("UPDATE results SET report = replace(report, 'T', 'U')")
        database.close()
        assert kept.score("a") is None
        with pytest.raises(GraderError, match="give the same command again"):
            list(kept.graded())


def test_a_kill_while_the_journal_is_made_leaves_one_that_can_be_used(tmp_path: Path) -> None:
    """An empty file, as a kill at the first moment leaves it, is a new journal."""
    (tmp_path / JOURNAL).touch()
    with Journal(tmp_path) as kept:
        assert list(kept.graded()) == []


def test_a_result_and_whose_it_is_are_kept_together_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of a transaction that fails halfway is kept."""
    broken = hand_in("ann", "k")._replace(notices=None)  # type: ignore[arg-type]
    with Journal(tmp_path) as kept:
        with pytest.raises(UsageError):
            kept.keep(broken, result("k"))
        assert kept.score("k") is None


FILLING = """
import resource, sys
from pathlib import Path
sys.path[:0] = ["tests/batch", "tests/support"]
import test_batch_journal as t
from grader.batch.journal.journal import Journal
from grader.errors import GraderError
with Journal(Path(sys.argv[1])) as kept:
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
    for number in range(10_000):
        try:
            kept.keep(t.hand_in(f"s{number}", f"k{number}"), t.result(f"k{number}"))
        except GraderError as error:
            print(number, error)
            break
"""


def test_a_full_disk_is_said_and_loses_nothing(tmp_path: Path) -> None:
    """When nothing more can be written there is a sentence, and what was kept before is there."""
    command = [sys.executable, "-c", FILLING, str(tmp_path)]
    filled = subprocess.run(
        command, capture_output=True, text=True, timeout=60, cwd=ROOT, env=environment(), check=True
    )
    number, _, said = filled.stdout.partition(" ")
    assert int(number) > 50
    assert "cannot be written" in said
    assert "make room, and give the same command again" in said
    with Journal(tmp_path) as kept:
        assert kept.score(f"k{int(number) - 1}") is not None
        assert kept.score(f"k{number}") is None


READING = """
import resource, sys
from pathlib import Path
from grader.batch.journal.journal import Journal
from grader.batch.gradebook.files import ResultsFiles, ForStudents, Wishes
from grader.batch.gradebook.summary import Remarks
with Journal(Path(sys.argv[1])) as kept:
    files = ResultsFiles(Path(sys.argv[1]), kept, ForStudents())
    files.reports()
    files.books(Wishes(), None, Remarks())
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def peak_kib(folder: Path, students: int) -> int:
    """Return the most memory that writing all outputs takes, with reports of 100 KiB."""
    folder.mkdir()
    bulky = report(findings=tuple(Finding(Blame.NOBODY, "x" * 10_000) for _ in range(10)))
    with Journal(folder) as kept:
        plan(kept, *(f"s{number}" for number in range(students)))
        for number in range(students):
            first = number - number % 100
            new = result(f"k{first}", bulky) if number == first else None
            kept.keep(hand_in(f"s{number}", f"k{first}", str(number)), new)
    command = [sys.executable, "-c", READING, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment(), check=True)
    assert len(list((folder / "reports").iterdir())) == 2 * students
    return int(done.stdout)


def test_memory_does_not_grow_with_the_class(tmp_path: Path) -> None:
    """Ten times as many students, 180 MB more of reports: a few MiB more memory."""
    assert peak_kib(tmp_path / "large", 2_000) - peak_kib(tmp_path / "small", 200) < 12 << 10


def test_one_batch_at_a_time(tmp_path: Path) -> None:
    """A second one is told who is there; when the first is gone, nothing of the lock is left."""
    with lock.held(tmp_path):
        imports = "from grader.batch.journal import lock; from pathlib import Path"
        theirs = f"{imports}; lock.held(Path({str(tmp_path)!r}))"
        command = [sys.executable, "-c", f"{theirs}.__enter__()"]
        second = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment())
        assert "another batch is at work" in second.stderr
        assert f"(process {os.getpid()})" in second.stderr
    assert list(tmp_path.iterdir()) == []
    with lock.held(tmp_path):
        pass


def test_what_a_killed_process_left_of_the_lock_is_taken_over(tmp_path: Path) -> None:
    """A lock file that nobody holds is no lock."""
    (tmp_path / LOCK).write_text("12345\n")
    with lock.held(tmp_path):
        assert (tmp_path / LOCK).read_text() != "12345\n"


def test_the_temporary_folder_of_a_killed_process_goes_with_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And no other: neither what lies elsewhere, nor what has another name, nor what a link leads to."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    results, theirs = tmp_path / "results", f"{lock.TEMPORARY}theirs"
    folders = [tmp_path / "tmp" / theirs, tmp_path / "tmp" / "mine", tmp_path / theirs]
    link = tmp_path / "tmp" / f"{lock.TEMPORARY}link"
    for folder in (results, *folders):
        (folder / "sub").mkdir(parents=True)
    link.symlink_to(folders[1])
    for left in (*folders, link):
        (results / LOCK).write_text(f"12345\n{left}")
        with lock.held(results, tmp_path / "tmp" / "new"):
            assert str(tmp_path / "tmp" / "new") in (results / LOCK).read_text()
    assert [(folder / "sub").exists() for folder in folders] == [False, True, True]
    assert link.is_symlink()
