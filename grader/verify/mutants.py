"""Changes a right answer in one small place after the other. What keeps full points, no case tells apart.

Operators, operands, signs, transposes, terms, numbers and names are changed, where students write. Which
other name stands for a name is drawn by a seed, so that other seeds make other mutants.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from grader.declaration import Loaded
from grader.mistakes import Files

OTHER: dict[type[ast.operator], ast.operator] = {
    ast.Add: ast.Sub(),
    ast.Sub: ast.Add(),
    ast.Mult: ast.Add(),
    ast.Div: ast.Mult(),
}


@dataclass(frozen=True)
class Mutant:
    """A right answer with one change, or two: in which line, what was there, and what is there now.

    Attributes:
        begin, end: where in the file, in bytes of the right answer.
        letter: what the line defines, as "z" of `self.z = ...`; "" where it defines nothing of a name.
        is_plausible: a person may make it by mistake; other numbers, sums for products, or another name where
            an index belongs, and an index where another name does, are none.
        also: the second change, which `files` has too; None where there is one.
    """

    path: str
    line: int
    was: str
    now: str
    files: Files = field(repr=False)
    begin: int = field(repr=False)
    end: int = field(repr=False)
    letter: str = ""
    is_plausible: bool = True
    also: Mutant | None = None

    def __str__(self) -> str:
        said = f"{self.path}:{self.line}: {self.was}  ->  {self.now}"
        return said if self.also is None else f"{said}, and {self.also}"

    @property
    def letters(self) -> tuple[str, ...]:
        """What the changed lines define; of one that defines nothing, none."""
        found = (self.letter, *(self.also.letters if self.also is not None else ()))
        return tuple(one for one in found if one)


def mutants(assignment: Loaded, files: Files, seed: int = 0) -> Iterator[Mutant]:
    """All mutants of a hand-in, in the order of its lines.

    Args:
        assignment: says which functions and methods students write.
        files: the hand-in; what is no Python is left alone.
        seed: draws the names that stand for others.
    """
    rng = np.random.default_rng(seed)
    written = {name for wanted in assignment.wanted for name in wanted.methods}
    for path, content in files.items():
        if not path.endswith(".py"):
            continue
        text = content.decode("utf-8")
        wanted = [function for name, function in _functions(ast.parse(text)) if name in written]
        found = [(node, now, function) for function in wanted for node, now in _changes(function, rng)]
        for node, now, function in sorted(found, key=lambda one: (one[0].lineno, one[0].col_offset)):
            was = ast.get_source_segment(text, node) or ""
            if was and was != now:
                begin, end = _place(content, node)
                changed = content[:begin] + now.encode() + content[end:]
                mutant = Mutant(path, node.lineno, was, now, {**files, path: changed}, begin, end)
                yield replace(
                    mutant, letter=_defined(function, node), is_plausible=_is_plausible(function, node, now)
                )


def doubled(right: Files, first: Mutant, second: Mutant) -> Mutant | None:
    """Return a right answer with both changes; None where they are at one place, or inside of each other.

    Args:
        right: the right answer of both.
        first, second: its mutants.
    """
    if first.path != second.path:
        files = {**first.files, second.path: second.files[second.path]}
        return replace(first, files=files, also=second)
    first, second = sorted((first, second), key=lambda one: one.begin)
    if first.end > second.begin:
        return None
    content = right[first.path]
    parts = (content[: first.begin], first.now.encode(), content[first.end : second.begin])
    changed = b"".join((*parts, second.now.encode(), content[second.end :]))
    return replace(first, files={**right, first.path: changed}, also=second)


def _is_plausible(function: ast.FunctionDef, node: ast.expr, now: str) -> bool:
    if isinstance(node, ast.Constant) or now in _counts(function):
        return False
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div):
        changed = ast.BinOp(node.left, OTHER[type(node.op)], node.right)
        return now != f"({ast.unparse(ast.fix_missing_locations(changed))})"
    whole = [
        one
        for one in ast.walk(function)
        if isinstance(one, ast.Subscript | ast.For | ast.Call) and _is_of_sizes(one, node)
    ]
    return not whole


def _counts(function: ast.FunctionDef) -> set[str]:
    """Return the names that are indices or sizes: what a loop counts, and parts of a shape."""
    found: list[ast.expr] = []
    for one in ast.walk(function):
        if isinstance(one, ast.For | ast.comprehension) and "range(" in ast.unparse(one.iter):
            found.append(one.target)
        if isinstance(one, ast.Assign) and ".shape" in ast.unparse(one.value)[-len(".shape[0]") :]:
            found += one.targets
    names = (one for target in found for one in ast.walk(target))
    return {one.id for one in names if isinstance(one, ast.Name)}


def _is_of_sizes(around: ast.Subscript | ast.For | ast.Call, node: ast.expr) -> bool:
    """Whether an expression is an index, the steps of a loop, or a shape."""
    if isinstance(around, ast.Subscript):
        inside: ast.expr = around.slice
    elif isinstance(around, ast.For):
        inside = around.iter
    else:
        name = ast.unparse(around.func).rpartition(".")[2]
        if name not in ("reshape", "zeros", "ones", "empty", "range", "split", "sum"):
            return False
        return any(one is node for argument in around.args for one in ast.walk(argument))
    return any(one is node for one in ast.walk(inside))


def _defined(function: ast.FunctionDef, node: ast.expr) -> str:
    """Return what the statement around an expression defines, if it is one name or attribute."""
    for one in ast.walk(function):
        if isinstance(one, ast.Assign) and any(inside is node for inside in ast.walk(one.value)):
            target = one.targets[0]
            if isinstance(target, ast.Name):
                return target.id
            if isinstance(target, ast.Attribute):
                return target.attr
    return ""


def _functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Functions, and methods as "Class.method"."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        if isinstance(node, ast.ClassDef):
            yield from (
                (f"{node.name}.{one.name}", one) for one in node.body if isinstance(one, ast.FunctionDef)
            )


def _changes(function: ast.FunctionDef, rng: np.random.Generator) -> Iterator[tuple[ast.expr, str]]:
    """Expressions, and what is put in their place."""
    body = [node for statement in function.body for node in ast.walk(statement)]
    names = sorted({one.id for one in body if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)})
    of_self = sorted({one.attr for one in body if _is_of_self(one) and isinstance(one, ast.Attribute)})
    called = {id(one.func) for one in body if isinstance(one, ast.Call)}
    for node in body:
        match node:
            case ast.BinOp(left=left, op=op, right=right):
                yield from ((node, change) for change in _other_operations(left, op, right))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                yield node, f"({ast.unparse(operand)})"
            case ast.Attribute(attr="T", value=value):
                yield node, ast.unparse(value)
            case ast.Constant(value=bool(value)):
                yield node, repr(not value)
            case ast.Constant(value=int(value) | float(value)):
                yield node, repr(value + 1)
            case ast.Name(ctx=ast.Load(), id=name) if name in names and len(names) > 1:
                yield node, _other(names, name, rng)
            case ast.Attribute(ctx=ast.Load(), attr=name) if _is_of_self(node) and len(of_self) > 1:
                if id(node) not in called:
                    yield node, f"self.{_other(of_self, name, rng)}"


def _other_operations(left: ast.expr, op: ast.operator, right: ast.expr) -> Iterator[str]:
    a, b = ast.unparse(left), ast.unparse(right)
    if isinstance(op, ast.MatMult):
        yield f"(({b}) @ ({a}))"
        return
    if type(op) in OTHER:
        changed = ast.BinOp(left, OTHER[type(op)], right)
        yield f"({ast.unparse(ast.fix_missing_locations(changed))})"
    if isinstance(op, ast.Add | ast.Sub | ast.Mult):
        yield f"({a})"
        yield f"(-({b}))" if isinstance(op, ast.Sub) else f"({b})"


def _is_of_self(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"


def _other(names: list[str], name: str, rng: np.random.Generator) -> str:
    return names[(names.index(name) + int(rng.integers(1, len(names)))) % len(names)]


def _place(content: bytes, node: ast.expr) -> tuple[int, int]:
    """Return where an expression begins and ends in a file. Positions are in bytes of UTF-8."""
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    lines = content.split(b"\n")
    begin = sum(len(line) + 1 for line in lines[: node.lineno - 1]) + node.col_offset
    end = sum(len(line) + 1 for line in lines[: node.end_lineno - 1]) + node.end_col_offset
    return begin, end
