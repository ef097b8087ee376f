"""From what a TA types to hand-ins: `inputs.collect` makes entries of it."""
