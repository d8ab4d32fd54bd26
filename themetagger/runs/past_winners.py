"""The winners of a run that has ended, checked before any of them is fitted again."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from themetagger._utils.faces import option
from themetagger._utils.run_paths import RunPaths
from themetagger.models.families import FAMILIES
from themetagger.runs.errors import RunError
from themetagger.search.space import configuration_of
from themetagger.search.winner_params import affordable
from themetagger.selection.theme_result import ThemeResult


def check_winners(file: Path, results: Iterable[ThemeResult], folds: npt.NDArray[np.int64] | None) -> None:
    """RunError where a winner is none that a search on these folds, None where they are missing, could have found.

    A tagger file from a stranger tags by its arrays alone; but a run folder's is fitted again, and there its parameters
    would go to the libraries.
    """
    fitted = 0 if folds is None or not len(folds) else len(folds) - int(np.bincount(folds).max())
    for result in results:
        if not result.assigned:
            continue
        try:
            found = configuration_of(result.family, result.params, result.feature_settings)
            affordable(FAMILIES[found.family], fitted)
        except KeyError as error:
            raise _refused(file, result, f"feature_settings: {error} is missing.") from error
        except (ValueError, TypeError) as error:
            raise _refused(file, result, str(error)) from error


def check_themes(paths: RunPaths, table: pd.DataFrame, results: Iterable[ThemeResult]) -> None:
    """RunError where the results table is about other themes than the tagger."""
    listed, known = set(table["theme"]), {result.theme for result in results}
    if listed != known:
        theme = min(map(str, listed ^ known))
        has, lacks = (paths.results, paths.tagger) if theme in listed else (paths.tagger, paths.results)
        raise RunError(
            f"{has} has theme {theme!r:.80}, which {lacks.name} has not; go on with {option('resume', True)}."
        )


def _refused(file: Path, result: ThemeResult, why: str) -> RunError:
    return RunError(
        f"{file}: theme {result.theme!r:.80}: {why} No search has found such a winner, so that it is not fitted again; "
        "tune again, or take the tagger file alone."
    )
