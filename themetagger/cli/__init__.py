"""The command line: one file a command."""

from themetagger.cli import (
    analyse,
    check,
    compare,
    evaluate,
    inspect,
    mistakes,
    report,
    slices,
    tag,
    terms,
    tune,
)  # each adds its command
from themetagger.cli.group import main

__all__ = [
    "analyse",
    "check",
    "compare",
    "evaluate",
    "inspect",
    "main",
    "mistakes",
    "report",
    "slices",
    "tag",
    "terms",
    "tune",
]
