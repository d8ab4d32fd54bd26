"""Dense shares: explanations add up with them, words have their part by occlusion, and tables of terms say the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import pandas as pd
import pytest
from toys import COMMON, SMALL

from themetagger.corpus import Corpus, corpus_from_frame, make_folds
from themetagger.features import ENCODERS, DenseConfig, FoldFeatures, SideBySide, TfidfConfig, inputs_of
from themetagger.features.encoder import build_encoder
from themetagger.models.ensemble import EnsembleMember
from themetagger.runs.review.mistakes import _listed
from themetagger.runs.tune import tune
from themetagger.search.cross_validation import deployed_members, out_of_fold_scores
from themetagger.search.space import Configuration
from themetagger.tagger.explain.dense_shares import DenseShares, linear_models
from themetagger.tagger.explain.meaning_of_words import meaning_sentences
from themetagger.tagger.explain.terms import FoldModels
from themetagger.tagger.explain.weights import TextCounts
from themetagger.tagger.theme_tagger import ThemeTagger

PAID, FED = [f"pay{i}" for i in range(60)], [f"eat{i}" for i in range(60)]  # what many words mean alike
STEPS = ("nfc", "lower")
ASKED: list[int] = []  # how many texts each call was asked of


@dataclass(frozen=True)
class Synonyms:
    """The mean over the words of a text of what they mean: of pay, of food, or of neither."""

    width: int = 3
    standardise: bool = False
    texts_a_second: float = 10_000.0
    nbytes: int = 1_000

    def encode(self, texts: Sequence[str]) -> Any:
        ASKED.append(len(texts))
        rows = [[("pay" in w, "eat" in w, len(w) % 3) for w in text.split()] or [(0, 0, 0)] for text in texts]
        return np.array([np.mean(row, axis=0) for row in rows], dtype=np.float32).reshape(len(texts), 3)

    def to_arrays(self) -> Mapping[str, Any]:
        return {}

    @classmethod
    def load(cls) -> Self:
        return cls()

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Any]) -> Self:
        return cls()


class Slow(Synonyms):
    """The same, as slow as sentence embeddings."""

    @classmethod
    def load(cls) -> Self:
        return cls(texts_a_second=20.0)


VIEW = SideBySide((TfidfConfig("words"), DenseConfig("synonyms", weight=1.0)))
SLOW = SideBySide((TfidfConfig("words"), DenseConfig("slow", weight=1.0)))
SETTINGS = {
    "ridge": {"alpha": 1.0, "class_weight": None},
    "kernel_svm": {"C": 1.0, "gamma": 1.0, "class_weight": None},
    "random_forest": {"n_estimators": 20, "min_samples_leaf": 2, "class_weight": None},
}


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    register(monkeypatch)


def register(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(ENCODERS, "synonyms", Synonyms)
    patch.setitem(ENCODERS, "slow", Slow)


def texts_of(n: int, seed: int) -> tuple[list[str], list[bool]]:
    """Texts of which some have two of many words for pay, each of which is rare."""
    rng, texts, paid = np.random.default_rng(seed), [], []
    for _ in range(n):
        has = bool(rng.random() < 0.4)
        words = [*rng.choice(COMMON, rng.integers(4, 9)), *rng.choice(PAID if has else FED, 2, replace=False)]
        texts.append(" ".join(rng.permutation(words)))
        paid.append(has)
    return texts, paid


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    texts, paid = texts_of(200, 0)
    frame = pd.DataFrame({"Processed Text": texts, "Themes": ["pay" if has else "" for has in paid]})
    return corpus_from_frame(frame)


@pytest.fixture(scope="module")
def features(corpus: Corpus) -> FoldFeatures:
    with pytest.MonkeyPatch.context() as patch:
        register(patch)
        inputs = inputs_of(corpus.texts, STEPS, ("word", "char_wb", "synonyms", "slow", "static"))
    return FoldFeatures(inputs, make_folds(corpus.labels, corpus.groups, n_folds=3))


@pytest.fixture(scope="module")
def result(corpus: Corpus) -> Any:
    return tune(corpus, **SMALL | {"trials": 1}).tagger.theme_results[0]


@pytest.fixture(scope="module")
def made(corpus: Corpus, features: FoldFeatures, result: Any) -> Any:
    """Taggers of one family on one view, and their fold models."""

    def make(family: str = "ridge", view: Any = VIEW, reduction: str = "") -> tuple[ThemeTagger, FoldModels]:
        with pytest.MonkeyPatch.context() as patch:
            register(patch)
            configuration = Configuration(family, SETTINGS[family], view, reduction=reduction)
            _, models = out_of_fold_scores(configuration, features, corpus.column("pay"))
            members = deployed_members(view, models, features)
            each = [[EnsembleMember(view, k, model)] for k, model in enumerate(models)]
            folds = features.folds
            encoder = build_encoder([(m.view, m.fold) for m in members], features.inputs, folds, STEPS)
            of_folds = build_encoder([(view, k) for k in range(3)], features.inputs, folds, STEPS)
            return ThemeTagger([result], {"pay": members}, encoder), FoldModels(of_folds, each)

    return make


@pytest.fixture(scope="module")
def tagger(made: Any) -> ThemeTagger:
    return made()[0]


def score(tagger: ThemeTagger, text: str) -> float:
    return float(tagger.scores([text])[0, 0])


def test_words_and_what_they_leave_of_the_meaning_of_the_whole_text_sum_to_the_score(tagger: ThemeTagger) -> None:
    for text in [*texts_of(20, 1)[0], "", "pay1", "day day day", "Pay3 eat7 unknown!"]:
        (found,) = tagger.explain(text, "pay")
        assert found.exact
        assert found.score == pytest.approx(score(tagger, text), abs=1e-9)
        of_terms = sum(word.contribution - word.of_meaning for word in found.words)
        assert found.base + of_terms + found.text_contributions["synonyms"] == pytest.approx(found.score, abs=1e-6)
        table = found.table()
        assert found.base + table["contribution"].sum() == pytest.approx(found.score, abs=1e-6)
        assert table["of_meaning"].sum() == pytest.approx(found.text_contributions["synonyms"], abs=1e-9)
        assert table["word"].tolist().count("meaning of the whole text (synonyms vectors)") == 1


def test_the_part_of_a_word_is_what_the_share_loses_without_it(tagger: ThemeTagger) -> None:
    """A word that was never seen has no n-gram, so that all it does is in the vectors."""
    text = "the office pay999 day"
    (found,) = tagger.explain(text, "pay")
    row = found.table().set_index("word").loc["pay999"]
    lost = score(tagger, text) - score(tagger, "the office day")
    assert (
        row["contribution"] == row["of_meaning"] == pytest.approx(score(tagger, text) - score(tagger, "the office day"))
    )
    assert row["of_meaning"] > 0.1
    assert found.left_out == "each word"
    (twice,) = tagger.explain("pay999 day pay999 people", "pay")
    shares = [word.of_meaning for word in twice.words if word.text == "pay999"]
    lost = score(tagger, "pay999 day pay999 people") - score(tagger, "day people")
    assert sum(shares) == pytest.approx(lost)
    assert shares[0] == shares[1]


def test_a_reader_is_told_of_the_whole_text(tagger: ThemeTagger) -> None:
    (found,) = tagger.explain("the office pay999 day", "pay")
    share = found.text_contributions["synonyms"]
    (note,) = found.notes()
    assert note.startswith(f"The meaning of the whole text (synonyms vectors) adds {share:+.3f} to the score; the part")
    assert f"<p>{note}</p>" in found._repr_html_()
    assert "of it by meaning" in found._repr_html_()
    listed = _listed(found, 1 if found.beyond_words["synonyms"] > 0 else -1)
    assert listed.endswith(f"meaning of the whole text (synonyms vectors) ({found.beyond_words['synonyms']:+.3f})")
    assert "pay999 (+" in _listed(found, 1)


def test_with_their_parts_words_explain_what_deleting_them_does_better_than_by_n_grams_alone(
    tagger: ThemeTagger,
) -> None:
    said, alone, lost = [], [], []
    for text in texts_of(60, 5)[0]:
        (found,) = tagger.explain(text, "pay")
        for word in sorted(found.words, key=lambda word: -abs(word.contribution))[:2]:
            left = " ".join(other for other in text.split() if other != word.text)
            places = [one for one in found.words if one.text == word.text]
            said.append(sum(one.contribution for one in places))
            alone.append(sum(one.contribution - one.of_meaning for one in places))
            lost.append(found.score - score(tagger, left))
    with_parts, without = (np.corrcoef(figures, lost)[0, 1] for figures in (said, alone))
    agree, agree_without = (np.mean(np.sign(figures) == np.sign(lost)) for figures in (said, alone))
    assert with_parts > 0.98 > 0.95 > without
    assert agree == 1.0 >= agree_without
    error, error_without = (np.abs(np.array(figures) - lost).mean() for figures in (said, alone))
    assert error < 0.5 * error_without


def test_with_the_vectors_of_the_package_a_word_that_was_never_seen_has_its_part(made: Any, corpus: Corpus) -> None:
    tagger, _ = made(view=SideBySide((TfidfConfig("words"), DenseConfig("static", weight=0.8))))
    text = "the salary of people here today"
    (found,) = tagger.explain(text, "pay")
    figures = found.table().set_index("word")
    assert figures["contribution"].sum() + found.base == pytest.approx(score(tagger, text), abs=1e-6)
    lost = score(tagger, text) - score(tagger, "the of people here today")
    assert figures.loc["salary", "contribution"] == figures.loc["salary", "of_meaning"] == pytest.approx(lost, abs=1e-6)
    assert lost > 0.1
    table = tagger.terms("pay", 3, corpus=corpus)
    assert table["term"].tolist()[-1] == "meaning of the whole text (static vectors)"
    assert table["of_meaning"][:6].notna().all()


def test_a_slow_encoder_is_asked_of_few_variants_and_not_at_all_in_brief(made: Any) -> None:
    tagger, _ = made(view=SLOW)
    text = " ".join(f"w{i}" for i in range(80)) + " pay999"
    ASKED.clear()
    (found,) = tagger.explain(text, "pay")
    assert sum(ASKED) <= 2 + 2 * 40  # two seconds for the parts, and two for the words that are needed
    assert found.left_out == "neighbours"
    assert "several neighbours at a time" in found.notes()[0]
    assert max(found.words, key=lambda word: word.of_meaning).text == "pay999"
    ASKED.clear()
    (brief,) = tagger.explain(text, "pay", brief=True)
    assert sum(ASKED) == 2
    assert (brief.left_out, brief.needed) == ("", ())
    assert brief.beyond_words == brief.text_contributions == pytest.approx(found.text_contributions)
    assert all(word.of_meaning == 0 for word in brief.words)
    assert "those of n-grams alone" in brief.notes()[0]
    assert brief.base + brief.table()["contribution"].sum() == pytest.approx(brief.score, abs=1e-6)


@pytest.mark.parametrize(("family", "reduction"), [("kernel_svm", ""), ("random_forest", "chi2:200")])
def test_models_that_are_not_linear_are_explained_with_the_columns_behind_the_terms(
    made: Any, corpus: Corpus, family: str, reduction: str
) -> None:
    tagger, _ = made(family, reduction=reduction)
    text = "the office pay999 pay1 day"
    (found,) = tagger.explain(text, "pay")
    assert not found.exact
    assert not found.text_contributions
    assert found.table()["of_meaning"].isna().all()
    word = found.table().set_index("word").loc["pay999", "contribution"]
    assert word == pytest.approx(score(tagger, text) - score(tagger, "the office pay1 day"))
    assert found.base + found.table()["contribution"].sum() == pytest.approx(found.score)
    assert "what the score loses without it" in found.notes()[-1]
    by_occlusion = tagger.terms("pay", 3, corpus=corpus)
    assert set(by_occlusion["measure"]) <= {"occlusion"}
    assert all(term.startswith("pay") for term in by_occlusion["term"][by_occlusion["side"] == "for"])


def test_splits_on_the_vectors_are_shown_as_such(made: Any) -> None:
    tagger, _ = made("random_forest", reduction="chi2:200")
    table = tagger.terms("pay", 3)
    assert table["kind"].tolist()[-1] == "text"
    assert table["term"].tolist()[-1] == "meaning of the whole text (synonyms vectors)"
    assert 0.2 < table["weight"].tolist()[-1] < 1
    assert (table["measure"] == "splits").all()
    assert tagger.terms("pay", 10_000)["weight"].sum() == pytest.approx(1)
    assert meaning_sentences(table) == []


def test_terms_say_how_much_of_the_variance_is_of_the_whole_text(tagger: ThemeTagger, corpus: Corpus) -> None:
    table = tagger.terms("pay", 5, corpus=corpus)
    row = table.iloc[-1]
    assert (row["kind"], row["measure"], row["side"]) == ("text", "share of variance", "")
    shares = DenseShares.of(linear_models(tagger.members["pay"]), tagger.encoder)
    dense, scores = shares.of_texts("synonyms", corpus.texts), tagger.scores(corpus.texts)[:, 0]
    assert row["weight"] == pytest.approx(np.cov(dense, scores)[0, 1] / np.var(scores, ddof=1), abs=1e-5)
    assert row[["of_meaning", "odds_ratio", "texts", "model_odds_ratio"]].isna().all()
    (sentence,) = meaning_sentences(table)
    assert sentence.startswith(
        f"{100 * row['weight']:.0f} % of the variance of the scores is meaning of the whole text"
    )
    assert "include their part in it" in sentence


def test_the_part_of_a_word_is_what_texts_that_have_it_lose_on_average(tagger: ThemeTagger, corpus: Corpus) -> None:
    table = tagger.terms("pay", 5, corpus=corpus).query("kind == 'word'")
    shares = DenseShares.of(linear_models(tagger.members["pay"]), tagger.encoder)
    for row in table.itertuples():
        having = [text for text in corpus.texts if row.term in text.split()]
        having = [having[int(i)] for i in np.linspace(0, len(having) - 1, min(10, len(having)))]
        left = [" ".join(word for word in text.split() if word != row.term) for text in having]
        lost = shares.of_texts("synonyms", having) - shares.of_texts("synonyms", left)
        assert row.of_meaning == pytest.approx(lost.mean(), abs=1e-6)
        alone = tagger.terms("pay", 10_000, corpus=corpus, by="term").set_index("term")
        assert row.weight - row.of_meaning == pytest.approx(alone.loc[row.term, "weight"])
    paid = table[table["term"].str.startswith("pay")]
    assert len(paid) == 5
    assert (paid["of_meaning"] > 0.3 * paid["weight"]).all()


def test_words_whose_meaning_alone_speaks_for_the_theme_are_found(tagger: ThemeTagger, corpus: Corpus) -> None:
    """Looking at few words finds those with nearly the greatest weights of all; by n-grams alone they are others."""
    every, by_terms = tagger.terms("pay", 10_000, corpus=corpus), tagger.terms("pay", 8, corpus=corpus, by="term")
    few = tagger.terms("pay", 8, corpus=corpus)["term"].tolist()[:8]
    weights = every.set_index("term")["weight"]
    greatest = weights.nlargest(8).sum()
    assert weights[few].sum() > 0.9 * greatest > weights[by_terms["term"].tolist()[:8]].sum()


def test_where_the_words_parts_are_not_known_the_table_says_so(tagger: ThemeTagger, corpus: Corpus, made: Any) -> None:
    slow, _ = made(view=SLOW)
    cases = [
        (tagger.terms("pay", 3), "takes the texts to say", True),
        (tagger.terms("pay", 3, corpus=corpus, by="term"), "is meaning of the whole text (synonyms", False),
        (slow.terms("pay", 3, corpus=corpus), "is meaning of the whole text (slow", False),
    ]
    for table, expected, unknown in cases:
        assert table["of_meaning"].isna().all()
        (sentence,) = meaning_sentences(table)
        assert expected in sentence
        assert "of n-grams alone" in sentence
        assert bool(np.isnan(table["weight"].tolist()[-1])) == unknown


def test_models_of_n_grams_alone_have_no_such_row(made: Any, corpus: Corpus) -> None:
    tagger, _ = made(view=TfidfConfig("words"))
    table = tagger.terms("pay", 3, corpus=corpus)
    assert set(table["kind"]) == {"word"}
    assert (table["of_meaning"] == 0).all()
    assert meaning_sentences(table) == []
    (found,) = tagger.explain("the office pay1 day", "pay")
    assert (found.notes(), found.text_contributions, found.left_out) == ([], {}, "")
    assert (found.table()["of_meaning"] == 0).all()


def test_fold_models_differ_in_their_dense_weights_too(made: Any, corpus: Corpus) -> None:
    tagger, folds = made()
    table = tagger.terms("pay", 3, corpus=corpus, folds=folds).query("kind == 'word'")
    middle = np.log(table["model_odds_low"] * table["model_odds_high"]) / 2
    assert middle.tolist() == pytest.approx(np.log(table["model_odds_ratio"]).tolist())
    each = []
    for ensemble in folds.ensembles:
        alone = replace(tagger.theme_results[0])
        fold = ThemeTagger([alone], {"pay": tuple(ensemble)}, folds.encoder)
        all_words = fold.terms("pay", 10_000, corpus=corpus).set_index("term")["weight"]
        each.append([all_words.get(term, 0.0) for term in table["term"]])
    assert table["fold_spread"].tolist() == pytest.approx(np.std(each, axis=0, ddof=1).tolist(), abs=1e-6)


def test_texts_are_encoded_once_for_all_themes(tagger: ThemeTagger, corpus: Corpus) -> None:
    counts = TextCounts(tagger.encoder.counts(corpus.texts))
    first = tagger.terms("pay", 5, corpus=corpus, counts=counts)
    ASKED.clear()
    again = tagger.terms("pay", 5, corpus=corpus, counts=counts)
    assert ASKED == []
    pd.testing.assert_frame_equal(first, again)


def test_a_theme_without_dense_columns_asks_no_encoder(made: Any, result: Any) -> None:
    both, _ = made()
    words = both.members["pay"][0]
    n_terms = both.encoder.views[words.view, None].n_terms
    scorer = replace(words.model.scorer, weights=words.model.scorer.weights[:n_terms])
    view = TfidfConfig("words")
    views = {**both.encoder.views, (view, None): replace(both.encoder.views[words.view, None], dense=())}
    alone = replace(words, view=view, model=replace(words.model, scorer=scorer))
    tagger = ThemeTagger(
        [result, replace(result, theme="other")],
        {"pay": (alone,), "other": (words,)},
        replace(both.encoder, views=views, _counters={}),
    )
    ASKED.clear()
    tagger.explain("pay1 day", "pay")
    assert ASKED == []
    tagger.explain("pay1 day", "other")
    assert ASKED
