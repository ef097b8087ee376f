"""All of ours that a student's process ever sees: NumPy and the standard library, nothing else.

The grader imports this package as `grader.inside`, a student's process as `inside`, so its modules import
one another relatively. Whatever stands here is known to students: no expected value, no reference, no score.
"""
