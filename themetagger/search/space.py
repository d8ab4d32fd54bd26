"""The search space: configurations, how a trial chooses one, and the first trials of a study."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from themetagger.features import ANALYSERS, BESIDE, View, sources_of, suggest_view, view_of
from themetagger.models.families import FAMILIES, Family, Suggests
from themetagger.search.companion import COMPANION, COMPANION_SETTINGS, COMPANION_WEIGHTS, Companion, read_name
from themetagger.search.settings import WarmStart
from themetagger.search.winner_params import family_named, searched_params, searched_settings, searched_view

RATIOS = (0, 30, 10, 3)  # negatives per positive; 0 keeps all
OTHER_SETTINGS = ("negatives_per_positive", "reduction", "most_rows", *COMPANION_SETTINGS)  # beside those of the view
REDUCTIONS = ("chi2:200", "chi2:600", "svd:50")


@dataclass(frozen=True)
class Configuration:
    """One configuration: everything that is needed to fit it again."""

    family: str
    params: dict[str, Any]
    view: View
    ratio: int = 0
    reduction: str = ""
    companion: Companion | None = None
    most_rows: int = 0  # of a fold that it is fitted on; 0: all

    @property
    def of_all_themes(self) -> bool:
        """Whether it is a theme's first model, fitted together with those of all other themes."""
        return "steps" in self.params

    def settings(self) -> dict[str, Any]:
        """The feature settings beside the view, and those of the companion, for the results table."""
        chosen: dict[str, Any] = {"negatives_per_positive": self.ratio} if self.ratio else {}
        chosen |= {"reduction": self.reduction} if self.reduction else {}
        chosen |= {"most_rows": self.most_rows} if self.most_rows else {}
        return chosen | ({} if self.companion is None else self.companion.settings())


def configuration_of(family: str, params: Mapping[str, Any], settings: Mapping[str, Any]) -> Configuration:
    """The configuration of a winner, from its ``family``, its ``params`` and the ``settings`` of its features.

    Raises
    ------
    ValueError, TypeError, KeyError
        If no search could have chosen it; such a file may come from a stranger.

    Examples
    --------
    >>> companion = Companion(C=0.1, weight=0.35)
    >>> from themetagger.features import TfidfConfig
    >>> params = {"alpha": 1.0, "class_weight": None}
    >>> asked = Configuration("ridge", params, TfidfConfig("words"), ratio=10, companion=companion)
    >>> configuration_of("ridge + sparse_svm", asked.params, asked.view.to_json() | asked.settings()) == asked
    True
    """
    name, has_companion = read_name(family)
    known = family_named(name)
    taken = searched_params(known, params)
    searched_settings(known, settings, COMPANION_SETTINGS if has_companion else ())
    view = view_of({key: value for key, value in settings.items() if key not in OTHER_SETTINGS})
    return Configuration(
        name,
        taken,
        searched_view(known, view),
        ratio=settings.get("negatives_per_positive", 0),
        reduction=settings.get("reduction", ""),
        most_rows=settings.get("most_rows", 0),
        companion=Companion.of_settings(settings) if has_companion else None,
    )


@dataclass(frozen=True)
class Options:
    """What a theme and its run leave to choose from.

    Parameters
    ----------
    ratios : negatives per positive that are worth trying on this theme, default all negatives
    companion : C of the sparse SVM that stands beside each model, default None: there is none
    sources : analysers and text encoders that there are, default the analysers
    most_rows : of a fold that a model is fitted on, default 0: all
    """

    ratios: tuple[int, ...] = (0,)
    companion: float | None = None
    sources: tuple[str, ...] = tuple(ANALYSERS)
    most_rows: int = 0

    def views(self, family: Family) -> list[str]:
        """The views of a family that can be made."""
        return [view for view in family.views if set(sources_of([view])) <= set(self.sources)]

    def view_parameter(self, family: Family) -> str:
        """What a study calls a family's choice of view: one name for all that have the same choices.

        Without text encoders those of families that want no number below zero are the same as the others'; older
        versions had none, and their trials are gone on with.
        """
        return family.view_parameter if self.encoder else family.view_parameter.replace("ngram_view", "view")

    @property
    def encoder(self) -> str:
        """The first text encoder, "" where there is none."""
        return next((source for source in self.sources if source not in ANALYSERS), "")


def suggest(trial: Suggests, families: Sequence[str], *, level: int, options: Options) -> Configuration:
    """Ask a trial for one configuration among ``families``, which all stand on ``level``."""
    name = families[0] if len(families) == 1 else trial.suggest_categorical(f"family.{level}", list(families))
    family = FAMILIES[name]
    reduction = trial.suggest_categorical("reduction", REDUCTIONS) if family.reduces else ""
    return Configuration(
        family=name,
        params=family.space(trial),
        view=_features(trial, family, reduction, options),
        ratio=_ratio(trial, options.ratios),
        reduction=reduction,
        companion=None if options.companion is None or name == COMPANION else _companion(trial, options.companion),
        most_rows=options.most_rows,
    )


def _ratio(trial: Suggests, ratios: Sequence[int]) -> int:
    return int(trial.suggest_categorical("negatives_per_positive", list(ratios))) if len(ratios) > 1 else ratios[0]


def _companion(trial: Suggests, C: float) -> Companion:
    return Companion(C, weight=trial.suggest_categorical("companion.weight", COMPANION_WEIGHTS))


def companion_configuration(companion: Companion, most_rows: int = 0) -> Configuration:
    """A companion as a configuration of its own, fitted on so many rows of a fold (default 0: all)."""
    features = FAMILIES[COMPANION].fixed_features
    assert features is not None
    return Configuration(COMPANION, {"C": companion.C, "class_weight": None}, features, most_rows=most_rows)


def _features(trial: Suggests, family: Family, reduction: str, options: Options) -> View:
    if family.fixed_features is not None:
        return family.fixed_features
    if reduction.startswith("svd"):
        view = "words"  # a projection of longer n-grams costs seconds a fold and fills the tagger file
    else:
        view = trial.suggest_categorical(options.view_parameter(family), options.views(family))
    return suggest_view(view, trial)


def searched_sources(families: Iterable[str], sources: Sequence[str]) -> tuple[str, ...]:
    """Those of the ``sources`` that there may be, whose view one of the families may be given; words in any case.

    Examples
    --------
    >>> searched_sources(["ridge"], ["word", "char_wb", "static"]), searched_sources(["ridge"], ["word"])
    (('word', 'char_wb', 'static'), ('word',))
    """
    options, asked = Options(sources=tuple(sources)), set[str]()
    for family in (FAMILIES[name] for name in families):
        fixed = family.fixed_features
        asked |= set(sources_of(options.views(family)) if fixed is None else fixed.sources)
    return tuple(source for source in sources if source == "word" or source in asked)


def worthwhile_ratios(positives: int, negatives: int) -> tuple[int, ...]:
    """The ratios that would leave out at least a third of the negatives, after "all"."""
    return tuple(r for r in RATIOS if r == 0 or r * positives * 1.5 <= negatives)


def first_trials(
    families: Sequence[str], level: int, options: Options, *, start: WarmStart | None = None
) -> list[dict[str, Any]]:
    """Parameters of the trials with which a level begins; Optuna draws what they leave open.

    Where there is a companion, every model begins with one of the usual weight.
    """
    usual = {} if options.companion is None else {"companion.weight": COMPANION_WEIGHTS[0]}
    ordered = sorted((FAMILIES[name] for name in FAMILIES if name in families), key=lambda family: not family.leads)
    return [
        {f"family.{level}": family.name, **params, **usual}
        for family in ordered
        for params in _first_trials(family, options, start or WarmStart())
    ]


def _first_trials(family: Family, options: Options, start: WarmStart) -> list[dict[str, Any]]:
    """The first trials of a family: of ridge one, at the penalty of its warm start, where it has one."""
    first = [_affordable(params, family, options.views(family)) for params in family.first_trials]
    if family.name == "ridge" and start.alpha is not None:
        first = [{**first[0], "ridge.alpha": start.alpha}]
    if start.dense_weight:
        views = options.views(family)
        first = [_with_dense(params, family, options.encoder, start.dense_weight, views) for params in first]
    names = {family.view_parameter: options.view_parameter(family)}
    return [{names.get(name, name): value for name, value in params.items()} for params in first]


def _affordable(params: Mapping[str, Any], family: Family, views: Sequence[str]) -> dict[str, Any]:
    """The same on words and pairs of words where characters are not counted."""
    view = params.get(family.view_parameter)
    return dict(params) if view is None or view in views else {**params, family.view_parameter: "words_1_2"}


def _with_dense(
    params: dict[str, Any], family: Family, encoder: str, weight: float, views: Sequence[str]
) -> dict[str, Any]:
    """The same with the vectors of a text encoder beside the n-grams, where the family has such a view."""
    view = f"{params.get(family.view_parameter)}{BESIDE}{encoder}"
    if view not in views:
        return params
    return {**params, family.view_parameter: view, f"{encoder}.weight": weight}
