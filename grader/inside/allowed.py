"""The modules that a hand-in may import: all of them are in memory before a job meets a hand-in.

A job cannot open files, so what is not here, and not in the hand-in, cannot be imported. The list is fixed:
no name that a student wrote decides what runs before the job has given up its rights. What most hand-ins use,
and what is written in C, is imported; of the rest the bytecode lies ready (`stored`).
"""

from __future__ import annotations

# Python's own, but for those that newer versions no longer have, those of other systems, and those that do
# something when they are imported, or need a screen: antigravity, this, idlelib, turtle, tkinter, curses,
# readline, ensurepip, venv, test. A name that this Python lacks is passed over.
STANDARD = """
    __future__ abc argparse array ast asyncio asyncio.subprocess atexit base64 bdb binascii bisect builtins
    bz2 cProfile calendar cmath cmd code codecs codeop collections collections.abc colorsys compileall
    concurrent concurrent.futures concurrent.futures.process concurrent.futures.thread configparser contextlib
    contextvars copy copyreg csv ctypes ctypes.util dataclasses datetime dbm decimal difflib dis doctest email
    email.message email.mime.multipart email.mime.text email.parser email.utils encodings enum errno
    faulthandler fcntl filecmp fileinput fnmatch fractions ftplib functools gc genericpath getopt getpass
    gettext glob graphlib grp gzip hashlib heapq hmac html html.entities html.parser http http.client
    http.cookiejar http.cookies http.server imaplib importlib importlib.abc importlib.machinery
    importlib.metadata importlib.resources importlib.util imp inspect io ipaddress itertools json json.decoder
    json.encoder json.tool keyword linecache locale logging logging.config logging.handlers lzma mailbox
    marshal math mimetypes mmap modulefinder multiprocessing multiprocessing.dummy multiprocessing.pool
    multiprocessing.shared_memory netrc ntpath nturl2path numbers opcode operator optparse os os.path pathlib
    pdb pickle pickletools pkgutil platform plistlib poplib posix posixpath pprint profile pstats pty pwd
    py_compile pyclbr pydoc pyexpat queue quopri random re reprlib resource runpy sched secrets select
    selectors shelve shlex shutil signal site smtplib socket socketserver sqlite3 ssl stat statistics string
    stringprep struct subprocess symtable sys sysconfig syslog tabnanny tarfile tempfile termios textwrap
    threading time timeit token tokenize tomllib trace traceback tracemalloc tty types typing unicodedata
    unittest unittest.case unittest.mock urllib urllib.error urllib.parse urllib.request urllib.response
    urllib.robotparser uuid warnings wave weakref webbrowser wsgiref xml xml.dom xml.dom.minidom xml.etree
    xml.etree.ElementTree xml.sax xmlrpc xmlrpc.client zipapp zipfile zipimport zlib zoneinfo
""".split()

# NumPy's public modules, many of which it loads at their first use itself. Never those that build or test:
# numpy.distutils, numpy.f2py and whatever is called tests.
NUMPY = """
    numpy numpy.char numpy.core numpy.core.multiarray numpy.core.numeric numpy.core.umath numpy.ctypeslib
    numpy.dtypes numpy.exceptions numpy.fft numpy.lib numpy.lib.array_utils numpy.lib.format
    numpy.lib.introspect numpy.lib.mixins numpy.lib.npyio numpy.lib.recfunctions numpy.lib.scimath
    numpy.lib.stride_tricks numpy.lib.user_array numpy.linalg numpy.ma numpy.ma.extras numpy.ma.mrecords
    numpy.ma.testutils numpy.matlib numpy.polynomial numpy.polynomial.chebyshev numpy.polynomial.hermite
    numpy.polynomial.hermite_e numpy.polynomial.laguerre numpy.polynomial.legendre numpy.polynomial.polynomial
    numpy.polynomial.polyutils numpy.random numpy.rec numpy.strings numpy.testing numpy.typing numpy.version
""".split()

# Imported beforehand, for they are imported with NumPy or by us anyway, are in most hand-ins, or bring
# modules in C along. Each of the others that a hand-in imports takes it a millisecond or two.
IMPORTED = """
    abc collections.abc contextlib copy dataclasses datetime enum functools heapq io itertools json math
    numpy.fft numpy.linalg numpy.random operator os random re string struct sys time traceback types typing
    warnings weakref
""".split()

# Written in C: only a file can bring them in. (Not those that can be spared, since Python has the same:
# _asyncio, which imports all of asyncio; _zoneinfo and _elementtree, which import a package each.)
IN_C = """
    _bisect _blake2 _bz2 _contextvars _csv _ctypes _datetime _decimal _hashlib _heapq _json
    _lsprof _lzma _md5 _multiprocessing _opcode _pickle _posixshmem _posixsubprocess _queue _random _sha1
    _sha2 _sha256 _sha3 _sha512 _socket _sqlite3 _ssl _statistics _struct _uuid array binascii cmath
    fcntl grp math mmap pyexpat resource select syslog termios unicodedata zlib
""".split()
