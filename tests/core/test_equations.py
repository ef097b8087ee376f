"""A statement's equations: read, sized, evaluated, gone back through; what is no equation, with its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.equations import program, reading, through_time, values, way_back
from grader.equations.algebra import added, negative, product, times
from grader.equations.grammar import NotInTheGrammarError, equation
from grader.equations.nodes import (
    Applied,
    Function,
    Hadamard,
    Letter,
    Node,
    Number,
    OverTime,
    Product,
    Slope,
    Stacked,
    Transposed,
)
from grader.equations.printing import text
from grader.equations.program import Program
from grader.equations.way_back import WayBack
from grader.errors import EquationError
from grader.records import Array

ROOT = Path(__file__).parents[2]

# --- the grammar


NAMES = st.sampled_from(["x", "h", "Wzh", "W_f", "h′", "c̃", "a⟨t−1⟩", "b"])
ATOMS = st.one_of(NAMES.map(Letter), st.just(Number(1.0)), NAMES.map(lambda name: Transposed(Letter(name))))


def bigger(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(inner, min_size=2, max_size=3)
    return st.one_of(
        several.map(lambda nodes: added(*nodes)),
        several.map(lambda nodes: times(*nodes)),
        several.map(lambda nodes: Stacked(tuple(nodes))),
        st.builds(lambda left, right: added(left, negative(right)), inner, inner),
        st.builds(product, NAMES.map(Letter), inner.filter(lambda node: not isinstance(node, Number))),
        st.builds(Applied, st.sampled_from(Function), inner),
    )


@given(st.recursive(ATOMS, bigger, max_leaves=8))
@settings(max_examples=200, deadline=None, database=None)
def test_what_is_printed_is_read_as_the_same(node: Node) -> None:
    """Any expression of the grammar, printed and read again, is itself."""
    assert text(equation(f"y = {text(node)}")[1]) == text(node)


@given(st.text(alphabet="zWh σtanh()[];⊙+−-=′ᵀ12·/$⟨⟩", max_size=24))
@settings(max_examples=300, deadline=None, database=None)
def test_whatever_is_no_equation_is_refused_at_one_of_its_characters(line: str) -> None:
    """Nothing but NotInTheGrammarError is raised, and its place is within the line."""
    at = 0
    try:
        equation(line)
    except NotInTheGrammarError as error:
        at = error.at
    assert 0 <= at <= len(line)


def test_operations_bind_as_in_the_statements() -> None:
    """A matrix product binds tighter than ⊙, ⊙ tighter than + and −, and a product goes from the right."""
    right = equation("n = tanh(Wnx x + bnx + r ⊙ (Wnh h + bnh))")[1]
    assert text(right) == "tanh(Wnx x + bnx + r ⊙ (Wnh h + bnh))"
    assert equation("y = U V x")[1] == Product(Letter("U"), Product(Letter("V"), Letter("x")))
    assert equation("y = r ⊙ W x")[1] == Hadamard((Letter("r"), Product(Letter("W"), Letter("x"))))
    assert equation("[W_i; W_f] = weight_ih")[0] == ("W_i", "W_f")
    assert equation("h' = a - b") == equation("h′ = a − b")
    assert equation("h = W x⁽ⁱ⁾") == equation("h = W x")
    assert equation("h⟨t⟩ = U h⟨t-1⟩")[1] == Product(Letter("U"), Letter("h⟨t−1⟩"))


@pytest.mark.parametrize(
    ("line", "column", "says"),
    [
        ("z  = relu(W x)", 10, "no function relu here, only σ, tanh and softmax"),
        ("z  = σ W x", 12, "'(' is expected behind σ"),
        ("z  = σ(W x", 15, "')' is expected at the end of σ( ), not 'the end of the line'"),
        ("z  = W x / 2", 14, "'/' is not known"),
        ("z  = W x²", 13, "'²' is not known"),
        ("z  = W x +", 15, "a letter, a number or a bracket is expected"),
        ("z  = [h x", 14, "']' is expected at the end of what is stacked"),
        ("z  = (W x) )", 16, "')' does not belong here"),
        ("z x  = W x", 7, "'=' is expected behind what the equation defines"),
        ("z  = a⟨t+2⟩", 12, "a step is one of t, t−1, t+1, 0, 1, T, not 't+2'"),
        ("σ  = W x", 5, "a letter is expected, not 'σ'"),
    ],
)
def test_what_is_no_equation_is_named_by_file_line_and_column(line: str, column: int, says: str) -> None:
    """The message begins with the place in the statement, and says what is known in its stead."""
    statement = f"# A cell\n\n    {line}   (1)   the gate\n"
    with pytest.raises(EquationError) as caught:
        reading.numbered(statement, "cell/statement.md")
    assert str(caught.value).startswith(f"cell/statement.md, line 3, column {column}: ")
    assert says in str(caught.value)


def test_only_numbered_lines_are_equations() -> None:
    """Code, tables and lines without a number are the statement's own affair."""
    statement = """
    cell.Wh = np.array([[2.0]])
    w = 0.1 * np.random.randn(6)
    h_0 = 0
Text with y = 2 in it (3)
    y = W x   (2)   the answer
"""
    (one,) = reading.numbered(statement, "statement.md")
    assert (one.number, one.left, one.remark, one.place.line) == ("2", ("y",), "the answer", 6)


@pytest.mark.parametrize(
    ("statement", "numbers", "says"),
    [
        ("nothing", (), "there is no numbered equation"),
        ("    y = W x   (1)\n    z = W x   (1)", (), "line 2: there is an Equation (1) already, in line 1"),
        ("    y = W x   (1)", (1, 2), "there is no Equation (2)"),
    ],
)
def test_numbers_are_held(statement: str, numbers: Sequence[int], says: str) -> None:
    """A number stands once, and what a declaration asks for is there."""
    with pytest.raises(EquationError, match="statement") as caught:
        reading.numbered(statement, "statement.md", numbers)
    assert says in str(caught.value)


# --- sizes


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (("y = W x + h + x",), "W x is (hidden, samples), and x is (input, samples)"),
        (("y = W x + W h",), "W has input columns, and h has hidden rows"),
        (("y = x W + h",), "x has a column for each sample, so a weight stands before it"),
        (("h = W x",), "is defined by one of them"),
        (("y = W x",), "h is data of the equations that begin here, and is in none of them"),
        (("y = W x + h", "y = h"), "defines y, which"),
        (("y = W x + z", "z = y ⊙ h"), "needs what it defines"),
    ],
)
def test_what_does_not_fit_is_said_with_its_equation(lines: Sequence[str], says: str) -> None:
    """Sizes that do not fit, letters that are defined twice or by themselves, data that are not used."""
    statement = "\n".join(f"    {line}   ({i})" for i, line in enumerate(lines, start=1))
    with pytest.raises(EquationError, match=r"s\.md, line \d: ") as caught:
        program.compiled(reading.numbered(statement, "s.md"), {"x": "input", "h": "hidden"}, [("h", "h′")])
    assert says in str(caught.value)


def test_equations_are_computed_in_an_order_that_works() -> None:
    """What stands before the equation of a letter that it uses is computed after it."""
    statement = "    o = σ(p ⊙ c′)   (1)\n    c′ = W x + c   (2)\n"
    cell = program.compiled(reading.numbered(statement, "s.md"), {"x": "input", "c": "hidden"})
    assert [line.letter for line in cell.lines] == ["c′", "a_o", "o"]


def test_the_mark_of_a_sample_is_held() -> None:
    """A letter that is marked as each sample's own may not be a weight; without the mark nothing is said."""
    marked = "    y = W⁽ⁱ⁾ x⁽ⁱ⁾ + h   (1)"
    with pytest.raises(
        EquationError, match=r"s\.md, line 1: Equation \(1\): W is marked as each sample's own"
    ):
        program.compiled(reading.numbered(marked, "s.md"), {"x": "input", "h": "hidden"})
    right = marked.replace("W⁽ⁱ⁾", "W")
    assert program.compiled(reading.numbered(right, "s.md"), {"x": "input", "h": "hidden"}).weights == ("W",)


# --- the ways forward and back


SIZES = {"input": 3, "hidden": 2, "outputs": 4, "samples": 5}
STACKED = (
    "[W_i; W_f; W_g; W_o] = weight_ih",
    "[V_i; V_f; V_g; V_o] = weight_hh",
    "[b_i; b_f; b_g; b_o] = bias_ih",
    "[d_i; d_f; d_g; d_o] = bias_hh",
)
LSTM = {"x": "input", "h": "hidden", "c": "hidden"}
STEP_LSTM = {"xt": "input", "a_prev": "hidden", "c_prev": "hidden"}
# Statement, the numbers of its equations, data, pairs of old and new state, stacked weights.
CELLS = {
    "gru_cell": ("grader/assignments/gru_cell", (), {"x": "input", "h": "hidden"}, {"h": "h′"}, ()),
    "torch_gru_cell": (
        "grader/assignments/torch_gru_cell",
        (),
        {"x": "input", "h": "hidden"},
        {"h": "h′"},
        (),
    ),
    "torch_lstm_cell": ("grader/assignments/torch_lstm_cell", (), LSTM, {"h": "h′", "c": "c′"}, STACKED),
    "elman": ("tests/data/rehearsal/assignments/elman", (), {"x": "input", "h": "hidden"}, {"h": "h′"}, ()),
    "peephole_lstm": ("tests/data/cells/assignments/peephole_lstm", (), LSTM, {"h": "h′", "c": "c′"}, ()),
    "minimal_gated_unit": (
        "tests/data/cells/assignments/minimal_gated_unit",
        (),
        {"x": "input", "h": "hidden"},
        {"h": "h′"},
        (),
    ),
    "step_rnn": (
        "grader/assignments/rnn_step_by_step",
        (1, 2),
        {"xt": "input", "a_prev": "hidden"},
        {"a_prev": "a_next"},
        (),
    ),
    "step_lstm": (
        "grader/assignments/rnn_step_by_step",
        (3, 4, 5, 6, 7, 8, 9),
        STEP_LSTM,
        {"a_prev": "a_next", "c_prev": "c_next"},
        (),
    ),
}


def ways(name: str) -> tuple[Program, WayBack]:
    """Return the cell of a statement, with a derivative by each new state and by a prediction."""
    folder, numbers, data, states, stacked = CELLS[name]
    file = ROOT / folder / "statement.md"
    printed = reading.numbered(file.read_text(), str(file), numbers)
    rows = {"yt": "outputs"} if name.startswith("step") else {}
    cell = program.compiled((*reading.plain(stacked, "here"), *printed), data, list(states.items()), rows)
    return cell, way_back.derived(cell, {new: f"delta_{new}" for new in (*states.values(), *rows)})


def filled(cell: Program, back: WayBack) -> tuple[dict[str, Array], dict[str, Array]]:
    """Random matrices of what is given, and of the derivatives that arrive."""
    rng = np.random.default_rng(7)
    shape = {name: one.numbers({**SIZES, "1": 1}) for name, one in back.shapes.items()}
    seeds = [name for name in back.shapes if name.startswith("delta_")]
    return (
        {name: rng.standard_normal(shape[name]) for name in cell.given},
        {name: rng.standard_normal(shape[name]) for name in seeds},
    )


def both(
    cell: Program, back: WayBack, given: Mapping[str, Array], seeds: Mapping[str, Array]
) -> dict[str, Array]:
    return values.run((*cell.lines, *back.lines), {**given, **seeds}, back.shapes, SIZES)


@pytest.mark.parametrize("name", CELLS)
def test_the_way_back_is_that_of_torchs_autograd(name: str) -> None:
    """For every cell: each derivative by what is given, on a batch, with gates of ordinary size."""
    from reference.gradients import outputs_and_gradients
    from reference.operations import TORCH

    cell, back = ways(name)
    given_, seeds = filled(cell, back)
    deltas = {f"out {name.removeprefix('delta_')}": array for name, array in seeds.items()}
    by_torch = outputs_and_gradients(
        lambda tensors: {
            out: values.run(cell.lines, tensors, cell.shapes, SIZES, TORCH)[out.partition(" ")[2]]
            for out in deltas
        },
        given_,
        deltas,
    )
    found = both(cell, back, given_, seeds)
    for out in deltas:
        np.testing.assert_allclose(found[out.removeprefix("out ")], by_torch[out], rtol=1e-11, atol=1e-13)
    for letter in cell.given:
        np.testing.assert_allclose(
            found[back.derivative[letter]], by_torch[f"d{letter}"], rtol=1e-10, atol=1e-12
        )


@pytest.mark.parametrize("name", CELLS)
def test_the_way_back_is_that_of_central_differences(name: str) -> None:
    """A direction in each letter: the loss's change along it is what the derivative says."""
    cell, back = ways(name)
    given_, seeds = filled(cell, back)
    found = both(cell, back, given_, seeds)
    rng = np.random.default_rng(8)

    def loss(letter: str, moved: Array) -> float:
        out = values.run(cell.lines, {**given_, letter: moved}, cell.shapes, SIZES)
        return float(sum((out[seed.removeprefix("delta_")] * delta).sum() for seed, delta in seeds.items()))

    for letter in cell.given:
        direction = rng.standard_normal(given_[letter].shape)
        up, down = (loss(letter, given_[letter] + sign * 1e-5 * direction) for sign in (1, -1))
        said = float((found[back.derivative[letter]] * direction).sum())
        assert (up - down) / 2e-5 == pytest.approx(said, rel=1e-6, abs=1e-8), letter


def lines(back: WayBack) -> dict[str, list[tuple[str, str]]]:
    return {line.letter: [(text(term.node), term.through) for term in line.terms] for line in back.lines}


def test_each_term_of_the_way_back_knows_its_equation() -> None:
    """It is in the statement's letters, as a person writes it; each term says what it goes through."""
    _, back = ways("gru_cell")
    assert lines(back)["dh"] == [
        ("delta_h′ ⊙ (1 − z)", "4"),
        ("d(r ⊙ h) ⊙ r", "3"),
        ("Wrhᵀ da_r", "2"),
        ("Wzhᵀ da_z", "1"),
    ]
    assert lines(back)["dz"] == [("delta_h′ ⊙ (n − h)", "4")]
    assert lines(back)["da_n"] == [("dn ⊙ (1 − n ⊙ n)", "3")]
    assert lines(back)["dWzh"] == [("da_z hᵀ", "1")]


def test_a_line_of_the_way_back_can_be_rewritten() -> None:
    """It is a program and no closure: with one operation changed, what comes out is that mistake."""
    from dataclasses import replace

    cell, back = ways("elman")
    given_, seeds = filled(cell, back)
    right = both(cell, back, given_, seeds)
    spoilt = []
    for line in back.lines:
        node = line.node
        if isinstance(node, Hadamard) and any(isinstance(one, Slope) for one in node.factors):
            left = tuple(one for one in node.factors if not isinstance(one, Slope))
            line = replace(line, terms=(replace(line.terms[0], node=times(*left)),))
        spoilt.append(line)
    wrong = values.run((*cell.lines, *spoilt), {**given_, **seeds}, back.shapes, SIZES)
    np.testing.assert_allclose(wrong["db"], seeds["delta_h′"].sum(axis=1, keepdims=True))
    assert not np.allclose(wrong["db"], right["db"])


# --- through time


def test_the_way_back_through_time_is_derived_as_wiring() -> None:
    """What is carried, kept and summed up follows from the wiring of the way forward."""
    from grader.assignments.rnn_step_by_step import equations

    back = through_time.derived(equations.loop(is_lstm=True), {"a": "da"})
    written = str(back).split("\n")
    assert written[:4] == [
        "da_next = da⟨t⟩ + da_prev⟨t+1⟩",
        "dc_next = dc_prev⟨t+1⟩",
        "dx⟨t⟩ = dxt",
        "da0 = da_prev⟨1⟩",
    ]
    assert "dWf = Σ_t dWf" in written
    assert all(isinstance(line.node, OverTime) for line in back.after if line.letter.startswith(("dW", "db")))


@pytest.mark.parametrize(
    ("wiring", "says"),
    [
        (("xt = x⟨t⟩",), "nothing is wired to a_prev"),
        (("xt = x⟨t⟩", "a_prev = W a⟨t−1⟩"), "one letter on each side"),
        (("xt = x⟨t⟩", "a_prev = a⟨t+1⟩"), "wires nothing that the cell has"),
        (("xt = x⟨t⟩", "a_prev = a⟨t−1⟩", "a⟨t⟩ = nothing"), "wires nothing that the cell has"),
    ],
)
def test_wiring_that_wires_nothing_is_refused(wiring: Sequence[str], says: str) -> None:
    """A typing mistake in the wiring is a sentence, and not a wrong truth."""
    from grader.assignments.rnn_step_by_step import equations

    with pytest.raises(EquationError, match=says):
        through_time.wired(equations.cell(is_lstm=False), reading.plain(wiring, "here"))
