"""What Autolab makes of a grader's output: its own substitution and parsing, with every rule checked.

Read from Autolab's app/helpers/assessment_autograde_core.rb: the feedback is stripped on the right, the last
line is rewritten by `gsub(/([a-zA-Z0-9]+):/, '"\\1":')` and parsed as JSON, and `scores` is stored problem by
problem. Whatever goes wrong there gives every problem without a score 0 points, so nothing may go wrong:

1. the last line that is not blank is one line of JSON: an object with a `scores` object that is not empty;
2. no letter or digit stands directly before a colon inside a string (the substitution would break it);
3. no NaN, no Infinity, no name twice;
4. the names are those of the problems;
5. (what happens when a rule is broken: 0 points;)
6. scores are numbers (which are not clamped to the maximum: not to exceed it is up to the grader);
7. the last line is below 64 KiB, the last two together below 512,000 bytes, all of it below 10,000 lines and
   512,000 bytes;
8. `scoreboard` is an array;
9. a score of null is stored as no score.

The line before it may be the formatted feedback (the "semantic" presentation). Where it is no such object,
Autolab shows the plain output alone; but once it is one:

10. `stages` lists names, and under each stands an object of tests: one that lacks breaks the page;
11. `passed` is true or false: of all else null is shown as failed, and anything other, 0 and "false" too, as
    passed; `hint` is a text;
12. a name that begins with _ is not shown, or Autolab's own (`_presentation`, `_scores_order`, `_order`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from grader.autolab_rules import ALL_BYTES, ALL_LINES, BARE_KEY, LAST_LINE_BYTES

_RUBY_BLANKS = "\0\t\n\v\f\r "  # what String#rstrip removes


class RuleBrokenError(ValueError):
    """Autolab would not record these scores.

    Args:
        rule: number of the rule, as in this module's docstring.
        message: what breaks it.
    """

    def __init__(self, rule: int, message: str) -> None:
        """Name the rule in the message too."""
        super().__init__(f"Autolab's rule {rule}: {message}")
        self.rule = rule


def read(feedback: str, problems: Sequence[str]) -> Mapping[str, float | None]:
    """Read the scores that Autolab records from a grader's whole output.

    Args:
        feedback: all that the grader printed.
        problems: names of the problems that must get a score, in any order.

    Returns:
        problem -> points, or None where no score is recorded.

    Raises:
        RuleBrokenError: the output breaks a rule.
    """
    line = last_line(feedback)
    rewritten = BARE_KEY.sub(r'"\1":', line)
    result = _parsed(line, rewritten)
    scores = result.get("scores") if isinstance(result, dict) else None
    if not isinstance(scores, dict) or not scores:
        raise RuleBrokenError(1, "the last line has no `scores` object, or an empty one")
    if set(scores) != set(problems):
        raise RuleBrokenError(4, f"scores for {sorted(scores)}, but the problems are {sorted(problems)}")
    for name, points in scores.items():
        _check_points(name, points)
    if not isinstance(result.get("scoreboard"), list):
        raise RuleBrokenError(8, "`scoreboard` is missing or no array")
    return scores


def read_feedback(feedback: str) -> Mapping[str, Mapping[str, bool]]:
    """Read the formatted feedback of a grader's whole output, from the line before the last.

    Returns:
        stage -> test -> whether it is shown as passed.

    Raises:
        RuleBrokenError: it is none, or one that Autolab would show wrongly.
    """
    last = last_line(feedback)
    above = feedback.rstrip(_RUBY_BLANKS).removesuffix(last).splitlines()
    if not above:
        raise RuleBrokenError(10, "there is no line before the last")
    shown = _parsed(above[-1], above[-1])
    if not isinstance(shown, dict) or shown.get("_presentation") != "semantic":
        raise RuleBrokenError(10, "the line before the last is no feedback in the semantic presentation")
    stages = shown.get("stages")
    if not isinstance(stages, list) or not all(isinstance(stage, str) for stage in stages):
        raise RuleBrokenError(10, "`stages` is no list of names")
    if any(stage.startswith("_") for stage in stages):
        raise RuleBrokenError(12, f"a stage begins with _ among {stages}")
    return {stage: _tests(stage, shown.get(stage)) for stage in stages}


def _tests(stage: str, tests: Any) -> dict[str, bool]:
    if not isinstance(tests, dict):
        raise RuleBrokenError(10, f"the stage {stage!r} is listed and not there")
    for name, test in tests.items():
        if name.startswith("_"):
            raise RuleBrokenError(12, f"{name!r} of {stage!r} begins with _")
        if not isinstance(test, dict) or not isinstance(test.get("passed"), bool):
            raise RuleBrokenError(11, f"whether {name!r} of {stage!r} passed is neither true nor false")
        if not isinstance(test.get("hint", ""), str):
            raise RuleBrokenError(11, f"the hint of {name!r} of {stage!r} is no text")
    return {name: test["passed"] for name, test in tests.items()}


def last_line(feedback: str) -> str:
    """Return the line that Autolab parses, once the sizes are right.

    Raises:
        RuleBrokenError: nothing was printed, too much was, or something that is no UTF-8.
    """
    try:
        size_bytes = len(feedback.encode())
    except UnicodeEncodeError as error:
        raise RuleBrokenError(7, "the output is not valid UTF-8: a lone surrogate") from error
    lines = feedback.rstrip(_RUBY_BLANKS).split("\n")
    if not lines[-1]:
        raise RuleBrokenError(1, "nothing was printed")
    if len(lines[-1].encode()) >= LAST_LINE_BYTES:
        raise RuleBrokenError(7, f"the last line has {len(lines[-1].encode()):,} bytes; 65,535 fit")
    if size_bytes >= ALL_BYTES:
        raise RuleBrokenError(7, f"the output has {size_bytes:,} bytes; 511,999 fit")
    if len(lines) >= ALL_LINES:
        raise RuleBrokenError(7, f"the output has {len(lines):,} lines; 9,999 fit")
    return lines[-1]


def _parsed(line: str, rewritten: str) -> Any:
    try:
        return json.loads(rewritten, object_pairs_hook=_no_duplicates, parse_constant=_no_constant)
    except RuleBrokenError:
        raise
    except (ValueError, RecursionError) as error:
        rule = 1
        if rewritten != line:
            try:  # Was it JSON before the substitution? Then the substitution broke it.
                json.loads(line)
                rule = 2
            except (ValueError, RecursionError):
                pass
        raise RuleBrokenError(
            rule, f"after Autolab's substitution the last line is no JSON: {error}"
        ) from error


def _check_points(problem: str, points: Any) -> None:
    if points is None:
        return
    if isinstance(points, bool) or not isinstance(points, int | float):
        raise RuleBrokenError(6, f"the score of {problem!r} is {points!r}, no number")
    if not math.isfinite(points):  # 1e999 is JSON, and too large for a float
        raise RuleBrokenError(3, f"the score of {problem!r} is {points}")


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise RuleBrokenError(3, f"a name stands twice among {[name for name, _ in pairs]}")
    return result


def _no_constant(name: str) -> Any:
    raise RuleBrokenError(3, f"{name} is not JSON")
