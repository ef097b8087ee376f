"""Changes a right answer in one small place after the other. What keeps full points, no case tells apart.

Operators, operands, signs, transposes, terms, numbers and names are changed, where students write.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

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
    """A right answer with one change: in which line, what was there, and what is there now.

    Attributes:
        letter: what the line defines, as "z" of `self.z = ...`; "" where it defines nothing of a name.
        is_plausible: a person may make it by mistake; other numbers, sums for products, or a name where an
            index belongs are none.
    """

    path: str
    line: int
    was: str
    now: str
    files: Files = field(repr=False)
    letter: str = ""
    is_plausible: bool = True

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.was}  ->  {self.now}"


def mutants(assignment: Loaded, files: Files) -> Iterator[Mutant]:
    """All mutants of a hand-in, in the order of its lines.

    Args:
        assignment: says which functions and methods students write.
        files: the hand-in; what is no Python is left alone.
    """
    written = {name for wanted in assignment.wanted for name in wanted.methods}
    for path, content in files.items():
        if not path.endswith(".py"):
            continue
        text = content.decode("utf-8")
        wanted = [function for name, function in _functions(ast.parse(text)) if name in written]
        found = [(node, now, function) for function in wanted for node, now in _changes(function)]
        for node, now, function in sorted(found, key=lambda one: (one[0].lineno, one[0].col_offset)):
            was = ast.get_source_segment(text, node) or ""
            if was and was != now:
                mutant = Mutant(path, node.lineno, was, now, {**files, path: _with(content, node, now)})
                yield replace(
                    mutant, letter=_defined(function, node), is_plausible=_is_plausible(function, node, now)
                )


def _is_plausible(function: ast.FunctionDef, node: ast.expr, now: str) -> bool:
    if isinstance(node, ast.Constant):
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


def _changes(function: ast.FunctionDef) -> Iterator[tuple[ast.expr, str]]:
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
                yield node, _next(names, name)
            case ast.Attribute(ctx=ast.Load(), attr=name) if _is_of_self(node) and len(of_self) > 1:
                if id(node) not in called:
                    yield node, f"self.{_next(of_self, name)}"


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


def _next(names: list[str], name: str) -> str:
    return names[(names.index(name) + 1) % len(names)]


def _with(content: bytes, node: ast.expr, now: str) -> bytes:
    """Return the file with something else in an expression's place. Positions are in bytes of UTF-8."""
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    lines = content.split(b"\n")
    begin = sum(len(line) + 1 for line in lines[: node.lineno - 1]) + node.col_offset
    end = sum(len(line) + 1 for line in lines[: node.end_lineno - 1]) + node.end_col_offset
    return content[:begin] + now.encode() + content[end:]
