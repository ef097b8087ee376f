"""What a hand-in can import in a job, and use there: Python's modules of the allow-list, and all of NumPy."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from real_jobs import SHORT, handed_in, started_zygote

from grader.inside import allowed, memory
from grader.sandbox import environment
from grader.sandbox.zygote import Zygote

PATIENT = replace(SHORT, call_s=60.0, total_s=200.0, cpu_s=60)

# Of each top-level module of the list something that a hand-in might do with it, true if it works.
USES = {
    "__future__": "__future__.annotations",
    "abc": "abc.ABC",
    "argparse": "argparse.ArgumentParser().parse_args([]) is not None",
    "array": "array.array('d', [1.0])[0] == 1",
    "ast": "ast.literal_eval('[1]') == [1]",
    "asyncio": "asyncio.iscoroutinefunction(print) is False and asyncio.Queue",
    "atexit": "atexit.register(print)",
    "base64": "base64.b64encode(b'x') == b'eA=='",
    "bdb": "bdb.Bdb()",
    "binascii": "binascii.hexlify(b'a') == b'61'",
    "bisect": "bisect.bisect([1, 3], 2) == 1",
    "builtins": "builtins.abs(-1) == 1",
    "bz2": "bz2.decompress(bz2.compress(b'x')) == b'x'",
    "cProfile": "cProfile.Profile().runcall(abs, -1) == 1",
    "calendar": "calendar.isleap(2024) and calendar.month(2024, 1)",
    "cmath": "cmath.sqrt(-1) == 1j",
    "cmd": "cmd.Cmd",
    "code": "code.compile_command('1')",
    "codecs": "codecs.encode('a', 'rot13') == 'n' and 'é'.encode('cp437') and b'a'.decode('utf-16-le', 'ignore') == ''",
    "codeop": "codeop.compile_command('1')",
    "collections": "collections.Counter('aa')['a'] == 2 and collections.OrderedDict()is not None",
    "colorsys": "colorsys.rgb_to_hsv(0, 0, 1)",
    "compileall": "compileall.compile_dir",
    "concurrent": "concurrent.futures.ThreadPoolExecutor and concurrent.futures.ProcessPoolExecutor",
    "configparser": "configparser.ConfigParser().read_string('[a]\\nb=1') is None",
    "contextlib": "contextlib.suppress(ValueError)",
    "contextvars": "contextvars.ContextVar('a')",
    "copy": "copy.deepcopy([[1]]) == [[1]]",
    "copyreg": "copyreg.dispatch_table is not None",
    "csv": "list(csv.reader(['a,b'])) == [['a', 'b']]",
    "ctypes": "ctypes.sizeof(ctypes.c_double) == 8",
    "dataclasses": "dataclasses.make_dataclass('A', ['x'])(1).x == 1",
    "datetime": "datetime.datetime.strptime('2024', '%Y').year == 2024",
    "dbm": "dbm.whichdb",
    "decimal": "decimal.Decimal('0.1') * 10 == 1",
    "difflib": "difflib.get_close_matches('aa', ['aab'])",
    "dis": "list(dis.get_instructions(abs.__class__.__call__.__class__.__repr__.__class__.__repr__.__class__) if 0 else dis.get_instructions(lambda: 1))",
    "doctest": "doctest.DocTestParser().get_examples('>>> 1\\n1')",
    "email": "email.message_from_string('a: b')['a'] == 'b' and email.message.EmailMessage()is not None",
    "encodings": "encodings.normalize_encoding('a b')",
    "enum": "enum.Enum('A', 'b').b",
    "errno": "errno.EACCES == 13",
    "faulthandler": "faulthandler.is_enabled() is False",
    "fcntl": "fcntl.fcntl(1, fcntl.F_GETFD) >= 0",
    "filecmp": "filecmp.cmp",
    "fileinput": "fileinput.FileInput",
    "fnmatch": "fnmatch.fnmatch('a.py', '*.py')",
    "fractions": "fractions.Fraction(1, 2) * 2 == 1",
    "ftplib": "ftplib.FTP",
    "functools": "functools.reduce(max, [1, 2]) == 2 and functools.lru_cache(None)(abs)(-1) == 1",
    "gc": "gc.collect() >= 0",
    "genericpath": "genericpath.commonprefix(['ab', 'ac']) == 'a'",
    "getopt": "getopt.getopt(['-a'], 'a')",
    "getpass": "getpass.getpass",
    "gettext": "gettext.gettext('a') == 'a'",
    "glob": "glob.escape('*') == '[*]'",
    "graphlib": "list(graphlib.TopologicalSorter({1: [2]}).static_order()) == [2, 1]",
    "grp": "grp.struct_group",
    "gzip": "gzip.decompress(gzip.compress(b'x')) == b'x'",
    "hashlib": "hashlib.sha256(b'').hexdigest()[:4] == 'e3b0' and hashlib.md5(b'') and hashlib.blake2b(b'')",
    "heapq": "heapq.nsmallest(1, [2, 1]) == [1]",
    "hmac": "hmac.new(b'a', b'b', 'sha256').hexdigest()",
    "html": "html.escape('<') == '&lt;' and html.entities",
    "http": "http.HTTPStatus.OK == 200 and http.client.HTTPConnection",
    "imaplib": "imaplib.IMAP4",
    "imp": "imp.new_module('a')",
    "importlib": "importlib.import_module('fractions').Fraction",
    "inspect": "inspect.signature(lambda a: a).parameters['a']",
    "io": "io.StringIO('a').read() == 'a'",
    "ipaddress": "ipaddress.ip_address('::1').is_loopback",
    "itertools": "list(itertools.chain([1], [2])) == [1, 2]",
    "json": "json.loads(json.dumps({'a': [1.5]})) == {'a': [1.5]}",
    "keyword": "keyword.iskeyword('if')",
    "linecache": "linecache.getline('no such file', 1) == ''",
    "locale": "locale.getlocale() is not None",
    "logging": "logging.getLogger('a').warning('%s', 1) is None and logging.handlers.MemoryHandler(1)",
    "lzma": "lzma.decompress(lzma.compress(b'x')) == b'x'",
    "mailbox": "mailbox.Message()is not None",
    "marshal": "marshal.loads(marshal.dumps([1])) == [1]",
    "math": "math.isclose(math.exp(0), 1)",
    "mimetypes": "mimetypes.MimeTypes",
    "mmap": "len(mmap.mmap(-1, 4096)) == 4096",
    "modulefinder": "modulefinder.ModuleFinder([])",
    "multiprocessing": "multiprocessing.current_process().name and multiprocessing.Pool and multiprocessing.dummy.Pool",
    "netrc": "netrc.netrc",
    "ntpath": "ntpath.join('a', 'b') == 'a\\\\b'",
    "nturl2path": "nturl2path.url2pathname('//a')",
    "numbers": "isinstance(1, numbers.Number)",
    "opcode": "opcode.opname",
    "operator": "operator.itemgetter(0)([5]) == 5",
    "optparse": "optparse.OptionParser().parse_args([])",
    "os": "os.path.join('a', 'b') == 'a/b' and os.getpid() and os.uname().sysname == 'Linux'",
    "pathlib": "pathlib.Path('a/b').name == 'b'",
    "pdb": "pdb.Pdb",
    "pickle": "pickle.loads(pickle.dumps([1])) == [1]",
    "pickletools": "pickletools.optimize(pickle_dumps)",
    "pkgutil": "pkgutil.extend_path([], 'a') == []",
    "platform": "platform.system() == 'Linux' and platform.machine() and platform.python_version()",
    "plistlib": "plistlib.loads(plistlib.dumps({'a': 1})) == {'a': 1}",
    "poplib": "poplib.POP3",
    "posix": "posix.getpid()",
    "posixpath": "posixpath.normpath('a/../b') == 'b'",
    "pprint": "pprint.pformat([1]) == '[1]'",
    "profile": "profile.Profile()",
    "pstats": "pstats.Stats",
    "pty": "pty.spawn",
    "pwd": "pwd.struct_passwd",
    "py_compile": "py_compile.compile",
    "pyclbr": "pyclbr.readmodule",
    "pydoc": "pydoc.render_doc(abs)",
    "pyexpat": "pyexpat.ParserCreate().Parse('<a/>', True)",
    "queue": "queue.Queue().empty()",
    "quopri": "quopri.encodestring(b'a') == b'a'",
    "random": "0 <= random.SystemRandom().random() < 1 and random.gauss(0, 1) is not None",
    "re": "re.sub('a+', 'b', 'caat') == 'cbt'",
    "reprlib": "reprlib.repr('a' * 99)",
    "resource": "resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > 0 and resource.getrlimit(resource.RLIMIT_AS)",
    "runpy": "runpy.run_module",
    "sched": "sched.scheduler().empty()",
    "secrets": "len(secrets.token_hex(4)) == 8",
    "select": "select.select([], [], [], 0) == ([], [], [])",
    "selectors": "selectors.SelectSelector()",
    "shelve": "shelve.Shelf({})is not None",
    "shlex": "shlex.split('a b') == ['a', 'b']",
    "shutil": "shutil.get_terminal_size().columns > 0",
    "signal": "signal.getsignal(signal.SIGINT) is not None",
    "site": "site.PREFIXES",
    "smtplib": "smtplib.SMTP",
    "socket": "socket.AF_INET and socket.inet_aton('1.2.3.4') and socket.socket",
    "socketserver": "socketserver.TCPServer",
    "sqlite3": "sqlite3.connect(':memory:').execute('select 1').fetchone() == (1,)",
    "ssl": "ssl._create_unverified_context and ssl.OPENSSL_VERSION",
    "stat": "stat.S_ISDIR(0o040000)",
    "statistics": "statistics.median([1, 2, 3]) == 2 and statistics.stdev([1, 2]) > 0",
    "string": "string.Template('$a').substitute(a=1) == '1'",
    "stringprep": "stringprep.in_table_a1('a') is False",
    "struct": "struct.unpack('<d', struct.pack('<d', 1)) == (1,)",
    "subprocess": "subprocess.PIPE == -1 and subprocess.run",
    "symtable": "symtable.symtable('a = 1', 'a', 'exec').lookup('a')",
    "sys": "sys.version_info >= (3, 11)",
    "sysconfig": "sysconfig.get_platform() and sysconfig.get_paths()['stdlib']",
    "syslog": "syslog.LOG_ERR",
    "tabnanny": "tabnanny.check",
    "tarfile": "tarfile.TarInfo('a').name == 'a'",
    "tempfile": "tempfile.SpooledTemporaryFile().write(b'a') == 1",
    "termios": "termios.TCSANOW == 0",
    "textwrap": "textwrap.dedent(' a') == 'a'",
    "threading": "threading.Lock().acquire() and threading.local()is not None",
    "time": "time.perf_counter() <= time.perf_counter() and time.process_time() >= 0 and time.strftime('%Y')",
    "timeit": "timeit.timeit('1', number=1) >= 0",
    "token": "token.NAME == 1",
    "tokenize": "list(tokenize.generate_tokens(iter(['1']).__next__))",
    "tomllib": "tomllib.loads('a = 1') == {'a': 1}",
    "trace": "trace.Trace().runfunc(abs, -1) == 1",
    "traceback": "'1' in traceback.format_exception_only(ValueError, ValueError(1))[0]",
    "tracemalloc": "tracemalloc.is_tracing() is False",
    "tty": "tty.setraw",
    "types": "types.SimpleNamespace(a=1).a == 1",
    "typing": "typing.get_type_hints(lambda: 1) == {} and typing.NamedTuple('A', [('x', int)])(1).x == 1",
    "unicodedata": "unicodedata.name('a')",
    "unittest": "unittest.TestCase().assertEqual(1, 1) is None and unittest.mock.Mock()()is not None",
    "urllib": "urllib.parse.quote(' ') == '%20' and urllib.request.Request('http://a') and urllib.error.URLError",
    "uuid": "uuid.uuid4().version == 4",
    "warnings": "warnings.filterwarnings('ignore') is None",
    "wave": "wave.open",
    "weakref": "weakref.WeakValueDictionary()is not None",
    "webbrowser": "webbrowser.get",
    "wsgiref": "wsgiref",
    "xml": "xml.etree.ElementTree.fromstring('<a b=\"1\"/>').get('b') == '1' and xml.dom.minidom.parseString('<a/>')",
    "xmlrpc": "xmlrpc.client.dumps((1,))",
    "zipapp": "zipapp.create_archive",
    "zipfile": "zipfile.is_zipfile(bytes_io)is False",
    "zipimport": "zipimport.zipimporter",
    "zlib": "zlib.decompress(zlib.compress(b'x')) == b'x'",
    "zoneinfo": "zoneinfo.ZoneInfo",
}
TOPS = sorted({name.partition(".")[0] for name in allowed.STANDARD})


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    with started_zygote() as zygote:
        yield zygote


def test_every_module_of_the_list_is_used_here() -> None:
    """The table above has a line for every top-level module of the list, and no other."""
    assert sorted(USES) == TOPS


def test_every_module_of_the_list_can_be_imported_and_used(zygote: Zygote) -> None:
    """In one job after the other, each alone: it is imported under all its names, and works."""
    for top in TOPS:
        if top not in sys.stdlib_module_names:
            continue
        names = [
            name for name in allowed.STANDARD if name.partition(".")[0] == top and _is_in_this_python(name)
        ]
        if not names:
            continue
        text = (
            f"import warnings; warnings.simplefilter('ignore')\nimport {', '.join(names)}\n"
            "import io, pickle\nbytes_io, pickle_dumps = io.BytesIO(b'x'), pickle.dumps([1])\n"
            f"def f(x): return bool({USES[top]})"
        )
        with handed_in(zygote, text, limits=PATIENT) as hand_in:
            answer = hand_in.ask()
        assert answer.failure is None, (top, answer.failure)
        assert answer.arrays["y"] == 1, top


def _is_in_this_python(name: str) -> bool:
    top = name.partition(".")[0]
    return top in sys.stdlib_module_names and not (top == "imp" and sys.version_info >= (3, 12))


def test_modules_may_be_imported_at_any_time(zygote: Zygote) -> None:
    """Also by a name that stands nowhere in the source, in a call, and from NumPy by a star."""
    text = (
        "from numpy import *\n"
        "import importlib\n"
        "def f(x):\n"
        "  json = importlib.import_module('nosj'[::-1]); tar = __import__('rat'[::-1] + 'file')\n"
        "  exec('import uuid, xml.etree.ElementTree')\n"
        "  return json.loads('[1]') + [len(tar.TarInfo('a').name), float(median(array([1., 2., 3.])))]\n"
    )
    with handed_in(zygote, text) as hand_in:
        assert hand_in.value().tolist() == [1, 1, 2]


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        ("antigravity", "Python"),
        ("tkinter", "Python"),
        ("idlelib.run", "Python"),
        ("ensurepip", "Python"),
        ("numpy.f2py", "NumPy"),
        ("numpy.distutils", "NumPy"),
    ],
)
def test_what_is_not_on_the_list_is_said_to_be_so(zygote: Zygote, name: str, owner: str) -> None:
    """A module that Python or NumPy have elsewhere ends in a sentence, on the line that imports it."""
    with handed_in(zygote, f"\nimport {name}\ndef f(x): return x") as hand_in:
        failure = hand_in.failure()
    top = name if owner == "NumPy" else name.partition(".")[0]
    said = f"{top} is a part of {owner} that cannot be imported where hand-ins are graded"
    assert failure.message == f"importing hw3/gru.py raised ModuleNotFoundError: {said}"
    assert failure.line == 2


def test_no_name_of_a_student_decides_what_runs_before_the_lock_down() -> None:
    """The list holds nothing that acts when it is imported, builds or tests; NumPy's programs are nowhere."""
    acting = {
        "antigravity",
        "this",
        "idlelib",
        "turtledemo",
        "turtle",
        "tkinter",
        "ensurepip",
        "venv",
        "lib2to3",
    }
    for name in (*allowed.STANDARD, *allowed.NUMPY, *allowed.IMPORTED, *allowed.IN_C):
        assert not {*name.split(".")} & (
            acting | {"__main__", "test", "tests", "f2py", "distutils", "conftest"}
        )
    assert acting & sys.stdlib_module_names <= memory.NOT_HERE


def test_a_failing_import_can_be_caught_as_anywhere(zygote: Zygote) -> None:
    """`try: import tkinter except ImportError` works, and `from x import y` says what it always says."""
    text = (
        "try:\n  import tkinter\nexcept ImportError as error:\n  name = error.name\n"
        "try:\n  from json import nothing\nexcept ImportError as error:\n  said = str(error)\n"
        "assert name == 'tkinter'\n"
        "assert said.startswith(\"cannot import name 'nothing' from 'json'\"), said\n"
        "def f(x): return x"
    )
    with handed_in(zygote, text) as hand_in:
        assert hand_in.value().tolist() == [0, 1, 2]


# Functions that need a file, or tell of the machine: what becomes of them is not asked.
WITH_FILES = {
    "fromfile": "reads a file",
    "genfromtxt": "reads a file; from a list it is asked below",
    "get_include": "names a folder",
    "load": "reads a file; from memory it is asked below",
    "loadtxt": "reads a file; from a list it is asked below",
    "memmap": "maps a file",
    "open_memmap": "maps a file",
    "save": "writes a file; to memory it is asked below",
    "savetxt": "writes a file; to memory it is asked below",
    "savez": "writes a file; to memory it is asked below",
    "savez_compressed": "writes a file; to memory it is asked below",
    "fromregex": "reads a file; from memory it is asked below",
    "test": "runs NumPy's own tests, which are files",
}

# Calls every public function and class of a module with arguments of many shapes, until one fits; says which
# none fits, and which raised something that no arguments excuse.
CALLER = """
import contextlib, inspect, io, warnings
import numpy as np
warnings.simplefilter("ignore")
MODULES = {"numpy": np, "numpy.linalg": np.linalg, "numpy.random": np.random, "numpy.fft": np.fft}
GROUND = [
    (), ([1.0, 2.0, 3.0],), (np.eye(3),), (np.eye(3), np.eye(3)), ([3, 1, 2], [1, 2, 2]), (2.0,), (3,), (4, 2),
    (np.eye(3), 1), (np.array([1.0, 2.0, 3.0]), 0.5), (np.arange(3), 2, 1), (0.0, 1.0, 3), ([1, 2], [1, 2], 1),
    ("f8",), ("f8", "f4"), (np.float64, np.float32), ("1 2", float, 2, " "), ([True, False, True], [1, 2, 3]),
    ([True, False, True], [1, 2, 3], [4, 5, 6]), (lambda *a: a[0], (2, 2)), (lambda x: x, [1, 2]),
    (lambda x: x.sum(), 0, np.eye(3)), ("ij,jk->ik", np.eye(2), np.eye(2)), ([np.eye(2), np.eye(2)],),
    ([np.eye(2), np.eye(2), np.eye(2)],), (np.array([1, 2, 3], np.uint8),), ("a",), (b"a",), ("5",),
    (b"\\0" * 16,), ("ii",), ((3, 3), 1), ([0, 1], (3, 3)), (np.ones((3, 3)), [0, 1], [2, 2]), ([[1, 2], [3, 4]], 2),
    ([1.5, 2.5], [1.0, 2.0], [3.0, 4.0]), (np.ones((2, 2, 2)), (0, 2, 1)), (np.ones((2, 2, 2)), 0, 1),
    (np.ones(3), [0.5, 1.0], [1.0, 2.0]), ([1.0, 2.0], [1.0, 1.0], [0.0, 1.0, 2.0], 2), (5, 3, 2), (1, 2, 3, 4),
    (np.eye(6).reshape(6, 2, 3)[:, :1, :1].reshape(6)[:4].reshape(2, 2), 2), (np.array("2020-01-01", "M8[D]"),),
    ("2020-01-01",), ("2020-01-01", 1), ("2020-01-01", "2020-01-10"), (np.dtype("f8"),), (np.dtype("M8[D]"),),
    ([0.5, 0.5], [[1.0, 0.0], [0.0, 1.0]]), (5, [0.5, 0.5]), ([1, 1],), (10, 5, 3), (0.3, 2), (1.0, 1.0, 1.0),
    (0.0, 0.5, 1.0), (np.linspace(0, 1, 5), np.linspace(0, 1, 5), 1), (np.arange(3), np.arange(3), "full"),
    (np.arange(6).reshape(2, 3), (0, 1)), ([1, 2, 3], 1, [5]), ("i8", 3), (np.nditer,), (print, 1, 1), ([4, 5], "raise"),
    (np.arange(4), (2, 2)), (np.eye(3), [1, 0, 0], 1), (np.ones((2, 3, 6)).reshape(6, 6)[:4, :4].reshape(2, 2, 2, 2) * 0 + np.eye(4).reshape(2, 2, 2, 2),),
    (np.eye(4).reshape(2, 2, 2, 2), np.ones((2, 2))), (np.arange(3), 1, "x"), (np.eye(2), np.ones((1, 2)), np.eye(2)),
    ((slice(0, 3), slice(0, 3)),), (np.zeros(3), [1], [9]), (np.zeros(3), [True, False, True], [5]),
    (np.zeros((3, 1)), np.array([[0], [1], [2]]), 1, 0), (np.eye(3), np.array([[0], [1], [2]]), 1), (np.eye(3), np.array([[0], [1], [2]]), 1.0, 1),
    ([1.0, 2.0, 4.0], [0, 1]), (lambda a, b: a, 2, 1), (lambda a, axis: np.sum(a, axis, keepdims=True), np.eye(3), [0]),
    (io.StringIO("1 2"), "(.)", [("a", int)]), (np.eye(2), 2, 2), (np.zeros(3), 1.0, 0), (np.zeros((3, 3)), 1.0), (np.zeros(2), np.ones(2)),
    (np.ones(2), "f4"), ([("a", "f8")],), (["f8"],), ("warn",), (None,), (np.ones((2, 2)), [1.0, 1.0], 0.1, 3),
]
BROKEN = (ImportError, OSError, RuntimeError, NotImplementedError)


def public(module):
    for name in sorted(module.__all__):
        if name.startswith("_") or inspect.ismodule(value := getattr(module, name)) or not callable(value):
            continue
        yield name, value


def call_all(module):
    unfit, broken = [], []
    for name, function in public(module):
        fits = False
        for arguments in GROUND:
            try:
              with contextlib.redirect_stdout(io.StringIO()):
                function(*[a.copy() if type(a) is np.ndarray else a for a in arguments])
                fits = True
            except BROKEN as error:
                broken.append(f"{name}{arguments}: {type(error).__name__}: {error}")
            except Exception:
                pass
        if not fits:
            unfit.append(name)
    return unfit, broken
"""


def test_every_public_function_of_numpy_works(zygote: Zygote) -> None:
    """Each is called with arguments that fit, in a job and here: nothing is missing there."""
    text = (
        CALLER
        + f"SKIPPED = {sorted(WITH_FILES)}\n"
        + "public_, public = public, lambda module: (one for one in public_(module) if one[0] not in SKIPPED)\n"
        + "def f(x):\n"
        "  for name, module in MODULES.items():\n"
        "    unfit, broken = call_all(module)\n"
        "    print(name, len(list(public(module))), 'UNFIT', unfit, 'BROKEN', broken)\n"
        "  return x\n"
    )
    with handed_in(zygote, text, limits=replace(PATIENT, memory_bytes=2 << 30)) as hand_in:
        answer = hand_in.ask()
        assert answer.failure is None, answer.failure
        hand_in.session.close()
        said = hand_in.session.printed("stdout").text
    lines = [line for line in said.splitlines() if line.startswith("numpy")]
    assert len(lines) == 4
    for line in lines:
        assert "UNFIT [] BROKEN []" in line


LATE = """
import io
import numpy as np
def f(x):
    a = np.array([3.0, 1.0, 2.0, 2.0])
    assert np.median(a) == 2 and np.percentile(a, 50) == 2 and np.quantile(a, 0.5) == 2
    assert np.nanmedian(a) == 2 and np.nanpercentile(a, 50) == 2
    assert np.unique(a).tolist() == [1, 2, 3] and np.isin(1.0, a) and np.in1d([1.0], a)[0] if hasattr(np, 'in1d') else 1
    assert np.union1d(a, a).size == 3 and np.setdiff1d(a, [1.0]).size == 2 and np.intersect1d(a, a).size == 3
    file = io.BytesIO()
    np.savez_compressed(file, a=a); file.seek(0)
    assert np.load(file)["a"].tolist() == a.tolist()
    file = io.BytesIO()
    np.save(file, a); file.seek(0)
    assert np.load(file).tolist() == a.tolist()
    text = io.StringIO()
    np.savetxt(text, a); text.seek(0)
    assert np.loadtxt(text).tolist() == a.tolist()
    assert np.genfromtxt(["1 2"]).tolist() == [1, 2]
    np.testing.assert_allclose(a, a)
    assert np.ma.masked_array(a, [1, 0, 0, 0]).sum() == 5
    assert np.polynomial.Polynomial([1, 2])(1) == 3 and np.polyfit([0, 1], [0, 1], 1).size == 2
    assert np.char.upper("a") == "A" and np.strings.upper("a") == "A" and np.rec.array([(1,)]).shape == (1,)
    assert np.matlib.zeros(2).shape == (1, 2) and np.matrix("1 2").shape == (1, 2)
    assert np.lib.stride_tricks.sliding_window_view(a, 2).shape == (3, 2)
    assert np.ctypeslib.as_ctypes(a)[0] == 3 and np.info(np.sum, output=io.StringIO()) is None
    assert np.core.multiarray.array is not None and np.dtypes.Float64DType and np.exceptions.AxisError
    np.show_config(); np.show_runtime()
    return x
"""


def test_what_numpy_loads_late_is_there(zygote: Zygote) -> None:
    """Percentiles, sets, files in memory, testing, masked arrays, polynomials, text, records, old names."""
    text = "import warnings; warnings.simplefilter('ignore')\n" + LATE
    with handed_in(zygote, text.replace("; np.show_runtime()", ""), limits=PATIENT) as hand_in:
        assert hand_in.value().tolist() == [0, 1, 2]


PLACES = """
import gc, sys, types, os, platform, site, sysconfig, numpy as np, traceback, linecache, inspect, json, asyncio
import numpy.testing, unittest, xml.dom.minidom, importlib.metadata

def of(one):
    return [one.co_filename, *one.co_consts] if type(one) is types.CodeType else gc.get_referents(one)

def texts():
    gc.unfreeze()
    seen, waiting = set(), gc.get_objects()
    ignored = {id(seen), id(waiting)}
    while waiting:
        one = waiting.pop()
        if id(one) in seen or id(one) in ignored:
            continue
        seen.add(id(one))
        if type(one) in (str, bytes):
            yield one if type(one) is str else one.decode('latin-1')
        elif type(one) is not types.FrameType:
            waiting.extend(of(one))

def f(x):
    found = {one[:300] for one in texts() if any(place in one for place in PLACES)}
    print(len(found), sorted(found)[:20])
    for name in ('prefix', 'exec_prefix', 'base_prefix', 'executable', 'argv', 'orig_argv', 'path', '_base_executable'):
        print(name, getattr(sys, name))
    print(np.__file__, np.__spec__, np.__path__, os.__file__, json.__cached__, sysconfig.get_paths(), site.PREFIXES)
    print(os.environ, platform.uname(), os.uname(), np.get_include(), unittest.__file__, asyncio.__path__)
    try: np.linalg.inv([[0.0]])
    except Exception: print(traceback.format_exc())
    try: json.loads('{')
    except Exception: print(traceback.format_exc())
    return x
"""


def test_a_job_knows_no_place_of_this_machine(zygote: Zygote, tmp_path: Path) -> None:
    """No string that Python can reach in a job names a folder of ours, of Python's or of NumPy's."""
    python = environment.student_python()
    asked = "import sys, os; print(sys.prefix, sys.base_prefix, os.path.realpath(sys.executable), os.uname().nodename)"
    done = subprocess.run([python, "-c", asked], capture_output=True, text=True, check=True)
    prefix, base, executable, machine = done.stdout.split()
    places = {prefix, executable, str(Path(memory.__file__).parents[2])}
    places |= {base} if base not in ("/usr", "/usr/local") else {f"{base}/lib/python"}
    text = f"PLACES = [p[::-1] for p in {[place[::-1] for place in places]}]\n{PLACES}"
    with handed_in(zygote, text, limits=PATIENT) as hand_in:
        hand_in.value()
        hand_in.session.close()
        said = hand_in.session.printed("stdout").text
    # What the list itself holds, and what it was made of.
    assert said.splitlines()[0].startswith(f"{len(places)} "), said
    rest = said.partition("\n")[2]
    assert "/python/lib/python3." in rest
    assert not [place for place in places if place in rest], rest
    assert machine not in rest


def test_the_report_does_not_depend_on_where_things_lie(zygote: Zygote) -> None:
    """What a job says of Python's and NumPy's files is the same wherever they are installed."""
    text = "import numpy as np, os, sys\ndef f(x): raise RuntimeError(f'{np.__file__} {os.__file__} {sys.prefix}')"
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    with handed_in(zygote, text) as hand_in:
        message = hand_in.failure().message
    assert message == (
        f"f raised RuntimeError: .../site-packages/numpy/__init__.py .../{version}/os.py /python"
    )


def test_numbers_are_the_same() -> None:
    """The table of functions that need files names nothing that is not there."""
    for name in WITH_FILES:
        assert hasattr(np, name) or hasattr(np.lib.format, name)
