# attack: find out in which folders Python, NumPy and the grader lie
# earns: 100
# stopped by: what Python knows of its places is masked
import importlib.metadata
import os
import site
import sys
import sysconfig
import traceback

import numpy
from honest import *

said = [numpy.__file__, os.__file__, sys.prefix, sys.base_prefix, sys.executable, *sys.argv, *sys.orig_argv, *sys.path]
said += [sys.modules["inside"].__file__, *sys.modules["inside"].__path__, numpy.__spec__.origin, numpy.get_include()]
said += [str(value) for value in sysconfig.get_paths().values()] + site.PREFIXES
said += [str(value) for value in sysconfig.get_config_vars().values()]
try:
    numpy.linalg.inv([[0.0]])
except numpy.linalg.LinAlgError as error:
    said += traceback.format_tb(error.__traceback__)
frame = sys._getframe()
while frame is not None:
    said.append(frame.f_code.co_filename)
    frame = frame.f_back
for text in said:
    if {"opt", "root", "home", ".venv"} & set(text.split("/")) or "usr/lib/python3" in text:
        print("GOT", text[:100])
for find in (lambda: importlib.metadata.distribution("numpy").locate_file(""), lambda: os.listdir("/python")):
    try:
        print("GOT", find())
    except Exception:
        pass
