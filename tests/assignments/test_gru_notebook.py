"""The GRU in a notebook: weights found whatever they are called, mistakes named, rules with cell and line."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shipped import ROOT, answers, known

from grader import engine, mistakes, pictures
from grader.assignments.gru_notebook import texts
from grader.declaration import as_notebook, as_script
from grader.mistakes.substitution import substituted
from grader.options import Options
from grader.records import CriterionResult, Report
from grader.sandbox import environment

NAME = "gru_notebook"
GRU, MATCHING, RULES = "Question 2a GRU", "Question 2b matching", "Notebook rules"
STYLES = ("bias_beside_the_state", "linear_layers", "one_layer_for_the_gates", "parameters")

Grade = Callable[[Mapping[str, bytes]], Report]


@pytest.fixture(scope="module")
def grade(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Grade]:
    """Yield what grades the files of a hand-in."""
    assignment = known(NAME)
    environment.student_python(assignment.environment)
    numbers = itertools.count()
    with engine.Grader([assignment], Options(assignment=NAME)) as grader:

        def graded(files: Mapping[str, bytes]) -> Report:
            folder = mistakes.laid(files, tmp_path_factory.mktemp("hand-ins") / str(next(numbers)))
            return grader.grade(folder)

        yield graded


def criteria(report: Report, problem: str) -> dict[str, CriterionResult]:
    """Return what came of a problem, by criterion."""
    return {one.name: one for row in report.problems if row.name == problem for one in row.criteria}


def right(*changes: tuple[str, str], style: str = "linear_layers") -> Mapping[str, bytes]:
    """Return a right answer with some lines changed."""
    return substituted(answers(NAME).right[style], changes, style)


@pytest.mark.parametrize("style", STYLES)
def test_weights_are_found_whatever_they_are_called(grade: Grade, style: str) -> None:
    """Biases beside either product, parameters without layers, one layer for all gates: full points."""
    report = grade(answers(NAME).right[style])
    found = criteria(report, GRU)
    assert [one.passed for one in found.values()] == [True] * 5
    said = found["weights"].message or ""
    told = {
        "bias_beside_the_state": "U_r is from_input.weight[0:7, 0:5]",
        "linear_layers": "b_z is x_to_update.bias",
        "one_layer_for_the_gates": "U_z is gates.weight[7:14, 7:12]",
        "parameters": "W_h is wh",
    }
    assert told[style] in said
    assert all(one.passed for one in criteria(report, MATCHING).values())
    assert all(one.passed for one in criteria(report, RULES).values())


NAMED = {
    "reset_after_the_product": "r acts on the wrong side of a matrix product in Eq. (3)",
    "update_exchanged": "z keeps the old state",
    "no_bias": "the term b_z is left out of Eq. (1)",
    "no_reset": "r is left out of Eq. (3)",
    "sigmoid_for_the_candidate": "the sigmoid stands for tanh in Eq. (3)",
    "tanh_for_the_update_gate": "tanh stands for the sigmoid in Eq. (1)",
    "old_state_dropped": "the term (1 − z) ⊙ h is left out of Eq. (4)",
    "update_gate_resets": "z stands for r in Eq. (3)",
    "no_activation": "tanh is left out of Eq. (3)",
    "state_left_out_of_the_gate": "the term W_rᵀ h is left out of Eq. (2)",
}


@pytest.mark.parametrize("mistake", NAMED)
def test_a_mistake_in_the_step_is_named(grade: Grade, mistake: str) -> None:
    """What is wrong in the equations is said in their letters, as in NumPy."""
    found = criteria(grade(answers(NAME).mistake(f"network/{mistake}").files), GRU)["h_next"]
    assert found.passed is False
    assert found.cause is not None
    assert NAMED[mistake] in found.cause.says


HINTED = {
    "network/softmax": (GRU, "y", "the softmax itself"),
    "network/scores": (GRU, "y", "the logarithm of the softmax is not taken"),
    "network/softmax_over_the_batch": (GRU, "y", "over the batch"),
    "network/plain_tensors": (GRU, "weights", "is not trained"),
    "matching/first_occurrence": (MATCHING, "matching_length", "the first occurrence alone"),
    "matching/overlaps_passed_over": (MATCHING, "matching_length", "Occurrences that overlap"),
    "matching/prime_counted": (MATCHING, "matching_length", "counts the characters of `prime`"),
    "matching/exactly": (MATCHING, "trials_at_least", "exactly n"),
}


@pytest.mark.parametrize("mistake", HINTED)
def test_a_known_wrong_answer_is_told(grade: Grade, mistake: str) -> None:
    """The output layer and the two functions of Question 2b have their known mistakes as well."""
    problem, criterion, says = HINTED[mistake]
    found = criteria(grade(answers(NAME).mistake(mistake).files), problem)[criterion]
    assert found.passed is False
    assert says in (found.hint or "")


TEN = (
    ("import random\nimport re\n", "import re\n"),
    (
        "oos = Origin(seq_length=10, start=1000, stop=1800)",
        "!ls\noos = Origin(seq_length=10, start=1000, stop=1800)",
    ),
    ("torch.manual_seed(1)", "import sys\ntorch.manual_seed(1)"),
    ("best = 0", "import random\nbest = 0"),
    ("random.seed(2)", "import random\nfrom math import inf\nrandom.seed(2)"),
    ("def trials_at_least(lengths, n_max):", "WINDOW = 10\n\ndef trials_at_least(lengths, n_max):"),
    (
        "return counts",
        "return counts\n\n|print(matching_length('a', 'b', 'c'))\n|assert trials_at_least([], 0)",
    ),
    ("self.tanh = nn.Tanh()", "self.tanh = nn.Tanh()\nself.gru = nn.GRUCell(1, 1)"),
    ("plt.xlabel('Matching String Length')", "plt.xlabel(undefined)"),
)


def planted() -> Mapping[str, bytes]:
    """Return a notebook with ten defects, each at a place that is looked for."""
    ((path, content),) = answers(NAME).right["linear_layers"].items()
    text = as_script(content)
    for there, put in TEN:
        lines = text.split("\n")
        first = there.split("\n")[0]
        at = next(at for at, line in enumerate(lines) if line.strip() == first)
        margin = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
        count = there.rstrip("\n").count("\n") + 1
        written = [margin + line if line else "" for line in put.rstrip("\n").split("\n")]
        lines[at : at + count] = [line.partition("|")[2] or line for line in written]  # "|": no margin
        text = "\n".join(lines)
    return {path: as_notebook(text)}


def test_ten_planted_defects_get_ten_findings(grade: Grade) -> None:
    """Imports elsewhere, statements beside definitions, a shell line, torch's own GRU, a crash."""
    files = planted()
    (content,) = files.values()
    cells = [one["source"].split("\n") for one in json.loads(content)["cells"]]

    def place(text: str) -> tuple[int, int]:
        found = [
            (cell, line)
            for cell, lines in enumerate(cells, 1)
            for line, written in enumerate(lines, 1)
            if written.strip() == text
        ]
        return found[-1] if text == "import random" else found[0]

    wanted = {
        place(text)
        for text in (
            "!ls",
            "import sys",
            "from math import inf",
            "WINDOW = 10",
            "print(matching_length('a', 'b', 'c'))",
            "assert trials_at_least([], 0)",
            "self.gru = nn.GRUCell(1, 1)",
            "import random",
        )
    }
    inner = next(
        (cell, line)
        for cell, lines in enumerate(cells, 1)
        for line, written in enumerate(lines, 1)
        if written == "    import random"
    )
    wanted |= {inner, place("plt.xlabel(undefined)")}
    assert len(wanted) == 10
    report = grade(files)
    said = {(one.cell, one.line) for one in report.findings if one.cell is not None}
    said |= {(one.cell, one.line) for row in report.problems for one in row.criteria if one.cell is not None}
    assert wanted <= said
    found = criteria(report, RULES)
    assert [found[name].passed for name in ("imports in one cell", "definitions alone")] == [False, False]
    assert (found["runs from top to bottom"].cell, found["runs from top to bottom"].line) == place(
        "plt.xlabel(undefined)"
    )
    assert "NameError: name 'undefined' is not defined" in (found["runs from top to bottom"].message or "")


def test_the_executed_notebook_comes_out(grade: Grade, tmp_path: Path) -> None:
    """It validates, holds the cells as they were handed in and their outputs; its pictures are PNGs."""
    files = answers(NAME).right["linear_layers"]
    report = grade(files)
    attached = {one.name: one.content or b"" for one in report.attached}
    path = tmp_path / "executed.ipynb"
    path.write_bytes(attached.pop("executed.ipynb"))
    opened = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    nbformat.validate(opened)
    (handed_in,) = files.values()
    assert [one.source for one in opened.cells] == [
        "".join(one["source"]) for one in json.loads(handed_in)["cells"]
    ]
    assert attached
    assert all(pictures.png(content) is not None for content in attached.values())
    assert grade(files).problems == report.problems


DOORS = {
    "an alias": ("from torch import nn", "from torch import nn\nfrom torch.nn import GRUCell as Own", "Own"),
    "a name put together": ("from torch import nn", "from torch import nn", "getattr(nn, 'GRU' + 'Cell')"),
    "torch.ops": ("from torch import nn", "from torch import nn", "nn.GRUCell.__mro__[0]"),
}
STEP = "hnext = (1 - z) * h + z * new"
MADE = (
    "self.sigmoid = nn.Sigmoid()",
    "self.sigmoid = nn.Sigmoid()\nself.own = {}(self.input_dim, self.hidden_dim)",
)


@pytest.mark.parametrize("door", DOORS)
def test_torchs_own_gru_loses_the_question(grade: Grade, door: str) -> None:
    """Under an alias, by a name that is put together at run time, by its class: the report says so."""
    there, put, made = DOORS[door]
    changes = [(MADE[0], MADE[1].format(made)), (STEP, "hnext = self.own(x, h)")]
    changes += [(there, put)] if there != put else []
    found = criteria(grade(right(*changes)), GRU)
    for name in ("weights", "h_next", "sequence", "gradients"):
        assert found[name].passed is False
        assert "torch's own GRU" in (found[name].message or "")


STEPS = {
    "torch.ops": "hnext = torch.ops.aten.gru_cell(x, h, *self.own.parameters())",
    "torch._VF": "hnext = torch._VF.gru_cell(x, h, *self.own.parameters())",
    "compiled code": "hnext = torch.jit.trace(self.own, (x, h))(x, h)",
}


@pytest.mark.parametrize("door", STEPS)
def test_what_stands_behind_it_loses_the_question(grade: Grade, door: str) -> None:
    """The functions below nn.GRUCell are seen as well, also from compiled code."""
    changes = [(MADE[0], MADE[1].format("nn.GRUCell")), (STEP, STEPS[door])]
    found = criteria(grade(right(*changes)), GRU)["h_next"]
    assert found.passed is False
    assert "torch's own GRU" in (found.message or "")


HOSTILE = {
    "a tensor that lies": (
        (
            STEP,
            "class Lie(torch.Tensor):\n"
            "    def __torch_function__(*a, **k): return torch.zeros(1)\n"
            "    def __eq__(self, other): return True\n"
            "hnext = torch.zeros_like(h).as_subclass(Lie)",
        ),
    ),
    "a patched functional": (
        (STEP, "nn.functional.linear = torch.sigmoid = torch.tanh = lambda *a: a[0] * 0\nhnext = h * 0"),
    ),
    "hooks": (
        (
            "self.tanh = nn.Tanh()",
            "self.tanh = nn.Tanh()\nself.register_forward_hook(lambda *a: torch.zeros(1))",
        ),
        (STEP, "hnext = h * 0"),
    ),
}


@pytest.mark.parametrize("attack", HOSTILE)
def test_an_attack_on_torch_earns_nothing_for_the_step(grade: Grade, attack: str) -> None:
    """Who owns torch in the job can only answer with numbers, and these are held to the truth outside."""
    report = grade(right(*HOSTILE[attack]))
    found = criteria(report, GRU)
    assert found["h_next"].passed is False
    assert found["sequence"].passed is False
    assert found["gradients"].passed is False


def test_trials_that_were_written_down_still_need_their_figure(grade: Grade) -> None:
    """`trials` from nowhere, without any picture, earns the one point that it cannot be denied."""
    found = criteria(
        grade(right(("plt.plot(range(101), trials, '.')", "pass"), ("plt.show()", "plt.close('all')"))),
        MATCHING,
    )
    assert found["trials"].passed is True
    assert found["figure"].passed is False


def test_the_gradient_of_question_1_is_compared_with_autograd(grade: Grade) -> None:
    """Where the function is there it is judged, worth nothing; where it is not, nothing is said of it."""
    model = answers(NAME).model
    assert model is not None
    (path,) = (one for one in model if one.endswith(".ipynb"))
    wrong = substituted(model, [("later = ds @ W.T", "later = 0 * (ds @ W.T)")], "model")
    row = criteria(grade({path: wrong[path]}), "Question 1 in numbers")["dW"]
    assert row.passed is False
    assert "Nothing is carried back" in (row.hint or "")
    assert criteria(grade(answers(NAME).right["parameters"]), "Question 1 in numbers") == {}


def test_the_statements_example_matches_19_characters() -> None:
    """Three occurrences: one matches 19 characters, the others 1 and 3."""
    given_ = texts.EXAMPLE, texts.EXAMPLE_PRIME, texts.EXAMPLE_PREDICTION
    assert sorted(texts.matches(*given_)) == [1, 3, 19]
    assert texts.longest(*given_) == 19


LETTERS = st.text("ab", max_size=12)


@given(text=LETTERS, prime=st.text("ab", min_size=1, max_size=3), prediction=LETTERS)
def test_our_matching_length_is_the_definition(text: str, prime: str, prediction: str) -> None:
    """The largest n such that `prime` and n characters of the prediction stand together; else 0."""
    by_definition = max((n for n in range(len(prediction) + 1) if prime + prediction[:n] in text), default=0)
    assert texts.longest(text, prime, prediction) == by_definition


def test_the_texts_hold_each_kind() -> None:
    """Overlaps, the end of the text and no occurrence at all are among the cases of every seed."""
    for seed in range(5):
        cases = texts.texts(seed).cases
        parts = [
            tuple(
                "".join(map(chr, case.inputs[name].astype(int))) for name in ("text", "prime", "prediction")
            )
            for case in cases
        ]
        assert any(prime not in text for text, prime, _ in parts)
        assert any(text.endswith(prime) for text, prime, _ in parts)
        assert any(prime + prime[0] in text and len(set(prime)) == 1 < len(prime) for text, prime, _ in parts)


def test_the_model_was_trained_for_real() -> None:
    """The notebook in src/ holds its outputs: eighty epochs, 300 trials, a picture with both labels."""
    (path,) = (ROOT / "src" / NAME).glob("*.ipynb")
    opened = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    nbformat.validate(opened)
    outputs = [one for cell in opened.cells if cell.cell_type == "code" for one in cell.outputs]
    printed = "".join(one.text for one in outputs if one.output_type == "stream")
    assert "number 80, 0.295" in printed
    assert "{0: 300, 1: 300, 2: 300, 5: 299, 10: 299, 20: 294, 50: 272, 100: 239}" in printed
    assert sum("image/png" in one.get("data", {}) for one in outputs) == 2
