"""How cost grows: one curve for each thing that can be large, with its slope and a picture.

curves     what is graded at each size
measure    processor time at each size, in rounds
fit        y = fixed + each x^slope, and where the curve bends
draw       the picture of a curve, as SVG, and its figures as CSV
"""
