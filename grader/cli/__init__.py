"""The command line: arguments in, a rendered report and an exit code out."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

from grader import __version__, course, discovery, listed, supervisor
from grader.cli.options import EPILOG, GRADED, OUR_FAULT, USAGE, rows
from grader.cli.writing import write_somewhere
from grader.declaration import Loaded
from grader.errors import UsageError
from grader.report import autolab_line, escape
from grader.report.outline import OURS
from grader.report.page import Page
from grader.supervisor import said

# In which module a command is: a grading imports none of the others.
COMMANDS = {
    "grade": "grading",
    "assignments": "grading",
    "doctor": "grading",
    "batch": "batch",
    "bake": "baking",
    "autolab-lab": "lab",
    "image-check": "lab",
    "verify": "verify",
    "present": "presenting",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. Prints no traceback of ours, whatever happens."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    known: tuple[Loaded, ...] = ()
    try:
        known = _known(arguments)
        foretell(arguments, known)
        options = _parser(arguments).parse_args(arguments)
        if options.assignments is not None:
            known = _with(options.assignments)
            foretell(arguments, known)
        run: Callable[[argparse.Namespace, Sequence[Loaded]], int] = options.run
        return run(options, known)
    except UsageError as error:
        return _ended(arguments, known, f"cellgrade: {error}", USAGE)
    except SystemExit as exit_:  # argparse has printed what is wrong, or the help that was asked for
        code = exit_.code if isinstance(exit_.code, int) else USAGE
        return code if code == 0 else _ended(arguments, known, None, code)
    except KeyboardInterrupt:
        return _ended(arguments, known, "cellgrade: interrupted; nothing was recorded", 130)
    except BrokenPipeError:  # whoever read the report has seen enough
        return GRADED
    except Exception as error:  # a bug of ours, or of an assignment's; --debug shows where
        if os.environ.get("CELLGRADE_DEBUG"):
            raise
        if "--debug" in arguments:
            traceback.print_exc()
        return _ended(arguments, known, f"{OURS}\n{type(error).__name__}: {error}", OUR_FAULT)


def foretell(arguments: Sequence[str], known: Sequence[Loaded] | None = None) -> None:
    """Tell whoever watches this process what the last line is, should it not get as far as printing one.

    Args:
        arguments: the command line's.
        known: the assignments; None for those that come with cellgrade.
    """
    if supervisor.is_there() and said(arguments, "--format") == "autolab":
        known = _known(arguments) if known is None else known
        supervisor.expect(OURS, autolab_line.without_scores(_names(arguments, known)))


def _known(arguments: Sequence[str]) -> tuple[Loaded, ...]:
    """Return the assignments that come with cellgrade; a grading needs one, and imports no other."""
    return listed.assignments() if arguments[:1] == ["grade"] else discovery.assignments()


def _names(arguments: Sequence[str], known: Sequence[Loaded]) -> Sequence[str]:
    """Name the problems that stand in a line that records no score."""
    settings = said(arguments, "--course")
    name = said(arguments, "--assignment") or course.named(settings)
    if name is not None and all(one.name != name for one in known):
        # One of the course's own, which could not be read: its settings name the problems.
        return course.rows(settings) or rows(known, name)
    return rows(known, name)


def _with(folder: Path) -> tuple[Loaded, ...]:
    if not any(folder.glob("*/assignment.py")):
        nearer = f"; did you mean {folder.resolve().parent}?" if (folder / "assignment.py").exists() else ""
        raise UsageError(f"{folder} holds no assignment: no folder in it has an assignment.py{nearer}")
    return discovery.assignments(discovery.BUILT_IN, folder)


def _parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    """Return a parser that knows the command that comes first; all commands, where that is none of them."""
    parser = argparse.ArgumentParser(
        prog="cellgrade",
        description="Grade recurrent-network homework against PyTorch.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"cellgrade {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    first = COMMANDS.get(arguments[0]) if arguments else None
    for name in [first] if first else dict.fromkeys(COMMANDS.values()):
        importlib.import_module(f"{__name__}.{name}").add(commands)
    return parser


def _ended(arguments: Sequence[str], known: Sequence[Loaded], message: str | None, code: int) -> int:
    """End without a report. Autolab still gets a last line that it can read, and exit status 0."""
    with contextlib.suppress(OSError):  # the output's own end is gone or full: there is nobody to tell
        if said(arguments, "--format") != "autolab":
            if message:
                print(escape.visible(message, keep="\n"), file=sys.stderr)
            return code
        page = Page(ascii_only=True)
        if OURS not in (message or ""):  # whoever called wrongly, it was not the student who reads this
            page.prose(OURS)
        page.prose(message or "cellgrade was called wrongly.")
        ending = f"{page.render()}\n{autolab_line.without_scores(_names(arguments, known))}\n"
        output = said(arguments, "--output")
        # What a student before this one got there must not be read as this one's.
        write_somewhere(ending, Path(output) if output else None)
    return GRADED
