"""From graded hand-ins to the files of the results folder."""
