"""Moodle's "Download all submissions" of an assignment.

The rule, from github.com/moodle/moodle, mod/assign/classes/downloader.php (`get_student_prefix`,
`load_submissionplugin_filelist`): `NAME_ID_assignsubmission_PLUGIN/` with the student's own folders inside,
or, where "Download submissions in folders" is off, `NAME_ID_assignsubmission_PLUGIN_FILENAME`. PLUGIN is
`file` or `onlinetext`. Underscores of NAME are written as spaces. ID is the participant's number within this
assignment, which the offline grading worksheet writes as `Participant ID`; it is no user's id. Of a team,
NAME and ID are the group's. Older releases, as public exports show, put an underscore behind the folder's
name too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.batch.collect.platforms.export_names import ExportName, Item, Sorted, Sorting
from grader.batch.entry import Ignored

NAME = "moodle"

_FOLDER = re.compile(r"(?P<name>.+)_(?P<id>[0-9]+)_assignsubmission_(?P<plugin>[a-z]+)_?")
_FILE = re.compile(r"(?P<name>.+?)_(?P<id>[0-9]+)_assignsubmission_(?P<plugin>[a-z]+)_(?P<file>.+)")


def read(items: Sequence[Item], /) -> Sorted:
    """Find the hand-ins among these files and folders."""
    found = Sorting()
    for item in items:
        match = (_FOLDER if item.is_folder else _FILE).fullmatch(item.name)
        if not match:
            found.odd.append(item)
        elif match["plugin"] != "file":
            found.ignored.append(Ignored(str(item.path), "is a text that was typed into Moodle"))
        elif item.is_folder:
            found.named.append(ExportName(match["id"], item, name=match["name"]))
        else:
            found.named.append(
                ExportName(match["id"], item, 0, match["name"], match["file"], part_of=match["id"])
            )
    return found.done()
