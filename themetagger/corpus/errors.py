"""What is raised when a table cannot be used as it stands."""

from __future__ import annotations


class TableError(ValueError):
    """Bad input; the message names the file, the line or column, the value and the remedy."""
