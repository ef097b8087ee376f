"""A declaration as JSON and back: all that is plain in it; its functions are fetched when one is called.

What is no number, text or nothing is a list, whose first entry says what it is. Nothing is run, and no name
in it decides what is imported: a function is known by its place in the declaration, or is one of
`grader.second`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import partial
from types import FunctionType
from typing import Any

from grader import second
from grader.declaration import (
    Check,
    Environment,
    GradientOf,
    HintLevel,
    Limits,
    Loaded,
    Output,
    Person,
    Probe,
    Problem,
    Reading,
    Rule,
    Shape,
    SizesOfOne,
    Wanted,
    Without,
)

ENUMS = {one.__name__: one for one in (Environment, HintLevel, Shape, SizesOfOne, Without)}
CLASSES = {
    one.__name__: one
    for one in (Check, GradientOf, Limits, Output, Person, Probe, Problem, Reading, Rule, Wanted)
}
SECOND: Mapping[str, Callable[..., Any]] = {"judge": second.judge, "two_steps": second.two_steps}
# Read from its folder each time, or what was listed once more.
FILES = ("folder", "starter", "provided", "solution", "found_suites", "found_explains")

Path = tuple[Any, ...]
"""Names of attributes, keys and positions, from the assignment down."""


def written(assignment: Loaded) -> dict[str, Any]:
    """Return what is said of an assignment, by attribute.

    Raises:
        TypeError: something in it cannot be said.
    """
    names = [one.name for one in fields(Loaded) if one.name not in FILES]
    return {name: _said(getattr(assignment, name), (name,)) for name in names}


def read(said: Mapping[str, Any], declared: Callable[[], Loaded]) -> dict[str, Any]:
    """Return the attributes of which this was said.

    Args:
        said: what was said of them.
        declared: gives the assignment as it is declared: asked when a function of it is called.

    Raises:
        KeyError, ValueError, TypeError: it does not say what an assignment is.
    """
    return {name: _meant(one, declared) for name, one in said.items()}


def _said(value: Any, path: Path) -> Any:
    kind = type(value)
    if value is None or kind in (bool, int, float, str):
        return value
    if kind in (tuple, list):
        return [kind.__name__, *(_said(one, (*path, at)) for at, one in enumerate(value))]
    if isinstance(value, Mapping):
        return ["dict", *([_plain(key), _said(one, (*path, key))] for key, one in value.items())]
    if ENUMS.get(kind.__name__) is kind:
        return ["enum", kind.__name__, value.name]
    if CLASSES.get(kind.__name__) is kind:
        own = {one.name: _said(getattr(value, one.name), (*path, one.name)) for one in fields(value)}
        return ["class", kind.__name__, own]
    whole, arguments = (value.func, value.args) if isinstance(value, partial) else (value, ())
    if isinstance(whole, FunctionType) and SECOND.get(whole.__name__) is whole and not _keywords(value):
        return ["second", whole.__name__, *(_said(one, (*path, at)) for at, one in enumerate(arguments))]
    if callable(value):
        return ["function", *map(_plain, path)]
    raise TypeError(f"{kind.__name__} cannot be listed")


def _keywords(value: Any) -> Mapping[str, Any]:
    return value.keywords if isinstance(value, partial) else {}


def _plain(key: Any) -> str | int:
    if type(key) not in (str, int):
        raise TypeError(f"a key of type {type(key).__name__} cannot be listed")
    return key  # type: ignore[no-any-return]


def _meant(said: Any, declared: Callable[[], Loaded]) -> Any:
    if not isinstance(said, list):
        return said
    kind, *rest = said
    if kind == "tuple":
        return tuple(_meant(one, declared) for one in rest)
    if kind == "list":
        return [_meant(one, declared) for one in rest]
    if kind == "dict":
        return {key: _meant(one, declared) for key, one in rest}
    if kind == "enum":
        return ENUMS[rest[0]][rest[1]]
    if kind == "class":
        return CLASSES[rest[0]](**{name: _meant(one, declared) for name, one in rest[1].items()})
    if kind == "second":
        arguments = [_meant(one, declared) for one in rest[1:]]
        return partial(SECOND[rest[0]], *arguments) if arguments else SECOND[rest[0]]
    if kind == "function":
        return partial(_called, declared, tuple(rest))
    raise ValueError(f"{kind!r} is nothing that a declaration has")


def _called(declared: Callable[[], Loaded], path: Path, *arguments: Any) -> Any:
    """Call the function at a place of the declaration."""
    found: Any = declared()
    for step in path:
        found = getattr(found, step) if _is_attribute(found, step) else found[step]
    return found(*arguments)


def _is_attribute(found: Any, step: str | int) -> bool:
    return isinstance(step, str) and not isinstance(found, Mapping)
