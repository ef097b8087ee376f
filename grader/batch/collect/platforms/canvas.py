"""Canvas's "Download Submissions".

The rule, from github.com/instructure/canvas-lms, lib/content_zipper.rb (`get_filename`,
`add_upload_submission`): `NAME[_LATE]_USER_ATTACHMENT_FILENAME`, where NAME is the sortable name in lower
case without anything that is no letter, digit or underscore, USER the user's id (the column `ID` of the
gradebook), and ATTACHMENT the file's id. Anonymous submissions are `[LATE_]anon_CODE_ATTACHMENT_FILENAME`.
What was typed into a box ends in `_text.html`, a link in `_link.html`. The name holds no `_DIGITS_`: Canvas
takes that out, since it finds USER by it again (`infer_comment_context_from_filename` in
app/models/assignment.rb).

A student who hands in a file of the same name again gets `gru-1.py`, then `gru-2.py`:
app/models/attachment.rb, `make_unique_filename`. The last attempt alone is in the download.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from grader.batch.collect.platforms.export_names import SOURCES, ExportName, Item, Sorted, Sorting
from grader.batch.entry import Ignored

NAME = "canvas"

_UPLOAD = re.compile(r"(?P<name>\w*?)(?P<late>_LATE)?_(?P<user>[0-9]+)_(?P<attachment>[0-9]+)_(?P<file>.+)")
_ANONYMOUS = re.compile(r"(LATE_)?anon_(?P<user>[A-Za-z0-9]+)_(?P<attachment>[0-9]+)_(?P<file>.+)")
_TYPED = re.compile(r"\w+_([0-9]+|anon_[A-Za-z0-9]+)_(text|link)\.html")
_AGAIN = re.compile(
    r"(?P<stem>.+)-([0-9]+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})(?P<suffix>\.[A-Za-z0-9]+)"
)


def read(items: Sequence[Item], /) -> Sorted:
    """Find the hand-ins among these files."""
    found = Sorting()
    uploads: list[ExportName] = []
    for item in items:
        match = None if item.is_folder else _ANONYMOUS.fullmatch(item.name) or _UPLOAD.fullmatch(item.name)
        if match:
            user, name = match["user"], match.groupdict().get("name") or None
            # With the name: who calls oneself `eve_4712` adds no file to what 4712 has handed in.
            together = f"{name} {user}"
            uploads.append(ExportName(user, item, int(match["attachment"]), name, match["file"], together))
        elif not item.is_folder and _TYPED.fullmatch(item.name):
            found.ignored.append(Ignored(str(item.path), "is a text or a link that was typed into Canvas"))
        else:
            found.odd.append(item)
    found.named.extend(_with_first_names(uploads))
    return found.done()


def _with_first_names(uploads: Sequence[ExportName]) -> list[ExportName]:
    """Call `gru-1.py` `gru.py` again, so that the other files of the hand-in can import it."""
    taken = {(one.part_of, one.original) for one in uploads}
    renamed = []
    for one in uploads:
        again = _AGAIN.fullmatch(one.original or "")
        first = f"{again['stem']}{again['suffix']}" if again else ""
        if first.endswith(SOURCES) and (one.part_of, first) not in taken:
            taken.add((one.part_of, first))
            one = replace(one, original=first)
        renamed.append(one)
    return renamed
