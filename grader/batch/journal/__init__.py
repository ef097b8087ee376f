"""What is known of a batch, kept so that a process may be killed at any moment."""
