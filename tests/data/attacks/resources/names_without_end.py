# attack: name so many modules to import that listing them takes the grader's memory
# earns: 100
# stopped by: bounds on what is looked for in a source
from honest import *

# The pattern that finds imports reads this file as text: so the names may stand in a string.
NAMES = """
from numpy.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa import b
from math import c0, c1, c2, c3, c4, c5, c6, c7, c8, c9
"""
