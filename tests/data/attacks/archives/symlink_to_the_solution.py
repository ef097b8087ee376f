# attack: hand in a symbolic link to the model hand-in, as the grader's machine has it
# earns: 0
# stopped by: links are not followed on unpacking
import tarfile
from pathlib import Path

ABOVE = [folder for folder in Path(__file__).resolve().parents if (folder / "src").is_dir()] or [Path("/")]
TARGETS = (
    str(ABOVE[0] / "src" / "gru_cell" / "hw3" / "gru.py"),
    "../../../../../src/gru_cell/hw3/gru.py",
    "/proc/self/cwd/src/x",
)


def build(path: Path) -> None:
    with tarfile.open(path, "w") as archive:
        for name, target in zip(("hw3/gru.py", "gru.py", "hw3/other.py"), TARGETS, strict=True):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, target
            archive.addfile(member)
