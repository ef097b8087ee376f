"""`rnn_utils.py` under the name that some terms gave it."""

from rnn_utils import initialize_adam, sigmoid, softmax, update_parameters_with_adam  # type: ignore[import-not-found]

__all__ = ["initialize_adam", "sigmoid", "softmax", "update_parameters_with_adam"]
