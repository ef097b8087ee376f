"""Where a function assigns its arrays last, in code as students write it."""

from __future__ import annotations

import ast
import textwrap
from fnmatch import fnmatchcase

import pytest
import shipped
from read_sources import facts_of

from grader import assigned as where
from grader import engine
from grader.declaration import Check, Output
from grader.inside import assigned, facts, source
from grader.records import SourceLine
from grader.report import json_reading, json_report, text
from grader.report.placed import Placed


def lines(text: str) -> dict[str, dict[str, int]]:
    """Return what is found in a source."""
    return assigned.lines(dict(facts.functions(ast.parse(textwrap.dedent(text)))))


@pytest.mark.parametrize(
    ("body", "made"),
    [
        ("self.dW = 0\n    self.dW += x", {".dW": 3}),
        ("self.dW[0] = x\n    self.dW[:, 1] += y", {".dW": 3}),
        ("self.dW, (self.db, *self.rest) = f()", {".dW": 2, ".db": 2, ".rest": 2}),
        ("dx = 1\n    dh = 2\n    dx = dx + 3\n    return dx, dh", {"": 5, "[0]": 4, "[1]": 3}),
        ("dx = 1\n    return dx @ W, 2", {"": 3, "[0]": 3, "[1]": 3}),
        ("h = 1\n    h[0] = 2\n    return h", {"": 3}),
        ("if x:\n        return 1\n    return x + 1", {"": 4}),
        ("dW = 1\n    g = {'dW': dW, 'db': 2}\n    return g", {"": 3, "[dW]": 2, "[db]": 3}),
        (
            "g = {}\n    g['dW'] = 1\n    g['db'] = 2\n    g['dW'] += 1\n    return g",
            {"": 2, "[dW]": 5, "[db]": 4},
        ),
        ("dW = 1\n    return dict(dW=dW, db=2)", {"": 3, "[dW]": 2, "[db]": 3}),
        ("for t in x:\n        dW += t\n    return [dW]", {"": 4, "[0]": 3}),
        ("dx = 1\n    out = (dx, 2)\n    return out", {"": 3, "[0]": 2, "[1]": 3}),
        (
            "with x:\n        try:\n            dx = 1\n        finally:\n            dx = 2\n    return dx",
            {"": 6},
        ),
        ("def inner():\n        self.dW = 1\n        return 5\n    return 7", {"": 5}),
        ("dx: float = 1\n    return dx", {"": 2}),
        ("return", {}),
        ("pass", {}),
    ],
)
def test_the_last_assignment_is_found(body: str, made: dict[str, int]) -> None:
    """Of each array that leaves the function; a function inside of it has its own."""
    assert lines(f"def f(self, x):\n    {body}\n") == ({"f": made} if made else {})


def test_what_is_found_is_bounded() -> None:
    """A source with thousands of arrays, or with names of thousands of letters, fits into an answer."""
    many = "\n".join(f"    self.d{number} = 1" for number in range(5_000))
    found = lines(f"def f(self):\n    self.{'d' * 5_000} = 1\n{many}\n")["f"]
    assert len(found) == assigned.MOST
    assert max(map(len, found)) <= assigned.LONGEST


def test_a_deep_tree_is_read() -> None:
    """Nothing recurses into what is nested more deeply than Python's own stack."""
    deep = ast.parse("def f():\n    self.x = 1\n    return 2").body[0]
    assert isinstance(deep, ast.FunctionDef)
    inner: ast.stmt = deep.body[0]
    for _ in range(20_000):
        inner = ast.With(items=[], body=[inner], lineno=2, col_offset=0)
    deep.body[0] = inner
    assert assigned.lines({"f": deep}) == {"f": {".x": 2, "": 3}}


@pytest.mark.parametrize("name", shipped.NAMES)
def test_every_model_tells_where_its_arrays_are_made(name: str) -> None:
    """Each function that students write is in it, at a line that holds its array's name or a return."""
    wanted = shipped.known(name).wanted[0].methods
    model = shipped.answers(name).model
    assert model is not None
    for path, content in model.items():
        if path.endswith(".py"):
            text = source.decode(content)[0]
            found = lines(text)
            said = facts_of(text, path, lambda _: False)["assigned"]
            assert said == {
                method: {what: {"line": line} for what, line in made.items()}
                for method, made in found.items()
            }
            for method in wanted if fnmatchcase(path, shipped.known(name).wanted[0].path) else ():
                assert found[method], method
                for what, line in found[method].items():
                    bare = what.strip(".[]")
                    shown = text.splitlines()[line - 1]
                    assert not what.startswith(".") or f".{bare}" in shown


@pytest.mark.parametrize(
    ("paste", "show", "what"),
    [
        (("cell.forward(x, h)", "returned = cell.backward(<form>)  # dx, dh"), "returned[1]", "[1]"),
        (("returned = cell.backward(delta)",), "cell.dWzh", ".dWzh"),
        (("returned = cell.backward(delta)",), 'getattr(cell, "d" + names[3])', ".y"),
        (("gradients = lstm_backward(da, caches)",), 'gradients["dxt"][1][2]', "[dxt]"),
        (("a_next, yt, cache = rnn_cell_forward(xt, a_prev, parameters)",), "yt", "[1]"),
        (("a_next, yt, cache = rnn_cell_forward(xt, a_prev, parameters)",), "a_next[4]", "[0]"),
        (("found = dW_xz(x, h)",), "found", ""),
        (("h_next = cell.forward(x, h)",), "other", None),
        (("cell.forward(x, h)",), "returned", None),
        ((), "returned", None),
        (("x = (",), "x", None),
    ],
)
def test_what_is_looked_for_follows_from_the_lines_to_paste(
    paste: tuple[str, ...], show: str, what: str | None
) -> None:
    """The expression that shows an output says how it leaves the function."""
    check = Check("f", "s", (Output("y", show=show),), paste=paste, method="f")
    here = SourceLine("a.py", 7)
    known = {"f": {"?" if what is None else what: here}}
    assert where.place(check, check.outputs[0], known) == (None if what is None else here)
    assert where.place(check, check.outputs[0], {"f": {}, "g": known["f"]}) is None


def test_an_attribute_may_be_set_by_another_method() -> None:
    """Of the same class, and not by the one that only prepares it."""
    check = Check("back", "s", (Output("dW", show="cell.dW"),), method="Cell.back")
    places = {name: SourceLine("a.py", line) for line, name in enumerate("abc")}
    table = {
        "Cell.__init__": {".dW": places["a"]},
        "Cell._add": {".dW": places["b"]},
        "Other._add": {".dW": places["c"]},
    }
    assert where.place(check, check.outputs[0], table) == places["b"]
    assert where.place(check, check.outputs[0], {"Cell.__init__": {".dW": places["a"]}}) is None


# Mistake -> the wrong array, and the beginning of the line that a report points at.
POINTED_AT = {
    "gru_cell/backward/copied_line": ("dWx", "self.dWx += np.dot(d_z.T, x)"),
    "gru_cell/backward/carry_dropped": ("dh", "dh = dh + self.Wzh.T @ daz"),
    "torch_lstm_cell/backward/carry_of_the_incoming_dc": ("dc", "dc_prev = dc * f"),
    "rnn_step_by_step/lstm_backward/biases_by_the_forget_gate": ("dbf", 'dbf += gradients["dbo"]'),
}


@pytest.mark.slow
@pytest.mark.parametrize("mistake", POINTED_AT)
def test_reports_point_at_the_line_of_a_wrong_array(mistake: str) -> None:
    """The line is in the report as text and as JSON, and where a pull request is annotated."""
    name, begins = POINTED_AT[mistake]
    assignment = mistake.partition("/")[0]
    folder = shipped.wrong(mistake)
    with engine.Grader([shipped.known(assignment)], engine.Options(assignment=assignment)) as grader:
        report = grader.grade(folder)
    (wrong,) = [
        one for problem in report.problems for one in problem.criteria if one.name == name and not one.passed
    ]
    assert wrong.assigned is not None
    line = (folder / wrong.assigned.file).read_text().splitlines()[wrong.assigned.line - 1]
    assert line.strip().startswith(begins)
    page = text.render(report)
    alone = f"{name} is assigned at {wrong.assigned.file}:{wrong.assigned.line}\n"
    assert alone in page or f"{name} in line {wrong.assigned.line}" in page
    assert Placed(report).of(wrong) == (wrong.assigned.file, wrong.assigned.line)
    assert json_reading.read(json_report.render(report)) is not None
    right = [one for problem in report.problems for one in problem.criteria if one.passed]
    assert right
    assert all(one.assigned is None for one in right)
