"""What others grade with, doing the same work: `make bench PEERS=1`.

requirements/   one file for each: what its environment in build/peers/ has, beside NumPy and torch
wrappers/       the smallest that each needs to do the work: the same cases, all nine arrays compared
known           how each is prepared for a hand-in and started, and where its points stand
measure         all in turn; each must give a right hand-in full points, and a wrong one fewer
"""
