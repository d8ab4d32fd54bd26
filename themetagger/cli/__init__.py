"""The command line: one file a command."""

from themetagger.cli import (
    analyse,
    check,
    compare,
    correct,
    evaluate,
    inspect,
    mistakes,
    next,
    report,
    slices,
    suspects,
    tag,
    terms,
    tune,
)
from themetagger.cli.group import main

__all__ = [
    "analyse",
    "check",
    "compare",
    "correct",
    "evaluate",
    "inspect",
    "main",
    "mistakes",
    "next",
    "report",
    "slices",
    "suspects",
    "tag",
    "terms",
    "tune",
]
