"""The command line: one file a command."""

from themetagger.cli import check, correct, evaluate, inspect, report, suspects, tag, tune  # each adds its command
from themetagger.cli.group import main

__all__ = ["check", "correct", "evaluate", "inspect", "main", "report", "suspects", "tag", "tune"]
