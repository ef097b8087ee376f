"""Gradients that are not derived but measured, and functions by their shape: read off a syntax tree.

A gradient by differences, or by a complex step, is right by its values: what a person should know of it
stands in the source alone. All of this runs inside a job, on trees that may be hostile: nothing recurses.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .trees import fields_of, walk

# A step as people write it: 1e-4, 1e-5, 1e-7; a rate or a probability is larger.
SMALL = 2e-3
MOST_FOUND = 20
# Beside these a tree says how it is laid out or typed, and not what it does.
NO_SHAPE = frozenset(
    {"annotation", "returns", "decorator_list", "type_comment", "kind", "ctx", "type_params"}
)

Function = ast.FunctionDef


def found(nodes: Sequence[ast.AST], functions: Mapping[str, Function]) -> list[dict[str, Any]]:
    """Return the functions and methods that measure a gradient, or call what does, all within this file.

    Args:
        nodes: of the whole file.
        functions: by name.

    Returns:
        for each {"name", "line", "how"}: its name, such as "GRU_Cell.backward"; where the quotient stands, or
        the imaginary part; and "differences" or "complex steps".
    """
    bodies = dict(functions)
    small = {name for node in nodes for name in _bound_small(node)}
    own = {name: how for name, node in bodies.items() if (how := _measures(node, small)) is not None}
    if not own:
        return []
    calls = _calls(bodies)
    answer = []
    for name in bodies:
        reached = _reached(name, calls)
        hit = next((one for one in bodies if one in reached and one in own), None)
        if hit is not None:
            line, words = own[hit]
            answer.append({"name": name[:100], "line": line, "how": words})
    return answer[:MOST_FOUND]


def shapes(functions: Mapping[str, Function]) -> dict[str, list[Any]]:
    """Return [number of nodes, digest] of each function, with those of the same file that it leads to.

    What counts is names and structure; layout, types, texts and numbers do not.
    """
    calls, alone = _calls(functions), {name: _shape(node) for name, node in functions.items()}
    order = {name: at for at, name in enumerate(functions)}
    answer = {}
    for name in functions:
        parts = [alone[one] for one in sorted(_reached(name, calls), key=order.__getitem__)]
        together = hashlib.sha256("".join([alone[name][1], *(one for _, one in parts)]).encode())
        answer[name] = [sum(count for count, _ in parts), together.hexdigest()[:32]]
    return answer


def _calls(functions: Mapping[str, Function]) -> dict[str, set[str]]:
    """Name of each function -> names of those that it may call, by the last part of what it names."""
    by_last: dict[str, list[str]] = {}
    for name in functions:
        by_last.setdefault(name.rpartition(".")[2], []).append(name)
    return {
        name: {one for last in _called(node) for one in by_last.get(last, ())}
        for name, node in functions.items()
    }


def _shape(function: Function) -> tuple[int, str]:
    said: list[str] = []
    nodes: list[Any] = [function.args, *_without_docstring(function.body)]
    for node in nodes:  # it grows on the way
        kind = type(node)
        words = [kind.__name__]
        for field in () if kind is ast.Constant else fields_of(kind, NO_SHAPE):
            value = getattr(node, field, None)
            below = value if type(value) is list else [value]
            words.append(f"{field}{len(below)}")
            words += [one for one in below if isinstance(one, str)]
            children = [one for one in below if isinstance(one, ast.AST)]
            nodes += _without_docstring(children) if field == "body" else children
        said.append(repr(words))
    text = "".join(said).encode(errors="surrogatepass")
    return len(nodes), hashlib.sha256(text).hexdigest()


def _without_docstring(body: list[Any]) -> list[Any]:
    first = body[0] if body else None
    is_text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return body[1:] if is_text and len(body) > 1 else body


def _reached(name: str, calls: Mapping[str, set[str]]) -> set[str]:
    reached, waiting = {name}, [name]
    while waiting:
        for one in calls.get(waiting.pop(), ()):
            if one not in reached:
                reached.add(one)
                waiting.append(one)
    return reached


def _called(node: ast.AST) -> Iterator[str]:
    """Yield the last names of what it calls, or hands on to be called: forward, of self.forward(x)."""
    for one in walk(node):
        if isinstance(one, ast.Call):
            for value in (one.func, *one.args):
                if isinstance(value, ast.Attribute):
                    yield value.attr
                elif isinstance(value, ast.Name):
                    yield value.id


def _measures(function: Function, small: set[str]) -> tuple[int, str] | None:
    """Where and how a function by itself measures a gradient; None if it does not."""
    nodes = walk(function)
    small = small | {name for node in nodes for name in _bound_small(node)}
    imaginary = next(
        (one.lineno for one in nodes if isinstance(one, ast.Attribute) and one.attr == "imag"), None
    )
    if imaginary is not None and any(_is_complex(one) for one in nodes):
        return imaginary, "complex steps"
    differences = _differences(nodes)
    for node in nodes:
        if (
            isinstance(node, ast.BinOp)
            and _is_quotient(node, small)
            and _has_difference(node.left, differences)
            # Dividing by a small number alone may be anything; with a step of it, it is a quotient.
            and any(_steps(one, small) for one in nodes)
        ):
            return node.lineno, "differences"
    return None


def _is_complex(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, complex)
    name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
    return name in ("complex", "complex64", "complex128", "cdouble", "complex_")


def _is_quotient(node: ast.BinOp, small: set[str]) -> bool:
    if isinstance(node.op, ast.Div):
        return _is_small(node.right, small)
    return isinstance(node.op, ast.Mult) and _is_reciprocal(node.right, small)


def _is_reciprocal(node: ast.AST, small: set[str]) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, int | float) and node.value >= 0.5 / SMALL
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and _is_small(node.right, small)


def _is_small(node: ast.AST, small: set[str]) -> bool:
    """Whether it is a small number, a name of one, or a product of one with whatever."""
    waiting, seen = [node], 0
    while waiting and seen < 50:
        one, seen = waiting.pop(), seen + 1
        if isinstance(one, ast.Constant):
            if isinstance(one.value, float) and 0 < abs(one.value) <= SMALL:
                return True
        elif isinstance(one, ast.Name | ast.Attribute):
            name = one.id if isinstance(one, ast.Name) else one.attr
            if name in small or (isinstance(one, ast.Attribute) and name == "eps"):
                return True
        elif isinstance(one, ast.BinOp) and isinstance(one.op, ast.Mult):
            waiting += [one.left, one.right]
        elif isinstance(one, ast.BinOp) and isinstance(one.op, ast.Pow | ast.Div):
            waiting.append(one.left)
            if isinstance(one.op, ast.Pow) and _is_power_of_ten(one):
                return True
        elif isinstance(one, ast.UnaryOp):
            waiting.append(one.operand)
        elif isinstance(one, ast.Call) and getattr(one.func, "attr", "") == "sqrt":
            waiting += one.args
    return False


def _is_power_of_ten(node: ast.BinOp) -> bool:
    """Whether it is 10**-5."""
    power = node.right
    return (
        isinstance(node.left, ast.Constant)
        and node.left.value in (10, 10.0)
        and isinstance(power, ast.UnaryOp)
        and isinstance(power.operand, ast.Constant)
        and isinstance(power.operand.value, int | float)
        and power.operand.value >= 3
    )


def _bound_small(node: ast.AST) -> Iterator[str]:
    if (
        isinstance(node, ast.Assign | ast.AnnAssign)
        and node.value is not None
        and _is_small(node.value, set())
    ):
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            if isinstance(target, ast.Name):
                yield target.id
            elif isinstance(target, ast.Attribute):
                yield target.attr
    elif isinstance(node, ast.arguments):
        named = [*node.posonlyargs, *node.args]
        pairs = zip(named[len(named) - len(node.defaults) :], node.defaults, strict=True)
        for argument, default in (*pairs, *zip(node.kwonlyargs, node.kw_defaults, strict=True)):
            if default is not None and _is_small(default, set()):
                yield argument.arg


def _differences(nodes: list[ast.AST]) -> set[str]:
    """Names that are bound to a difference, or to what one is in."""
    return {
        target.id
        for node in nodes
        if isinstance(node, ast.Assign) and _has_difference(node.value, set())
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _has_difference(node: ast.AST, known: set[str]) -> bool:
    return any(
        (isinstance(one, ast.BinOp) and isinstance(one.op, ast.Sub))
        or (isinstance(one, ast.Name) and one.id in known)
        or (isinstance(one, ast.Attribute) and one.attr == "subtract")
        for one in walk(node)
    )


def _steps(node: ast.AST, small: set[str]) -> bool:
    """Whether it adds a small number to something, or takes it off."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        return _is_small(node.left, small) or _is_small(node.right, small)
    if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add | ast.Sub):
        return _is_small(node.value, small)
    # One entry of a direction, or its row of an identity, that is added as a whole.
    return (
        isinstance(node, ast.Assign)
        and not isinstance(node.targets[0], ast.Name)
        and _is_small(node.value, small)
    )
