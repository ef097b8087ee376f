"""The table [hints] of course.toml: what students are told of their mistakes, read and written."""

from __future__ import annotations

import json
from datetime import date, datetime, time

from grader.course.toml_table import TomlTable
from grader.declaration import HintLevel
from grader.errors import UsageError
from grader.hints import HintPolicy, HintRule

KEYS = ("level", "counterexample", "rules")
RULE_KEYS = ("level", "from", "until", "from_attempt", "to_attempt")
OFFSET = "a date with its time and its offset from UTC, as in 2026-12-01T23:59:00+01:00"


def read(table: TomlTable) -> HintPolicy:
    """Return what the table says.

    Raises:
        UsageError: it says something that cannot be, or not what holds for some hand-in.
    """
    level = _level(table) or HintPolicy.level
    counterexample = table.take("counterexample", bool, "true or false")
    listed = table.list_of("rules", "rule")
    table.end(KEYS)
    rules = [_rule(one) for one in listed]
    try:
        return HintPolicy(level, counterexample is not False, tuple(rules))
    except UsageError as error:
        raise UsageError(f"{table.path}: [hints] {error}") from None


def written(policy: HintPolicy) -> list[str]:
    """Return the lines of the table that says what holds, with a word on each."""
    words = ", ".join(json.dumps(level.value) for level in HintLevel)
    lines = [
        "[hints]  # what students are told of their mistakes",
        f"level = {json.dumps(policy.level.value)}  # one of {words}",
        f"counterexample = {json.dumps(policy.counterexample)}  # whether the smallest failing case is shown",
    ]
    if policy.rules:
        lines += [
            "rules = [  # which go before it",
            *(f"    {_written(rule)}," for rule in policy.rules),
            "]",
        ]
    return lines


def _rule(table: TomlTable) -> HintRule:
    level = _level(table)
    if level is None:
        table.fail("level", "is missing")
    begins, ends = _moment(table, "from"), _moment(table, "until")
    first, last = _attempt(table, "from_attempt"), _attempt(table, "to_attempt")
    table.end(RULE_KEYS)
    try:
        return HintRule(level, begins, ends, 1 if first is None else first, last)
    except UsageError as error:
        raise UsageError(f"{table.place} {error}") from None


def _level(table: TomlTable) -> HintLevel | None:
    known = [level.value for level in HintLevel]
    what = f"one of {', '.join(known)}"
    value = table.take("level", str, what)
    if value is not None and value not in known:
        table.fail("level", f"must be {what}, not {value!r}")
    return None if value is None else HintLevel(value)


def _moment(table: TomlTable, key: str) -> datetime | None:
    value = table.take(key, (date, time, str, int, float), OFFSET)
    if value is None:
        return None
    if not isinstance(value, datetime) or value.tzinfo is None:
        table.fail(key, f"must be {OFFSET}, not {value!s}")
    return value


def _attempt(table: TomlTable, key: str) -> int | None:
    what = "the number of an attempt, 1 or more"
    value = table.take(key, int, what)
    if value is not None and value < 1:
        table.fail(key, f"must be {what}, not {value}")
    return None if value is None else int(value)


def _written(rule: HintRule) -> str:
    said = {"from": rule.begins, "until": rule.ends}
    parts = [f"{key} = {moment.isoformat()}" for key, moment in said.items() if moment is not None]
    parts += [f"from_attempt = {rule.from_attempt}"] if rule.from_attempt > 1 else []
    parts += [f"to_attempt = {rule.to_attempt}"] if rule.to_attempt is not None else []
    return f"{{ {', '.join([*parts, f'level = {json.dumps(rule.level.value)}'])} }}"
