"""Plan: all settings of a run, as frozen data that is checked when it is made."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

from themetagger._utils.event_log import LEVELS
from themetagger._utils.faces import option
from themetagger._utils.wording import not_in_percent
from themetagger.corpus import TEXT_COLUMNS, Alike, EmptyCells, Repeats, TableFormat, WithoutTheme
from themetagger.features.preprocessing import DEFAULT_STEPS, check_steps
from themetagger.models.families import FAMILIES
from themetagger.selection.by_hand import check_threshold
from themetagger.selection.guarantee import Promise
from themetagger.selection.objectives import Objective, PrecisionFirst, promise_of

if TYPE_CHECKING:
    import pandas as pd

    from themetagger.corpus import Corpus

    Table = str | os.PathLike[str] | pd.DataFrame | Corpus


SAMPLERS = ("tpe", "random", "grid")
OVERRIDABLE = (
    *("objective", "families", "trials", "patience", "theme_time_budget", "sampler"),
    *("min_positives", "minimum_quality", "stop_early", "promise"),
)
CUT = "cut"  # what else may be overridden, and only for a theme


@dataclass(frozen=True)
class Plan:
    """The settings of one run: the data, what "best" means, and how long to search.

    Parameters
    ----------
    train : table file, DataFrame or Corpus
    test : the same, for held-out figures; default None
    hold_out : share of train to hold out where there is no ``test``, default 0 (none)
    out : folder for the results, the tagger file and all finished trials; default None writes nothing
    text_columns : columns whose texts are joined, default ``("Processed Text",)``
    theme_column, separator : the column of themes and what separates them, default ``"Themes"`` and ``", "``
    theme_columns : one 0/1 column per theme instead, default None
    theme_map : file or dict from fine themes to broader ones, default None
    alike : "keep" (default), "merge" or "error": what to do with themes that differ only by case or Unicode form
    delimiter, encoding : of a CSV file; default None detects the delimiter and expects UTF-8
    header_row, sheet : where the names of the columns stand, and in which sheet of a workbook; default None: found
    format : of an annotation tool, such as "label-studio"; default None: recognised by what the file holds
    repeats : "keep" (default) or "join": what to do with rows of the same text
    rows_without_theme : "keep" (default) takes them for texts that have no theme, "drop" leaves them out
    judged : column that says which rows were judged, so that the others are left out; default None
    encoder : folder or hub name of a sentence-transformers model, whose vectors stand beside n-grams; default None:
        the static vectors that come with the package; needs the extra ``embeddings``
    static_vectors : folder or hub name of a model2vec model, such as one of another language, in place of these
    text_steps : names of ``themetagger.features.preprocessing.STEPS``, default ``("nfc", "lower")``
    objective : default ``PrecisionFirst(target=0.90, recall_floor=0.50)``
    promise : precision to certify where that is possible; default that of the objective: PrecisionFirst's target at its
        recall floor or above, else 0.90 at a recall of 0.50 or above, each at a confidence of 0.90
    families : names of ``themetagger.models.families.FAMILIES``, default all; on more than 5,000 rows the linear ones,
        and on more than 4 million characters neither ridge nor logistic regression
    trials : trials per theme at most, each tries one configuration; default None: 16, fewer on tables so large that all
        themes together would take more than about 45 minutes of one core
    patience : trials in a row without improvement after which a level of families ends, default 5; after the linear
        models a level also ends when none of its first trials is an improvement
    sampler : "tpe" (default), "random" or "grid"
    time_budget, theme_time_budget : seconds for the run up to its table and tagger, reading included, and for the
        search of one theme; default no limit; where a theme's share is too short for a trial, it begins with a quick
        model of all themes together; the results table says which searches were cut short
    min_positives : themes with fewer training texts are skipped, default 30
    minimum_quality : smallest out-of-fold average precision for which a theme gets a model, default 0
    stop_early : when to skip the more complex families for a theme: True (default) when the target is met, "certified"
        when its promise can be certified (not by form "calibration", which is tested after the search), False never
    n_folds : folds of the cross-validation, default 5
    n_jobs : worker processes, default -1 (one per core); has no influence on the results
    seed : default 0; the same seed gives the same results
    overrides : theme -> {setting: value}, for the settings in ``OVERRIDABLE``, and ``cut``: the score from which the
        theme is assigned, in place of the chosen threshold (``ThemeTagger.set_threshold``)
    drop_themes : themes that are left out of the run; texts that have them stay, without them. Default none
    plan_file : plan file that the settings are from, which is kept in the run folder; default None
    remarks : on the settings, which the run repeats among its notes; default none
    show_progress : whether progress is shown, default True
    resume : go on with the run in ``out``, which must have been made from the same plan and tables; a larger number of
        ``trials`` adds trials; default False
    start_over : throw away the run in ``out`` and begin a new one, default False
    storage : URL of a database that the trials are copied to; default None: an SQLite file in ``out``
    log_level : "debug", "info" (default), "warning" or "error": the least serious events in ``log.jsonl`` in ``out``

    Raises
    ------
    ValueError
        If a setting makes no sense; it names the setting, its value and what is possible.

    Examples
    --------
    >>> Plan("reviews.csv", trials=0)
    Traceback (most recent call last):
    ValueError: trials must be at least 1 but is 0.
    """

    train: Table
    test: Table | None = None
    hold_out: float = 0.0
    out: str | os.PathLike[str] | None = None
    text_columns: Sequence[str] = TEXT_COLUMNS
    theme_column: str | Sequence[str] = "Themes"
    separator: str = ", "
    theme_columns: Sequence[str] | None = None
    theme_map: str | os.PathLike[str] | Mapping[str, str] | None = None
    alike: Alike = "keep"
    empty_cells: EmptyCells = "error"
    delimiter: str | None = None
    encoding: str | None = None
    header_row: int | Sequence[int] | None = None
    sheet: str | int | None = None
    format: str | None = None
    repeats: Repeats = "keep"
    rows_without_theme: WithoutTheme = "keep"
    judged: str | None = None
    encoder: str | os.PathLike[str] | None = None
    static_vectors: str | os.PathLike[str] | None = None
    text_steps: Sequence[str] = DEFAULT_STEPS
    objective: Objective = field(default_factory=PrecisionFirst)
    promise: Promise | None = None
    families: Sequence[str] = tuple(FAMILIES)
    trials: int | None = None
    patience: int = 5
    sampler: str = "tpe"
    time_budget: float = math.inf
    theme_time_budget: float = math.inf
    min_positives: int = 30
    minimum_quality: float = 0.0
    stop_early: bool | str = True
    n_folds: int = 5
    n_jobs: int = -1
    seed: int = 0
    overrides: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    drop_themes: Sequence[str] = ()
    plan_file: str | os.PathLike[str] | None = None
    remarks: tuple[str, ...] = ()
    show_progress: bool = True
    resume: bool = False
    start_over: bool = False
    storage: str | None = None
    log_level: str = "info"

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        _check_settings({name: getattr(self, name) for name in OVERRIDABLE}, where="")
        for name, least in (("n_folds", 2), ("seed", 0)):
            _at_least(name, getattr(self, name), least)
        _at_least("time_budget", self.time_budget, 0)
        if self.seed >= 2**32:
            raise ValueError(f"{option('seed')} must be less than 2 ** 32 but is {self.seed}.")
        if self.n_jobs == 0 or not isinstance(self.n_jobs, Integral):
            raise ValueError(
                f"{option('n_jobs')} must be a number of workers, or -1 for one per core, but is {self.n_jobs!r}."
            )
        _ = self.table_format  # which refuses what no table can be read by
        if not isinstance(self.hold_out, int | float) or not 0 <= self.hold_out < 1:
            raise ValueError(
                f"{option('hold_out')} must be a share of at least 0 and below 1 but is {self.hold_out!r}"
                f"{not_in_percent(self.hold_out)}."
            )
        if self.test is not None and self.hold_out:
            raise ValueError(f"give either {option('test')} or {option('hold_out')}, not both.")
        if self.resume and self.start_over:
            raise ValueError(f"give either {option('resume', True)} or {option('start_over', True)}, not both.")
        if self.storage is not None and self.out is None:
            raise ValueError(
                f"{option('storage')} gets a copy of the trials in the run folder; give {option('out')} too."
            )
        if self.log_level not in LEVELS:
            raise ValueError(f"{option('log_level')} must be one of {', '.join(LEVELS)} but is {self.log_level!r}.")
        if self.encoder is not None and self.static_vectors is not None:
            raise ValueError(f"give either {option('encoder')} or {option('static_vectors')}, not both.")
        check_steps(self.text_steps)
        for theme, settings in self.overrides.items():
            _check_override(theme, settings)
        if self.blind_families and len(self.blind_families) == len(self._named_families):
            able = ", ".join(name for name, family in FAMILIES.items() if family.takes_vectors)
            raise ValueError(
                f"{option('encoder' if self.encoder is not None else 'static_vectors')} has no effect on "
                f"{', '.join(self.blind_families)}, which cannot take vectors; add one of {able} to "
                f"{option('families')}."
            )

    @property
    def blind_families(self) -> tuple[str, ...]:
        """Families that cannot take the vectors of the text encoder that was named; none where none was named."""
        if self.encoder is None and self.static_vectors is None:
            return ()
        return tuple(name for name in self._named_families if not FAMILIES[name].takes_vectors)

    @property
    def _named_families(self) -> dict[str, None]:
        """The families of all themes, each once, in their order."""
        return dict.fromkeys(
            [*self.families, *(name for own in self.overrides.values() for name in own.get("families", ()))]
        )

    def settings(self, theme: str) -> dict[str, Any]:
        """The overridable settings as they hold for one theme."""
        own = {name: value for name, value in self.overrides.get(theme, {}).items() if name != CUT}
        return {name: getattr(self, name) for name in OVERRIDABLE} | own

    def cut(self, theme: str) -> float | None:
        """The threshold that was set for one theme; None where it is chosen."""
        return self.overrides.get(theme, {}).get(CUT)

    @property
    def table_format(self) -> TableFormat:
        """How its tables are read."""
        return TableFormat(**{field.name: getattr(self, field.name) for field in fields(TableFormat)})


def promise_for(settings: Mapping[str, Any]) -> Promise:
    """The promise that a theme's settings ask for: their own, else that of their objective."""
    return settings.get("promise") or promise_of(settings["objective"])


def _check_override(theme: str, settings: Mapping[str, Any]) -> None:
    if not isinstance(settings, Mapping):
        raise ValueError(f"overrides[{theme!r}] must be a dict such as {{'trials': 60}} but is {settings!r}.")
    unknown = [name for name in settings if name not in (*OVERRIDABLE, CUT)]
    if unknown:
        known = ", ".join((*OVERRIDABLE, CUT))
        raise ValueError(f"overrides[{theme!r}] cannot hold {unknown[0]!r}; choose from {known}.")
    if CUT in settings:
        check_threshold(settings[CUT], f"overrides[{theme!r}]: cut")
    _check_settings(settings, where=f"overrides[{theme!r}]: ")


def _check_settings(settings: Mapping[str, Any], *, where: str) -> None:
    for name, least in (("trials", 1), ("patience", 1), ("min_positives", 2), ("theme_time_budget", 0)):
        if name in settings and (name, settings[name]) != ("trials", None):  # which leaves their number open
            _at_least(name, settings[name], least, where=where)
    if settings.get("sampler", "tpe") not in SAMPLERS:
        raise ValueError(
            f"{where}{option('sampler')} must be one of {', '.join(SAMPLERS)} but is {settings['sampler']!r}."
        )
    families = settings.get("families", ("ridge",))
    unknown = [name for name in families if name not in FAMILIES]
    if unknown or not families or isinstance(families, str):
        raise ValueError(
            f"{where}{option('families')} must be a list of names from {', '.join(FAMILIES)}, but is {families!r}."
        )
    quality = settings.get("minimum_quality", 0.0)
    if not isinstance(quality, int | float) or not 0 <= quality <= 1:
        raise ValueError(
            f"{where}{option('minimum_quality')} must lie between 0 and 1 but is {quality!r}{not_in_percent(quality)}."
        )
    if settings.get("stop_early", True) not in (True, False, "certified"):
        raise ValueError(
            f"{where}{option('stop_early')} must be True, False or 'certified' but is {settings['stop_early']!r}."
        )
    if not isinstance(settings.get("promise"), Promise | None):
        raise ValueError(
            f"{where}promise must be a Promise such as Promise(target=0.9), but is {settings['promise']!r}."
        )
    objective = settings.get("objective", PrecisionFirst())
    needed = ("choose", "met", "value", "promise")
    if isinstance(objective, type) or not all(hasattr(objective, name) for name in needed):
        raise ValueError(
            f"{where}objective must have choose, met, value and promise, as PrecisionFirst has, but is {objective!r}."
        )


def _at_least(name: str, value: float, least: float, *, where: str = "") -> None:
    whole = not name.endswith("budget")
    if not isinstance(value, Integral if whole else Real):
        raise ValueError(f"{where}{option(name)} must be a {'whole ' * whole}number but is {value!r}.")
    if not value >= least:
        raise ValueError(f"{where}{option(name)} must be at least {least} but is {value}.")
