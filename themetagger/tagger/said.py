"""What a tagger file says in words and figures, beside its arrays: texts have lengths, figures ranges, sets no repeats.

Each function raises a ValueError or TypeError where something does not fit; who reads a file makes one error of it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from themetagger._utils.limits import ALL_NAMES, LONGEST_NAME, LONGEST_REASON
from themetagger.features.preprocessing import check_steps
from themetagger.selection.results import HeldOut
from themetagger.selection.theme_result import ThemeResult

MOST_DEEP = 8  # lists within lists in the settings of a winner, which are shown and saved again
LONGEST = {"theme": LONGEST_NAME, "reason": LONGEST_REASON, "family": 100, "view": 1_000, "stopped": 1_000}
LONGEST_SETTINGS = 10_000  # characters of the settings of a winner, as JSON
SHARES = (
    *("average_precision", "corrected_precision", "corrected_recall", "precision_bound", "recall_bound"),
    *("label_gain", "certified_target", "certified_confidence"),
)
MOST_VERSIONS, LONGEST_VERSION = 20, 100  # of what made the file
ROUNDING = 1e-6  # by which a share may be above 1


def made_by(entry: Any) -> None:
    """Check the versions of what made a file: some texts by name."""
    if not isinstance(entry, dict) or not all(isinstance(version, str) for version in entry.values()):
        raise TypeError("the versions that made it are no texts by name")
    if len(entry) > MOST_VERSIONS or any(len(text) > LONGEST_VERSION for pair in entry.items() for text in pair):
        raise ValueError(f"the versions that made it are more than {MOST_VERSIONS}, or not short")


def steps(entry: Any) -> tuple[str, ...]:
    """The text steps."""
    if not isinstance(entry, list):
        raise TypeError("the text steps are no list")
    return check_steps(entry)


def signs(manifest: Mapping[str, Any]) -> bool:
    """Whether scripts without spaces have n-grams of their own."""
    said = manifest.get("signs", False)  # older files do not say, and have none
    if type(said) is not bool:
        raise TypeError(f"signs is {said!r}, expected true or false")
    return said


def theme_results(entries: Any) -> list[ThemeResult]:
    """What was decided about each theme; no theme twice."""
    if not isinstance(entries, list):
        raise TypeError("what was decided about the themes is no list")
    results = [ThemeResult.from_json(entry) for entry in entries]
    if len({result.theme for result in results}) < len(results):
        raise ValueError("a theme occurs twice")
    if sum(len(result.theme) for result in results) > ALL_NAMES:
        raise ValueError(f"the names of all themes have more than {ALL_NAMES:,} characters")
    for result in results:
        _check_texts(result)
        _check_figures(result)
        _check_certificate(result)
    return results


def _check_texts(result: ThemeResult) -> None:
    for name, longest in LONGEST.items():
        if len(getattr(result, name)) > longest:
            raise ValueError(f"the {name} of theme {result.theme:.60} has more than {longest:,} characters")
    settings = [result.params, result.feature_settings]
    if _deep(settings) > MOST_DEEP:
        raise ValueError(f"the settings of theme {result.theme!r} are lists within lists")
    if len(json.dumps(settings)) > LONGEST_SETTINGS:
        raise ValueError(f"the settings of theme {result.theme!r} have more than {LONGEST_SETTINGS:,} characters")


def _check_figures(result: ThemeResult) -> None:
    if result.assigned and not np.isfinite([result.threshold, *result.calibration]).all():
        raise ValueError(f"threshold or calibration of theme {result.theme!r} is not finite")
    for name in SHARES:
        if not is_share(getattr(result, name)):
            raise ValueError(f"{name} of theme {result.theme!r} is no share")
    if not 0 <= result.usable_precision <= 1:
        raise ValueError(f"the usable precision of theme {result.theme!r} is no share")
    if result.seconds < 0:  # nan says nothing
        raise ValueError(f"the seconds of theme {result.theme!r} are below 0")
    if min(result.support, result.trials, result.certified_flagged, result.certified_positives) < 0:
        raise ValueError(f"a count of theme {result.theme!r} is negative")


def is_share(value: float) -> bool:
    """Whether a figure is a share, or the difference of two; or nan, where it is not known.

    Examples
    --------
    >>> is_share(0.5), is_share(math.nan), is_share(math.inf), is_share(7.0)
    (True, True, False, False)
    """
    return math.isnan(value) or abs(value) <= 1 + ROUNDING


def _check_certificate(result: ThemeResult) -> None:
    finite = np.isfinite(result.certified_threshold) and result.certified_threshold != -np.inf
    if finite != result.certified or (not finite and result.certified_threshold != np.inf):
        raise ValueError(f"the certified threshold and texts of theme {result.theme!r} do not fit")
    if not 0 <= result.certified_hits <= min(result.certified_flagged, result.certified_positives):
        raise ValueError(f"the certified counts of theme {result.theme!r} do not fit")


def _deep(value: Any) -> int:
    """How many lists and objects lie within one another, at most ``MOST_DEEP`` and one."""
    level, depth = [value], 0
    while level and depth <= MOST_DEEP:
        depth += 1
        inner = [item.values() if isinstance(item, dict) else item for item in level if isinstance(item, dict | list)]
        level = [item for items in inner for item in items if isinstance(item, dict | list)]
    return depth


def held_out(entry: Any, results: Sequence[ThemeResult]) -> dict[str, HeldOut] | None:
    """The held-out figures of all themes, where there are any."""
    if entry is None:
        return None
    measured = {name: HeldOut.from_json(figures) for name, figures in entry.items()}
    if set(measured) != {result.theme for result in results}:
        raise ValueError("the held-out figures and the themes do not fit")
    if not all(is_share(figures.average_precision) for figures in measured.values()):
        raise ValueError("a held-out average precision is no share")
    return measured


def known(name: str, names: Iterable[str]) -> str:
    """The name, which must be one of some."""
    if name not in (listed := list(names)):
        raise ValueError(f"{name!r:.60} is none of {', '.join(listed)}")
    return name
