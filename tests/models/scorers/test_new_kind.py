"""A new kind of model is one file and one entry in the registry: here one is added, and taken from tuning to tags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import pytest
from numpy.typing import NDArray

from themetagger.features.encoder import build_encoder
from themetagger.features.preprocessing import DEFAULT_STEPS
from themetagger.models.families import FAMILIES, Family
from themetagger.models.scorers import SCORERS, Floats, Matrix, Scorer
from themetagger.models.scorers.validation import need_array, need_finite
from themetagger.models.storage.container import BundleError, read_bundle, write_bundle
from themetagger.models.storage.model_arrays import Store, pack_model, unpack_model
from themetagger.search.settings import StudySettings
from themetagger.search.study import study_theme
from themetagger.search.study_result import StudyResult
from themetagger.selection.objectives import PrecisionFirst
from themetagger.tagger import file_limits
from themetagger.tagger.theme_tagger import ThemeTagger

Singles = NDArray[np.float32]


@dataclass(frozen=True)
class CentroidScorer(Scorer):
    """How much nearer a row is to the mean text with the theme than to the mean text without, in squared distance."""

    kind: ClassVar[str] = "nearest_centroid"

    theme: Singles
    rest: Singles

    @property
    def width(self) -> int:
        return len(self.theme)

    def scores(self, X: Matrix) -> Floats:
        near, far = (np.square(c).sum() - 2 * (X @ c.astype(np.float64)) for c in (self.theme, self.rest))
        return np.asarray(far - near, dtype=np.float64)

    def check(self, n_features: int) -> None:
        for name in ("theme", "rest"):
            need_array(f"CentroidScorer.{name}", getattr(self, name), np.float32, n_features)
            need_finite(f"CentroidScorer.{name}", getattr(self, name))

    def to_arrays(self, *, exact: bool) -> dict[str, Any]:
        return {"theme": self.theme, "rest": self.rest}

    @classmethod
    def from_arrays(cls, entries: Mapping[str, Any], n_features: int, *, exact: bool) -> Self:
        return cls(entries["theme"], entries["rest"])

    def cost(self, sparse_columns: int) -> int:
        return self.theme.nbytes + self.rest.nbytes


class MeanTexts:
    """The estimator: both means."""

    def fit(self, X: Matrix, y: Any) -> Self:
        self.theme_, self.rest_ = (np.asarray(X[np.flatnonzero(y == side)].mean(axis=0)) for side in (1, 0))
        return self


FAMILY = Family(
    name="nearest_centroid",
    level=1,
    space=lambda trial: {},
    build=lambda params, seed: MeanTexts(),
    as_scorer=lambda fitted: CentroidScorer(fitted.theme_.astype(np.float32), fitted.rest_.astype(np.float32)),
    first_trials=(),
)


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SCORERS, CentroidScorer.kind, CentroidScorer)
    monkeypatch.setitem(FAMILIES, FAMILY.name, FAMILY)


@pytest.fixture
def studied(corpus: Any, features: Any) -> StudyResult:
    y = corpus.column("pay")
    return study_theme("pay", y, features, StudySettings(PrecisionFirst(), [FAMILY.name], trials=2))


@pytest.fixture
def tagger(studied: StudyResult, features: Any) -> ThemeTagger:
    keys = [(member.view, member.fold) for member in studied.members]
    encoder = build_encoder(keys, features.inputs, features.folds, DEFAULT_STEPS)
    return ThemeTagger([studied.theme_result], {"pay": studied.members}, encoder)


def test_it_is_tuned(studied: StudyResult) -> None:
    """Without a mean of its fold models, these score side by side."""
    assert studied.theme_result.family == FAMILY.name
    assert studied.theme_result.average_precision > 0.6  # a third of the texts has the theme
    assert [(type(member.model.scorer), member.fold) for member in studied.members] == [
        (CentroidScorer, k) for k in range(4)
    ]


def test_it_is_saved_and_tags_as_it_did(tagger: ThemeTagger, corpus: Any, tmp_path: Path) -> None:
    tagger.save(tmp_path / "a.tagger")
    loaded = ThemeTagger.load(tmp_path / "a.tagger")
    texts = list(corpus.texts)
    assert 0 < tagger.predict(texts).sum() < len(texts)
    assert loaded.decision_function(texts).tobytes() == tagger.decision_function(texts).tobytes()


def test_a_finished_study_keeps_it_exactly(studied: StudyResult) -> None:
    model, store = studied.members[0].model, Store()
    again = unpack_model(pack_model(model, store, exact=True), store.arrays, model.width, exact=True)
    assert isinstance(again.scorer, CentroidScorer)
    assert isinstance(model.scorer, CentroidScorer)
    assert again.scorer.theme.tobytes() == model.scorer.theme.tobytes()


def test_it_is_explained_by_occlusion(tagger: ThemeTagger) -> None:
    (explanation,) = tagger.explain("The salary is often late", "pay")
    assert not explanation.exact
    assert explanation.table()["word"][0] == "salary"


def test_the_limits_of_a_file_count_it(tagger: ThemeTagger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    member, encoder = tagger.members["pay"][0], tagger.encoder
    fitted = encoder.views[member.view, member.fold]
    assert file_limits.of_member(member, fitted, encoder.sizes) == file_limits.CALL + 8 * member.model.width
    tagger.save(tmp_path / "a.tagger")
    monkeypatch.setattr(CentroidScorer, "cost", lambda scorer, sparse_columns: 2 * file_limits.ANYWAY)
    with pytest.raises(BundleError, match="out of proportion"):
        ThemeTagger.load(tmp_path / "a.tagger")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda entry, arrays: entry.pop("rest"), "KeyError: 'rest'"),
        (lambda entry, arrays: entry.update(rest="a9999"), "rest of a model is 'a9999', which is no array"),
        (lambda entry, arrays: entry.update(rest=3), "CentroidScorer.rest is int"),
        (lambda entry, arrays: entry.update(kind="furthest_centroid"), "kind 'furthest_centroid' is unknown"),
        (lambda entry, arrays: arrays.update({entry["theme"]: np.ones(3, np.float32)}), "theme has 3 entries"),
        (lambda entry, arrays: arrays[entry["theme"]].put(0, np.nan), r"theme\[0\] is nan"),
    ],
)
def test_it_is_refused_when_damaged(tagger: ThemeTagger, tmp_path: Path, damage: Any, message: str) -> None:
    tagger.save(tmp_path / "a.tagger")
    manifest, arrays = read_bundle(tmp_path / "a.tagger")
    arrays = {name: array.copy() for name, array in arrays.items()}
    damage(manifest["members"]["pay"][0]["scorer"], arrays)
    write_bundle(tmp_path / "b.tagger", manifest, arrays)
    with pytest.raises(BundleError, match=message):
        ThemeTagger.load(tmp_path / "b.tagger")
