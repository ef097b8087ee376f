"""A course's secret keys the cases, each hand-in gets some of its own, and tables of answers fail."""

from __future__ import annotations

import base64
import hashlib
import json
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import shipped
from hypothesis import given
from hypothesis import strategies as st

from grader import cli, course, discovery, engine, secret
from grader.cases import Seed
from grader.declaration import Loaded
from grader.errors import UsageError
from grader.records import Arrays, Case, Report, Suite
from grader.report import autolab, json_report, text
from grader.secret import Secret

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "src" / "gru_cell"
OURS, THEIRS = Secret(b"a secret of this course"), Secret(b"the secret of another one")
GRADIENTS = ("dWrx", "dWrh", "dWzx", "dWzh", "dWx", "dWh")
CONTENT = hashlib.sha256(b"a hand-in").hexdigest()


@cache
def gru_cell() -> Loaded:
    found = discovery.by_name("gru_cell", discovery.assignments())
    return replace(found, suites={key: cache(draw) for key, draw in found.suites.items()})


def suite(key: Secret | None) -> Suite:
    """Return what everybody is asked."""
    seed = Seed(0) if key is None else key.seed("gru_cell", 0)
    return gru_cell().suites["cells"](seed)


def graded(hand_in: Path, key: Secret | None, seed: int = 0) -> Report:
    return engine.grade(hand_in, [gru_cell()], engine.Options(seed=seed, secret=key))


LOOKS_UP = """
import base64, hashlib
import numpy as np

TABLE = {table!r}

def key(*arrays):
    return hashlib.sha256(b"".join(np.ascontiguousarray(a).tobytes() for a in arrays)).hexdigest()[:16]

class GRU_Cell:
    def __init__(self, inputs, hidden):
        self.sizes = inputs, hidden

    def forward(self, x, h):
        self.found = np.frombuffer(base64.b64decode(TABLE.get(key(x, h), "")))
        if not self.found.size:
            self.found = np.zeros(10000)
        return self.found[: h.size]

    def backward(self, delta):
        inputs, hidden = self.sizes
        at = hidden
        for name in {gradients!r}:
            columns = inputs if name.endswith("x") else hidden
            setattr(self, name, self.found[at : at + hidden * columns].reshape(hidden, columns))
            at += hidden * columns
        return self.found[at : at + inputs], self.found[at + inputs : at + inputs + hidden]
"""


def looks_up(folder: Path, known: Sequence[tuple[Case, Arrays]]) -> Path:
    """Return a hand-in that knows the answers to these cases, and computes nothing."""
    table = {}
    for case, true in known:
        inputs = case.inputs["x"].tobytes() + case.inputs["h"].tobytes()
        answers = np.concatenate([true[name].ravel() for name in ("h", *GRADIENTS, "dx", "dh")])
        table[hashlib.sha256(inputs).hexdigest()[:16]] = base64.b64encode(answers.tobytes()).decode()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "gru.py"
    path.write_text(LOOKS_UP.format(table=table, gradients=GRADIENTS))
    return path


def everything(asked: Suite) -> list[tuple[Case, Arrays]]:
    return list(zip(asked.cases, asked.expected, strict=True))


def test_a_table_of_the_public_answers_earns_nothing_from_a_course(tmp_path: Path) -> None:
    """Without a secret the answers can be written down; with one, no case is the same."""
    hand_in = looks_up(tmp_path, everything(suite(None)))
    assert graded(hand_in, None).score == 100
    assert graded(hand_in, OURS).score == 0


def test_a_table_of_another_courses_answers_earns_nothing(tmp_path: Path) -> None:
    """What one course is asked says nothing of another's."""
    more = [suite(THEIRS).pool[at] for at in range(60)]
    assert graded(looks_up(tmp_path, [*everything(suite(THEIRS)), *more]), OURS).score == 0


def test_a_table_of_what_a_class_was_asked_fails_on_the_cases_of_its_own(tmp_path: Path) -> None:
    """Who sees all that everybody is asked, and all of 40 others' own cases, still lacks some of theirs."""
    asked = suite(OURS)
    others = [hashlib.sha256(b"%d" % number).hexdigest() for number in range(40)]
    positions = {
        at for other in others for at in OURS.chosen("gru_cell", 0, other, asked.chosen, len(asked.pool))
    }
    hand_in = looks_up(tmp_path, [*everything(asked), *(asked.pool[at] for at in sorted(positions))])
    report = graded(hand_in, OURS)
    assert report.score == 0
    first = report.problems[0].criteria[0]
    # It is right in all that everybody is asked, and wrong only among the cases of its own.
    assert first.message is not None
    failing = int(first.message.split("in ")[1].split(" of ")[0])
    assert 0 < failing <= asked.chosen


@given(st.integers(1, 4095))
def test_the_chance_of_a_table_is_the_one_that_is_stated(known: int) -> None:
    """Of a pool of which a part c is known, all chosen cases are among the known with a chance below c**8."""
    size, chosen = 4096, 16
    chance = np.prod([max(known - i, 0) / (size - i) for i in range(chosen)])
    assert chance <= (known / size) ** 8


def test_a_right_hand_in_gets_full_points_with_any_secret() -> None:
    """Whatever cases a secret draws, they are safe to ask."""
    for number in range(3):
        assert graded(MODEL, Secret(b"secret number %20d" % number)).score == 100


def test_the_same_hand_in_gives_the_same_bytes_in_every_form(tmp_path: Path) -> None:
    """Folder and zip are one content: they are asked the same cases, and so are two gradings."""
    with zipfile.ZipFile(tmp_path / "handin.zip", "w") as archive:
        archive.write(MODEL / "hw3" / "gru.py", "hw3/gru.py")
    reports = [graded(MODEL, OURS), graded(MODEL, OURS), graded(tmp_path / "handin.zip", OURS)]
    reports = [replace(report, hand_in="", findings=()) for report in reports]
    assert len({json_report.render(report) for report in reports}) == 1


def test_reports_name_neither_the_secret_nor_a_courses_seed(tmp_path: Path) -> None:
    """Every report has the suite's digest; only the public seed is named, which is anybody's."""
    wrong = shipped.wrong("gru_cell/backward/accumulator_for_weight")
    for hand_in in (MODEL, wrong):
        report = graded(hand_in, OURS, seed=7_654_321)
        drawn = str(int(OURS.seed("gru_cell", 7_654_321)))
        for rendered in (
            text.render(report),
            json_report.render(report),
            autolab.render(report),
        ):
            assert "7654321" not in rendered.replace(",", "")
            assert drawn not in rendered
            assert OURS.key.decode() not in rendered
        assert report.suite is not None
        assert json.loads(json_report.render(report))["suite"]["sha256"] == report.suite
    assert graded(MODEL, None).seed == 0
    assert graded(MODEL, None, seed=7).seed is None


def test_the_digest_tells_secrets_and_seeds_apart() -> None:
    """What a batch keys its results by: another secret, or another seed, is another suite."""
    options = [
        engine.Options(),
        engine.Options(secret=OURS),
        engine.Options(secret=THEIRS),
        engine.Options(secret=OURS, seed=1),
    ]
    digests = {engine.Grader([gru_cell()], one).suite_digest(gru_cell()) for one in options}
    assert len(digests) == len(options)


@given(st.text("0123456789abcdef", min_size=64, max_size=64), st.integers(1, 16))
def test_what_is_chosen_is_distinct_and_within_the_pool(content: str, count: int) -> None:
    """As many different positions as are wanted, the same ones each time."""
    chosen = OURS.chosen("gru_cell", 0, content, count, 4096)
    assert len(set(chosen)) == count
    assert list(chosen) == sorted(chosen)
    assert all(0 <= at < 4096 for at in chosen)
    assert chosen == OURS.chosen("gru_cell", 0, content, count, 4096)
    assert OURS.chosen("gru_cell", 0, content, 9, 5) == (0, 1, 2, 3, 4)


def test_other_contents_are_asked_other_cases() -> None:
    """Over many hand-ins every part of a pool is asked about as often as any other."""
    contents = [hashlib.sha256(b"%d" % number).hexdigest() for number in range(500)]
    chosen = [OURS.chosen("gru_cell", 0, content, 16, 4096) for content in contents]
    assert len(set(chosen)) == len(contents)
    quarters = np.histogram(np.concatenate([np.array(one) for one in chosen]), bins=4, range=(0, 4096))[0]
    assert quarters.min() > 1700
    assert THEIRS.chosen("gru_cell", 0, CONTENT, 16, 4096) != OURS.chosen("gru_cell", 0, CONTENT, 16, 4096)


def test_corners_are_everybodys() -> None:
    """The fixed part holds the corner shapes; with the cases of one's own there are as many as without."""
    public, keyed = suite(None), suite(OURS)
    assert [case.label for case in keyed.cases[:13]] == [case.label for case in public.cases[:13]]
    assert len(keyed.cases) + keyed.chosen == len(public.cases)
    mine = keyed.with_chosen(OURS.chosen("gru_cell", 0, CONTENT, keyed.chosen, len(keyed.pool)))
    assert mine.cases[: len(keyed.cases)] == keyed.cases
    assert len(mine.cases) == len(mine.expected) == len(public.cases)


@pytest.mark.parametrize("content", [b"", b"short", b" " * 40, b"x" * 5000])
def test_what_is_no_secret_is_refused_without_being_repeated(content: bytes, tmp_path: Path) -> None:
    """Too short or too long: the message says how to make one, and nothing of what was there."""
    path = tmp_path / "key"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="must hold a secret of 16 to 4,096 bytes") as raised:
        secret.read(path)
    assert not content.strip() or content.decode().strip() not in str(raised.value)


def test_a_secret_that_cannot_be_read_is_wrong_usage(tmp_path: Path) -> None:
    """The path and the reason are named."""
    with pytest.raises(UsageError, match=r"the secret .*nowhere cannot be read: No such file"):
        secret.read(tmp_path / "nowhere")


def test_the_file_is_found_beside_course_toml(tmp_path: Path) -> None:
    """A path in course.toml leads from there, wherever cellgrade is started."""
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "key").write_bytes(OURS.key + b"\n")
    (tmp_path / "course.toml").write_text('secret_file = "keys/key"\n')
    settings = course.read(tmp_path / "course.toml")
    assert settings.secret_file is not None
    assert secret.read(Path(settings.secret_file)) == OURS


def test_the_environment_goes_first_and_is_emptied(monkeypatch: pytest.MonkeyPatch) -> None:
    """No process that we start inherits the secret."""
    monkeypatch.setenv(secret.VARIABLE, THEIRS.key.decode())
    assert secret.from_environment() == THEIRS
    assert secret.from_environment() is None


def test_the_command_grades_with_the_secret(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the environment and by course.toml, the same suite; without, the public one."""
    (tmp_path / "key").write_bytes(OURS.key)
    (tmp_path / "course.toml").write_text('assignment = "gru_cell"\nsecret_file = "key"\n')

    def digest(*options: str) -> str:
        assert cli.main(["grade", str(MODEL), "--assignment", "gru_cell", "--format", "json", *options]) == 0
        return str(json.loads(capsys.readouterr().out)["suite"]["sha256"])

    public = digest()
    keyed = digest("--course", str(tmp_path / "course.toml"))
    monkeypatch.setenv(secret.VARIABLE, OURS.key.decode())
    assert digest() == keyed != public
    (tmp_path / "key").write_bytes(b"short")
    assert cli.main(["grade", str(MODEL), "--course", str(tmp_path / "course.toml")]) == 2


def test_a_secret_shows_nothing_of_itself() -> None:
    """What is printed of the options, as in a traceback, is no way to it."""
    assert "secret of this" not in repr(engine.Options(secret=OURS))
