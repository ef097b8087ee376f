"""Where a function assigns its arrays last, in code as students write it."""

from __future__ import annotations

import ast
import textwrap

import pytest
import shipped

from grader.inside import assigned, facts, source


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
            said = facts.of_text(text, path, lambda _: False)["assigned"]
            assert said == {
                method: {what: {"line": line} for what, line in made.items()}
                for method, made in found.items()
            }
            for method in wanted:
                assert found[method], method
                for what, line in found[method].items():
                    bare = what.strip(".[]")
                    shown = text.splitlines()[line - 1]
                    assert not what.startswith(".") or f".{bare}" in shown
