# attack: modules of one's own by the names of NumPy's, Python's and the grader's, in all folders
# earns: 100
# stopped by: what is imported already is not imported again; files of a hand-in are in memory alone
from honest import GRU_Cell  # noqa: F401

# file: numpy.py
print("GOT numpy")
# file: ../numpy/__init__.py
print("GOT numpy")
# file: conftest.py
print("GOT conftest")
# file: ../conftest.py
print("GOT conftest")
# file: sitecustomize.py
print("GOT sitecustomize")
# file: ../usercustomize.py
print("GOT usercustomize")
# file: evil.pth
import evil  # noqa: E402, F401

# file: evil.py
print("GOT evil.pth")
# file: json.py
print("GOT json")
# file: traceback.py
print("GOT traceback")
# file: encodings/__init__.py
print("GOT encodings")
# file: inside/__init__.py
print("GOT inside")
# file: inside/adapter_api.py
print("GOT inside.adapter_api")
# file: grader/__init__.py
print("GOT grader")
# file: adapter.py
print("GOT adapter")
# file: ../setup.py
print("GOT setup")
# file: __main__.py
print("GOT main")
# file: __init__.py
print("GOT package")
