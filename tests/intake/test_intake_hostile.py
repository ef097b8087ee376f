"""Unpacking what nobody hands in by mistake: every attack ends in one sentence, within bounds."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import socket
import stat
import struct
import tarfile
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grader.errors import Rejection
from grader.intake import bounds, folder_reader, tar_reader, unpack, zip_reader
from grader.intake.paths import printable
from grader.records import HandIn

MIB = 1 << 20
GRU = b"class GRU_Cell:\n    pass\n"


def raw_header(
    name: bytes = b"hw3/gru.py", size: bytes = b"00000000000", kind: bytes = b"0", target: bytes = b""
) -> bytes:
    """Return a block of tar exactly as told, with the right checksum over it."""
    block = bytearray(512)
    block[: len(name)] = name
    block[100:108] = b"0004755\0"  # setuid: of no consequence where nothing is written
    block[124 : 124 + len(size)] = size
    block[156:157] = kind
    block[157 : 157 + len(target)] = target
    block[257:265] = b"ustar\x0000"
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def octal(size: int) -> bytes:
    return b"%011o" % size


def padded(content: bytes) -> bytes:
    return content + bytes(-len(content) % 512)


def member(name: bytes, content: bytes = b"x", kind: bytes = b"0") -> bytes:
    return raw_header(name, octal(len(content)), kind) + padded(content)


def pax(**records: bytes) -> bytes:
    content = b""
    for key, value in records.items():
        tail = b" " + key.encode() + b"=" + value + b"\n"
        length = len(tail) + 1
        while length != len(tail) + len(str(length)):
            length += 1
        content += str(length).encode() + tail
    return member(b"pax", content, b"x")


def zip_with(
    name: str, mode: int = 0o100644, content: bytes = b"x", method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        entry = zipfile.ZipInfo(name)
        entry.external_attr = mode << 16
        entry.compress_type = method
        archive.writestr(entry, content)
    return buffer.getvalue()


def rejection(folder: Path, data: bytes) -> Rejection:
    path = folder / "handin.tar"
    path.write_bytes(data)
    with pytest.raises(Rejection) as caught:
        unpack(path)
    return caught.value


HOSTILE_PATHS = [
    (b"/etc/passwd", "an absolute path"),
    (b"../gru.py", "leads out of the archive"),
    (b"hw3/../../gru.py", "leads out of the archive"),
    (b"hw3/..", "leads out of the archive"),
    (b"C:/gru.py", "a path with a Windows drive"),
    (b"C:gru.py", "a path with a Windows drive"),
    (b"hw3\\..\\gru.py", "a path with backslashes"),
    (b"hw3/gru.py\n::error::x", "control characters"),
    (b"hw3/\x1b[2Jgru.py", "control characters"),
    ("hw3/\u0085gru.py".encode(), "control characters"),
    (b"hw3/\xff\xfe.py", "not UTF-8"),
    (b"a/" * 40 + b"gru.py", "more than 32 folders deep"),
    (b"__MACOSX/../../x", "leads out of the archive"),
]


@pytest.mark.parametrize(("path", "says"), HOSTILE_PATHS)
def test_hostile_paths(tmp_path: Path, path: bytes, says: str) -> None:
    """A path that could lead elsewhere or garble a terminal is refused, in a tar and in a zip."""
    error = rejection(tmp_path, member(path) + bytes(1024))
    assert says in error.message
    assert error.message.isprintable()
    name = "".join("x" for _ in path)  # a placeholder of the same length, so that all offsets stay right
    zipped = zip_with(name).replace(name.encode(), path)
    assert says in rejection(tmp_path, zipped).message


def test_a_name_that_ends_early(tmp_path: Path) -> None:
    """A NUL in a zip's name, behind which zipfile does not look, does not make it another name."""
    zipped = zip_with("hw3/gru.pyxpng").replace(b"hw3/gru.pyxpng", b"hw3/gru.py\0png")
    assert "control characters" in rejection(tmp_path, zipped).message


@pytest.mark.parametrize("kind", [b"0", b"5", b"1", b"2"])
def test_hostile_paths_of_folders_and_links(tmp_path: Path, kind: bytes) -> None:
    """What kind of member carries the path makes no difference."""
    assert (
        "leads out" in rejection(tmp_path, raw_header(b"../x", kind=kind, target=b"x") + bytes(1024)).message
    )


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        (b"3", "which is a device"),
        (b"4", "which is a device"),
        (b"6", "which is a named pipe"),
        (b"S", "which is a sparse file"),
        (b"D", "which is of a kind that hand-ins do not have"),
        (b"\xff", "which is of a kind that hand-ins do not have"),
    ],
)
def test_special_members(tmp_path: Path, kind: bytes, says: str) -> None:
    """Devices, pipes and other members that are no file are refused by their kind."""
    assert says in rejection(tmp_path, member(b"hw3/x", b"", kind) + bytes(1024)).message


@pytest.mark.parametrize("mode", [stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK])
def test_special_zip_entries(tmp_path: Path, mode: int) -> None:
    """A zip can claim devices too."""
    assert "of a kind" in rejection(tmp_path, zip_with("x", mode | 0o644)).message


def test_a_pipe_and_a_socket_in_a_folder(tmp_path: Path) -> None:
    """They are refused without being opened, which would wait for ever."""
    (tmp_path / "gru.py").write_bytes(GRU)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(Rejection, match="pipe, which is a device, a socket or a named pipe"):
        unpack(tmp_path)
    (tmp_path / "pipe").unlink()
    with socket.socket(socket.AF_UNIX) as listener:
        here = os.open(tmp_path, os.O_RDONLY)
        listener.bind(f"/proc/self/fd/{here}/s")  # the path of a socket may have 108 bytes only
        os.close(here)
        with pytest.raises(Rejection, match="s, which is a device, a socket or a named pipe"):
            unpack(tmp_path)


@pytest.mark.parametrize("place", ["file", "folder"])
def test_a_link_swapped_in_while_we_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    """A link that takes the place of a file or folder between the look and the opening is not followed."""
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "gru.py").write_bytes(b"secret")
    root = tmp_path / "hw3"
    (root / "folder").mkdir(parents=True)
    (root / "file").write_bytes(GRU)
    (root / "other.py").write_bytes(GRU)
    original = os.open

    def swapping(path: str | Path, flags: int, *, dir_fd: int | None = None) -> int:
        if path == place and not (root / place).is_symlink():
            (root / place).rename(tmp_path / "away")
            (root / place).symlink_to(secret if place == "folder" else secret / "gru.py")
        return original(path, flags, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", swapping)
    hand_in = unpack(root)
    assert b"secret" not in hand_in.files.values()
    assert [finding.file for finding in hand_in.findings] == [place]


NO_NUMBER, CUT_OFF = "negative or no number", "is cut off"


@pytest.mark.parametrize(
    ("size", "says"),
    [
        (b"-0000000001", NO_NUMBER),
        (b"\xff" * 12, NO_NUMBER),  # -1 in base 256
        (b"0x000000010", NO_NUMBER),
        (b"99999999999", NO_NUMBER),
        (b"77777777777", CUT_OFF),
        (b"\x80" + b"\xff" * 11, CUT_OFF),
        (b"\x80\x7f" + bytes(10), CUT_OFF),
    ],
)
def test_sizes_that_are_none(tmp_path: Path, size: bytes, says: str) -> None:
    """Negative, absurd and garbled sizes are refused before anything is read by them."""
    assert says in rejection(tmp_path, raw_header(size=size) + bytes(1024)).message


def test_unusual_headers_that_are_right(tmp_path: Path) -> None:
    """A size in base 256, one stated for a folder or a link, and times where others keep a prefix."""
    path = tmp_path / "handin.tar"
    times = bytearray(raw_header(b"c.py", octal(1)))
    times[257:265] = b"ustar  \0"
    times[345:357] = b"12345670123\0"
    times[148:156] = b" " * 8
    times[148:156] = b"%06o\0 " % sum(times)
    path.write_bytes(
        raw_header(b"a.py", b"\x80" + (3).to_bytes(11, "big")) + padded(b"abc")
        + raw_header(b"folder", octal(4096), b"5") + raw_header(b"link", octal(4096), b"2", b"a.py")
        + bytes(times) + padded(b"c")
    )  # fmt: skip
    assert dict(unpack(path).files) == {"a.py": b"abc", "c.py": b"c"}


@pytest.mark.parametrize("size", [b"-512", b"1e3", b"9" * 5000, b"", b"+1", "\u0663".encode()])
def test_sizes_of_extended_headers_that_are_none(tmp_path: Path, size: bytes) -> None:
    """The size in a pax header overrules the other one, and is held to the same."""
    data = pax(size=size) + member(b"hw3/gru.py") + bytes(1024)
    assert "negative or no number" in rejection(tmp_path, data).message


@pytest.mark.parametrize(
    "records",
    [
        b"99999999 path=x\n",
        b"0 path=x\n",
        b"6 a=b\n0 path=x\n",  # a length of nothing, at which a reader could stay for ever
        b"-5 path=x\n",
        b"4 p=\n",
        b"9 path=x",
        b"9" * 40,
        b"12 pathxxxx\n",
    ],
)
def test_extended_headers_that_lie(tmp_path: Path, records: bytes) -> None:
    """A record whose length is not its own is damage, and no loop."""
    assert (
        "damaged"
        in rejection(tmp_path, member(b"p", records, b"x") + member(b"gru.py") + bytes(1024)).message
    )


def test_a_sparse_file_of_pax(tmp_path: Path) -> None:
    """A sparse member can claim any size at no cost, so there is none."""
    data = pax(**{"GNU.sparse.realsize": b"99999999999"}) + member(b"gru.py") + bytes(1024)
    assert "which is a sparse file" in rejection(tmp_path, data).message


@pytest.mark.parametrize(
    "build", [lambda name: pax(path=name), lambda name: member(b"l", name + b"\0", b"L")]
)
def test_a_name_of_a_megabyte(tmp_path: Path, build: Callable[[bytes], bytes]) -> None:
    """It is refused in a sentence that is not a megabyte long itself."""
    error = rejection(tmp_path, build(b"a" * (MIB - 20)) + member(b"x") + bytes(1024))
    assert len(error.message) < 300
    assert "longer than" in error.message or "a name of" in error.message


def test_a_long_component(tmp_path: Path) -> None:
    """A name that no file system could hold is refused, though the path is short enough."""
    assert (
        "longer than 255 bytes"
        in rejection(tmp_path, pax(path=b"a" * 256) + member(b"x") + bytes(1024)).message
    )


def test_an_extended_header_of_digits_takes_no_time(tmp_path: Path) -> None:
    """The header on which tarfile took quadratic time is read in one look."""
    data = member(b"p", b"1" * bounds.EXTENDED_HEADERS_BYTES, b"x") + member(b"x") + bytes(1024)
    begin = time.perf_counter()
    rejection(tmp_path, data)
    assert time.perf_counter() - begin < 1


def test_many_extended_headers(tmp_path: Path) -> None:
    """They are bounded all together: millions of tiny records would keep us busy."""
    data = gzip.compress(member(b"p", b"6 a=b\n" * 80_000, b"x") * 10, 1)
    assert "more than 4 MiB of extended headers" in rejection(tmp_path, data).message


@pytest.mark.parametrize(
    "data",
    [
        raw_header(kind=b"2", target=b"x") + member(b"hw3/gru.py"),
        raw_header(b"hw3", kind=b"2", target=b"/etc") + member(b"hw3/gru.py"),
        member(b"hw3/gru.py") + raw_header(kind=b"1", target=b"/etc/passwd"),
        member(b"hw3") + member(b"hw3/gru.py"),
    ],
)
def test_one_name_for_two_things(tmp_path: Path, data: bytes) -> None:
    """A path that is two things at once is refused: which of them was meant would be a guess."""
    assert " both as a " in rejection(tmp_path, data + bytes(1024)).message


def test_only_links(tmp_path: Path) -> None:
    """A hand-in whose only file is a link hears that this is why it is empty."""
    message = rejection(tmp_path, raw_header(kind=b"2", target=b"../mine/gru.py") + bytes(1024)).message
    assert message == "handin.tar holds no files, only links (hw3/gru.py), which are not followed."


def test_a_thousand_links_make_a_short_report(tmp_path: Path) -> None:
    """Twenty are named, Python files first; the rest is counted."""
    links = b"".join(raw_header(b"l%04d" % number, kind=b"2", target=b"t" * 99) for number in range(1000))
    path = tmp_path / "handin.tar"
    path.write_bytes(member(b"hw3/gru.py") + links + raw_header(b"z.py", kind=b"2", target=b"\x1b[2J"))
    findings = unpack(path).findings
    assert len(findings) == 21
    assert findings[0].message == r"z.py is a link to \x1b[2J; links are not followed."
    assert findings[-1].message == "981 more links were not followed."


def test_many_members(tmp_path: Path) -> None:
    """Files are counted before they are kept; litter, which a virtual environment is full of, is not."""
    kept = b"".join(raw_header(b"%05d" % number) for number in range(bounds.MEMBERS + 1))
    assert "more than 10000 files" in rejection(tmp_path, kept).message
    path = tmp_path / "handin.tar"
    path.write_bytes(member(b"gru.py") + raw_header(b"venv/x") * (bounds.MEMBERS + 1))
    assert set(unpack(path).files) == {"gru.py"}


def test_many_headers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Litter is bounded as well."""
    for reader in (tar_reader, zip_reader, folder_reader):
        monkeypatch.setattr(reader, "HEADERS", 100)
    assert "more than 100 entries" in rejection(tmp_path, raw_header(b"venv/x") * 101).message
    assert "more than 100 entries" in rejection(tmp_path, zip_with("a") + b"PK\x01\x02" * 101).message
    for number in range(101):
        (tmp_path / f"{number}.pyc").touch()
    with pytest.raises(Rejection, match="more than 100 entries"):
        unpack(tmp_path)


def test_a_folder_too_deep(tmp_path: Path) -> None:
    """The walk ends at the bound and not at the end of Python's stack."""
    (tmp_path / "/".join("d" * 200)).mkdir(parents=True)
    with pytest.raises(Rejection, match="more than 32 folders deep"):
        unpack(tmp_path)


def test_a_large_file(tmp_path: Path) -> None:
    """One file has its own bound, in every form; a sparse file of a terabyte is not read."""
    (tmp_path / "work").mkdir()
    with open(tmp_path / "work" / "data.npy", "wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(Rejection, match=r"work holds data\.npy, which is larger than 24 MiB"):
        unpack(tmp_path / "work")
    with pytest.raises(Rejection, match=r"data\.npy is larger than 96 MiB"):
        unpack(tmp_path / "work" / "data.npy")
    content = bytes(bounds.FILE_BYTES + 1)
    assert "larger than 24 MiB" in rejection(tmp_path, zip_with("data.npy", content=content)).message
    assert "larger than 24 MiB" in rejection(tmp_path, gzip.compress(member(b"d", content), 1)).message


def bomb_gzip() -> bytes:
    block = zlib.compressobj(9, wbits=31)
    zeros = bytes(MIB)
    return b"".join(block.compress(zeros) for _ in range(112)) + block.flush()


def bomb_zip_overlapping() -> bytes:
    """Many entries of the directory, all of them the same 24 MiB."""
    data = zip_with("a.py", content=bytes(bounds.FILE_BYTES))
    begin = data.index(b"PK\x01\x02")
    end = data.index(b"PK\x05\x06")
    entry, count = data[begin:end], 1000
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(entry) * count, begin, 0)
    return data[:begin] + entry * count + tail


BOMBS: dict[str, Callable[[], bytes]] = {
    "gzip": bomb_gzip,
    "nested gzip": lambda: gzip.compress(bomb_gzip()),
    "bzip2": lambda: bz2.compress(bytes(112 * MIB), 1),
    "xz": lambda: lzma.compress(bytes(112 * MIB), preset=0),
    "many streams": lambda: gzip.compress(b"") * 3000,
    "zip": bomb_zip_overlapping,
}


@pytest.mark.parametrize("bomb", sorted(BOMBS))
def test_bombs(tmp_path: Path, bomb: str) -> None:
    """What unpacks to far more than it is ends in a sentence, with little more memory than the bound."""
    path = tmp_path / "handin.tar"
    path.write_bytes(BOMBS[bomb]())
    tracemalloc.start()
    try:
        with pytest.raises(Rejection, match=r"more than|packed twice"):
            unpack(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < bounds.UNPACKED_BYTES + 2 * bounds.FILE_BYTES + 8 * MIB


def test_an_xz_stream_that_asks_for_a_gigabyte(tmp_path: Path) -> None:
    """What the decoder may allocate is ours to say, not the archive's."""
    data = bytearray(lzma.compress(tarfile_bytes(), preset=0))
    position = data.index(
        b"\x21\x01", 12
    )  # the filter's id and the size of its properties, then the dictionary
    data[position + 2] = 36  # 1 GiB
    header_bytes = (data[12] + 1) * 4
    data[12 + header_bytes - 4 : 12 + header_bytes] = zlib.crc32(data[12 : 12 + header_bytes - 4]).to_bytes(
        4, "little"
    )
    assert lzma.decompress(bytes(data)) == tarfile_bytes()
    assert "xz data cannot be read" in rejection(tmp_path, bytes(data)).message


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_zip_methods(tmp_path: Path, method: int) -> None:
    """Decoders whose memory the entry's header chooses are not started."""
    assert "damaged or incomplete zip" in rejection(tmp_path, zip_with("gru.py", method=method)).message


def tarfile_bytes() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name in ("hw3/gru.py", "hw3/\u00e9/" + "long" * 40 + ".py"):
            entry = tarfile.TarInfo(name)
            entry.size = len(GRU)
            archive.addfile(entry, io.BytesIO(GRU))
        link = tarfile.TarInfo("hw3/link")
        link.type, link.linkname = tarfile.SYMTYPE, "gru.py"
        archive.addfile(link)
    return buffer.getvalue().rstrip(b"\0") + bytes(700)


TAR = tarfile_bytes()
ZIP = zip_with("hw3/gru.py", content=GRU * 9)
VALID = {
    "tar": TAR,
    "gz": gzip.compress(TAR, mtime=0),
    "bz2": bz2.compress(TAR),
    "xz": lzma.compress(TAR),
    "zip": ZIP,
    "stored": zip_with("hw3/gru.py", content=GRU, method=zipfile.ZIP_STORED),
}

# A place as a fraction, so that shrinking does not depend on the archive's length, and the bytes put there.
edits = st.lists(
    st.tuples(st.floats(0, 1, exclude_max=True), st.binary(max_size=6), st.integers(0, 600)),
    min_size=1,
    max_size=4,
)


def fixed_checksums(data: bytes) -> bytes:
    """Give every block of a tar that could be a header its checksum, so that mutations reach behind it."""
    blocks = [bytearray(data[start : start + 512]) for start in range(0, len(data), 512)]
    for block in blocks:
        if block[257:262] == b"ustar":
            block[148:156] = b" " * 8
            block[148:156] = b"%06o\0 " % sum(block)
    return b"".join(blocks)


def unpacked_or_rejected(path: Path) -> HandIn | Rejection:
    try:
        return unpack(path)
    except Rejection as rejected:
        return rejected


@settings(deadline=None)
@given(kind=st.sampled_from(sorted(VALID)), changes=edits, repair=st.booleans())
@example(kind="tar", changes=[(0.1, b"", 600)], repair=True)
def test_mutated_archives(
    tmp_path_factory: pytest.TempPathFactory, kind: str, changes: list[tuple[float, bytes, int]], repair: bool
) -> None:
    """However an archive is damaged, it is unpacked or rejected in a sentence; nothing else comes out."""
    data = TAR if repair else VALID[kind]
    for fraction, piece, removed in changes:
        at = int(fraction * len(data))
        cut = len(piece) if removed > 300 else removed  # half of them keep the length, and so the structure
        data = data[:at] + piece + data[at + cut :]
    if repair:
        data = fixed_checksums(data)
        data = gzip.compress(data, 1) if kind == "gz" else data
    path = tmp_path_factory.getbasetemp() / "mutated.tar"
    path.write_bytes(data)
    outcome = unpacked_or_rejected(path)
    if isinstance(outcome, Rejection):
        assert outcome.message.isprintable()
        assert len(outcome.message) < 400
        return
    assert outcome.files
    for name in outcome.files:
        assert name == os.path.normpath(name)
        assert not name.startswith(("/", ".."))


@settings(deadline=None)
@given(
    data=st.binary(max_size=600),
    magic=st.sampled_from([b"", b"\x1f\x8b\x08\0", b"BZh9", b"\xfd7zXZ\0", b"PK\3\4"]),
)
def test_random_bytes(tmp_path_factory: pytest.TempPathFactory, data: bytes, magic: bytes) -> None:
    """Bytes that are nothing are rejected, whatever they pretend to be."""
    path = tmp_path_factory.getbasetemp() / "random.tar"
    path.write_bytes(magic + data)
    with pytest.raises(Rejection):
        unpack(path)


@given(name=st.text(st.characters(), max_size=300))
def test_printable(name: str) -> None:
    """Whatever a name holds, one short line without control codes is shown; a plain name as it is."""
    shown = printable(name)
    assert shown.isprintable()
    assert len(shown) <= 10 * 80
    if name.isprintable() and len(name) <= 80:
        assert shown == name


def test_litter_may_be_of_any_kind_and_depth(tmp_path: Path) -> None:
    """A named pipe in a repository's own folder, or a package sixty folders deep, costs nobody anything."""
    archive = tmp_path / "handin.tar"
    with tarfile.open(archive, "w") as tar:
        pipe = tarfile.TarInfo(".git/hooks/pipe")
        pipe.type = tarfile.FIFOTYPE
        tar.addfile(pipe)
        tar.addfile(tarfile.TarInfo("node_modules/" + "a/" * 60 + "x.js"))
        code = tarfile.TarInfo("hw3/gru.py")
        code.size = 4
        tar.addfile(code, io.BytesIO(b"x=1\n"))
    assert list(unpack(archive).files) == ["hw3/gru.py"]
