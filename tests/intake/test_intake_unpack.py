"""Unpacking what honest students hand in: every form, and every honest mistake."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import os
import subprocess
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import Rejection, UsageError
from grader.intake import unpack
from grader.records import Blame

GRU = b"class GRU_Cell:\n    pass\n"
FILES = {
    "hw3/gru.py": GRU,
    "hw3/nested/activation.py": b"import numpy as np\n",
    "README": b"",
    "hw3/\u00e9.py": b"1",
}


def lay_out(root: Path, files: Mapping[str, bytes]) -> Path:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return root


def tar_of(files: Mapping[str, bytes], tar_format: int = tarfile.GNU_FORMAT) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tar_format) as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def zip_of(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def handed_in(folder: Path, data: bytes, name: str = "handin.tar") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("flags", "form"),
    [("-cf", "tar"), ("-czf", "tar.gz"), ("-cjf", "tar.bz2"), ("-cJf", "tar.xz")],
)
@pytest.mark.parametrize("tar_format", ["v7", "oldgnu", "gnu", "ustar", "posix"])
def test_the_tar_command(tmp_path: Path, flags: str, form: str, tar_format: str) -> None:
    """Whatever the tar command builds comes out as the same files, and all of it may be called handin.tar."""
    root = lay_out(tmp_path / "work", FILES)
    archive = tmp_path / "handin.tar"
    command = ["tar", f"--format={tar_format}", flags, str(archive), "-C", str(root), "./hw3", "README"]
    subprocess.run(command, check=True)
    hand_in = unpack(archive)
    assert dict(hand_in.files) == FILES
    assert (hand_in.name, hand_in.form, hand_in.findings) == ("handin.tar", form, ())


@pytest.mark.parametrize("tar_format", ["oldgnu", "gnu", "ustar", "posix"])
def test_long_names(tmp_path: Path, tar_format: str) -> None:
    """Each format has its own way to hold a path of more than 100 bytes."""
    files = {"/".join(["a" * 50, "b" * 50, "c" * 50, "gru.py"]): GRU}
    root = lay_out(tmp_path / "work", files)
    archive = tmp_path / "handin.tar"
    subprocess.run(["tar", f"--format={tar_format}", "-cf", archive, "-C", root, "a" * 50], check=True)
    assert dict(unpack(archive).files) == files


def test_all_forms_are_one(tmp_path: Path) -> None:
    """The digest tells what was handed in, not how it was packed."""
    tar = tar_of(FILES)
    paths = [
        lay_out(tmp_path / "folder", FILES),
        handed_in(tmp_path, tar, "a"),
        handed_in(tmp_path, tar_of(dict(reversed(FILES.items())), tarfile.PAX_FORMAT), "b"),
        handed_in(tmp_path, gzip.compress(tar), "c"),
        handed_in(tmp_path, bz2.compress(tar), "d"),
        handed_in(tmp_path, lzma.compress(tar), "e"),
        handed_in(tmp_path, zip_of(FILES), "f.tar"),
        handed_in(tmp_path, zip_of(FILES, zipfile.ZIP_STORED), "g"),
    ]
    hand_ins = [unpack(path) for path in paths]
    forms = [hand_in.form for hand_in in hand_ins]
    assert forms == ["folder", "tar", "tar", "tar.gz", "tar.bz2", "tar.xz", "zip", "zip"]
    assert all(dict(hand_in.files) == FILES for hand_in in hand_ins)
    assert len({hand_in.sha256 for hand_in in hand_ins}) == 1


def test_the_digest_is_the_documented_one(tmp_path: Path) -> None:
    """Lengths of 8 bytes before each path and each content, in the order of the paths."""
    sha256 = hashlib.sha256(
        b"\0\0\0\0\0\0\0\1a\0\0\0\0\0\0\0\3one" + b"\0\0\0\0\0\0\0\1b\0\0\0\0\0\0\0\0"
    ).hexdigest()
    assert unpack(handed_in(tmp_path, tar_of({"b": b"", "a": b"one"}))).sha256 == sha256


def test_bytes_that_move_between_name_and_content_change_the_digest(tmp_path: Path) -> None:
    """No two different hand-ins look the same because their bytes, one after the other, do."""
    variants: list[dict[str, bytes]] = [
        {"ab": b"c"},
        {"a": b"bc"},
        {"a": b"b", "c": b""},
        {"a": b"", "b": b"c"},
    ]
    digests = {unpack(handed_in(tmp_path, tar_of(files))).sha256 for files in variants}
    assert len(digests) == len(variants)


plain_names = st.text("abcdefgh_.-\u00e4\u6f22", min_size=1, max_size=60).filter(
    lambda name: not name.startswith(".")  # which would be litter, or no name at all
)
many_files = st.dictionaries(
    st.lists(plain_names, min_size=1, max_size=3).map("/".join),
    st.binary(max_size=1200),
    min_size=1,
    max_size=6,
).filter(
    lambda files: (
        not any(f"{other}/".startswith(f"{name}/") for name in files for other in files if name != other)
    )
)


@settings(deadline=None)
@given(
    files=many_files,
    tar_format=st.sampled_from([tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]),
)
def test_what_tarfile_writes_is_read(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes], tar_format: int
) -> None:
    """Long names, names beyond ASCII and odd sizes come out as Python's tarfile put them in."""
    folder = tmp_path_factory.getbasetemp()
    assert dict(unpack(handed_in(folder, tar_of(files, tar_format))).files) == files
    assert dict(unpack(handed_in(folder, zip_of(files))).files) == files


def test_a_single_python_file_has_any_name(tmp_path: Path) -> None:
    """One .py file is a hand-in, at its root, whatever it is called and whatever its encoding."""
    hand_in = unpack(handed_in(tmp_path, b"\xef\xbb\xbf# caf\xe9\r\n", "My GRU (2).py"))
    assert (hand_in.form, dict(hand_in.files)) == ("file", {"My GRU (2).py": b"\xef\xbb\xbf# caf\xe9\r\n"})


def test_litter_is_left_out_in_silence(tmp_path: Path) -> None:
    """What macOS, Python, editors and repositories leave behind is neither kept nor mentioned."""
    litter = [
        "hw3/._gru.py", "__MACOSX/hw3/._gru.py", ".DS_Store", "hw3/__pycache__/gru.cpython-311.pyc",
        "hw3/old.pyc", ".git/config", ".svn/x", ".hg/x", ".ipynb_checkpoints/gru.py", ".idea/x.xml",
        ".vscode/a", ".venv/lib/a.py", "venv/a.py", "node_modules/a.js", ".pytest_cache/x", "Thumbs.db",
        "hw3/gru.py~", "hw3/.gru.py.swp", "Icon\r",
    ]  # fmt: skip
    everything = FILES | dict.fromkeys(litter, b"litter")
    for path in (
        lay_out(tmp_path / "folder", everything),
        handed_in(tmp_path, tar_of(everything)),
        handed_in(tmp_path, zip_of(everything), "handin.zip"),
    ):
        hand_in = unpack(path)
        assert dict(hand_in.files) == FILES
        assert hand_in.findings == ()


def test_a_litter_link_is_left_out_in_silence(tmp_path: Path) -> None:
    """A virtual environment is full of links, which are nobody's business."""
    root = lay_out(tmp_path / "hw3", {"gru.py": GRU, ".venv/bin/x": b""})
    (root / ".venv" / "bin" / "python").symlink_to("/usr/bin/python3")
    (root / ".git").mkdir()
    (root / ".git" / "link").symlink_to("x")
    os.mkfifo(root / ".git" / "fsmonitor")
    exclude = "--exclude=.git"  # tar would store the pipe, which is refused wherever it is in an archive
    subprocess.run(["tar", exclude, "-czf", tmp_path / "handin.tar", "-C", tmp_path, "hw3"], check=True)
    assert unpack(root).findings == ()
    assert unpack(tmp_path / "handin.tar").findings == ()


def test_a_file_given_twice_to_tar(tmp_path: Path) -> None:
    """`tar -cf handin.tar hw3 hw3/gru.py` stores a link to itself: no link to speak of."""
    root = lay_out(tmp_path / "work", {"hw3/gru.py": GRU})
    subprocess.run(["tar", "-cf", tmp_path / "handin.tar", "-C", root, "hw3", "./hw3/gru.py"], check=True)
    hand_in = unpack(tmp_path / "handin.tar")
    assert dict(hand_in.files) == {"hw3/gru.py": GRU}
    assert hand_in.findings == ()


def test_the_same_file_twice_is_fine(tmp_path: Path) -> None:
    """Twice the same path with the same content is one file."""
    twice = tar_of({"hw3/gru.py": GRU})[:1024] + tar_of({"./hw3//gru.py": GRU})
    assert dict(unpack(handed_in(tmp_path, twice)).files) == {"hw3/gru.py": GRU}


def test_links_are_told_and_not_followed(tmp_path: Path) -> None:
    """A link becomes a notice that names it and its target, in every form that can hold one."""
    secret = tmp_path / "secret.py"
    secret.write_bytes(b"secret")
    root = lay_out(tmp_path / "work", FILES)
    (root / "hw3" / "link.py").symlink_to("../../secret.py")
    (root / "hw3" / "folder").symlink_to(tmp_path)
    subprocess.run(["tar", "-cf", tmp_path / "handin.tar", "-C", root, "hw3", "README"], check=True)
    subprocess.run(["zip", "-qry", tmp_path / "handin.zip", "hw3", "README"], check=True, cwd=root)
    for path in (root, tmp_path / "handin.tar", tmp_path / "handin.zip"):
        hand_in = unpack(path)
        assert dict(hand_in.files) == FILES
        assert [finding.file for finding in hand_in.findings] == ["hw3/link.py", "hw3/folder"]
        assert (
            hand_in.findings[0].message == "hw3/link.py is a link to ../../secret.py; links are not followed."
        )
        assert all(finding.blame is Blame.NOBODY for finding in hand_in.findings)


def test_a_hard_link_is_told(tmp_path: Path) -> None:
    """The second of two names of one file is a link in a tar, and is told as one."""
    root = lay_out(tmp_path / "hw3", {"a.py": GRU})
    os.link(root / "a.py", root / "b.py")
    subprocess.run(["tar", "--sort=name", "-cf", tmp_path / "handin.tar", "-C", tmp_path, "hw3"], check=True)
    hand_in = unpack(tmp_path / "handin.tar")
    assert set(hand_in.files) == {"hw3/a.py"}
    assert [finding.file for finding in hand_in.findings] == ["hw3/b.py"]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty (0 bytes)"),
        (b"import numpy as np\n", "is a plain-text file, not an archive"),
        (b"\n<!DOCTYPE html><html></html>", "is a web page, not an archive"),
        (b"Rar!\x1a\x07\x01\x00", "is a RAR archive"),
        (b"7z\xbc\xaf\x27\x1c\0\4", "is a 7-Zip archive"),
        (b"%PDF-1.7\n", "is a PDF document"),
        (b"\x01\x02" * 500, "is not an archive of a kind that we can read"),
        (bytes(10240), "holds no files"),
        (tar_of({"__MACOSX/._gru.py": b"x"}), "holds no files"),
        (zip_of({}), "holds no files"),
        (gzip.compress(GRU), "gz data around something that is a plain-text file"),
        (gzip.compress(b""), "gz data around something that is empty"),
        (gzip.compress(gzip.compress(tar_of(FILES))), "packed twice: gz data around gz data"),
        (gzip.compress(tar_of(FILES))[:-20], "is cut off"),
        (gzip.compress(tar_of(FILES))[:-8] + b"\0" * 8, "is damaged"),
        (bz2.compress(tar_of(FILES))[:-20], "is cut off"),
        (lzma.compress(tar_of(FILES))[:-20], "is cut off"),
        (zip_of(FILES)[:-20], "is a damaged or incomplete zip"),
        (tar_of(FILES)[:1100], "is cut off"),
        (tar_of(FILES)[:516], "is cut off"),
        (tar_of(FILES)[:1024] + b"x" * 512, "is a damaged tar"),
        (b"x" + tar_of(FILES)[1:], "is a damaged tar"),
        (
            tar_of({"hw3/gru.py": b"old"})[:1024] + tar_of({"hw3/gru.py": GRU}),
            "twice, with different contents",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",  # gzip data holds the time
)
def test_what_cannot_be_read_is_said(tmp_path: Path, data: bytes, says: str) -> None:
    """Each thing that is no archive, or a broken one, has a sentence that says what it is, and a way out."""
    with pytest.raises(Rejection) as caught:
        unpack(handed_in(tmp_path, data))
    assert caught.value.message.startswith("handin.tar ")
    assert says in caught.value.message
    assert caught.value.message.endswith(".")
    assert caught.value.hint is not None
    assert "tar -czf handin.tar hw3" in caught.value.hint


def test_padding_and_parts_are_no_damage(tmp_path: Path) -> None:
    """Zeros behind gzip data, gzip data in parts, and a tar without its end mark are all readable."""
    tar = tar_of(FILES)
    for data in (
        gzip.compress(tar) + bytes(512),
        gzip.compress(tar[:900]) + gzip.compress(tar[900:]),
        lzma.compress(tar[:900]) + bytes(8) + lzma.compress(tar[900:]),
        tar.rstrip(b"\0"),
    ):
        assert dict(unpack(handed_in(tmp_path, data)).files) == FILES


def test_a_zip_with_unmarked_utf8_names(tmp_path: Path) -> None:
    """macOS writes names in UTF-8 without saying so."""
    data = zip_of({"ab.py": b"1"}).replace(b"ab.py", "\u00e9.py".encode())
    assert set(unpack(handed_in(tmp_path, data)).files) == {"\u00e9.py"}


def test_a_zip_with_a_password(tmp_path: Path) -> None:
    """An encrypted zip is called that, and not damaged."""
    (tmp_path / "gru.py").write_bytes(GRU)
    subprocess.run(["zip", "-q", "-P", "word", "handin.zip", "gru.py"], check=True, cwd=tmp_path)
    with pytest.raises(Rejection, match="is encrypted and cannot be opened"):
        unpack(tmp_path / "handin.zip")


def test_a_path_that_is_not_there_is_the_callers_fault(tmp_path: Path) -> None:
    """A wrong path is a wrong call, and no student's zero."""
    with pytest.raises(UsageError, match=r"Cannot read .*nothing\.tar: No such file or directory"):
        unpack(tmp_path / "nothing.tar")
    with pytest.raises(UsageError, match="no file can have that name"):
        unpack(tmp_path / "a\0b")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match="is neither a file nor a folder"):
        unpack(tmp_path / "pipe")
    with pytest.raises(UsageError, match="Not a directory"):
        unpack(handed_in(tmp_path, b"") / "below")


def test_a_path_that_may_not_be_read_is_the_callers_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Permissions are the caller's, inside of a folder too."""
    root = lay_out(tmp_path / "hw3", {"gru.py": GRU})
    original = os.open

    def refusing(path: str | Path, flags: int, *, dir_fd: int | None = None) -> int:
        if (
            os.path.basename(path) == "gru.py"
        ):  # root may read whatever chmod forbids, and tests may run as root
            raise PermissionError(13, "Permission denied", path)
        return original(path, flags, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", refusing)
    with pytest.raises(UsageError, match=r"Cannot read .*hw3/gru\.py: Permission denied\."):
        unpack(root / "gru.py")
    with pytest.raises(UsageError, match=r"gru\.py in hw3 cannot be read: Permission denied\."):
        unpack(root)


def test_the_folder_one_stands_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder handed in as "." has its own name."""
    monkeypatch.chdir(lay_out(tmp_path / "hw3", {"gru.py": GRU}))
    assert unpack(Path(".")).name == "hw3"
