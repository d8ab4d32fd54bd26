"""The command line: one file per command."""

from __future__ import annotations

from importlib import import_module

from themetagger.cli.group import main

__all__ = ["COMMANDS", "main"]

# A command is a module of this name, whose function stands on `main`; --help lists them in this order.
COMMANDS = (
    *("inspect", "init", "tune", "report", "terms", "mistakes", "slices", "compare"),
    *("tag", "evaluate", "verify", "check", "analyse"),  # other texts
    *("suspects", "correct", "next"),  # labels
)
for _name in COMMANDS:
    import_module(f"themetagger.cli.{_name}")
