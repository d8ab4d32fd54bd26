"""The memory that the study of a theme takes."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from pathlib import Path

from themetagger._utils.files import write_atomically
from themetagger._utils.json_shapes import either, exactly, number, record
from themetagger._utils.own_files import read_own
from themetagger._utils.run_paths import ThemePaths
from themetagger.models.storage.strict_json import read_json


def forget_peak() -> None:
    """Reset the peak of this process, where the system can (Linux)."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def peak_memory() -> float:
    """The most memory that this process has held since then, in megabytes; nan where it is unknown.

    Examples
    --------
    >>> peak_memory() > 10
    True
    """
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    with suppress(ImportError):
        import resource

        held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return held / (1024 * 1024 if sys.platform == "darwin" else 1024)
    return float("nan")


def keep_cost(folder: Path | None) -> None:
    """Write the peak memory of this process into the folder of a theme, where it has one."""
    if folder is None:
        return
    held = peak_memory()
    with suppress(OSError):  # a figure for people; the study does not fail for it
        write_atomically(
            ThemePaths(folder).cost, json.dumps({"peak_memory_mb": round(held, 1) if held == held else None}).encode()
        )


def cost_in(folder: Path) -> float:
    """The peak memory in the folder of a theme, in megabytes; nan where it is unknown."""
    try:
        held = _COST(read_json(read_own(ThemePaths(folder).cost, most=1_000).decode()), "")
    except (OSError, ValueError):
        return float("nan")
    return float("nan") if held["peak_memory_mb"] is None else float(held["peak_memory_mb"])


_COST = record({"peak_memory_mb": either("a number or null", number(0, 1e9), exactly(None))}, others=True)
