"""Warm starts, chosen by all themes together: ridge's penalty, the dense columns' weight, the companion's C."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import chain
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from themetagger._utils.faces import option
from themetagger._utils.files import write_atomically
from themetagger._utils.json_shapes import anything, by_name, either, exactly, number, record, text
from themetagger._utils.own_files import read_own
from themetagger.features import WEIGHTS, EmptyVocabulary, TfidfConfig
from themetagger.models.families import FAMILIES
from themetagger.models.families.first_trials import PLATEAU
from themetagger.models.storage.strict_json import read_json
from themetagger.search.companion import COMPANION, COMPANION_C, COMPANION_WEIGHTS, Companion, blend_weight
from themetagger.search.cross_validation import out_of_fold_scores
from themetagger.search.ridge import GRAM_ROWS, RidgeGrid, fold_scores
from themetagger.search.settings import WarmStart
from themetagger.search.space import Options, companion_configuration
from themetagger.search.storage.trial_log import TrialLogError
from themetagger.search.study import theme_seed
from themetagger.search.trial import CHECKED_FOLDS
from themetagger.search.winner_params import COMPANION_RANGE, MOST_WEIGHT
from themetagger.search.workers.executor import Executor, Handle, Reporter
from themetagger.search.workers.shared_data import SharedData, Task, features_of
from themetagger.selection.objectives import Objective
from themetagger.selection.operating_points import operating_points

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
T = TypeVar("T")

# How much of a cell's advantage is read from the theme itself, the rest from the mean over all themes: 30 positives
# say little about a penalty, 40 themes together much. Held-out 30 % of three train sets (leetcode_topics,
# hallmarks_of_cancer, nhs_phase1_multi), six seeds each; four views and seven penalties to choose from, own 1 | .5 |
# .3 | .15 | 0: average precision .470 .796 .361 | .474 .802 .365 | .475 .802 .368 | .475 .802 .368 | .475 .800 .366;
# recall at precision .9 .259 .436 .067 | .261 .448 .067 | .261 .445 .071 | .260 .442 .072 | .259 .439 .070.
# Penalties on words and characters alone did as well (.476 .802 .367; .262 .448 .072), so the others are left out.
OWN_SHARE = 0.3
# By how much the objective's value (0 to 1) must be larger with dense columns, on average, than on n-grams alone: even
# noise is a little better now and then, and vectors take their time and their place in the tagger file.
DENSE_MARGIN = 0.002
# Where a fold has more rows than ridge.GRAM_ROWS, so many themes decide for all: this number over that of the rows;
# on 50,000 texts the warm starts of 24 themes took some 4 minutes on two cores.
THEMES_TIMES_ROWS = 400_000
FEWEST_THEMES = 6
CHARACTER_ROWS = 10_000  # of a fold, above which the warm starts are decided on words and pairs of words alone
THEMES_FOR_C = 20  # themes, spread over all, whose fits decide the companion's C for all: it is their mean that counts


def with_warm_starts(tasks: Sequence[Task], shared: Handle[SharedData], executor: Executor) -> list[Task]:
    """The tasks, those that begin with what usually does with their warm starts; all of them decide together."""
    asked = [task for task in tasks if _may_start(task)]
    if not asked:
        return list(tasks)
    panel = _panel_of(asked, shared.get())
    scores = _ridge_and_companions(panel, shared, executor)
    if scores is None:
        return list(tasks)
    ridge, companions = scores
    # in workers, where an objective of a user's own may do what it likes
    jobs = (partial(_ridge_values, j, task, panel.rows, ridge[:, :, j]) for j, task in enumerate(panel.tasks))
    values_of_cells = np.transpose(_ordered(executor.submit_all(jobs))) - panel.handicaps
    cells = best_per_theme(values_of_cells)
    jobs = (
        partial(_companion_values, j, panel.tasks[j], panel.rows, ridge[cells[j], :, j], added)
        for j, added in companions.items()
    )
    C = COMPANION_C[best_for_all(np.transpose(_ordered(executor.submit_all(jobs))))]
    own = {task.theme: panel.start_at(cell, C) for task, cell in zip(panel.tasks, cells, strict=True)}
    usual = panel.start_at(best_for_all(values_of_cells), C)
    starts = {task.theme: own.get(task.theme, usual) for task in asked}
    return [_started(task, starts) for task in tasks]


@dataclass(frozen=True)
class _Panel:
    """The themes, folds and settings on which the warm starts are decided.

    Attributes
    ----------
    tasks : the themes that decide; the others get what is best for these
    n_folds : folds that are fitted
    rows : numbers of the rows of these folds
    view : of n-grams
    grid : what is tried
    themes_for_C : how many of the themes, spread over them, decide the companion's C
    """

    tasks: Sequence[Task]
    n_folds: int
    rows: Ints
    view: TfidfConfig
    grid: RidgeGrid
    themes_for_C: int

    @property
    def handicaps(self) -> Floats:
        """What a cell's value must be better by than that of n-grams alone, (cells, 1)."""
        return np.array([[DENSE_MARGIN * (weight > 0)] for weight, _ in self.grid.cells])

    def start_at(self, cell: int, C: float) -> WarmStart:
        """The warm start that a cell of the grid stands for."""
        weight, alpha = self.grid.cells[cell]
        return WarmStart(alpha, C, weight)


def _panel_of(tasks: Sequence[Task], data: SharedData) -> _Panel:
    """All themes and folds of a set where products of all pairs of rows are affordable; else some of either."""
    folds, sources = data.folds, tasks[0].settings.sources
    n_folds, fitted = int(folds.max()) + 1, len(folds) - int(np.bincount(folds).min())
    few = fitted <= GRAM_ROWS
    n_folds = n_folds if few else CHECKED_FOLDS
    deciding = tasks if few else [tasks[i] for i in _spread(len(tasks), themes_that_decide(fitted))]
    view = PLATEAU if "char_wb" in sources and fitted <= CHARACTER_ROWS else replace(PLATEAU, view="words_1_2")
    for_C = THEMES_FOR_C if few else min(THEMES_FOR_C, len(deciding) // 2)  # its fits take most of the time there
    return _Panel(deciding, n_folds, np.flatnonzero(folds < n_folds), view, grid_of(sources), max(1, for_C))


def themes_that_decide(rows: int) -> int:
    """How many themes decide for all where models are fitted on so many rows.

    >>> themes_that_decide(8_000), themes_that_decide(40_000), themes_that_decide(160_000)
    (50, 10, 6)
    """
    return max(FEWEST_THEMES, THEMES_TIMES_ROWS // rows)


def _spread(n: int, most: int) -> list[int]:
    """Numbers below ``n``, ``most`` of them, evenly spread."""
    return [int(i) for i in np.unique(np.linspace(0, n - 1, min(n, most)).astype(int))]


def grid_of(sources: Sequence[str]) -> RidgeGrid:
    """What is tried for all themes together: n-grams alone, and beside the vectors of the first text encoder.

    Examples
    --------
    >>> grid_of(["word", "static"]).weights, grid_of(["word"]).weights
    ((0.0, 0.4, 0.8, 1.2), (0.0,))
    """
    encoder = Options(sources=tuple(sources)).encoder
    return RidgeGrid(encoder, (0.0, *sorted(WEIGHTS))) if encoder else RidgeGrid()


def _ridge_and_companions(
    panel: _Panel, shared: Handle[SharedData], executor: Executor
) -> tuple[Floats, dict[int, Floats | None]] | None:
    """Out-of-fold scores of ridge, (cells of the grid, rows of the panel, T), and of the companions of some themes.

    None where a fold has no term to learn from.
    """
    Y, n_folds = np.column_stack([task.y for task in panel.tasks]), panel.n_folds
    some = _spread(len(panel.tasks), panel.themes_for_C)
    ridge = (partial(_ridge_fold, shared, panel, Y, k) for k in range(n_folds))
    companions = (partial(_companion_scores, n_folds + j, shared, panel.tasks[j], panel) for j in some)
    # in one queue, so that no worker waits for the last fold
    both = _ordered(executor.submit_all(chain(ridge, companions)))
    if any(part is None for part in both[:n_folds]):
        return None
    folds = shared.get().folds[panel.rows]
    scores = np.empty((len(panel.grid.cells), len(panel.rows), Y.shape[1]))
    for k, part in enumerate(both[:n_folds]):
        scores[:, folds == k] = part
    return scores, dict(zip(some, both[n_folds:], strict=True))


def _started(task: Task, starts: Mapping[str, WarmStart]) -> Task:
    """The task with its warm start, where it has one."""
    if task.theme not in starts:
        return task
    return replace(task, settings=replace(task.settings, start=starts[task.theme]))


def save_warm_starts(path: Path, tasks: Sequence[Task]) -> None:
    """Write where the tasks begin; TrialLogError where that is not possible."""
    starts = {task.theme: asdict(task.settings.start) for task in tasks if task.settings.start is not None}
    try:
        write_atomically(path, json.dumps({"sha256": _seal(starts), "starts": starts}, indent=1).encode())
    except OSError as error:
        raise TrialLogError(
            f"{path}: cannot be written ({error.strerror or error}); remove the cause, and go on with "
            f"{option('resume', True)}."
        ) from error


def load_warm_starts(path: Path, tasks: Sequence[Task], *, sealed: bool = False) -> list[Task] | None:
    """The tasks as :func:`save_warm_starts` saw them; None where there is no file, or no start in it.

    Raises
    ------
    TrialLogError
        If the file is damaged, was changed, or lacks its seal although it must be ``sealed``, as older files are not.
    """
    try:
        starts = _read_starts(path, sealed)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise TrialLogError(
            f"{path} is damaged ({error}); delete that file, and go on with {option('resume', True)}: it is made again."
        ) from error
    if not starts:  # of a call that had no time for them, or no use
        return None
    return [_started(task, starts) for task in tasks]


def _read_starts(path: Path, sealed: bool) -> dict[str, WarmStart]:
    held = read_json(read_own(path, most=MOST_BYTES).decode())
    if isinstance(held, dict) and isinstance(held.get("sha256"), str):
        held = record({"sha256": text(64), "starts": anything})(held, "")
        if held["sha256"] != _seal(held["starts"]):
            raise ValueError("it was changed after it was written, for its checksum does not fit")
        held = held["starts"]
    elif sealed:
        raise ValueError("it was changed after it was written, for its checksum is missing")
    return {theme: WarmStart(**start) for theme, start in _STARTS(held, "starts").items()}


def _seal(starts: Mapping[str, Any]) -> str:
    """SHA-256 of warm starts as JSON values."""
    return hashlib.sha256(json.dumps(starts, sort_keys=True).encode()).hexdigest()


MOST_BYTES = 2**26
_STARTS = by_name(
    record(
        {"alpha": either("a number from 0.001 to 1000 or null", number(0.001, 1_000), exactly(None))},
        {"C": number(*COMPANION_RANGE), "dense_weight": number(0, MOST_WEIGHT)},
    )
)


def _may_start(task: Task) -> bool:
    """Whether the usual beginning of a theme's search depends on what all themes decide together."""
    settings = task.settings
    known = [FAMILIES[name] for name in settings.families if name in FAMILIES]
    chooses = any(family.level == 1 and not (family.nonnegative or family.fixed_features) for family in known)
    return settings.sampler == "tpe" and chooses and not settings.most_rows and not task.wants_first_model


def _ordered(numbered: Iterable[tuple[int, T]]) -> list[T]:
    """The results of jobs, in the order of their numbers."""
    return [result for _, result in sorted(numbered, key=itemgetter(0))]


def _ridge_fold(
    shared: Handle[SharedData], panel: _Panel, Y: Labels, k: int, reporter: Reporter
) -> tuple[int, Floats | None]:
    """Ridge scores of fold ``k``; None where no term is left to learn from."""
    try:
        with threadpool_limits(1):
            return k, fold_scores(features_of(shared), panel.view, Y, k, panel.grid)
    except EmptyVocabulary:
        return k, None


def _ridge_values(j: int, task: Task, rows: Ints, scores: Floats, reporter: Reporter) -> tuple[int, list[float]]:
    return j, values(task.settings.objective, task.y[rows], scores)


def _companion_scores(
    number: int, shared: Handle[SharedData], task: Task, panel: _Panel, reporter: Reporter
) -> tuple[int, Floats | None]:
    """Out-of-fold scores of each companion, (companions, rows of the panel); None where a theme can have none."""
    if COMPANION not in task.settings.families:
        return number, None
    seed = theme_seed(task.settings.seed, task.theme)
    features, companions = features_of(shared), [companion_configuration(Companion(C, 0)) for C in COMPANION_C]
    try:
        with threadpool_limits(1):
            scores = [
                out_of_fold_scores(one, features, task.y, seed=seed, folds=panel.n_folds)[0][panel.rows]
                for one in companions
            ]
    except ValueError:  # no word, or one class in a fold: the study's first trial will say so
        return number, None
    return number, np.array(scores)


def _companion_values(
    j: int, task: Task, rows: Ints, ridge: Floats, companions: Floats | None, reporter: Reporter
) -> tuple[int, list[float]]:
    """The value of ridge (its scores: (n,)) with each companion; nan where a theme can have none."""
    if companions is None:
        return j, [math.nan] * len(COMPANION_C)
    together = [ridge + blend_weight(ridge, one, COMPANION_WEIGHTS[0]) * one for one in companions]
    return j, values(task.settings.objective, task.y[rows], np.array(together))


def best_per_theme(values: Floats) -> npt.NDArray[np.int64]:
    """The cell that each theme begins with, (T,), from the value of each for each theme, (cells, T).

    An advantage counts ``OWN_SHARE`` as measured on the theme and the rest as its mean over all themes; a theme of
    which a value is nan has no part in the mean, and gets what is best for the others.

    Examples
    --------
    >>> best_per_theme(np.array([[0.5, 0.5, 0.5], [0.6, 0.6, 0.4], [0.5, 0.52, 0.52]])).tolist()
    [1, 1, 2]
    """
    own, shared = _advantages(values)
    chosen: npt.NDArray[np.int64] = np.argmax(OWN_SHARE * own + (1 - OWN_SHARE) * shared[:, np.newaxis], axis=0)
    return chosen


def best_for_all(values: Floats) -> int:
    """The choice with the best mean over all themes, from the value of each for each theme, (choices, T).

    Examples
    --------
    >>> best_for_all(np.array([[0.5, 0.5, 0.7], [0.6, 0.6, 0.6], [0.5, 0.52, 0.52]]))
    1
    """
    return int(np.argmax(_advantages(values)[1]))


def _advantages(values: Floats) -> tuple[Floats, Floats]:
    """By how much each choice is better than the mean of all, for each theme, and on average over themes."""
    known = np.isfinite(values).all(axis=0)
    own = np.where(known, values - values.mean(axis=0), 0.0)
    # summed exactly, so that the order of themes decides nothing
    return own, np.array([math.fsum(row) / max(1, known.sum()) for row in own])


def values(objective: Objective, y: Labels, scores: Floats) -> list[float]:
    """What ``objective`` says of each penalty, from a theme's scores (penalties, n); nan where it cannot tell."""
    return [_value(objective, y, one) for one in scores]


def _value(objective: Objective, y: Labels, scores: Floats) -> float:
    try:
        return float(objective.value(operating_points(y, scores)))
    except Exception:  # an objective of a user's own: its theme says in its row what is wrong with it
        return math.nan
