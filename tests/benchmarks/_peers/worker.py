"""A system's own process: python -m _peers.worker MODULE VARIANT FOLDER reads a task there and writes its outcome."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path

from .task import Task, Unavailable, write_refusal


def main(module: str, variant: str, folder: str) -> None:
    """Run one system; what it needs is imported only here."""
    os.environ.update(HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="true")  # no model hub: models are folders
    where = Path(folder)
    try:
        importlib.import_module(f"_peers.systems.{module}").run(Task.read(where), variant).write(where)
    except Unavailable as reason:
        write_refusal(where, str(reason))


if __name__ == "__main__":
    main(*sys.argv[1:])
