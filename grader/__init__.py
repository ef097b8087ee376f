"""cellgrade grades recurrent-network homework against PyTorch. Read docs/architecture.md first."""

__version__ = "0.1.0"
