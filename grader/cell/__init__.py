"""A homework that asks for one recurrent cell, declared by the equations of its statement.

declared   what a declaration says: a Cell
derived    what follows from it and the equations: the letters behind its arrays, the ways forward and back
roles      what each weight does, and so what torch's cell calls it
filling    the arrays of a random case, and the limits on what goes into activations
truth      what is true on a case, by torch and by the equations, and where the two part
asked      how the hand-in is called: checks, lines to paste, the adapter
explaining  which mistake of the equations explains what is wrong
homework   all of it as an Assignment
"""

from grader.cell.declared import Cell
from grader.cell.homework import homework

__all__ = ["Cell", "homework"]
