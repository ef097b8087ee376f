"""What cases look like before their arrays are filled: corners, labels, and one drawing for everyone."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader import cases, reproducible
from grader.cases import Ranges, Regime, Spec, specs

ROOT = Path(__file__).parents[2]
SEEDS = [0, 1, 20_190_401, 2**40]
SEED_0 = list(specs(0, drawn=128))
NUMBERS = np.random.default_rng(0)

DRAW_NUMBERS = """
import importlib, sys
importlib.import_module(sys.argv[2])
from hypothesis import given, seed, settings, strategies
from grader import reproducible
@seed(0)
@settings(backend=sys.argv[1], max_examples=200, database=None)
@given(strategies.integers(0, 2**32 - 1))
def collect(number):
    print(number)
collect()
"""

any_spec = st.builds(
    Spec,
    input=st.integers(1, 8),
    hidden=st.integers(1, 8),
    regime=st.sampled_from(Regime),
    strided=st.booleans(),
    interleaved=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)


@pytest.mark.parametrize("seed", SEEDS)
def test_corners_are_always_there(seed: int) -> None:
    """Whatever the seed: 1x1, more, fewer, as many inputs as hidden units; each regime; layout; two cells."""
    corners = list(specs(seed, drawn=1))[:13]
    sizes = {(spec.input, spec.hidden) for spec in corners}
    assert (1, 1) in sizes
    assert {np.sign(inputs - hidden) for inputs, hidden in sizes - {(1, 1)}} == {-1, 0, 1}
    assert any(inputs == 1 < hidden for inputs, hidden in sizes)
    assert any(hidden == 1 < inputs for inputs, hidden in sizes)
    assert {spec.regime for spec in corners} == set(Regime)
    assert any(spec.strided for spec in corners)
    assert any(spec.interleaved for spec in corners)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_first_case_tells_shapes_apart(seed: int) -> None:
    """The case that forms are probed on has two sizes that differ, both above 1, and nothing special."""
    first = next(specs(seed, drawn=1))
    assert min(first.input, first.hidden) >= 2
    assert first.input != first.hidden
    assert (first.regime, first.strided, first.interleaved) == (Regime.ORDINARY, False, False)


def test_a_corner_has_but_one_thing_that_is_special() -> None:
    """A corner that fails says why: its sizes, its regime, its layout, its second cell, never two of them."""
    for spec in SEED_0[:13]:
        assert (spec.regime is not Regime.ORDINARY) + spec.strided + spec.interleaved <= 1


@pytest.mark.parametrize("seed", SEEDS)
def test_no_case_is_asked_twice(seed: int) -> None:
    """Every case has numbers of its own, and few are special in the same way."""
    drawn = list(specs(seed, drawn=128))
    assert len(drawn) == 13 + 128
    assert len({spec.seed for spec in drawn}) == len(drawn)
    assert len({replace(spec, seed=0) for spec in drawn}) > 100


def test_the_drawn_cases_are_mixed() -> None:
    """What is drawn beyond the corners has all sizes, all regimes, and each layout often."""
    drawn = SEED_0[13:]
    assert {spec.input for spec in drawn} == {spec.hidden for spec in drawn} == set(range(1, 9))
    assert {spec.regime for spec in drawn} == set(Regime)
    for kind in ("strided", "interleaved"):
        assert 0.2 < np.mean([getattr(spec, kind) for spec in drawn]) < 0.8


def test_the_same_seed_gives_the_same_cases() -> None:
    """Drawing again in the same process gives the same specifications."""
    assert list(specs(0, drawn=128)) == SEED_0


def test_another_seed_gives_other_numbers() -> None:
    """Whoever knows the cases of one seed knows none of another's."""
    seeds = [spec.seed for seed in SEEDS for spec in specs(seed, drawn=20)]
    assert len(set(seeds)) == len(seeds)
    labels = [[spec.label() for spec in specs(seed, drawn=20)][13:] for seed in SEEDS]
    assert all(one != another for i, one in enumerate(labels) for another in labels[:i])


@settings(max_examples=3, suppress_health_check=[HealthCheck.nested_given])
@given(st.data())
def test_drawing_works_inside_a_hypothesis_test(data: st.DataObject) -> None:
    """A test that is itself driven by Hypothesis draws the same cases."""
    data.draw(st.integers())
    assert list(specs(0, drawn=128)) == SEED_0


def test_the_backend_draws_the_same_whatever_is_imported(tmp_path: Path) -> None:
    """Numbers in local modules change what Hypothesis draws by itself, and nothing with our backend."""
    (tmp_path / "odd_local_module.py").write_text(f"ODD = {[1_000_003 * n for n in range(60)]}\n")
    script = tmp_path / "draw.py"
    script.write_text(DRAW_NUMBERS)

    def drawn(backend: str, module: str) -> str:
        done = subprocess.run(
            [sys.executable, script, backend, module],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    assert drawn("hypothesis", "math") != drawn("hypothesis", "odd_local_module")
    assert drawn(reproducible.BACKEND, "math") == drawn(reproducible.BACKEND, "odd_local_module")


def test_a_profile_of_hypothesis_changes_nothing() -> None:
    """Whoever runs Hypothesis with settings of their own (CI does) draws the same cases."""
    settings.register_profile("odd", max_examples=3, derandomize=True, backend="hypothesis", phases=())
    before = settings.get_current_profile_name()
    settings.load_profile("odd")
    try:
        assert list(specs(0, drawn=128)) == SEED_0
    finally:
        settings.load_profile(before)


@given(any_spec)
def test_a_label_says_all_that_is_special(spec: Spec) -> None:
    """A label names both sizes, the regime unless it is ordinary, the layout and whether two are at work."""
    assert spec.label().startswith(f"input {spec.input}, hidden {spec.hidden}")
    assert (spec.regime.value in spec.label()) == (spec.regime is not Regime.ORDINARY)
    assert ("non-contiguous arrays" in spec.label()) == spec.strided
    assert ("two cells at once" in spec.label()) == spec.interleaved


def test_a_label_is_words() -> None:
    """A student reads what a case is."""
    spec = Spec(3, 2, Regime.SMALL_DELTA, strided=True, interleaved=True, seed=5)
    assert spec.label() == "input 3, hidden 2, small delta, non-contiguous arrays, two cells at once"
    assert (
        Spec(1, 1, Regime.ORDINARY, strided=False, interleaved=False, seed=5).label() == "input 1, hidden 1"
    )


@given(any_spec)
def test_a_regime_is_what_it_is_called(spec: Spec) -> None:
    """Small weights and deltas are small by orders of magnitude, a zero state is zero, no other is."""
    rng = np.random.default_rng(spec.seed)
    weight, state, delta = spec.weight(rng, 8, 8), spec.state(rng, 64), spec.delta(rng, 64)
    assert (weight.shape, state.shape, delta.shape) == ((8, 8), (64,), (64,))
    assert (np.abs(weight).max() < 1e-3) == (spec.regime is Regime.SMALL_WEIGHTS)
    assert (np.abs(delta).max() < 1e-7) == (spec.regime is Regime.SMALL_DELTA)
    assert (not state.any()) == (spec.regime is Regime.ZERO_STATE)
    assert np.abs(state).max() < 1
    assert weight.any(axis=1).all()
    assert delta.all()


def test_a_vanishing_gradient_is_below_any_constant_floor() -> None:
    """A comparison with a floor of 1e-6 would take a zero for these gradients."""
    assert cases.DELTA_SMALL < 1e-7
    small = replace(SEED_0[0], regime=Regime.SMALL_DELTA)
    assert 0 < np.abs(small.delta(NUMBERS, 1_000)).max() < 1e-7


RANGES = Ranges(input=(1, 4), hidden=(1, 5), batch=(1, 3), steps=(1, 6))


def test_sizes_keep_to_their_ranges() -> None:
    """Every case of an assignment with batches and steps has sizes that it declares, and no other."""
    for spec in specs(0, 40, RANGES):
        assert 1 <= spec.input <= 4
        assert 1 <= spec.hidden <= 5
        assert 1 <= spec.batch <= 3
        assert 1 <= spec.steps <= 6
        assert spec.outputs == 1
        assert set(spec.sizes(RANGES)) == {"input", "hidden", "batch", "steps"}


def test_a_single_step_and_a_single_sample_are_always_asked() -> None:
    """The corners hold one step, one sample and two of each, whatever Hypothesis draws."""
    corners = list(specs(0, 1, RANGES))[:-1]
    assert {spec.steps for spec in corners} >= {1, 2}
    assert {spec.batch for spec in corners} >= {1, 2}


def test_a_label_names_the_sizes_that_there_are() -> None:
    """A student reads batch and steps where the assignment has them."""
    assert next(specs(0, 1, RANGES)).label(RANGES) == "input 2, hidden 3, batch 3, steps 5"
