"""What the commands share: the form of their help, and what an argument's text may say."""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

GRADED, BELOW, USAGE, OUR_FAULT = 0, 1, 2, 3

EPILOG = """\
exit status: 0 graded, whatever the score, and rejected (0 points); 1 below --fail-under;
2 wrong usage; 3 the grader failed, and nothing was recorded. --format autolab always exits 0.
"""


def command(
    commands: Commands, name: str, does: str, *, epilog: str = EPILOG, description: str = ""
) -> argparse.ArgumentParser:
    """A command's parser, with what every command takes.

    Args:
        commands: where it is added.
        name: what is typed.
        does: one line, a verb first, without a capital letter.
        epilog: what stands below its options.
        description: what stands above them; `does` as a sentence, unless given.
    """
    parser = commands.add_parser(
        name,
        help=does,
        description=description or f"{does[0].upper()}{does[1:]}.",
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--assignments", metavar="DIR", type=Path, help="a folder of further assignments of your own"
    )
    return parser


def seed(text: str) -> int:
    """A seed, for argparse."""
    try:
        number = int(text)
    except ValueError:
        number = -1
    if number < 0:
        raise argparse.ArgumentTypeError(f"a seed is a whole number, 0 or more, not {text!r}")
    return number


def points(text: str) -> float:
    """Points, for argparse."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):  # a score is never below NaN: nobody would fail
        raise argparse.ArgumentTypeError(f"points are a number, not {text!r}")
    return number
