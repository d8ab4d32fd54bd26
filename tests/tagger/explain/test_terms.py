"""Telling terms: weights that sum to the scores, odds ratios of the texts, and a clear word where there is neither."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from toys import OWN, SMALL, chinese, toy

from themetagger.corpus import corpus_from_frame
from themetagger.features import FittedView, TfidfConfig, TfidfWeights
from themetagger.features.encoder import Encoder
from themetagger.features.preprocessing import clean
from themetagger.models.ensemble import EnsembleMember, ReducedModel, ensemble_scores
from themetagger.models.scorers import Tree, stack
from themetagger.runs.past_run import open_run
from themetagger.runs.review.fold_models import features_of, fold_models
from themetagger.runs.review.terms import terms_of_run
from themetagger.runs.tune import tune
from themetagger.tagger.explain.odds_in_texts import sentences
from themetagger.tagger.explain.terms import COLUMNS
from themetagger.tagger.explain.weights import TextCounts, split_shares, term_weights

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_page")]

ALL = 100_000


@pytest.fixture(scope="module")
def corpus():
    return corpus_from_frame(toy(150))


@pytest.fixture(scope="module")
def run(corpus, tmp_path_factory):
    """A run of ridge with a sparse SVM beside it, opened again."""
    folder = tmp_path_factory.mktemp("run")
    made = tune(corpus, **SMALL | {"families": ("ridge", "sparse_svm")}, out=folder)
    assert made.tagger.theme_results[0].family == "ridge + sparse_svm"
    return open_run(folder, train=corpus)


@pytest.fixture(scope="module")
def tuned(corpus):
    """A tagger of one family, with a model of the theme "pay" alone; made once."""
    others = {theme: {"min_positives": 1_000} for theme in ("staff", "food")}
    settings = SMALL | {"trials": 1, "overrides": others}
    return cache(lambda family: tune(corpus, **settings | {"families": (family,)}).tagger)


def test_the_weights_of_all_terms_sum_to_the_mean_score(run, corpus):
    scores = run.tagger.scores(corpus.texts)
    for j, theme in enumerate(run.tagger.themes):
        table = run.tagger.terms(theme, ALL, corpus=corpus, by="term")
        intercept = sum(m.weight * m.model.scorer.intercept for m in run.tagger.members[theme])
        summed = (table["weight"] * table["texts"]).sum() / len(corpus)
        assert summed == pytest.approx(scores[:, j].mean() - intercept, abs=1e-5)


def test_character_n_grams_are_rolled_up_into_words(run, corpus):
    of_words = run.tagger.terms("pay", ALL, corpus=corpus).set_index("term")
    by_term = run.tagger.terms("pay", ALL, corpus=corpus, by="term")
    alone = by_term[by_term["kind"] != "characters"].set_index("term")["weight"]
    assert set(of_words["kind"]) == {"word", "pair"}
    assert set(by_term["kind"]) == {"word", "pair", "characters"}
    own = of_words["weight"] - of_words["of_characters"]
    assert own.loc[alone.index].tolist() == pytest.approx(alone.tolist(), abs=1e-9)
    assert (of_words.loc[of_words["kind"] == "pair", "of_characters"] == 0).all()
    found = term_weights(run.tagger.members["pay"], run.tagger.encoder, run.tagger.encoder.counts(corpus.texts))
    words, times = np.unique(" ".join(corpus.texts).split(), return_counts=True)
    grams = by_term[by_term["kind"] == "characters"]
    whole = float((grams["weight"] * grams["texts"]).sum())  # of all texts
    assert times @ found.of_characters(words.tolist()) == pytest.approx(whole, abs=1e-6)
    assert of_words.loc["salary", "of_characters"] == pytest.approx(found.of_characters(["salary"])[0])
    assert of_words.loc["salary", "of_characters"] > 0.1


@pytest.mark.parametrize("kind", ["linear", "kernel_svm", "random_forest", "naive_bayes_complement", "lightgbm"])
def test_a_theme_goes_by_its_own_words_whatever_the_model(run, corpus, tuned, kind):
    tagger = run.tagger if kind == "linear" else tuned(kind)
    table = tagger.terms("pay", 3, corpus=corpus)
    assert list(table.columns) == list(COLUMNS)
    assert set(table["term"][table["side"] == "for"]) == set(OWN["pay"])
    assert (table["weight"] > 0).eq(table["side"] == "for").all()
    assert set(table["measure"]) == {"occlusion" if kind in ("kernel_svm", "random_forest", "lightgbm") else "weights"}
    assert table["weight"][table["side"] == "for"].is_monotonic_decreasing
    assert table["weight"][table["side"] == "against"].is_monotonic_increasing


def test_occlusion_is_what_scores_lose_without_the_word(corpus, tuned):
    tagger = tuned("kernel_svm")
    table = tagger.terms("pay", 1, corpus=corpus).iloc[0]
    having = [text for text in corpus.texts if table["term"] in text.split()]
    having = [having[int(i)] for i in np.linspace(0, len(having) - 1, 20)]
    left = [" ".join(word for word in text.split() if word != table["term"]) for text in having]
    j = tagger.themes.index("pay")
    lost = tagger.scores(having)[:, j] - tagger.scores(left)[:, j]
    assert table["weight"] == pytest.approx(lost.mean(), abs=1e-6)


def test_odds_ratios_are_those_of_the_texts_and_copies_count_once(run, corpus):
    twice = replace_texts(corpus, 3)
    for texts in (corpus, twice):
        row = run.tagger.terms("pay", 3, corpus=texts).set_index("term").loc["wage"]
        has = np.array(["wage" in text.split() for text in corpus.texts])
        y = corpus.column("pay") > 0
        a, b, c, d = ((has == p) & (y == t) for p, t in ((True, True), (True, False), (False, True), (False, False)))
        a, b, c, d = (cell.sum() + 0.5 for cell in (a, b, c, d))
        assert row["odds_ratio"] == pytest.approx(a * d / (b * c))
        assert row["texts"] == has.sum()
        assert (row["share_with"], row["share_without"]) == pytest.approx((y[has].mean(), y[~has].mean()))
        assert row["odds_low"] < row["odds_ratio"] < row["odds_high"]


def replace_texts(corpus, copies):
    """Each text several times, one duplicate group for its copies."""
    return corpus.take(np.repeat(np.arange(len(corpus)), copies))


def test_what_a_word_does_to_the_tagger_odds_is_what_its_calibration_says(run, corpus):
    row = run.tagger.terms("pay", 1, corpus=corpus).iloc[0]
    theme_result = next(w for w in run.tagger.theme_results if w.theme == "pay")
    assert row["model_odds_ratio"] == pytest.approx(np.exp(theme_result.calibration[0] * row["weight"]))
    base = corpus.column("pay").mean()
    odds = base / (1 - base) * row["model_odds_ratio"]
    assert row["model_effect"] == pytest.approx(odds / (1 + odds) - base)


def test_fold_models_fitted_again_are_those_of_the_run(run, corpus):
    steps = run.tagger.encoder.steps
    features = features_of(corpus, run.folds, steps)
    for theme_result in run.tagger.theme_results:
        found = fold_models(theme_result, corpus.column(theme_result.theme), features, steps=steps)
        expected = run.evidence(theme_result.theme).scores
        counts = found.encoder.counts(corpus.texts)
        for k, ensemble in enumerate(found.ensembles):
            scores = ensemble_scores(ensemble, lambda r, f, c=counts, e=found.encoder: e.rows(c, (r, f)))
            assert scores[run.folds == k] == pytest.approx(expected[run.folds == k], abs=1e-9)
    assert clean(["A"], steps) == ["a"]


def test_with_fold_models_the_odds_of_the_model_have_intervals(run):
    (table,) = terms_of_run(run, ["pay"], top=3, folds=True).values()
    by_term = terms_of_run(run, ["pay"], top=3, folds=True, by="term")["pay"]
    for found in (table, by_term):
        assert (found["fold_spread"] > 0).all()
        assert (found["model_odds_low"] < found["model_odds_ratio"]).all()
        assert (found["model_odds_ratio"] < found["model_odds_high"]).all()
    middle = np.sqrt(table["model_odds_low"] * table["model_odds_high"])
    assert middle.tolist() == pytest.approx(table["model_odds_ratio"].tolist())


@pytest.mark.parametrize("theme", ["pay", "food"])
def test_the_mean_of_the_fold_models_is_the_deployed_weight(run, corpus, theme):
    steps = run.tagger.encoder.steps
    theme_result = next(w for w in run.tagger.theme_results if w.theme == theme)
    folds = fold_models(theme_result, corpus.column(theme), features_of(corpus, run.folds, steps), steps=steps)
    counts = folds.encoder.counts(corpus.texts)
    words = [*OWN["pay"], *OWN["food"]]
    each = [term_weights(ensemble, folds.encoder, counts).of_words(words) for ensemble in folds.ensembles]
    whole = term_weights(run.tagger.members[theme], run.tagger.encoder, run.tagger.encoder.counts(corpus.texts))
    assert np.mean(each, axis=0) == pytest.approx(whole.of_words(words), rel=0.02, abs=0.002)


def test_without_texts_there_are_weights_and_the_odds_of_the_model_alone(run):
    table = run.tagger.terms("pay", 3)
    assert set(table["term"][:3]) == set(OWN["pay"])
    assert table["odds_ratio"].isna().all()
    assert table["texts"].isna().all()
    assert (table["strength"] == "").all()
    assert (table["model_odds_ratio"][:3] > 2).all()
    assert sentences(table) == []


def test_trees_without_texts_tell_the_shares_of_their_splits(tuned):
    table = tuned("random_forest").terms("pay", ALL)
    assert set(table["measure"]) == {"splits"}
    assert set(table["term"][:3]) == set(OWN["pay"])
    assert table["weight"].sum() == pytest.approx(1)
    assert set(table["side"]) == {""}
    assert table["model_odds_ratio"].isna().all()


@pytest.mark.parametrize(
    ("family", "arguments", "error", "told"),
    [
        ("kernel_svm", {}, ValueError, "theme 'pay' has kernel_svm, .* give the training texts"),
        ("ridge", {"theme": "rare"}, KeyError, "theme 'rare' has no model; those that have: "),
        ("ridge", {"top": 0}, ValueError, "top must be at least 1, but is 0"),
        ("ridge", {"by": "letter"}, ValueError, "by must be 'word' or 'term', but is 'letter'"),
    ],
)
def test_mistakes_are_told(tuned, family, arguments, error, told):
    with pytest.raises(error, match=told):
        tuned(family).terms(**{"theme": "pay"} | arguments)


def test_a_skipped_theme_has_no_fold_models(run, corpus):
    theme_result = run.tagger.theme_results[0].skipped("rare", "3 positives, needs 30", support=3)
    with pytest.raises(ValueError, match="theme 'rare' has no model \\(SKIPPED\\): 3 positives"):
        fold_models(theme_result, corpus.column("pay"), None, steps=())


def test_sentences_are_told_of_what_is_beyond_chance(run, corpus):
    table = run.tagger.terms("pay", 3, corpus=corpus)
    told = sentences(table)
    assert len(told) == int(table["beyond_chance"].sum()) >= 3
    assert all(
        f"{word!r} raises the odds" in " ".join(told) and "95 % interval" in " ".join(told) for word in OWN["pay"]
    )
    lowered = pd.DataFrame(
        [
            {"term": "soup", "side": "against", "odds_ratio": 0.104, "odds_low": 0.05, "odds_high": 0.21}
            | {"strength": "moderate", "beyond_chance": True, "texts": 1}
        ]
    )
    expected = (
        "'soup' lowers the odds to 0.1 of what they are without (95 % interval 0.05 to 0.21): moderate, 1 text has it"
    )
    assert sentences(lowered) == [expected]


def test_a_model_of_characters_alone_shows_words_of_the_texts_or_marked_n_grams(corpus):
    made = tune(corpus, **SMALL | {"families": ("ridge",)}).tagger
    member = made.members["pay"][0]
    only = replace(member, view=replace(member.view, view="chars_3_5"))
    parts = [part for part in made.encoder.views[member.view, None].terms if part.analyser == "char_wb"]
    skipped = sum(len(p.columns) for p in made.encoder.views[member.view, None].terms if p.analyser == "word")
    scorer = replace(member.model.scorer, weights=member.model.scorer.weights[skipped:])
    made.members["pay"] = (replace(only, model=replace(member.model, scorer=scorer)),)
    vocabulary = {"char_wb": made.encoder.vocabulary["char_wb"]}
    made.encoder = replace(
        made.encoder, vocabulary=vocabulary, views={(only.view, None): FittedView(tuple(parts))}, _counters={}
    )
    assert set(made.terms("pay", 3, corpus=corpus)["term"][:3]) == set(OWN["pay"])
    grams = made.terms("pay", 3)
    assert set(grams["kind"]) == {"characters"}
    assert (grams["of_characters"] == grams["weight"]).all()


@pytest.mark.parametrize("families", [("ridge", "sparse_svm"), ("kernel_svm",)], ids=["weights", "occlusion"])
def test_of_texts_without_white_space_signs_are_shown_alone_and_side_by_side(families):
    texts = corpus_from_frame(chinese())
    made = tune(texts, **SMALL | {"families": families}).tagger
    table = made.terms("pay", 5, corpus=texts)
    assert set(table["kind"]) == {"word"}
    assert all(set(term) & set("工资低") for term in table["term"][:5])
    assert {"工资", "资低"} <= set(table["term"][:5])
    assert (table["odds_ratio"][:3] > 10).all()


def test_where_no_word_is_in_three_texts_nothing_is_told_by_occlusion(tuned, corpus):
    few = corpus.take(np.flatnonzero(corpus.column("pay"))[:2])
    table = tuned("kernel_svm").terms("pay", corpus=few)
    assert (len(table), list(table.columns)) == (0, list(COLUMNS))
    assert sentences(table) == []


def test_of_a_model_that_is_very_sure_the_odds_are_infinite_and_nothing_warns(run, corpus, monkeypatch):
    sure = [replace(theme_result, calibration=(1e5, 0.0)) for theme_result in run.tagger.theme_results]
    monkeypatch.setattr(run.tagger, "theme_results", sure)
    assert run.tagger.terms("pay", 1, corpus=corpus)["model_odds_ratio"].tolist()[0] == np.inf


def test_splits_on_chosen_columns_are_those_of_their_terms():
    view, sides = TfidfConfig("words"), {"left": [1, -1, -1], "right": [2, -1, -1]}
    tree = stack([Tree(feature=[0, -1, -1], threshold=[0.5, 0, 0], value=[0, -1, 1], **sides)], base=0.0)
    member = EnsembleMember(view, 0, ReducedModel(tree, np.array([1], dtype=np.int32)))
    weights = TfidfWeights("word", np.array([0, 2], dtype=np.int32), np.ones(2), True)
    encoder = Encoder((), {"word": ("a", "b", "c")}, {(view, 0): FittedView((weights,))})
    assert split_shares([member], encoder) == {("word", "c"): 1.0}


def test_counts_at_hand_change_nothing(run, corpus):
    """Counting the texts once for all themes, and finding the means of a view once, gives the same table."""
    counts = TextCounts(run.tagger.encoder.counts(corpus.texts))
    for theme in run.tagger.themes * 2:
        alone = run.tagger.terms(theme, corpus=corpus)
        pd.testing.assert_frame_equal(run.tagger.terms(theme, corpus=corpus, counts=counts), alone)
    assert counts.means
