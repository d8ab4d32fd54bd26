"""The errors that a run folder and a plan file raise."""

from __future__ import annotations


class RunError(ValueError):
    """A run folder cannot be used as asked; the message names the folder, the reason and the remedy."""


class PlanError(RunError):
    """A plan file cannot be used; the message names file, line, key, value and what is possible."""
