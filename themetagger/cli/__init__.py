"""The command line: one file a command."""

from themetagger.cli import check, compare, evaluate, inspect, report, tag, tune  # each adds its command
from themetagger.cli.group import main

__all__ = ["check", "compare", "evaluate", "inspect", "main", "report", "tag", "tune"]
