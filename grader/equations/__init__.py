"""A recurrent cell by its equations, as a homework's statement has them.

    nodes         what an expression is made of
    printing      expressions and programs in the statement's notation
    reading       the numbered equations of a text, with the place of each
    grammar       one equation, from its characters to its nodes
    sizes         the sizes of all letters, by unification
    program       the way forward: one operation for each letter
    way_back      the way back, derived as a program in the same letters
    through_time  loops through time: wiring equations with an index, and their way back
    values        what a program computes, by NumPy or by whatever else has its operations

Every letter stands for a matrix here: a vector is (n, 1), and samples are columns. Nothing here knows of
torch or of grading.
"""
