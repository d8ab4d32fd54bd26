"""A new dense view is one file, one entry in the registry and one in the search space: here one is taken all the way.

From tuning to tags, explanations, the tagger file and its limits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import scipy.sparse as sp
from toys import COMMON, SMALL

from themetagger.corpus import Corpus, corpus_from_frame, make_folds
from themetagger.features import (
    ENCODERS,
    NGRAM_VIEWS,
    DenseColumns,
    DenseConfig,
    FittedView,
    FoldFeatures,
    SideBySide,
    TfidfConfig,
    TrainingRows,
    Vectors,
    inputs_of,
    is_nonnegative,
    row_products,
    view_of,
)
from themetagger.features.encoder import build_encoder
from themetagger.features.preprocessing import DEFAULT_STEPS
from themetagger.models.ensemble import EnsembleMember, ensemble_scores
from themetagger.models.families import FAMILIES
from themetagger.models.families.family import SEARCHED_VIEWS
from themetagger.models.storage.container import BundleError, read_bundle, write_bundle
from themetagger.runs.tune import Run, tune
from themetagger.search.cross_validation import deployed_members, out_of_fold_scores
from themetagger.search.space import Configuration
from themetagger.tagger import file_limits
from themetagger.tagger.theme_tagger import ThemeTagger

RIDGE = {"alpha": 1.0, "class_weight": None}
TEXTS = ["A short one.", "", "day week always " * 12, "!!! ??? ...", "salary " * 40, "日本 🙂 \ud800"]


@dataclass(frozen=True)
class TextShape:
    """How long a text and its words are, and how much of it is punctuation and digits; ``units`` are its own array."""

    units: npt.NDArray[np.float32]
    width: int = 4
    standardise: bool = True
    texts_a_second: float = 100_000.0
    nbytes: int = 1_000

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        found = [
            (len(text), sum(not c.isalnum() for c in text), sum(map(str.isdigit, text)), len(text.split()))
            for text in texts
        ]
        return np.array(found, dtype=np.float32).reshape(len(texts), 4) * self.units

    def to_arrays(self) -> Mapping[str, npt.NDArray[Any]]:
        return {"units": self.units}

    @classmethod
    def load(cls) -> Self:
        return cls(np.array([1.0, 0.5, 0.5, 1.0], dtype=np.float32))

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> Self:
        units = arrays["units"]
        if units.dtype != np.float32 or units.shape != (4,):
            raise ValueError("the units of text_shape are no four float32 numbers")
        return cls(units)


SHAPE = DenseConfig("text_shape", weight=0.3)
BOTH = SideBySide((TfidfConfig("words"), SHAPE))


@pytest.fixture(autouse=True)
def registered() -> Any:
    """The line in the registry, and the one in the search space."""
    with pytest.MonkeyPatch.context() as patch:
        register(patch)
        yield


def register(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(ENCODERS, "text_shape", TextShape)
    views = (*SEARCHED_VIEWS, "words & text_shape", "text_shape")
    for name in ("ridge", "naive_bayes_complement", "logistic", "linear_svm"):
        patch.setitem(FAMILIES, name, replace(FAMILIES[name], views=views, view_parameter=""))


def lengthy(n: int = 160) -> Corpus:
    """Texts of the same words, long ones and short ones: a theme is that a text is long, which no word tells."""
    rng, rows = np.random.default_rng(0), []
    for _ in range(n):
        long = rng.random() < 0.4
        words = rng.choice(COMMON, rng.integers(22, 40) if long else rng.integers(4, 20))
        rows.append((" ".join(words), "long" if long else ""))
    return corpus_from_frame(pd.DataFrame(rows, columns=["Processed Text", "Themes"]))


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return lengthy()


@pytest.fixture(scope="module")
def features(corpus: Corpus) -> FoldFeatures:
    with pytest.MonkeyPatch.context() as patch:
        register(patch)
        inputs = inputs_of(corpus.texts, DEFAULT_STEPS, ("word", "char_wb", "text_shape"))
    return FoldFeatures(inputs, make_folds(corpus.labels, corpus.groups, n_folds=4))


@pytest.fixture(scope="module")
def run(corpus: Corpus) -> Run:
    with pytest.MonkeyPatch.context() as patch:
        register(patch)
        return tune(corpus, **SMALL | {"trials": 12, "patience": 12})


@pytest.fixture(scope="module")
def tagger(run: Run) -> ThemeTagger:
    return run.tagger


@pytest.fixture
def saved(tagger: ThemeTagger, tmp_path: Path) -> Path:
    tagger.save(tmp_path / "a.tagger")
    return tmp_path / "a.tagger"


def test_the_search_finds_it_where_it_decides(run: Run) -> None:
    found = run.tagger.theme_results[0]
    assert "text_shape" in found.view
    assert found.average_precision > 0.97
    assert {found.view, found.family} == {found.feature_settings["view"], "ridge"}


def test_beside_n_grams_it_beats_n_grams_alone(corpus: Corpus, features: FoldFeatures) -> None:
    y, reached = corpus.column("long"), {}
    for view in (TfidfConfig("words"), BOTH):
        scores, _ = out_of_fold_scores(Configuration("ridge", RIDGE, view), features, y)
        reached[view.name] = np.mean([(scores[y == 1, None] > scores[y == 0]).mean()])
    assert reached["words & text_shape"] > 0.99 > 0.96 > reached["words"]


def test_rows_are_csr_beside_n_grams_and_float32_alone_and_fitted_on_training_rows(features: FoldFeatures) -> None:
    fold, alone, words = (features.fold(view, 1) for view in (BOTH, SHAPE, TfidfConfig("words")))
    assert sp.issparse(fold.train)
    assert isinstance(alone.train, np.ndarray)
    assert (fold.train.dtype, alone.train.dtype) == (np.float64, np.float32)
    assert (fold.train[:, : words.train.shape[1]] != words.train).nnz == 0
    assert (fold.train[:, -4:].toarray() == alone.train).all()
    varied = alone.train.std(axis=0) > 0
    np.testing.assert_allclose(alone.train[:, varied].std(axis=0), 0.3, rtol=1e-4)
    np.testing.assert_allclose(alone.train.mean(axis=0), 0, atol=1e-5)
    assert abs(alone.valid.mean(axis=0)[0]) > 1e-4  # which nobody looked at
    assert (fold.fitted.width, fold.fitted.n_terms) == (words.train.shape[1] + 4, words.train.shape[1])
    assert fold.nbytes > 0 < alone.nbytes == alone.train.nbytes + alone.valid.nbytes
    some = np.array([0, 3, 5])
    assert (alone.train_part(some) == alone.train[some]).all()


@pytest.mark.parametrize("family", ["ridge", "logistic", "linear_svm"])
@pytest.mark.parametrize("view", [BOTH, SHAPE], ids=lambda view: view.name)
def test_fold_models_are_merged_exactly_in_their_dense_columns(
    corpus: Corpus, features: FoldFeatures, family: str, view: Any
) -> None:
    params = {"ridge": RIDGE, "logistic": {"C": 1.0}, "linear_svm": {"C": 0.3}}[family]
    _, models = out_of_fold_scores(Configuration(family, params, view), features, corpus.column("long"))
    (merged,) = deployed_members(view, models, features)
    each = [EnsembleMember(view, k, model, 0.25) for k, model in enumerate(models)]
    keys = [(view, k) for k in (None, 0, 1, 2, 3)]
    encoder = build_encoder(keys, features.inputs, features.folds, DEFAULT_STEPS)
    inputs = encoder.inputs(list(corpus.texts))
    one, mean = (ensemble_scores(some, lambda v, k: encoder.rows(inputs, (v, k))) for some in ([merged], each))
    assert merged.fold is None
    tolerance = 1e-5 if view is SHAPE else 0.05
    assert np.abs(one - mean).max() < tolerance * mean.std()


def test_a_view_without_a_mean_leaves_the_fold_models_side_by_side(
    corpus: Corpus, features: FoldFeatures, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FittedView, "mean", lambda fitted, others: None)
    view = DenseConfig("text_shape", weight=0.1)
    _, models = out_of_fold_scores(Configuration("ridge", RIDGE, view), features, corpus.column("long"))
    members = deployed_members(view, models, features)
    assert [member.fold for member in members] == [0, 1, 2, 3]
    with pytest.raises(ValueError, match="'text_shape' has no mean of its folds"):
        build_encoder([(view, None)], features.inputs, features.folds, DEFAULT_STEPS)
    found = tune_result(corpus)
    alone = ThemeTagger([found], {"long": members}, _encoder(members, features))
    together = alone.scores(TEXTS)
    assert together.tobytes() == np.concatenate([alone.scores([text]) for text in TEXTS]).tobytes()


def tune_result(corpus: Corpus) -> Any:
    """The result of a theme, of a run that is soon over."""
    return tune(corpus, **SMALL | {"trials": 1}).tagger.theme_results[0]


def _encoder(members: Sequence[EnsembleMember], features: FoldFeatures) -> Any:
    return build_encoder([(m.view, m.fold) for m in members], features.inputs, features.folds, DEFAULT_STEPS)


def test_a_text_is_tagged_the_same_alone_in_company_and_from_the_file(tagger: ThemeTagger, saved: Path) -> None:
    loaded = ThemeTagger.load(saved)
    assert loaded.encoder.encoders["text_shape"].width == 4
    texts = [*TEXTS, *lengthy(70).texts]
    for one in (tagger, loaded):
        together = one.scores(texts)
        assert together.tobytes() == np.concatenate([one.scores([text]) for text in texts]).tobytes()
        assert together.tobytes() == tagger.scores(texts).tobytes()
    loaded.save(saved.with_name("b.tagger"))
    assert saved.read_bytes() == saved.with_name("b.tagger").read_bytes()


def test_where_text_is_scored_in_a_batch_and_by_its_own_rows_the_scores_agree(tagger: ThemeTagger) -> None:
    texts, members = list(lengthy(30).texts), tagger.members["long"]
    inputs = tagger.encoder.inputs(texts)
    alone = ensemble_scores(members, lambda view, fold: tagger.encoder.rows(inputs, (view, fold)))
    np.testing.assert_allclose(tagger.scores(texts)[:, 0], alone, rtol=1e-5, atol=1e-5)


@pytest.fixture(scope="module")
def of_both(corpus: Corpus, features: FoldFeatures) -> ThemeTagger:
    """A tagger with a model of words beside the shape of a text."""
    with pytest.MonkeyPatch.context() as patch:
        register(patch)
        _, models = out_of_fold_scores(Configuration("ridge", RIDGE, BOTH), features, corpus.column("long"))
        members = deployed_members(BOTH, models, features)
        return ThemeTagger([tune_result(corpus)], {"long": members}, _encoder(members, features))


def test_what_the_text_as_a_whole_contributes_is_a_row_of_its_own(of_both: ThemeTagger) -> None:
    (found,) = of_both.explain("day week office people " * 8, "long")
    assert found.exact
    assert list(found.text_contributions) == ["text_shape"]
    of_terms = sum(word.contribution - word.of_meaning for word in found.words)
    assert found.base + of_terms + found.text_contributions["text_shape"] == pytest.approx(found.score, abs=1e-6)
    table = found.table().set_index("word")
    assert found.base + table["contribution"].sum() == pytest.approx(found.score, abs=1e-6)
    assert table["of_meaning"].sum() == pytest.approx(found.text_contributions["text_shape"])
    whole = table.loc["meaning of the whole text (text shape vectors)"]
    assert whole["contribution"] == whole["of_meaning"] == found.beyond_words["text_shape"]


def test_alone_it_is_explained_by_what_a_text_loses_without_a_word(corpus: Corpus, features: FoldFeatures) -> None:
    _, models = out_of_fold_scores(Configuration("ridge", RIDGE, SHAPE), features, corpus.column("long"))
    members = deployed_members(SHAPE, models, features)
    tagger = ThemeTagger([tune_result(corpus)], {"long": members}, _encoder(members, features))
    (found,) = tagger.explain("day week office people " * 8, "long")
    assert found.exact
    assert all(word.contribution == word.of_meaning > 0 for word in found.words)  # each makes the text longer
    assert tagger.terms("long", 3, corpus=corpus)["measure"].isin(["occlusion"]).all()
    assert tagger.check(list(corpus.texts)).texts == len(corpus)


def test_families_that_want_no_number_below_zero_are_not_given_it() -> None:
    assert [is_nonnegative(name) for name in ("words & text_shape", "words+chars")] == [False, True]
    assert FAMILIES["naive_bayes_complement"].views == tuple(NGRAM_VIEWS)
    assert "text_shape" in FAMILIES["ridge"].views


def test_views_come_back_from_their_plain_values() -> None:
    for view in (SHAPE, BOTH):
        assert view_of(view.to_json()) == view
        assert hash(view_of(view.to_json())) == hash(view)
    assert BOTH.name == "words & text_shape"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"view": "text_shape", "weight": 0.0}, "weight must be a number above 0"),
        ({"view": "text_shape", "weight": 1}, "weight must be a number above 0"),
        ({"view": "text_shape", "min_df": 2}, "unexpected keyword"),
        ({"view": "words & text_shape"}, "is unknown; choose from words, .*, text_shape"),
        ({"view": "words & text_shape", "views": [SHAPE.to_json()]}, "two views or more"),
        ({"view": "text_shape & words", "views": [BOTH.to_json(), SHAPE.to_json()]}, "no list of at most"),
        (BOTH.to_json() | {"view": "words"}, "do not fit"),
        (BOTH.to_json() | {"weight": 0.5}, "do not fit"),
        (BOTH.to_json() | {"views": {}}, "no list of at most"),
    ],
)
def test_settings_of_no_view_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        view_of(settings)


def test_an_encoder_that_gives_no_finite_vectors_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for wrong in (np.full((1, 4), np.nan, np.float32), np.ones((1, 3), np.float32), np.ones((1, 4))):
        monkeypatch.setattr(TextShape, "encode", lambda encoder, texts, wrong=wrong: wrong)
        with pytest.raises(ValueError, match="'text_shape' gives no finite float32 vectors of 4 numbers"):
            inputs_of(["pay"], (), ["text_shape"])


def test_columns_that_do_not_vary_are_left_as_they_are() -> None:
    training = TrainingRows({"flat": Vectors(np.ones((5, 2), dtype=np.float32), standardise=True)})
    (part,) = DenseConfig("flat").fit(training).dense
    assert (part.center.tolist(), part.scale.tolist()) == ([1, 1], [1, 1])
    plain = TrainingRows({"flat": Vectors(np.full((5, 2), 3, dtype=np.float32))})
    (part,) = DenseConfig("flat", weight=0.5).fit(plain).dense
    assert (part.center.tolist(), part.scale.tolist()) == ([0, 0], [0.5, 0.5])
    mean = part.mean([replace(part, center=np.ones(2, np.float32), scale=np.ones(2, np.float32))])
    assert (mean.center.tolist(), mean.scale.tolist()) == ([0.5, 0.5], [0.75, 0.75])


def test_products_of_dense_rows_do_not_depend_on_their_company() -> None:
    rng = np.random.default_rng(0)
    rows, weights = rng.normal(size=(100, 37)).astype(np.float32), rng.normal(size=(37, 5))
    together = row_products(rows, weights)
    np.testing.assert_allclose(together, rows.astype(np.float64) @ weights, rtol=1e-9)
    assert together.tobytes() == np.concatenate([row_products(rows[i : i + 1], weights) for i in range(100)]).tobytes()


def damaged(saved: Path, damage: Any) -> Path:
    manifest, arrays = read_bundle(saved)
    arrays = dict(arrays)
    damage(manifest, arrays)
    write_bundle(saved, manifest, arrays)
    return saved


def other(name: str, change: Any) -> Any:
    """Another array in the place of the center or scale of the dense columns."""

    def damage(manifest: Any, arrays: Any) -> None:
        part = manifest["views"][0]["dense"][0]
        array = arrays[part[name]].copy()
        arrays["other"], part[name] = change(array), "other"

    return damage


def units(change: Any) -> Any:
    """Another array in the place of the encoder's own."""

    def damage(manifest: Any, arrays: Any) -> None:
        entry = manifest["encoders"]["text_shape"]
        arrays["other"], entry["units"] = change(arrays[entry["units"]].copy()), "other"

    return damage


def nan_first(array: Any) -> Any:
    array[0] = np.nan
    return array


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (other("center", nan_first), "is not finite"),
        (other("scale", nan_first), "is not finite"),
        (other("scale", lambda a: -a), "a scale is not above 0"),
        (other("scale", lambda a: a[:-1]), "no float32 numbers for the 4 columns"),
        (other("center", lambda a: a.astype(np.float64)), "no float32 numbers for the 4 columns"),
        (units(nan_first), "a number of the text encoder 'text_shape' is not finite"),
        (units(lambda a: a[:2]), "no four float32 numbers"),
        (lambda m, a: m["encoders"].clear(), "KeyError: 'text_shape'"),
        (lambda m, a: m["encoders"].update(minilm={}), "the text encoder 'minilm' is none of .*text_shape"),
        (lambda m, a: m["encoders"]["text_shape"].update(units="a999"), "KeyError"),
        (lambda m, a: m["views"][0]["dense"].clear(), "do not fit|has no column"),
        (lambda m, a: m["views"][0]["dense"].append(m["views"][0]["dense"][0]), "do not fit"),
        (lambda m, a: m["views"][0]["dense"][0].update(source="word"), "dense columns of a view do not fit it"),
        (lambda m, a: m.pop("encoders"), "KeyError"),
    ],
)
def test_a_damaged_dense_view_is_refused(of_both: ThemeTagger, tmp_path: Path, damage: Any, message: str) -> None:
    of_both.save(tmp_path / "a.tagger")
    with pytest.raises(BundleError, match=message):
        ThemeTagger.load(damaged(tmp_path / "a.tagger", damage))


def test_an_encoder_that_is_not_there_is_named(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(ENCODERS, "text_shape")
    with pytest.raises(BundleError, match="the text encoder 'text_shape' is none of"):
        ThemeTagger.load(saved)


def test_its_width_and_memory_are_counted(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TextShape, "from_arrays", classmethod(lambda cls, arrays: replace(cls.load(), nbytes=2**40)))
    with pytest.raises(BundleError, match="out of proportion"):
        ThemeTagger.load(saved)
    monkeypatch.setattr(TextShape, "from_arrays", classmethod(lambda cls, arrays: replace(cls.load(), width=0)))
    with pytest.raises(BundleError, match="vectors of 0 numbers"):
        ThemeTagger.load(saved)


def test_dense_columns_are_counted_with_the_batch() -> None:
    part = DenseColumns("text_shape", np.zeros(4_000, np.float32), np.ones(4_000, np.float32))
    fitted, sizes = FittedView(dense=(part,)), {"text_shape": 4_000}
    assert file_limits.of_view(fitted, sizes) >= file_limits.CALL + part.nbytes + file_limits.FEW * 4 * 4_000
