"""The suite that every student gets: the same for everyone, safe to ask, and true."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import discovery, suite
from grader.cases import MAX_SIZE, Ranges, Seed, Spec
from grader.errors import GraderError
from grader.records import Array, Arrays, Case, Suite
from grader.suite import Recipe, digest, draw, rounded

ROOT = Path(__file__).parents[2]
DEFAULT_SEED = 0
SEEDS = [DEFAULT_SEED, 1, 20_190_401]

# What the students of a course get. A change here is a change of the homework: new hand-ins are asked other
# questions than old ones. It needs a word in the release notes.
GRU_CELL_SUITE = "2059c727b089a16808c386d070b12bb67af60ac327cf2768f5c50bc33c404b97"

# Draws the same inputs without torch, which is there for the truths alone.
DRAW = """
import sys
from grader import discovery, suite
from grader.cell.derived import derived
from grader.cell.filling import filling
[gru_cell] = [one for one in discovery.assignments() if one.name == "gru_cell"]
inputs = filling(derived(gru_cell.folder, sys.modules["cellgrade_assignment_gru_cell"].CELL))
def same(arrays): return {"x": arrays["x"]}
print(suite.draw(suite.Recipe(inputs, same, same, 64), 0).sha256)
"""


@cache
def gru_cell(seed: int) -> Suite:
    assignment = discovery.by_name("gru_cell", discovery.assignments())
    return assignment.suites["cells"](seed)


def drawn_in_a_fresh_process(
    code: str = DRAW, *options: str, cwd: Path = ROOT, variables: Mapping[str, str] = MappingProxyType({})
) -> str:
    done = subprocess.run(
        [sys.executable, *options, "-c", code],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": f"{cwd}{os.pathsep}{ROOT}", **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_default_suite_is_pinned() -> None:
    """Everyone's suite is the one that this repository names; no change of code changes it unseen."""
    assert gru_cell(DEFAULT_SEED).sha256 == GRU_CELL_SUITE
    assert gru_cell(DEFAULT_SEED).seed == DEFAULT_SEED


@pytest.mark.parametrize(
    ("options", "variables"),
    [
        ((), {"PYTHONHASHSEED": "7"}),
        (("-O",), {"CI": "true"}),
        # A processor without AVX: NumPy and OpenBLAS fall back on other code, whose last bits differ.
        ((), {"NPY_DISABLE_CPU_FEATURES": "X86_V4 X86_V3", "OPENBLAS_CORETYPE": "Prescott"}),
    ],
    ids=["another hash seed", "asserts off", "an old processor"],
)
def test_the_suite_is_the_same_everywhere(options: tuple[str, ...], variables: Mapping[str, str]) -> None:
    """Other variables, other options of Python and another processor draw the same numbers."""
    assert drawn_in_a_fresh_process(DRAW, *options, variables=variables) == GRU_CELL_SUITE


def test_what_else_is_imported_changes_nothing(tmp_path: Path) -> None:
    """Local modules full of numbers, which Hypothesis likes to draw from, leave the suite alone."""
    (tmp_path / "odd_local_module.py").write_text(f"ODD = [3, 5, *{[1_000_003 * n for n in range(60)]}]\n")
    assert drawn_in_a_fresh_process("import odd_local_module\n" + DRAW, cwd=tmp_path) == GRU_CELL_SUITE


def test_drawing_leaves_no_file_behind(tmp_path: Path) -> None:
    """Hypothesis stores nothing where cellgrade is run, which may be a folder that cannot be written to."""
    drawn_in_a_fresh_process(cwd=tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("seed", SEEDS)
def test_a_suite_has_64_different_cases(seed: int) -> None:
    """No case is asked twice, with the same numbers or with the same seed and label."""
    cases = gru_cell(seed).cases
    assert len(cases) == len(gru_cell(seed).expected) == 64
    assert len({digest([replace(case, seed=0, label="")]) for case in cases}) == 64
    assert len({(case.seed, case.label) for case in cases}) == 64


def test_seeds_give_different_suites() -> None:
    """An instructor's seed changes the questions: no two suites share a case's numbers."""
    assert len({gru_cell(seed).sha256 for seed in SEEDS}) == len(SEEDS)
    numbers = [digest([replace(case, seed=0)]) for seed in SEEDS for case in gru_cell(seed).cases]
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_corners_come_first(seed: int) -> None:
    """1x1, all orders of sizes, vanishing gradients, zero state, strides, two cells: among the first 13."""
    first = gru_cell(seed).cases[:13]
    labels = [case.label for case in first]
    for wanted in (
        "input 1, hidden 1",
        "input 5, hidden 2",
        "input 4, hidden 4",
        "input 1, hidden 4",
        "input 4, hidden 1",
        "input 3, hidden 2, small weights",
        "input 3, hidden 2, small delta",
        "input 3, hidden 2, zero state",
        "input 3, hidden 2, large pre-activations",
        "input 3, hidden 4, non-contiguous arrays",
        "input 4, hidden 3, two cells at once",
    ):
        assert wanted in labels
    assert labels[0] == "input 2, hidden 3"
    assert [case.strided for case in first] == ["non-contiguous" in label for label in labels]
    assert [case.interleaved for case in first] == ["two cells" in label for label in labels]


@pytest.mark.parametrize("seed", SEEDS)
def test_sizes_are_those_of_the_arrays(seed: int) -> None:
    """A case's sizes and label are those of its arrays, which are float64."""
    for case in gru_cell(seed).cases:
        hidden, inputs = case.inputs["Wzx"].shape
        assert case.sizes == {"input": inputs, "hidden": hidden}
        assert case.label.startswith(f"input {inputs}, hidden {hidden}")
        assert {array.dtype for array in case.inputs.values()} == {np.dtype(np.float64)}
        assert case.inputs["x"].shape == (inputs,)
        assert case.inputs["h"].shape == case.inputs["delta"].shape == (hidden,)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_pre_activation_is_beyond_where_right_answers_part(seed: int) -> None:
    """Sigmoids are asked within 12 and tanh within 6, and some case goes near both limits."""
    sigmoid, tanh = zip(*(pre_activations(case.inputs) for case in gru_cell(seed).cases), strict=True)
    assert 11 < max(sigmoid) <= 12
    assert 5 < max(tanh) <= 6


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_expected_is_true(seed: int) -> None:
    """h_t and, by complex steps, all eight gradients agree with the equations written in NumPy."""
    rng = np.random.default_rng(seed)
    for case, expected in zip(gru_cell(seed).cases, gru_cell(seed).expected, strict=True):
        np.testing.assert_allclose(forward(case.inputs), expected["h"], rtol=1e-12)
        for name in ("Wzh", "Wzx", "Wrh", "Wrx", "Wh", "Wx", "x", "h"):
            gradient = expected[f"d{name}"]
            assert gradient.shape == case.inputs[name].shape
            direction = rng.standard_normal(gradient.shape)
            nudged = {**case.inputs, name: case.inputs[name] + 1e-30j * direction}
            slope = (forward(nudged).imag / 1e-30) @ case.inputs["delta"]
            scale = np.abs(gradient * direction).sum()
            assert abs((gradient * direction).sum() - slope) <= 1e-10 * scale


@pytest.mark.parametrize("regime", ["small delta", "small weights"])
def test_vanishing_gradients_vanish_and_are_not_zero(regime: str) -> None:
    """Where gradients vanish, those by the inputs are there, and too small for a constant tolerance."""
    [at] = [i for i, c in enumerate(gru_cell(0).cases[:13]) if c.label.endswith(regime)]
    expected = gru_cell(0).expected[at]
    names = [name for name in expected if name != "h"] if regime == "small delta" else ["dx"]
    for name in names:
        assert 0 < np.abs(expected[name]).max() < (1e-7 if regime == "small delta" else 1e-3)


def pre_activations(arrays: Arrays) -> tuple[float, float]:
    """Return the largest that goes into a sigmoid, and into the tanh."""
    a = arrays
    gates = [a["Wzx"] @ a["x"] + a["Wzh"] @ a["h"], a["Wrx"] @ a["x"] + a["Wrh"] @ a["h"]]
    candidate = a["Wx"] @ a["x"] + a["Wh"] @ (a["h"] / (1 + np.exp(-gates[1])))
    return float(np.abs(gates).max()), float(np.abs(candidate).max())


def forward(a: Arrays) -> Array:
    """Return the statement's Eq. (1) to (4), also for complex numbers."""
    z = 1 / (1 + np.exp(-(a["Wzh"] @ a["h"] + a["Wzx"] @ a["x"])))
    r = 1 / (1 + np.exp(-(a["Wrh"] @ a["h"] + a["Wrx"] @ a["x"])))
    n = np.tanh(a["Wh"] @ (r * a["h"]) + a["Wx"] @ a["x"])
    new: Array = (1 - z) * a["h"] + z * n
    return new


# A recipe of few cases, to see what `draw` does with truths.


def filled(_: Spec, rng: np.random.Generator) -> Arrays:
    return {"x": rng.standard_normal(3)}


def doubled(arrays: Arrays) -> Arrays:
    return {"y": 2 * arrays["x"]}


def test_a_case_on_which_right_formulations_part_is_not_asked() -> None:
    """Where two formulations differ by more than 1e-9 of the array's largest value, the case is left out."""
    whole = draw(Recipe(filled, doubled, doubled, 10), 0)
    skipped = whole.cases[3].inputs["x"]

    def off(arrays: Arrays, by: float) -> Arrays:
        wrong = np.array_equal(arrays["x"], skipped)
        return {"y": 2 * arrays["x"] + wrong * by * np.abs(2 * arrays["x"]).max()}

    a_little = draw(Recipe(filled, doubled, lambda arrays: off(arrays, 0.9e-9), 10), 0)
    too_far = draw(Recipe(filled, doubled, lambda arrays: off(arrays, 1.1e-9), 10), 0)
    assert a_little.sha256 == whole.sha256
    assert [case.label for case in too_far.cases[:9]] == [
        case.label for i, case in enumerate(whole.cases) if i != 3
    ]
    assert len(too_far.cases) == 10


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_truth_that_is_not_finite_is_not_asked(value: float) -> None:
    """NaN or infinity as a truth would fail every student: our fault, and said so."""
    with pytest.raises(GraderError, match="seed 0 gives 0 cases that are safe to ask, 5 are needed"):
        draw(Recipe(filled, lambda _: {"y": np.full(2, value)}, lambda _: {"y": np.full(2, value)}, 5), 0)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=6))
def test_rounding_keeps_six_digits(numbers: list[float]) -> None:
    """A rounded number is one that a person can copy, and within five millionths of itself."""
    array = np.array(numbers).reshape(1, -1)
    once = rounded(array)
    assert once.shape == array.shape
    assert np.array_equal(rounded(once), once)
    assert all(float(f"{entry:.6g}") == entry for entry in once.ravel())
    with np.errstate(over="ignore"):
        assert np.all(np.abs(once / 2 - array / 2) <= 2.6e-6 * np.abs(array) + 5e-324)


def test_every_input_has_six_digits() -> None:
    """What a report shows of a case is the case: no digit is hidden."""
    for case in gru_cell(0).cases:
        for array in case.inputs.values():
            assert np.array_equal(rounded(array), array)


def test_the_digest_covers_what_a_student_is_handed() -> None:
    """Any change of a case changes the digest; the order in which its arrays were made does not."""
    case = Case("label", 1, {"a": np.array([1.0, 2.0]), "b": np.array([[3.0]])})
    changes = [
        replace(case, label="other"),
        replace(case, seed=2),
        replace(case, strided=True),
        replace(case, interleaved=True),
        replace(case, inputs={**case.inputs, "a": np.array([1.0, 2.00001])}),
        replace(case, inputs={**case.inputs, "a": np.array([[1.0, 2.0]])}),
        replace(case, inputs={"a": case.inputs["a"], "c": case.inputs["b"]}),
    ]
    assert len({digest([changed]) for changed in [case, *changes]}) == len(changes) + 1
    assert digest([case, case]) != digest([case])
    assert digest([replace(case, inputs=dict(reversed(list(case.inputs.items()))))]) == digest([case])


def test_the_digest_does_not_depend_on_the_last_bits_of_what_is_computed() -> None:
    """A cache that torch computes has other last bits on another processor, or elsewhere in memory."""
    entries = np.random.default_rng(0).normal(size=1000)
    here, there = (Case("label", 1, {"cache": one}) for one in (entries, np.nextafter(entries, np.inf)))
    assert digest([here]) == digest([there])


def test_agreement_is_far_below_what_a_student_is_granted() -> None:
    """Right formulations agree a thousand times better than the comparison asks of a student."""
    from grader.slices import TOLERANCE

    assert pytest.approx(TOLERANCE / 1000) == suite.AGREEMENT


@pytest.mark.parametrize("keyed", [False, True])
def test_a_seed_may_ask_for_larger_cases(keyed: bool) -> None:
    """So many times the usual sizes, in every part that is drawn of it; what is fixed stays as it is."""
    recipe = Recipe(filled, doubled, doubled, 40, Ranges(hidden=(3, 3)))
    usual, larger = (draw(recipe, Seed(5, keyed, scale).derived("part")) for scale in (1, 3))
    assert max(case.sizes["input"] for case in usual.cases) == MAX_SIZE
    assert MAX_SIZE < max(case.sizes["input"] for case in larger.cases) <= 3 * MAX_SIZE
    assert {case.sizes["hidden"] for case in (*usual.cases, *larger.cases)} == {3}
