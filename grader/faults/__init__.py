"""Which mistake a hand-in has made: faults of the equations, and of the way back, matched with what it answers."""
