"""The words that speak most for and against a theme: their weights in its models, and odds ratios in tagged texts.

A weight is what a word adds to the score of a text that has it, on average: its weights in the models times the values
that it has there. Character n-grams are added up to the words that they make up. Where models also see the vectors of
a text encoder, a word's part in what these add is found by leaving it out of some texts, and what they are in all has a
row of its own. Where a model is not linear, the weight is what the score of a text loses without the word (occlusion),
or the share of the trees' splits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.special import expit, logit

from themetagger._utils.faces import option
from themetagger.features import ANALYSERS, count_terms, without_word
from themetagger.features.encoder import Encoder
from themetagger.features.preprocessing import clean
from themetagger.models.ensemble import EnsembleMember
from themetagger.selection.theme_result import ThemeResult
from themetagger.tagger.explain.dense_shares import DenseShares, encoders_of, linear_models, texts_a_second
from themetagger.tagger.explain.meaning_in_texts import MeaningInTexts
from themetagger.tagger.explain.meaning_of_words import OF_TEXT, MeaningOfWords, with_shares
from themetagger.tagger.explain.occlusion import LONGEST
from themetagger.tagger.explain.odds import jackknife
from themetagger.tagger.explain.odds_in_texts import Tagged, in_texts, odds_of
from themetagger.tagger.explain.weights import TermWeights, TextCounts, split_shares, term_weights

if TYPE_CHECKING:
    import pandas as pd


Floats = npt.NDArray[np.float64]
By = Literal["word", "term"]
KINDS = {"word": "word", "char_wb": "characters"}
COLUMNS = (
    *("term", "kind", "side", "measure", "weight", "of_characters", "of_meaning", "fold_spread"),
    *("texts", "share_with", "share_without", "odds_ratio", "odds_low", "odds_high", "beyond_chance", "strength"),
    *("model_odds_ratio", "model_odds_low", "model_odds_high", "model_effect"),
)
# Of an occlusion: words tried for each that is shown, texts for each word, and characters of a text
CANDIDATES, EXAMPLES = 3, 20
SECONDS = 30.0  # of an occlusion with a slow text encoder


@dataclass(frozen=True)
class FoldModels:
    """The fold models that were merged into the deployed ones, an ensemble for each fold, and their encoder."""

    encoder: Encoder
    ensembles: Sequence[Sequence[EnsembleMember]]


@dataclass(frozen=True)
class ThemeModel:
    """The parts of a tagger that tag one theme."""

    theme_result: ThemeResult
    members: Sequence[EnsembleMember]
    encoder: Encoder
    score_of: Callable[[Sequence[str]], Floats]

    @property
    def linear(self) -> bool:
        """Whether all models are linear, and see terms."""
        views = [self.encoder.views[member.view, member.fold] for member in self.members]
        linear = len(linear_models(self.members)) == len(self.members)
        return linear and any(fitted.n_terms > 0 for fitted in views)

    @property
    def shares(self) -> DenseShares:
        """What text encoders add where the models are linear."""
        return DenseShares.of(linear_models(self.members), self.encoder)


def top_terms(
    parts: ThemeModel, *, top: int = 20, tagged: Tagged | None = None, folds: FoldModels | None = None, by: By = "word"
) -> pd.DataFrame:
    """The terms that speak most for a theme, and those that speak most against it; see ``ThemeTagger.terms``."""
    if by not in ("word", "term"):
        raise ValueError(f"{option('by')} must be 'word' or 'term', but is {by!r}.")
    if top < 1:
        raise ValueError(f"{option('top')} must be at least 1, but is {top}.")
    import pandas as pd

    cleaned = None if tagged is None else clean(tagged.texts, parts.encoder.steps)
    if parts.linear:
        table, tested = _by_weight(parts, top, tagged, by, folds)
    elif cleaned is not None and tagged is not None:
        table, tested = _by_occlusion(parts, top, tagged, cleaned)
    else:
        table, tested = _by_splits(parts, top)
    of_texts = table["kind"] == OF_TEXT
    words = table[~of_texts]
    if cleaned is not None and tagged is not None:
        words = words.assign(**in_texts(words, cleaned, tagged, tested, parts.encoder))
    if parts.linear or tagged is not None:
        words = words.assign(**_in_model(words, parts.theme_result, tagged))
    table = pd.concat([words, table[of_texts]], ignore_index=True) if of_texts.any() else words
    table = table.reindex(columns=list(COLUMNS)).astype({"strength": object, "texts": "Int64"})
    return table.assign(strength=table["strength"].fillna(""))


def _by_weight(
    parts: ThemeModel, top: int, tagged: Tagged | None, by: By, folds: FoldModels | None
) -> tuple[pd.DataFrame, int]:
    """Terms by their weights in linear models, the share of each text encoder, and the number of all terms."""
    counts = None if tagged is None else tagged.counts or TextCounts(parts.encoder.counts(tagged.texts))
    model = term_weights(parts.members, parts.encoder, counts)
    analysers, terms = _candidates(parts.encoder, by, tagged)
    weights = _weights(model, analysers, terms)
    meaning = MeaningOfWords(parts.shares, _meaning(parts, counts, tagged), by == "word" and set(analysers) <= {"word"})
    tried = meaning.tried(terms, weights, top, _furthest)
    of_meaning = meaning.parts([terms[i] for i in tried])
    total = weights[tried] + np.nan_to_num(of_meaning)
    best = _furthest(total, top)
    shown = tried[best]
    table = _table([terms[i] for i in shown], [analysers[i] for i in shown], total[best], "weights")
    table["of_meaning"] = of_meaning[best]
    if by == "word":
        table["of_characters"] = np.where(
            table["kind"] == "characters", table["weight"], model.of_characters(table["term"].tolist())
        )
    if folds is not None:
        table = table.assign(**_of_folds(table, folds, tagged, parts.theme_result, meaning))
    return with_shares(table, meaning.variance(linear_models(parts.members))), len(terms)


def _meaning(
    parts: ThemeModel, counts: Mapping[str, sp.csr_array] | None, tagged: Tagged | None
) -> MeaningInTexts | None:
    """What the text encoders say of the texts, which were counted; the same for all themes that share the counts."""
    if counts is None or tagged is None:
        return None
    make = partial(MeaningInTexts, parts.encoder, tagged.texts, counts)
    return counts.meaning_in(make) if isinstance(counts, TextCounts) else make()


def _candidates(encoder: Encoder, by: By, tagged: Tagged | None) -> tuple[list[str], list[str]]:
    """The analyser of each term that may be shown, and the term."""
    known = encoder.vocabulary
    words = list(known.get("word", ()))
    if by == "word" and not words and tagged is not None:
        counted = count_terms(clean(tagged.texts, encoder.steps), "word", min_df=2, signs=encoder.signs)
        words = [word for word in counted.terms if " " not in word]
    if by == "word" and words:
        return ["word"] * len(words), words
    pairs = [(name, term) for name, terms in known.items() for term in terms]
    return [name for name, _ in pairs], [term for _, term in pairs]


def _weights(model: TermWeights, analysers: Sequence[str], terms: Sequence[str]) -> Floats:
    """What each term is worth; words, where there is nothing else, with the n-grams that make them up."""
    return model.of_words(terms) if set(analysers) <= {"word"} else _own_weights(model, analysers, terms)


def _furthest(weights: Floats, top: int) -> npt.NDArray[np.int64]:
    """The numbers of the greatest weights above 0, greatest first, and of the least below 0, least first."""
    order = np.argsort(-weights, kind="stable")
    most, least = order[:top], order[::-1][:top]
    return np.concatenate([most[weights[most] > 0], least[weights[least] < 0]])


def _table(terms: Sequence[str], analysers: Sequence[str], weights: Floats, measure: str) -> pd.DataFrame:
    import pandas as pd

    kinds = [
        "pair" if a == "word" and " " in term else KINDS.get(a, OF_TEXT)
        for a, term in zip(analysers, terms, strict=True)
    ]
    sides = np.where(weights > 0, "for", "against")
    return pd.DataFrame({"term": terms, "kind": kinds, "side": sides, "measure": measure, "weight": weights})


def _of_folds(
    table: pd.DataFrame, folds: FoldModels, tagged: Tagged | None, theme_result: ThemeResult, meaning: MeaningOfWords
) -> dict[str, Floats]:
    """How the weights differ between the fold models, and what that says of the model's odds ratios."""
    counts = None if tagged is None else folds.encoder.counts(tagged.texts)
    words, slope = table["term"].tolist(), theme_result.calibration[0]
    analysers = ["char_wb" if kind == "characters" else "word" for kind in table["kind"]]
    whole_words = "of_characters" in table
    rows = []
    for ensemble in folds.ensembles:
        model = term_weights(ensemble, folds.encoder, counts)
        of_terms = (_weights if whole_words else _own_weights)(model, analysers, words)
        of_meaning = meaning.parts(words, DenseShares.of(linear_models(ensemble), folds.encoder))
        rows.append(of_terms + np.nan_to_num(of_meaning))
    of_folds = np.array(rows).reshape(len(folds.ensembles), len(table))
    _, reach = jackknife(of_folds)
    middle = table["weight"].to_numpy()
    with np.errstate(over="ignore"):
        low, high = np.exp(slope * (middle - reach)), np.exp(slope * (middle + reach))
    return {"fold_spread": of_folds.std(axis=0, ddof=1), "model_odds_low": low, "model_odds_high": high}


def _own_weights(model: TermWeights, analysers: Sequence[str], terms: Sequence[str]) -> Floats:
    """What each term is worth by itself."""
    weights = np.zeros(len(terms))
    for name in dict.fromkeys(analysers):
        places = [i for i, analyser in enumerate(analysers) if analyser == name]
        weights[places] = model.of_terms(name, [terms[i] for i in places])
    return weights


def _by_occlusion(parts: ThemeModel, top: int, tagged: Tagged, cleaned: Sequence[str]) -> tuple[pd.DataFrame, int]:
    """Words by what the score loses without them; those with the most surprising odds ratios are tried.

    With a slow text encoder fewer words are tried, and of fewer texts each.
    """
    counted = count_terms(cleaned, "word", min_df=3, signs=parts.encoder.signs)
    single = np.flatnonzero(counted.sizes == 1)
    present, words = counted.matrix[:, single], [counted.terms[i] for i in single]
    if not words:
        return _table([], [], np.zeros(0), "occlusion"), 0
    odds = odds_of(present, tagged)[0]
    affordable = SECONDS * texts_a_second(encoders_of(parts.members, parts.encoder)) / (4 * top)  # for each shown
    candidates = CANDIDATES if affordable >= CANDIDATES * EXAMPLES else 1
    examples = int(min(EXAMPLES, max(1, affordable / candidates)))
    tried = _furthest(odds.z, candidates * top)
    by_word = sp.csc_array(present[:, tried])
    texts = [_examples(by_word, n, cleaned, examples) for n in range(len(tried))]
    weights = np.array([_loss(parts, words[i], some) for i, some in zip(tried, texts, strict=True)])
    shown = _furthest(weights, top)
    return _table([words[tried[i]] for i in shown], ["word"] * len(shown), weights[shown], "occlusion"), len(words)


def _examples(present: sp.csc_array, column: int, cleaned: Sequence[str], most: int) -> list[str]:
    """Some texts that have a word, drawn evenly, each cut to ``LONGEST`` characters."""
    rows = present.indices[present.indptr[column] : present.indptr[column + 1]]
    rows = rows[np.linspace(0, len(rows) - 1, min(most, len(rows))).astype(int)]
    return [cleaned[row][:LONGEST] for row in rows]


def _loss(parts: ThemeModel, word: str, texts: Sequence[str]) -> float:
    """What the scores of texts lose without a word, on average over those that have it."""
    texts = [text for text in texts if word in text] or [word]  # a long text may have been cut before it
    without = [without_word(text, word) for text in texts]
    scores = parts.score_of([*texts, *without])
    return float(np.mean(scores[: len(texts)] - scores[len(texts) :]))


def _by_splits(parts: ThemeModel, top: int) -> tuple[pd.DataFrame, int]:
    """Terms by how many splits of trees are on them, which does not say whether they are for or against."""
    try:
        shares = split_shares(parts.members, parts.encoder)
    except ValueError:
        raise ValueError(
            f"theme {parts.theme_result.theme!r} has {parts.theme_result.family}, whose models have no weights of "
            "terms; give the training texts (corpus=...), and the effect of leaving out their words is measured."
        ) from None
    order = sorted(shares, key=lambda name: (-shares[name], name))
    of_texts = [name for name in order if name[0] not in ANALYSERS]
    order = [*[name for name in order if name[0] in ANALYSERS][:top], *of_texts]
    table = _table(
        [term for _, term in order], [name for name, _ in order], np.array([shares[n] for n in order]), "splits"
    )
    return table.assign(side=""), len(shares)


def _in_model(table: pd.DataFrame, theme_result: ThemeResult, tagged: Tagged | None) -> Mapping[str, Floats]:
    """What the weights do to the odds that the tagger gives, and to a probability at the theme's base rate."""
    logs = theme_result.calibration[0] * table["weight"].to_numpy(dtype=np.float64)
    rows = theme_result.counts.tp + theme_result.counts.fp + theme_result.counts.fn + theme_result.counts.tn
    base = (
        float(tagged.truth.mean())
        if tagged is not None
        else (theme_result.counts.tp + theme_result.counts.fn) / max(1, rows)
    )
    with np.errstate(over="ignore"):  # infinite where a model separates its texts without error
        ratios = np.exp(logs)
    return {"model_odds_ratio": ratios, "model_effect": expit(logit(base) + logs) - base}
