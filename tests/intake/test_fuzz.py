"""Fuzzing: whatever bytes come, from a student's archive or from a job, end in a value or in one known error.

In CI some 10,000 archives and 7,000 frames, always the same ones. By hand, more of them and others:

    CELLGRADE_FUZZ=100 .venv/bin/python -m pytest tests/intake/test_fuzz.py

A failure names the seed of its example, which alone brings it back.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import random
import socket
import struct
import tarfile
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from grader.deadline import Deadline
from grader.errors import Rejection
from grader.inside import wire
from grader.intake import bounds, unpack
from grader.records import HandIn
from grader.sandbox import process
from grader.sandbox.line import Ending
from grader.sandbox.process import Job, JobEndedError
from grader.sandbox.socket_line import SocketLine

pytestmark = pytest.mark.slow  # not for `make check`

MORE = int(os.environ.get("CELLGRADE_FUZZ", "1"))
LONGEST_S = 2.0  # a mutated kilobyte takes a millisecond
MODEL = Path(__file__).parents[2] / "src" / "gru_cell" / "hw3" / "gru.py"
# What makes a difference where it lands: ends of fields, ends of numbers, signatures of formats.
TOKENS = (
    b"\0", b"\xff", b"/", b"../", b"-1", b"0" * 12, b"7" * 11, b"\x80" + b"\xff" * 11, b"\xff" * 8, b"\x80",
    b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06", b"PK\x06\x06", b"ustar\0", b"x", b"L", b"K",
    b"g", b"S", b"1", b"2", b"30 path=../../x\n", b"99999999 path=", b"0 a=\n",
    b"22 size=-1\n", b"\x1f\x8b\x08",
    b"BZh9", b"\xfd7zXZ\0", bytes(512),
)  # fmt: skip

# Where a tar's header has its name, size (twice as often), kind, target, magic and prefix.
FIELDS = ((0, 100), (124, 12), (124, 12), (156, 1), (157, 100), (257, 8), (345, 155))
ARCHIVES = [("tar", 4_500), ("tar.gz", 2_500), ("zip", 2_500), ("tar.bz2", 300), ("tar.xz", 200)]


def tar(kind: int) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=kind) as archive:
        for name, size in (("hw3/gru.py", 700), ("hw3/" + "longer/" * 16 + "gru.py", 10), ("hw3/é.txt", 3)):
            member = tarfile.TarInfo(name)
            member.size = size
            archive.addfile(member, io.BytesIO(MODEL.read_bytes()[:size]))
        for name, type_ in (("hw3/link", tarfile.SYMTYPE), ("hw3/more", tarfile.DIRTYPE)):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = type_, "gru.py" if type_ == tarfile.SYMTYPE else ""
            archive.addfile(member)
    return buffer.getvalue()[: 12 * 512]  # most of the zeros at its end are left out


def zip_(method: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.writestr("hw3/gru.py", MODEL.read_bytes()[:700])
        archive.writestr("hw3/é.txt", b"abc")
        archive.writestr("hw3/more/", b"")
    return buffer.getvalue()


@cache
def archives() -> dict[str, list[bytes]]:
    """Good archives, by kind: what mutations begin with, and are spliced from."""
    plain = [tar(kind) for kind in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)]
    return {
        "tar": plain,
        "tar.gz": [gzip.compress(one, mtime=0) for one in plain],
        "tar.bz2": [bz2.compress(one) for one in plain],
        "tar.xz": [lzma.compress(one) for one in plain],
        "zip": [zip_(zipfile.ZIP_STORED), zip_(zipfile.ZIP_DEFLATED)],
    }


def mutated(good: list[bytes], dice: random.Random) -> bytes:
    """One of `good` with one to eight things done to it."""
    data = bytearray(dice.choice(good))
    for _ in range(dice.choice((1, 1, 2, 3, 8))):
        at = dice.randrange(len(data) + 1)
        what = dice.randrange(7)
        if what == 0 and at < len(data):
            data[at] ^= 1 << dice.randrange(8)
        elif what == 1 and at < len(data):
            data[at] = dice.randrange(256)
        elif what == 2:
            del data[at : at + dice.choice((1, 4, 512, len(data)))]
        elif what == 3:
            token = dice.choice(TOKENS)
            data[at : at + (len(token) if dice.random() < 0.7 else 0)] = token
        elif what == 4:
            other = dice.choice(good)
            start = dice.randrange(len(other))
            data[at : at + dice.choice((0, 512))] = other[start : start + dice.choice((4, 30, 512, 4096))]
        elif what == 5:
            data[at:at] = data[: dice.choice((16, 512, 2048))]
        else:
            number = dice.choice((0, 1, 255, 2**16 - 1, 2**31, 2**32 - 1))
            data[at : at + 4] = struct.pack("<I", number)
    return bytes(data)


def with_checksums(data: bytes, dice: random.Random) -> bytes:
    """Return a tar whose blocks were damaged and then signed again: so that what they say is believed."""
    blocks = [bytearray(data[at : at + 512]) for at in range(0, len(data) - 511, 512)]
    for block in blocks:
        if block[257:262] == b"ustar":
            field, length = dice.choice(FIELDS)
            if dice.random() < 0.5:
                token = dice.choice(TOKENS)[:length]
                block[field : field + len(token)] = token
            block[148:156] = b" " * 8
            block[148:156] = b"%06o\0 " % sum(block)
    return b"".join(blocks)


def packed(kind: str, seed: int) -> bytes:
    """Return the archive of this kind that belongs to a seed."""
    dice = random.Random(f"{kind} {seed}")
    pack: dict[str, Callable[[bytes], bytes]] = {
        "tar.gz": lambda plain: gzip.compress(plain, 1, mtime=0),
        "tar.bz2": lambda plain: bz2.compress(plain, 1),
        "tar.xz": lambda plain: lzma.compress(plain, preset=0),
        "tar": bytes,
    }
    if kind != "zip" and dice.random() < 0.6:  # damage the tar, in an undamaged wrapping
        inner = mutated(archives()["tar"], dice)
        return pack[kind](with_checksums(inner, dice) if dice.random() < 0.7 else inner)
    return mutated(archives()[kind], dice)


def held(hand_in: HandIn) -> None:
    """Assert that a hand-in that was read is within the bounds, and every path in it inside."""
    assert len(hand_in.files) <= bounds.MEMBERS
    assert sum(map(len, hand_in.files.values())) <= bounds.UNPACKED_BYTES
    for path in hand_in.files:
        assert not path.startswith("/")
        assert not {"", ".", ".."} & set(path.split("/")), path
        assert len(path.encode()) <= bounds.PATH_BYTES


@pytest.mark.parametrize(("kind", "examples"), ARCHIVES)
def test_archives(kind: str, examples: int, tmp_path: Path) -> None:
    """A damaged archive is a hand-in within bounds or a rejected one, at once; nothing is written."""
    path = tmp_path / f"handin.{kind}"
    read, messages, slowest_s = 0, set[str](), 0.0
    tracemalloc.start()
    try:
        for seed in range(examples * MORE):
            path.write_bytes(packed(kind, seed))
            begin_s = time.monotonic()
            try:
                hand_in = unpack(path)
            except Rejection as rejection:
                messages.add(rejection.message)
            except BaseException as error:
                raise AssertionError(f"{kind} {seed} raised {error!r}") from error
            else:
                held(hand_in)
                read += 1
            slowest_s = max(slowest_s, time.monotonic() - begin_s)
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert slowest_s < LONGEST_S
    # A decompressor may be told to expect much; what it makes is bounded, and so are the copies of it.
    assert peak_bytes < bounds.ARCHIVE_BYTES + 2 * bounds.UNPACKED_BYTES
    assert list(tmp_path.iterdir()) == [path]
    assert all(said.endswith(".") and said.isprintable() and len(said) < 1_000 for said in messages)
    # If nothing were read, or all were refused for one reason, the mutations would be too coarse to tell.
    assert 0.02 < read / (examples * MORE) < 0.9
    assert len(messages) > 5


GOOD_FRAMES = [
    wire.encode({}),
    wire.encode({"facts": {"hw3/gru.py": {"imports": [["numpy", 1]]}}, "starter": {}}),
    wire.encode({"absent": {"z": "is None"}}, {"y": np.arange(6.0).reshape(2, 3), "b": np.array([True])}),
    wire.encode({"raised": {"type": "E", "message": "m", "frames": [["gru.py", 3, "f", "x"]]}}),
    wire.encode({"absent": {}}, {"e": np.zeros((0, 5), "f4"), "i": np.zeros((1,) * 8, "i4")}),
]
NUMBERS = (
    "0", "1", "-1", "true", "null", "1e400", "NaN", "-Infinity", "16777216", "16777217", "2147483648", "1.5",
    "9" * 4_000, "9" * 5_000, '"f8"', '"O"', '"V9"', "[]", "{}", '"\\ud800"', "[" * 3_000, '{"a":1,"a":2}',
)  # fmt: skip


def mutated_frame(dice: random.Random) -> bytes:
    """Return a frame whose header is damaged as JSON or as bytes; mostly with lengths that fit."""
    frame = dice.choice(GOOD_FRAMES)
    if dice.random() < 0.3:
        return mutated(GOOD_FRAMES, dice)
    header_bytes = wire.PREFIX.unpack(frame[: wire.PREFIX.size])[1]
    header = frame[wire.PREFIX.size :][:header_bytes].decode()
    payload = frame[wire.PREFIX.size + header_bytes :]
    for _ in range(dice.choice((1, 1, 2, 4))):
        places = [at for at, letter in enumerate(header) if letter.isalnum() or letter in '[]{},:"']
        at = dice.choice(places)
        behind = header[at + dice.choice((0, 1, 3)) :]
        header = header[:at] + dice.choice((*NUMBERS, "", ",", "1, ", "]", header[at:])) + behind
    content = header.encode("utf-8", "surrogatepass") if dice.random() < 0.9 else header.encode("utf-16")
    payload = payload[: dice.randrange(len(payload) + 1)] if dice.random() < 0.2 else payload
    claimed = len(payload) if dice.random() < 0.9 else dice.choice((0, 2**31, 2**63, 2**64 - 1))
    return wire.PREFIX.pack(wire.MAGIC, len(content), claimed) + content + payload


def decoded(frame: bytes) -> bool:
    """Whether it is a frame; if it is, it holds to what frames promise."""
    try:
        about, arrays = wire.decode(frame)
    except wire.FrameError:
        return False
    assert isinstance(about, dict)
    assert sum(array.nbytes for array in arrays.values()) <= len(frame)
    for array in arrays.values():
        assert array.dtype.str in wire.DTYPES.values()
        assert array.flags.writeable
        assert array.ndim <= wire.MAX_DIMS
    return True


def test_frames() -> None:
    """A damaged frame is decoded into arrays no larger than itself, or is a FrameError and nothing else."""
    taken = 0
    examples = 5_000 * MORE
    tracemalloc.start()
    try:
        for seed in range(examples):
            frame = mutated_frame(random.Random(f"frame {seed}"))
            try:
                taken += decoded(frame)
            except BaseException as error:
                raise AssertionError(f"frame {seed} raised {error!r}") from error
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak_bytes < 8 << 20
    assert 0.01 < taken / examples < 0.9


class DeadZygote:
    """Says of a job that there never was that it ended."""

    def ending(self) -> Ending:
        return Ending(0, 0.0)


@pytest.fixture
def job(monkeypatch: pytest.MonkeyPatch) -> Callable[[], tuple[Job, socket.socket]]:
    """Return what makes jobs whose process is us: what is written to the socket is "the student"."""
    monkeypatch.setattr(SocketLine, "dies_within", lambda *_: True)
    monkeypatch.setattr("signal.pidfd_send_signal", lambda *_: None)

    def made() -> tuple[Job, socket.socket]:
        ours, theirs = socket.socketpair()
        streams = {}
        for name in ("stdout", "stderr"):
            streams[name], write = os.pipe()
            os.close(write)
        line = SocketLine(DeadZygote().ending, ours, streams, os.open(os.devnull, os.O_RDONLY))
        return Job(line), theirs

    return made


def test_a_job_that_says_anything(job: Callable[[], tuple[Job, socket.socket]]) -> None:
    """Whatever comes over the channel, in pieces, is an answer or the job's end; nothing stays open."""
    open_files = len(os.listdir("/proc/self/fd"))
    answered = 0
    reasons: set[str | None] = set()
    examples = 2_000 * MORE
    for seed in range(examples):
        dice = random.Random(f"job {seed}")
        asked, theirs = job()
        with theirs:
            content = mutated_frame(dice)
            cut = dice.randrange(len(content) + 1)
            for piece in (content[:cut], content[cut:]):
                theirs.sendall(piece)
            ends = dice.random() < 0.7
            if ends:
                theirs.shutdown(socket.SHUT_WR)
            try:
                begin_s = time.monotonic()
                asked.receive(Deadline.within(5.0 if ends else 0.01))
                answered += 1
                asked.close()
            except JobEndedError as error:
                reasons.add(error.reason)
            except BaseException as error:
                raise AssertionError(f"job {seed} raised {error!r}") from error
            assert time.monotonic() - begin_s < LONGEST_S, seed
    assert 0.01 < answered / examples < 0.9
    assert reasons == {None, process.GARBLED, process.TOO_SLOW}
    assert len(os.listdir("/proc/self/fd")) == open_files
