"""Adding a family: one object and one line in FAMILIES, and a study tries it, on whatever level it stands."""

from __future__ import annotations

from dataclasses import replace

import pytest

from themetagger.features import NGRAM_VIEWS
from themetagger.models.families import FAMILIES
from themetagger.models.families.family import REDUCED_VIEWS, SEARCHED_VIEWS, Family
from themetagger.search import trial as trying
from themetagger.search.settings import StudySettings
from themetagger.search.study import study_theme
from themetagger.selection.objectives import PrecisionFirst

NEVER = PrecisionFirst(target=1.0, recall_floor=1.0)


class Nearest:
    """A model that asks how much a row has in common with the mean row of the theme."""

    def __init__(self, *, shrink):
        self.shrink = shrink

    def fit(self, X, y):
        self.coef_ = X[y == 1].mean(axis=0) - self.shrink * X[y == 0].mean(axis=0)
        self.intercept_ = 0.0
        return self


def toy(name="toy", *, level=2, **settings):
    """A family as a stranger would write it."""
    return Family(
        name=name,
        level=level,
        space=lambda trial: {"shrink": trial.suggest_float(f"{name}.shrink", 0.5, 1.0)},
        build=lambda params, seed: Nearest(**params),
        as_scorer=FAMILIES["ridge"].as_scorer,
        **{"first_trials": ({f"{name}.shrink": 0.75},)} | settings,
    )


@pytest.fixture
def tried(monkeypatch):
    """The configurations that are fitted, in order."""
    seen, fit_fold = [], trying.fit_fold

    def noted(configuration, features, y, k, *, seed):
        if k == 0:
            seen.append(configuration)
        return fit_fold(configuration, features, y, k, seed=seed)

    monkeypatch.setattr(trying, "fit_fold", noted)
    return seen


@pytest.mark.slow
@pytest.mark.parametrize("level", [1, 2, 3])
def test_a_new_family_is_tried_by_a_study_of_all_families_of_its_level(corpus, features, monkeypatch, tried, level):
    monkeypatch.setitem(FAMILIES, "toy", toy(level=level))
    families = ["ridge", *(name for name, family in FAMILIES.items() if family.level == level != 1), "toy"]
    study_theme("pay", corpus.column("pay"), features, StudySettings(NEVER, tuple(dict.fromkeys(families))))
    (first, *_) = (configuration for configuration in tried if configuration.family == "toy")
    assert first.params == {"shrink": 0.75}


def test_a_new_family_sees_only_the_views_that_it_names(corpus, features, monkeypatch, tried):
    monkeypatch.setitem(FAMILIES, "toy", toy(views=("words", "chars_3_5")))
    study_theme("pay", corpus.column("pay"), features, StudySettings(NEVER, ("toy",), trials=8, patience=8))
    assert {configuration.view.name for configuration in tried} == {"words", "chars_3_5"}


def test_views_and_their_parameter_have_defaults():
    plain, reducing, own = toy(), toy(reduces=True), toy(views=("words",))
    assert (plain.views, plain.view_parameter) == (SEARCHED_VIEWS, "view")
    assert (reducing.views, reducing.view_parameter) == (REDUCED_VIEWS, "narrow_view")
    assert own.view_parameter == "toy.view"
    assert replace(plain, views=(), view_parameter="").views == SEARCHED_VIEWS
    assert set(SEARCHED_VIEWS) >= set(NGRAM_VIEWS)


def test_families_that_share_a_view_parameter_have_the_same_views():
    views = {}
    for family in FAMILIES.values():
        assert views.setdefault(family.view_parameter, family.views) == family.views


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"level": 4}, "family 'toy': level must be 1, 2 or 3 but is 4"),
        ({"views": ("words", "pictures")}, "family 'toy': view 'pictures' is unknown; choose from words, words_1_2"),
    ],
)
def test_a_family_that_could_not_be_tried_is_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        toy(**settings)
