"""The error that a run folder raises."""

from __future__ import annotations


class RunError(ValueError):
    """A run folder cannot be used as asked; the message names the folder, the reason and the remedy."""
