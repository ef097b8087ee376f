"""Finds the wanted files in a hand-in, at their own places or at the usual wrong ones."""

from __future__ import annotations

import posixpath

from grader.declaration import Assignment, Wanted
from grader.errors import Rejection
from grader.intake.candidates import Fit, are_alternatives, candidates, definers, in_place, python_files
from grader.intake.paths import REBUILD, listing, printable
from grader.records import Finding, HandIn, Submission, notice

_BUILD = {
    "tar": "tar -cf handin.tar",
    "tar.gz": "tar -czf handin.tar",
    "tar.bz2": "tar -cjf handin.tar",
    "tar.xz": "tar -cJf handin.tar",
    "zip": "zip -r handin.zip",
}
_FORMS = {
    "tar": "a plain tar",
    "tar.gz": "a tar compressed by gzip",
    "tar.bz2": "a tar compressed by bzip2",
    "tar.xz": "a tar compressed by xz",
    "zip": "a zip",
}
_SAVE_AGAIN = "Open it in Jupyter with a Python kernel, run it, save it, and hand that file in."
_ARCHIVE_ENDINGS = (".tar", ".tgz", ".tar.gz", ".gz", ".bz2", ".xz", ".zip", ".rar", ".7z")


def locate(hand_in: HandIn, assignment: Assignment) -> Submission:
    """Where each file is that the assignment asks for.

    The place that the statement names goes before all others. Elsewhere, a file that defines what it should
    goes before one that does not, then the right name before one that is nearly right or accepted too, then
    the right folder (inside of wrapper folders) before a wrong one, then the fewer folders around it. Only
    where no name fits, a Python file of any name that defines what is asked will do. Each file that was found
    elsewhere has its notice.

    Raises:
        Rejection: a required file is not there, or none at all, or two different ones could be one of them.
    """
    found: dict[str, str] = {}
    findings: list[Finding] = []
    if (form := _form_notice(hand_in, assignment)) is not None:
        findings.append(form)
    for wanted in assignment.wanted:
        taken = {*found.values(), *(other.path for other in assignment.wanted if other is not wanted)}
        unread: set[str] = set()
        for search in (candidates, definers, _single_file):
            fits = {path: fit for path, fit in search(hand_in, wanted).items() if path not in taken}
            unread |= {path for path in fits if _problem(hand_in, path)}
            fits = {path: fit for path, fit in fits.items() if path not in unread}
            if fits:
                break
        else:
            if unread and wanted.required:
                raise _unreadable(hand_in, min(unread))
            if wanted.required:
                raise _missing(hand_in, wanted, assignment)
            continue
        found[wanted.path] = _best(hand_in, wanted, fits)
        several = not wanted.required and len(fits) > 1
        if several or not in_place(hand_in, found[wanted.path], wanted):
            findings.append(_place_notice(wanted, found[wanted.path], fits, assignment))
        findings += [_about_unread(hand_in, path) for path in sorted(unread)]
    if not found and (broken := sorted(path for path in hand_in.notebooks if _problem(hand_in, path))):
        raise _unreadable(hand_in, broken[0])
    if not found:
        raise _missing(hand_in, assignment.wanted[0], assignment)
    return Submission(hand_in, found, tuple(findings))


def build_command(assignment: Assignment) -> str:
    """Return the command that builds the archive the statement asks for: `tar -czf handin.tar hw3`."""
    tops = sorted({wanted.path.split("/")[0] for wanted in assignment.wanted})
    return f"{_BUILD.get(assignment.archive or 'tar.gz', _BUILD['tar.gz'])} {' '.join(tops)}"


def advised(rejection: Rejection, assignment: Assignment) -> Rejection:
    """Return the rejection of what could not be unpacked, with the command of this assignment's statement."""
    advice = f"Build the archive again: {build_command(assignment)}"
    alone = assignment.wanted[0].path
    if assignment.archive is None and len(assignment.wanted) == 1 and "/" not in alone:
        advice = f"Hand in {alone} as it is, or build the archive again: {build_command(assignment)}"
    if rejection.hint is not None:
        rejection.hint = rejection.hint.replace(REBUILD, advice)
    return rejection


def _single_file(hand_in: HandIn, _: Wanted) -> dict[str, Fit]:
    """Return a lone file, which may have any name: whoever names it on the command line means it."""
    fit = Fit(elsewhere=True, undefined=True, name=3, wrong_folder=True, depth=0, notebook=False)
    return dict.fromkeys(hand_in.files, fit) if hand_in.form == "file" else {}


def _problem(hand_in: HandIn, path: str) -> str | None:
    """Why a file has no Python that could be graded, if it is a notebook; to stand behind its name."""
    return hand_in.notebooks[path].problem if path in hand_in.notebooks else None


def _unreadable(hand_in: HandIn, path: str) -> Rejection:
    name = printable(path)
    where = name if hand_in.form == "file" else f"{name} in {printable(hand_in.name)}"
    return Rejection(f"{where} {_problem(hand_in, path)}.", _SAVE_AGAIN)


def _about_unread(hand_in: HandIn, path: str) -> Finding:
    return notice(f"this {_problem(hand_in, path)}; it was passed over", _SAVE_AGAIN, path)


def _best(hand_in: HandIn, wanted: Wanted, fits: dict[str, Fit]) -> str:
    best = min(fits.values())
    equal = sorted(path for path, fit in fits.items() if fit == best)
    differ = len({hand_in.files[path] for path in equal}) > 1
    if wanted.required and differ and are_alternatives(hand_in, equal, wanted):
        raise Rejection(
            f"{printable(hand_in.name)} holds {len(equal)} different files that could be {wanted.path}: "
            f"{listing(equal)}.",
            f"Hand in only the one that is to be graded, as {wanted.path}.",
        )
    return equal[0]


def _missing(hand_in: HandIn, wanted: Wanted, assignment: Assignment) -> Rejection:
    names = {*wanted.path.split("/"), *wanted.also}
    links = [
        finding.message
        for finding in hand_in.findings
        if finding.file is not None and posixpath.basename(finding.file) in names
    ]
    archives = [path for path in hand_in.files if path.lower().endswith(_ARCHIVE_ENDINGS)]
    there = f"it holds {listing(hand_in.files)}"
    if links:
        there = links[0].rstrip(".")
    elif archives and not any(python_files(hand_in)):
        there = f"it holds {listing(archives)}, an archive inside of the archive"
    return Rejection(
        f"{printable(hand_in.name)} has no file {wanted.path}: {there}.",
        f"Put your work into {wanted.path} and build the archive again: {build_command(assignment)}",
    )


def _place_notice(wanted: Wanted, path: str, fits: dict[str, Fit], assignment: Assignment) -> Finding:
    others = [other for other in fits if other != path]
    passed_over = f", rather than {listing(others)}" if others else ""
    return notice(
        f"{wanted.path} was expected; {printable(path)} was taken for it{passed_over}.",
        f"The statement asks for {wanted.path}: {build_command(assignment)}",
        path,
    )


def _form_notice(hand_in: HandIn, assignment: Assignment) -> Finding | None:
    asked, got = assignment.archive, hand_in.form
    if asked is None or asked == got or asked not in _FORMS or got not in _FORMS:  # a folder is a local check
        return None
    return notice(
        f"{printable(hand_in.name)} is {_FORMS[got]}; the statement asks for {_FORMS[asked]}.",
        f"Build it with: {build_command(assignment)}",
    )
