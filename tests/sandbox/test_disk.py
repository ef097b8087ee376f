"""The disk in memory: what a hand-in may open by name, and what it saves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from real_jobs import handed_in, started_zygote

from grader.sandbox.zygote import Zygote

TEXT = "on the origin\r\nof species\r\n"
CARRIED = {"hw/weights.bin": bytes(range(256)), "hw/sub/notes.txt": b"notes", "other.txt": b"other"}


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    """Yield a zygote."""
    with started_zygote() as started:
        yield started


def answered(zygote: Zygote, body: str) -> object:
    """Return what the body of a function of a hand-in evaluates to, as a list or number."""
    lines = "\n".join(f"  {line}" for line in body.splitlines())
    text = f"import glob, io, os, pathlib\nimport numpy as np\ndef f(x):\n{lines}\n"
    lent = {"origin.txt": TEXT.encode()}
    with handed_in(zygote, text, main="hw/main.py", carried=CARRIED, lent=lent) as hand_in:
        return hand_in.value().tolist()


@pytest.mark.parametrize(
    "body",
    [
        "return open('weights.bin', 'rb').read() == bytes(range(256))",
        "return open('/handin/hw/weights.bin', 'rb').read(3) == bytes(range(3))",
        "return open('sub/notes.txt').read() == 'notes'",
        "return pathlib.Path('..', 'other.txt').read_text() == 'other'",
        "return open('origin.txt').read() == 'on the origin\\nof species\\n'",
        "return open('/content/drive/My Drive/origin.txt', newline='').read().endswith('\\r\\n')",
        "return open('C:/data/origin.txt').readline() == 'on the origin\\n'",
        "return np.loadtxt('origin.txt', dtype=str, usecols=0).tolist() == ['on', 'of']",
        "return os.path.exists('weights.bin') and os.path.getsize('weights.bin') == 256",
        "return pathlib.Path('sub').is_dir() and not os.path.isfile('sub')",
        "return sorted(os.listdir('.')) == ['origin.txt', 'sub', 'weights.bin']",
        "return not os.path.exists('/etc/passwd')",
    ],
)
def test_files_are_found(zygote: Zygote, body: str) -> None:
    """A hand-in opens its own files by their names, and the course's in whatever folder it looks."""
    assert answered(zygote, body) is True


@pytest.mark.parametrize(
    "body",
    [
        "open('out.txt', 'w').write('x')\nreturn open('out.txt').read() == 'x'",
        "with open('log.txt', 'a') as log: log.write('1')\n"
        "with open('log.txt', 'a') as log: log.write('2')\nreturn open('log.txt').read() == '12'",
        "np.save('a.npy', np.ones(3))\nreturn np.load('a.npy').sum() == 3",
        "np.savez('a.npz', a=np.ones(3))\nreturn np.load('a.npz')['a'].sum() == 3",
        "os.makedirs('deep/er', exist_ok=True)\npathlib.Path('deep/er/x').write_bytes(b'1')\n"
        "return os.listdir('deep/er') == ['x']",
        "open('a', 'w').close()\nos.rename('a', 'b')\nreturn os.path.exists('b') and not os.path.exists('a')",
    ],
)
def test_what_is_saved_can_be_opened(zygote: Zygote, body: str) -> None:
    """What a hand-in writes is there until its job ends."""
    assert answered(zygote, body) is True


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("open('/etc/passwd')", "FileNotFoundError"),
        ("open('/proc/self/status')", "FileNotFoundError"),
        ("open('weights.bin', 'rb').write(b'1')", "UnsupportedOperation"),
        ("open('other.txt', 'q')", "ValueError"),
        ("os.listdir('/usr')", "FileNotFoundError"),
        ("os.open('/etc/passwd', os.O_RDONLY)", "PermissionError"),
        ("io.FileIO('/etc/passwd')", "PermissionError"),
    ],
)
def test_nothing_else_is_there(zygote: Zygote, body: str, error: str) -> None:
    """No file of the machine can be opened through it or past it."""
    text = f"import io, os\ndef f(x):\n  {body}\n"
    with handed_in(zygote, text, main="hw/main.py", carried=CARRIED) as hand_in:
        assert hand_in.failure().message.startswith(f"f raised {error}")


def test_what_one_job_saves_no_other_finds(zygote: Zygote) -> None:
    """A disk ends with its job."""
    text = "import os\ndef f(x):\n  found = os.path.exists('out')\n  open('out', 'w').close()\n  return found"
    for _ in range(2):
        with handed_in(zygote, text, carried={}) as hand_in:
            assert not hand_in.value()
