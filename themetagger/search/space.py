"""The search space: configurations, how a trial chooses one, and the first trials of a study."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from themetagger.features import View, sources_of, suggest_view, view_of
from themetagger.models.families import FAMILIES, Family, Suggests
from themetagger.search.companion import COMPANION, COMPANION_SETTINGS, COMPANION_WEIGHTS, Companion, read_name
from themetagger.search.settings import WarmStart

RATIOS = (0, 30, 10, 3)  # negatives per positive; 0 keeps all
OTHER_SETTINGS = ("negatives_per_positive", "reduction", *COMPANION_SETTINGS)  # beside those of the view
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

    def settings(self) -> dict[str, Any]:
        """The feature settings beside the view, and those of the companion, for the results table."""
        chosen: dict[str, Any] = {"negatives_per_positive": self.ratio} if self.ratio else {}
        chosen |= {"reduction": self.reduction} if self.reduction else {}
        return chosen | ({} if self.companion is None else self.companion.settings())


def configuration_of(family: str, params: Mapping[str, Any], settings: Mapping[str, Any]) -> Configuration:
    """The configuration of a winner, from its ``family``, its ``params`` and the ``settings`` of its features.

    Examples
    --------
    >>> companion = Companion(C=0.1, weight=0.35)
    >>> from themetagger.features import TfidfConfig
    >>> asked = Configuration("ridge", {"alpha": 1.0}, TfidfConfig("words"), ratio=10, companion=companion)
    >>> configuration_of("ridge + sparse_svm", asked.params, asked.view.to_json() | asked.settings()) == asked
    True
    """
    name, has_companion = read_name(family)
    return Configuration(
        name,
        dict(params),
        view_of({key: value for key, value in settings.items() if key not in OTHER_SETTINGS}),
        ratio=settings.get("negatives_per_positive", 0),
        reduction=settings.get("reduction", ""),
        companion=Companion.of_settings(settings) if has_companion else None,
    )


def suggest(
    trial: Suggests, families: Sequence[str], *, level: int, ratios: Sequence[int], companion: float | None = None
) -> Configuration:
    """Ask a trial for one configuration among ``families``, which all stand on ``level``.

    ``ratios`` are the negatives-per-positive ratios worth trying on this theme; ``companion`` is the C of the sparse
    SVM that stands beside each model, default None: there is none.
    """
    name = families[0] if len(families) == 1 else trial.suggest_categorical(f"family.{level}", list(families))
    family = FAMILIES[name]
    reduction = trial.suggest_categorical("reduction", REDUCTIONS) if family.reduces else ""
    return Configuration(
        family=name,
        params=family.space(trial),
        view=_features(trial, family, reduction),
        ratio=trial.suggest_categorical("negatives_per_positive", list(ratios)) if len(ratios) > 1 else ratios[0],
        reduction=reduction,
        companion=_companion(trial, companion) if companion is not None and name != COMPANION else None,
    )


def _companion(trial: Suggests, C: float) -> Companion:
    return Companion(C, weight=trial.suggest_categorical("companion.weight", COMPANION_WEIGHTS))


def companion_configuration(companion: Companion) -> Configuration:
    """A companion as a configuration of its own."""
    features = FAMILIES[COMPANION].fixed_features
    assert features is not None
    return Configuration(COMPANION, {"C": companion.C, "class_weight": None}, features)


def _features(trial: Suggests, family: Family, reduction: str) -> View:
    if family.fixed_features is not None:
        return family.fixed_features
    if reduction.startswith("svd"):
        view = "words"  # a projection of longer n-grams costs seconds a fold and fills the tagger file
    else:
        view = trial.suggest_categorical(family.view_parameter, list(family.views))
    return suggest_view(view, trial)


def searched_sources(families: Iterable[str]) -> tuple[str, ...]:
    """All analysers, and the text encoders whose vectors one of the families may be given.

    Examples
    --------
    >>> searched_sources(["ridge"])
    ('word', 'char_wb')
    """
    return sources_of(view for name in sorted(families) for view in FAMILIES[name].views)


def worthwhile_ratios(positives: int, negatives: int) -> tuple[int, ...]:
    """The ratios that would leave out at least a third of the negatives, after "all"."""
    return tuple(r for r in RATIOS if r == 0 or r * positives * 1.5 <= negatives)


def first_trials(
    families: Sequence[str], level: int, *, start: WarmStart | None = None, companion: bool = False
) -> list[dict[str, Any]]:
    """Parameters of the trials with which a level begins; Optuna draws what they leave open.

    With ``companion``, every model begins with one of the usual weight.
    """
    usual = {"companion.weight": COMPANION_WEIGHTS[0]} if companion else {}
    ordered = sorted((FAMILIES[name] for name in FAMILIES if name in families), key=lambda family: not family.leads)
    return [
        {f"family.{level}": family.name, **params, **usual}
        for family in ordered
        for params in _first_trials(family, start or WarmStart())
    ]


def _first_trials(family: Family, start: WarmStart) -> tuple[Mapping[str, Any], ...]:
    """The first trials of a family; ridge has one, at the penalty of its warm start, where it has one."""
    if family.name != "ridge" or start.alpha is None:
        return family.first_trials
    return ({**family.first_trials[0], "ridge.alpha": start.alpha},)
