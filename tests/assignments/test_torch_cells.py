"""GRUCell and LSTMCell in PyTorch's convention: what is special about calling and asking them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch

from grader import compare, discovery, engine, intake
from grader.cases import Spec
from grader.declaration import Loaded
from grader.records import Array, Arrays, Report, Suite

ROOT = Path(__file__).parents[2]
GRU_MODEL = (ROOT / "src/torch_gru_cell/hw3/gru_cell.py").read_text()
LSTM_MODEL = (ROOT / "src/torch_lstm_cell/hw3/lstm_cell.py").read_text()
OTHER_NAMES = {"brx": "bir", "bzx": "biz", "bnx": "bin", "brh": "bhr", "bzh": "bhz", "bnh": "bhn"}
# Inputs are rounded to six digits after they were held to the limits.
LARGEST_SIGMOID, LARGEST_TANH = Spec.LARGE_SIGMOID + 1e-3, Spec.LARGE_TANH + 1e-3


@cache
def known(name: str) -> Loaded:
    """Return the assignment, its suite drawn once for all tests of this module."""
    assignment = discovery.by_name(name, discovery.assignments())
    return replace(assignment, suites={key: cache(draw) for key, draw in assignment.suites.items()})


def suite(name: str, seed: int = 0) -> Suite:
    return known(name).suites["cells"](seed)


def grade(name: str, source: str, folder: Path) -> Report:
    """Return the report on a hand-in of one file, at the place that the statement names."""
    path = folder / known(name).wanted[0].path
    path.parent.mkdir()
    path.write_text(source)
    return engine.grade(folder, [known(name)], engine.Options())


def said(report: Report) -> str:
    return "\n".join(finding.message for finding in report.findings)


def with_other_names(source: str) -> str:
    """Return the source with the biases called as other terms call them: brx is bir, dbrx is dbir."""
    for ours, theirs in OTHER_NAMES.items():
        source = re.sub(rf"\b(d?){ours}\b", rf"\g<1>{theirs}", source)
    return source


def edited(source: str, old: str, new: str) -> str:
    assert old in source
    return source.replace(old, new)


def parameter(*arrays: Array) -> torch.nn.Parameter:
    return torch.nn.Parameter(torch.from_numpy(np.concatenate(arrays)))


def gradient(tensor: torch.Tensor) -> Array:
    assert tensor.grad is not None
    return tensor.grad.numpy()


def agree(expected: Arrays, found: Mapping[str, Array]) -> None:
    assert expected.keys() == found.keys()
    for name, array in expected.items():
        assert array.shape == found[name].shape, name
        assert np.abs(array - found[name]).max() <= 1e-12 * np.abs(found[name]).max(), name


# --- the truth


def test_what_is_true_of_a_gru_cell_is_what_torchs_own_says() -> None:
    """h_t and all fourteen gradients are those of a plain nn.GRUCell that was given the weights."""
    stacks = {
        "weight_ih": ("Wrx", "Wzx", "Wnx"),
        "weight_hh": ("Wrh", "Wzh", "Wnh"),
        "bias_ih": ("brx", "bzx", "bnx"),
        "bias_hh": ("brh", "bzh", "bnh"),
    }
    cells = suite("torch_gru_cell")
    for case, expected in zip(cells.cases, cells.expected, strict=True):
        given = case.inputs
        cell = torch.nn.GRUCell(given["x"].size, given["h_prev_t"].size, dtype=torch.float64)
        for name, names in stacks.items():
            setattr(cell, name, parameter(*(given[one] for one in names)))
        x, h = parameter(given["x"]), parameter(given["h_prev_t"])
        h_t = cell(x, h)
        h_t.backward(torch.from_numpy(given["delta"]))
        found = {"h_t": h_t.detach().numpy(), "dx": gradient(x), "dh": gradient(h)}
        for name, names in stacks.items():
            parts = np.split(gradient(getattr(cell, name)), 3)
            found |= {f"d{one}": part for one, part in zip(names, parts, strict=True)}
        agree(expected, found)


def test_what_is_true_of_an_lstm_cell_is_what_torchs_own_says() -> None:
    """h, c and all seven gradients, summed over the batch, are those of a plain nn.LSTMCell."""
    weights = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    cells = suite("torch_lstm_cell")
    for case, expected in zip(cells.cases, cells.expected, strict=True):
        given = case.inputs
        cell = torch.nn.LSTMCell(given["x"].shape[1], given["h"].shape[1], dtype=torch.float64)
        for name in weights:
            setattr(cell, name, parameter(given[name]))
        x, h, c = parameter(given["x"]), parameter(given["h"]), parameter(given["c"])
        state = cell(x, (h, c))
        torch.autograd.backward(state, [torch.from_numpy(given[name]) for name in ("dh_next", "dc_next")])
        found = dict(zip("hc", (one.detach().numpy() for one in state), strict=True))
        found |= {"dx": gradient(x), "dh": gradient(h), "dc": gradient(c)}
        found |= {f"d{name}": gradient(getattr(cell, name)) for name in weights}
        agree(expected, found)


# --- calling them


def test_the_biases_may_have_either_of_two_names(tmp_path: Path) -> None:
    """A class with bir, biz, bin, bhr, bhz, bhn is set and read by those names, for full points."""
    report = grade("torch_gru_cell", with_other_names(GRU_MODEL), tmp_path)
    assert report.score == 100


def test_a_missing_gradient_is_called_as_the_class_calls_it(tmp_path: Path) -> None:
    """Who has bir and forgets dbir reads of self.dbir, not of self.dbrx."""
    source = re.sub(r"\n +self\.dbir = .*", "", with_other_names(GRU_MODEL))
    report = grade("torch_gru_cell", source, tmp_path)
    failed = {
        one.name: one.message for problem in report.problems for one in problem.criteria if not one.passed
    }
    assert failed.keys() == {"dbrx"}
    assert "self.dbir was never set" in (failed["dbrx"] or "")


@pytest.mark.parametrize(("shape", "notices"), [("(self.h,)", 0), ("(1, self.h)", 1)])
def test_delta_is_handed_over_as_the_hand_in_takes_it(shape: str, notices: int, tmp_path: Path) -> None:
    """A backward that takes (hidden,) alone and one that takes (1, hidden) alone both get full points."""
    taken = f"assert delta.shape == {shape}\n        x, h = self.x, self.h_prev_t"
    report = grade("torch_gru_cell", edited(GRU_MODEL, "x, h = self.x, self.h_prev_t", taken), tmp_path)
    assert report.score == 100
    assert said(report).count("delta of shape (1, hidden), which is what it accepts") == notices


def test_what_is_not_returned_is_missed_alone(tmp_path: Path) -> None:
    """A backward that returns dx, dh and forgets dc loses dc, and is told what to return."""
    report = grade("torch_lstm_cell", edited(LSTM_MODEL, "return dx, dh, dc", "return dx, dh"), tmp_path)
    failed = {
        one.name: one.message for problem in report.problems for one in problem.criteria if not one.passed
    }
    assert failed.keys() == {"dc"}
    assert "backward must return dx, dh, dc, and returned 2 values" in (failed["dc"] or "")


def test_a_weight_is_held_to_its_shape_and_a_bias_to_its_numbers(tmp_path: Path) -> None:
    """The gradient of a bias may be a row, with a notice; that of a weight must be a matrix."""
    source = edited(LSTM_MODEL, "self.dbias_ih = da.sum(axis=0)", "self.dbias_ih = da.sum(axis=0)[None]")
    source = edited(source, "self.dweight_ih = da.T @ x", "self.dweight_ih = (da.T @ x)[None]")
    report = grade("torch_lstm_cell", source, tmp_path)
    failed = {
        one.name: one.reason for problem in report.problems for one in problem.criteria if not one.passed
    }
    assert failed == {"dweight_ih": "shape"}
    assert "dbias_ih has shape (1, 12), expected (12,): accepted" in said(report)


# --- recognising them


@pytest.mark.parametrize(
    ("path", "defines", "name"),
    [
        ("hw3/gru.py", "GRU_Cell", "gru_cell"),
        ("hw3/gru_cell.py", "GRU_Cell", "gru_cell"),
        ("final.py", "GRU_Cell", "gru_cell"),
        ("hw3/gru_cell.py", "GRUCell", "torch_gru_cell"),
        ("mytorch/gru_cell.py", "GRUCell", "torch_gru_cell"),
        ("gru_cell.py", "GRUCell", "torch_gru_cell"),
        ("hw3/gru.py", "GRUCell", "torch_gru_cell"),
        ("final.py", "GRUCell", "torch_gru_cell"),
        ("hw3/lstm_cell.py", "LSTMCell", "torch_lstm_cell"),
        ("hw3/lstm.py", "LSTMCell", "torch_lstm_cell"),
        ("final.py", "LSTMCell", "torch_lstm_cell"),
    ],
)
def test_the_class_tells_homeworks_with_the_same_file_apart(
    path: str, defines: str, name: str, tmp_path: Path
) -> None:
    """GRU_Cell and GRUCell are told apart in a file of either name, and of any."""
    file = tmp_path / path
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"import numpy as np\n\nclass {defines}(object):\n    pass\n")
    assert intake.recognise(intake.unpack(tmp_path), discovery.assignments()).name == name


# --- asking them


def test_batches_of_every_size_are_asked() -> None:
    """The LSTM's suite has batches of 1, 2, 3, 4 and 5 samples; most of them have several."""
    sizes = [case.inputs["x"].shape[0] for case in suite("torch_lstm_cell").cases]
    assert set(sizes) == {1, 2, 3, 4, 5}
    assert np.mean(np.array(sizes) > 1) > 0.5


@pytest.mark.parametrize("name", ["h", "c", "dx", "dh", "dc"])
def test_a_sample_is_held_to_its_own_scale(name: str) -> None:
    """An error that would be nothing for a large neighbour is one for a small sample."""
    problems = known("torch_lstm_cell").problems
    (output,) = [one for p in problems for check in p.calls for one in check.outputs if one.name == name]
    true = np.array([[1.0, 2.0], [1e-6, 2e-6]])
    off = true + np.array([[0, 0], [0, 1e-9]])  # half a thousandth of the second sample
    assert isinstance(compare.compare(output, true.copy(), true), compare.Match)
    assert isinstance(compare.compare(output, off, true), compare.Gap)


# Unheld, ordinary cases of seed 0 would exceed the limits in the GRU, and those of seed 5 in the LSTM.
@pytest.mark.parametrize("seed", [0, 5])
def test_the_largest_numbers_are_large_and_safe(seed: int) -> None:
    """Pre-activations come near their limits in some case and exceed them in none; the cell state too."""
    gru, lstm = suite("torch_gru_cell", seed), suite("torch_lstm_cell", seed)
    gates, candidates, cell_states = [], [], []
    for case in gru.cases:
        given = case.inputs
        a = {g: (_terms(given, g, "x"), _terms(given, g, "h")) for g in "rzn"}
        reset = 1 / (1 + np.exp(-sum(a["r"])))
        gates += [np.abs(sum(a["r"])).max(), np.abs(sum(a["z"])).max()]
        candidates.append(np.abs(a["n"][0] + reset * a["n"][1]).max())
    for case, expected in zip(lstm.cases, lstm.expected, strict=True):
        given = case.inputs
        a_x = given["x"] @ given["weight_ih"].T + given["bias_ih"]
        i, f, g, o = np.split(np.abs(a_x + given["h"] @ given["weight_hh"].T + given["bias_hh"]), 4, axis=1)
        gates += [i.max(), f.max(), o.max()]
        candidates.append(g.max())
        cell_states.append(np.abs(expected["c"]).max())
    assert 11 < max(gates) < LARGEST_SIGMOID
    assert 5 < max(candidates) < LARGEST_TANH
    assert 4 < max(cell_states) < LARGEST_TANH


def _terms(given: Arrays, gate: str, source: str) -> Array:
    vector = given["x"] if source == "x" else given["h_prev_t"]
    return given[f"W{gate}{source}"] @ vector + given[f"b{gate}{source}"]
