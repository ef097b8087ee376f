"""autodriver's source: it compiles without a warning, and what it reckons is right for all inputs."""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from autodriver_house import make
from hypothesis import example, given
from hypothesis import strategies as st

COMPILERS = [name for name in ("gcc", "clang") if shutil.which(name)] or ["gcc"]
MARK = b"\n...[excess bytes elided]...\n"
MOST = 2**50


class Cut(ctypes.Structure):
    _fields_ = (("head", ctypes.c_uint64), ("tail", ctypes.c_uint64))


@pytest.fixture(scope="module")
def pure(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    """Return the functions that touch nothing; what C leaves undefined ends the process."""
    if shutil.which("gcc") is None or shutil.which("make") is None:
        pytest.skip("autodriver's tests need gcc and make")
    folder = tmp_path_factory.mktemp("pure")
    make("pure", folder)
    library = ctypes.CDLL(str(folder / "pure.so"))
    library.parse_number.argtypes = (ctypes.c_char_p, ctypes.c_uint64, ctypes.POINTER(ctypes.c_uint64))
    library.parse_number.restype = ctypes.c_bool
    library.print_log.argtypes = (ctypes.c_int, ctypes.c_uint64, ctypes.c_int)
    library.print_log.restype = ctypes.c_bool
    library.cut_log.argtypes = (ctypes.c_int, ctypes.c_uint64, ctypes.c_uint64)
    library.cut_log.restype = Cut
    return library


@pytest.mark.parametrize("compiler", COMPILERS)
def test_it_compiles_without_a_warning(compiler: str, tmp_path: Path) -> None:
    """Every warning that finds faults is on and an error; gcc's own analysis of all paths included."""
    if shutil.which(compiler) is None:
        pytest.skip(f"there is no {compiler}")
    make("strict", tmp_path, f"CC={compiler}")


def test_the_program_is_hardened(tmp_path: Path) -> None:
    """Random place in memory, relocations bound at once and read-only, a stack that runs no code."""
    if shutil.which("gcc") is None or shutil.which("make") is None:
        pytest.skip("autodriver's tests need gcc and make")
    make("autodriver", tmp_path)
    command = [
        "readelf",
        "--wide",
        "--file-header",
        "--dynamic",
        "--program-headers",
        str(tmp_path / "autodriver"),
    ]
    read = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Position-Independent Executable" in read
    assert "BIND_NOW" in read
    assert "GNU_RELRO" in read
    assert re.search("GNU_STACK .* RW ", read)


NUMBERS = st.one_of(
    st.integers(-5, 2**70).map(str),
    st.integers(0, 2**70).flatmap(
        lambda n: st.sampled_from([f"+{n}", f" {n}", f"{n} ", f"0{n}", hex(n), f"{n}k"])
    ),
    st.text(alphabet="0123456789+-. \tx", max_size=25),
    st.text(alphabet=st.characters(exclude_characters="\0", codec="utf-8"), max_size=10),
)


@given(text=NUMBERS, most=st.one_of(st.integers(1, 20), st.integers(1, 2**64 - 1)))
@example(text="", most=9)
@example(text="0", most=9)
@example(text="18446744073709551616", most=2**64 - 1)
@example(text="18446744073709551615", most=2**64 - 1)
@example(text="٣", most=9)
@example(text="4593239274353678352385", most=1)  # is 1 in 64 bits
def test_a_number_is_digits_within_its_bounds(pure: ctypes.CDLL, text: str, most: int) -> None:
    """What Python's own integers say of the text, with neither sign nor space: no overflow turns it round."""
    value = ctypes.c_uint64(77)
    good = re.fullmatch("[0-9]+", text) is not None and int(text) <= most
    assert pure.parse_number(text.encode(), most, ctypes.byref(value)) is good
    assert value.value == (int(text) if good else 77)


def printed(pure: ctypes.CDLL, content: bytes, limit: int) -> bytes:
    """Return what is printed of a log: through real files, as autodriver does."""
    log, out = os.memfd_create("log"), os.memfd_create("out")
    try:
        os.pwrite(log, content, 0)
        assert pure.print_log(log, limit, out)
        return os.pread(out, 2 * len(content) + 1000, 0)
    finally:
        os.close(log)
        os.close(out)


@given(content=st.binary(max_size=400), limit=st.integers(1, 300))
def test_a_log_within_the_limit_is_printed_whole(pure: ctypes.CDLL, content: bytes, limit: int) -> None:
    """And of a longer one both ends, with the line between that says so, and never more than the limit."""
    out = printed(pure, content, limit)
    if len(content) <= limit:
        assert out == content
        return
    cut = pure_cut(pure, content, limit)
    assert out == content[: cut.head] + MARK + content[cut.tail :]
    assert limit // 2 - 3 <= cut.head <= limit // 2
    assert limit - limit // 2 - 3 <= len(content) - cut.tail <= limit - limit // 2


def pure_cut(pure: ctypes.CDLL, content: bytes, limit: int) -> Cut:
    log = os.memfd_create("log")
    try:
        os.pwrite(log, content, 0)
        cut = pure.cut_log(log, len(content), limit)
        assert isinstance(cut, Cut)
        return cut
    finally:
        os.close(log)


@given(
    content=st.text(alphabet=st.characters(codec="ascii"), min_size=31, max_size=400),
    limit=st.integers(1, 30),
)
def test_ascii_is_cut_at_its_halves(pure: ctypes.CDLL, content: str, limit: int) -> None:
    """To the byte: half of the limit before the gap, the rest after it."""
    raw = content.encode()
    half = limit // 2
    assert printed(pure, raw, limit) == raw[:half] + MARK + raw[len(raw) - (limit - half) :]


@given(content=st.text(min_size=1, max_size=200), limit=st.integers(1, 100))
@example(content="😀" * 20, limit=9)
def test_no_character_is_cut_in_two(pure: ctypes.CDLL, content: str, limit: int) -> None:
    """A log in UTF-8 is still UTF-8 when its middle is left out: Autolab reads nothing else."""
    content = content.encode("utf-8", "ignore").decode()
    out = printed(pure, content.encode(), limit).decode()
    if len(content.encode()) > limit:
        head, tail = out.split(MARK.decode(), 1)
        assert content.startswith(head)
        assert content.endswith(tail)


def test_a_limit_of_0_prints_all(pure: ctypes.CDLL) -> None:
    """As Tango's -o 0 does."""
    assert printed(pure, b"x" * 5_000, 0) == b"x" * 5_000


def test_a_long_log_needs_no_more_memory(pure: ctypes.CDLL, tmp_path: Path) -> None:
    """Of a terabyte of nothing, two ends are printed."""
    with open(tmp_path / "log", "w+b") as log, open(tmp_path / "out", "w+b") as out:
        log.truncate(2**40)
        os.pwrite(log.fileno(), b"last\n", 2**40)
        assert pure.print_log(log.fileno(), 200_000, out.fileno())
        out.seek(0)
        assert out.read() == bytes(100_000) + MARK + bytes(100_000 - 5) + b"last\n"
