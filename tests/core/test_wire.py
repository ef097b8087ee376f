"""Frames: what is sent arrives unchanged; whatever else is sent is refused by FrameError and nothing else."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from numpy.typing import NDArray

from grader.inside import wire

Header = Any  # what JSON can hold, well-formed or not

dtypes = st.sampled_from(["<f8", ">f8", "<f4", ">f4", "<i8", ">i4", "|b1", "|u1"]).map(np.dtype)
shapes = npst.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
plain = npst.arrays(dtypes, shapes)
jsons = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
abouts = st.dictionaries(st.text(max_size=5), jsons, max_size=3)


@st.composite
def laid_out(draw: st.DrawFn) -> NDArray[Any]:
    """Arrays in C order, Fortran order, with gaps, backwards, broadcast."""
    array = draw(plain)
    layout = draw(st.sampled_from(["C", "F", "gaps", "backwards", "broadcast"]))
    if layout == "broadcast":
        return np.broadcast_to(array, (2, *array.shape))
    if array.ndim == 0 or layout == "C":
        return array
    if layout == "F":
        return np.asfortranarray(array)
    return np.repeat(array, 2, axis=-1)[..., ::2] if layout == "gaps" else array[..., ::-1]


def frame(header: Header, payload: bytes = b"") -> bytes:
    """Return a frame with whatever header; a str is taken as it is."""
    text = header if isinstance(header, str) else json.dumps(header)
    return prefixed(text.encode(), payload)


def prefixed(header: bytes, payload: bytes) -> bytes:
    return wire.PREFIX.pack(wire.MAGIC, len(header), len(payload)) + header + payload


def arrays_of(*entries: Header) -> Header:
    return {"about": {}, "arrays": list(entries)}


@given(abouts, st.dictionaries(st.text(max_size=5), laid_out(), max_size=4))
def test_round_trip(about: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
    """Any JSON and any array, in whatever byte order and layout, arrives with its shape, kind and bits."""
    sent = wire.encode(about, arrays)
    assert wire.frame_length(sent, wire.FROM_STUDENT) == len(sent)
    got_about, got = wire.decode(sent)
    assert got_about == about
    assert list(got) == list(arrays)
    for name, array in arrays.items():
        assert got[name].shape == array.shape
        assert got[name].dtype == array.dtype.newbyteorder("<")
        assert got[name].tobytes() == np.ascontiguousarray(array).astype(got[name].dtype).tobytes()


class Agreeable(np.ndarray[Any, Any]):
    """A student's array that says yes to everything."""

    def __eq__(self, other: object) -> Any:
        return np.True_

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **keywords: Any) -> Any:
        return np.zeros(self.shape)


@pytest.mark.parametrize(
    "sent",
    [np.ma.masked_array(np.ones(2), mask=True), np.ones(2).view(Agreeable), np.ones(2, bool)],
    ids=["masked", "subclass", "booleans"],
)
def test_whatever_was_sent_arrives_as_plain_numbers(sent: NDArray[Any]) -> None:
    """No class of a student's comes along, and real numbers alone: the comparison counts on it."""
    _, got = wire.decode(wire.encode({}, {"a": sent}))
    assert type(got["a"]) is np.ndarray
    assert got["a"].dtype.kind in "fiub"
    assert not np.array_equal(got["a"], np.zeros(2))


def test_what_arrives_is_our_own() -> None:
    """Decoded arrays may be written to, and do not share memory with the frame."""
    sent = wire.encode({}, {"a": np.zeros(3)})
    (array,) = wire.decode(sent)[1].values()
    array[:] = 1
    assert wire.decode(sent)[1]["a"].tolist() == [0, 0, 0]


@given(st.text(st.characters(max_codepoint=0x10FFFF, categories=None), max_size=40))
def test_any_text_is_carried(text: str) -> None:
    """Lone surrogates, control characters and all scripts come through, at no more than six bytes each."""
    sent = wire.encode({"": text})
    joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    assert wire.decode(sent)[0] == {"": joined}  # two halves that meet become one character, as in all JSON
    assert len(sent) <= len(wire.encode({"": ""})) + 6 * len(text)


@pytest.mark.parametrize("dtype", ["O", "U3", "S3", "c16", "f2", "g", "M8[s]", "i2", "u8", "V3"])
def test_no_other_dtype_is_sent(dtype: str) -> None:
    """A dtype outside of the list is refused when it is sent, by name of the array."""
    with pytest.raises(wire.FrameError, match=r"^a: dtype .* cannot be carried$"):
        wire.encode({}, {"a": np.zeros(2, dtype)})


VALID = wire.encode({"x": ["text", 1.5]}, {"a": np.arange(6.0).reshape(2, 3), "b": np.array([True, False])})


def only_frame_errors(content: bytes) -> None:
    try:
        length = wire.frame_length(content, wire.FROM_STUDENT)
        assert length is None or length <= wire.FROM_STUDENT.total_bytes
        wire.decode(content)
    except wire.FrameError:
        pass


@settings(max_examples=400)
@given(st.data())
def test_a_damaged_frame_is_refused_or_read(data: st.DataObject) -> None:
    """Whatever bits are turned, a frame is read or gives FrameError: no other exception comes out."""
    content = bytearray(VALID)
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    only_frame_errors(bytes(content))


@given(content=st.binary(max_size=200), begins_well=st.booleans())
def test_garbage_is_refused_or_read(content: bytes, *, begins_well: bool) -> None:
    """Bytes of any origin give FrameError and nothing else, also behind a good prefix."""
    only_frame_errors(prefixed(content[:50], content[50:]) if begins_well else content)


@given(jsons)
def test_any_json_as_header_is_refused_or_read(header: Header) -> None:
    """A header that is JSON, but not the JSON that was expected, gives FrameError and nothing else."""
    for odd in (
        header,
        {"about": header, "arrays": []},
        {"about": {}, "arrays": header},
        arrays_of(header),
        arrays_of(["a", "f8", header]),
        arrays_of(["a", header, [1]]),
        arrays_of([header, "f8", [1]]),
    ):
        only_frame_errors(frame(odd, bytes(8)))


@given(st.integers(0, len(VALID) - 1))
def test_a_cut_frame_is_no_frame(length: int) -> None:
    """Every proper beginning of a frame is refused by `decode`; `frame_length` waits or knows the length."""
    with pytest.raises(wire.FrameError):
        wire.decode(VALID[:length])
    known = wire.frame_length(VALID[:length], wire.FROM_STUDENT)
    assert known == (len(VALID) if length >= wire.PREFIX.size else None)


@given(st.binary(min_size=1, max_size=20))
def test_nothing_may_follow(more: bytes) -> None:
    """Bytes behind a frame, and bytes behind its last array, are refused."""
    with pytest.raises(wire.FrameError, match="something follows"):
        wire.decode(VALID + more)
    with pytest.raises(wire.FrameError, match="bytes follow the last array"):
        wire.decode(frame(arrays_of(), more))


@pytest.mark.parametrize(
    ("header", "says"),
    [
        (arrays_of(["a", "f8", [0, 2**31, 2**31]]), "every dimension"),
        (arrays_of(["a", "f8", [0, 2**24, 2**24, 2**24]]), "too large"),
        (arrays_of(["a", "f8", [0] + 7 * [2**24]]), "too large"),
        (arrays_of(["a", "f8", [2**24, 2**24]]), "more bytes are claimed"),
        (arrays_of(["a", "f8", [2]]), "more bytes are claimed"),
        (arrays_of(["a", "f8", [True]]), "every dimension"),
        (arrays_of(["a", "f8", [-1]]), "every dimension"),
        (arrays_of(["a", "f8", [1.0]]), "every dimension"),
        (arrays_of(["a", "f8", ["1"]]), "every dimension"),
        (arrays_of(["a", "f8", [10**400]]), "every dimension"),
        (arrays_of(["a", "f8", 9 * [1]]), "at most 8"),
        (arrays_of(["a", "f8", None]), "at most 8"),
        (arrays_of(["a", "O8", [1]]), "dtype is not allowed"),
        (arrays_of(["a", ["f8"], [1]]), "dtype is not allowed"),
        (arrays_of(["a", "f4", [1]], ["a", "f4", [1]]), "distinct"),
        (arrays_of([1, "f8", [1]]), "distinct"),
        (arrays_of(["a", "f8"]), r"\[name, dtype, shape\]"),
        (arrays_of({"a": 1}), r"\[name, dtype, shape\]"),
        (arrays_of(*(["a", "f8", [0]] for _ in range(257))), "at most 256"),
        ({"about": {}}, "exactly"),
        ({"about": {}, "arrays": [], "more": 1}, "exactly"),
        ({"about": [], "arrays": []}, "exactly"),
        ([], "must be a JSON object"),
        ('{"about": {}, "arrays": [], "arrays": []}', "twice"),
        ('{"about": {"a": 1, "a": 2}, "arrays": []}', "twice"),
        ('{"about": {"a": NaN}, "arrays": []}', "NaN is not JSON"),
        ('{"about": {"a": -Infinity}, "arrays": []}', "-Infinity is not JSON"),
        ('{"about": {"a": ' + "1" * 5000 + '}, "arrays": []}', "not JSON"),
        ("[" * 60_000, "not JSON"),
        ('{"a":' * 12_000, "not JSON"),
        ('{"about": {}, "arrays": []} 1', "not JSON"),
        ("", "not JSON"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_lying_header_is_told(header: Header, says: str) -> None:
    """Each lie that a header can tell is refused for what it is."""
    with pytest.raises(wire.FrameError, match=says):
        wire.decode(frame(header, bytes(8)))


def test_a_header_that_is_not_utf8_is_refused() -> None:
    """Bytes that are no UTF-8 are a FrameError as well."""
    with pytest.raises(wire.FrameError, match="not JSON"):
        wire.decode(prefixed(b'{"about": {"\xff": 1}, "arrays": []}', b""))


@pytest.mark.parametrize(
    ("header_bytes", "payload_bytes"), [(1 << 17, 0), (0, 1 << 26), (2**32 - 1, 2**64 - 1)]
)
def test_a_frame_too_large_is_refused_at_its_prefix(header_bytes: int, payload_bytes: int) -> None:
    """Sizes beyond the bounds are refused as soon as the prefix is there, before anything else is read."""
    prefix = wire.PREFIX.pack(wire.MAGIC, header_bytes, payload_bytes)
    with pytest.raises(wire.FrameError, match="are allowed"):
        wire.frame_length(prefix, wire.FROM_STUDENT)


def test_another_beginning_is_refused_at_its_first_byte() -> None:
    """The first byte that differs from the magic number is enough."""
    with pytest.raises(wire.FrameError, match="not a frame"):
        wire.frame_length(b"P", wire.FROM_STUDENT)
    assert wire.frame_length(b"", wire.FROM_STUDENT) is None


def test_claims_allocate_nothing() -> None:
    """A frame of 100 bytes that claims terabytes is refused within a megabyte of memory."""
    tracemalloc.start()
    for shape in ([2**24, 2**22], [2**24] * 8, [2**20, 2**20]):
        only_frame_errors(frame(arrays_of(["a", "f8", shape]), bytes(8)))
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 1 << 20
