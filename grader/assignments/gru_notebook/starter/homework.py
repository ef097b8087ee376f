"""What the course lends this homework: keep it beside the notebook."""


def epochs(wanted):
    """Return how many epochs to train for: `wanted`, and where the course runs the notebook again, fewer."""
    return wanted
