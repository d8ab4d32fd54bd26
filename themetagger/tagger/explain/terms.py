"""The words that speak most for and against a theme: their weights in its models, and odds ratios in tagged texts.

A weight is what a word adds to the score of a text that has it, on average: its weights in the models times the values
that it has there. Character n-grams are added up to the words that they make up. Where a model is not linear, the
weight is what the score of a text loses without the word (occlusion), or the share of the trees' splits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.special import expit, logit

from themetagger.features import count_terms, without_word
from themetagger.features.encoder import Encoder
from themetagger.features.preprocessing import clean
from themetagger.models.ensemble import EnsembleMember
from themetagger.selection.theme_result import ThemeResult
from themetagger.tagger.explain.odds import jackknife
from themetagger.tagger.explain.odds_in_texts import Tagged, in_texts, odds_of
from themetagger.tagger.explain.weights import TermWeights, split_shares, term_weights

if TYPE_CHECKING:
    import pandas as pd


Floats = npt.NDArray[np.float64]
By = Literal["word", "term"]
KINDS = {"word": "word", "char_wb": "characters"}
COLUMNS = (
    *("term", "kind", "side", "measure", "weight", "of_characters", "fold_spread"),
    *("texts", "share_with", "share_without", "odds_ratio", "odds_low", "odds_high", "beyond_chance", "strength"),
    *("model_odds_ratio", "model_odds_low", "model_odds_high", "model_effect"),
)
# Of an occlusion: words tried for each that is shown, texts for each word, and characters of a text
CANDIDATES, EXAMPLES, LONGEST = 3, 20, 20_000


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
        views = self.encoder.views
        return all(
            member.model.linear_weights is not None and views[member.view, member.fold].n_terms > 0
            for member in self.members
        )


def top_terms(
    parts: ThemeModel, *, top: int = 20, tagged: Tagged | None = None, folds: FoldModels | None = None, by: By = "word"
) -> pd.DataFrame:
    """The terms that speak most for a theme, and those that speak most against it; see ``ThemeTagger.terms``."""
    if by not in ("word", "term"):
        raise ValueError(f"by must be 'word' or 'term', but is {by!r}.")
    if top < 1:
        raise ValueError(f"top must be at least 1, but is {top}.")
    cleaned = None if tagged is None else clean(tagged.texts, parts.encoder.steps)
    if parts.linear:
        table, tested = _by_weight(parts, top, tagged, by, folds)
    elif cleaned is not None and tagged is not None:
        table, tested = _by_occlusion(parts, top, tagged, cleaned)
    else:
        table, tested = _by_splits(parts, top)
    if cleaned is not None and tagged is not None:
        table = table.assign(**in_texts(table, cleaned, tagged, tested, parts.encoder))
    table = (
        table.assign(**_in_model(table, parts.theme_result, tagged)) if parts.linear or tagged is not None else table
    )
    table = table.reindex(columns=list(COLUMNS)).astype({"strength": object, "texts": "Int64"})
    return table.assign(strength=table["strength"].fillna(""))


def _by_weight(
    parts: ThemeModel, top: int, tagged: Tagged | None, by: By, folds: FoldModels | None
) -> tuple[pd.DataFrame, int]:
    """Terms by their weights in linear models, and the number of all terms."""
    counts = None if tagged is None else tagged.counts or parts.encoder.counts(tagged.texts)
    model = term_weights(parts.members, parts.encoder, counts)
    analysers, terms = _candidates(parts.encoder, by, tagged)
    weights = _weights(model, analysers, terms)
    shown = _furthest(weights, top)
    table = _table([terms[i] for i in shown], [analysers[i] for i in shown], weights[shown], "weights")
    if by == "word":
        table["of_characters"] = np.where(
            table["kind"] == "characters", table["weight"], model.of_characters(table["term"].tolist())
        )
    if folds is not None:
        table = table.assign(**_of_folds(table, folds, tagged, parts.theme_result))
    return table, len(terms)


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

    kinds = ["pair" if a == "word" and " " in term else KINDS[a] for a, term in zip(analysers, terms, strict=True)]
    sides = np.where(weights > 0, "for", "against")
    return pd.DataFrame({"term": terms, "kind": kinds, "side": sides, "measure": measure, "weight": weights})


def _of_folds(
    table: pd.DataFrame, folds: FoldModels, tagged: Tagged | None, theme_result: ThemeResult
) -> dict[str, Floats]:
    """How the weights differ between the fold models, and what that says of the model's odds ratios."""
    counts = None if tagged is None else folds.encoder.counts(tagged.texts)
    words, slope = table["term"].tolist(), theme_result.calibration[0]
    analysers = ["char_wb" if kind == "characters" else "word" for kind in table["kind"]]
    whole_words = "of_characters" in table
    rows = []
    for ensemble in folds.ensembles:
        model = term_weights(ensemble, folds.encoder, counts)
        rows.append((_weights if whole_words else _own_weights)(model, analysers, words))
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
    """Words by what the score loses without them; those with the most surprising odds ratios are tried."""
    counted = count_terms(cleaned, "word", min_df=3, signs=parts.encoder.signs)
    single = np.flatnonzero(counted.sizes == 1)
    present, words = counted.matrix[:, single], [counted.terms[i] for i in single]
    if not words:
        return _table([], [], np.zeros(0), "occlusion"), 0
    odds = odds_of(present, tagged)[0]
    tried = _furthest(odds.z, CANDIDATES * top)
    by_word = sp.csc_array(present[:, tried])
    weights = np.array([_loss(parts, words[i], _examples(by_word, n, cleaned)) for n, i in enumerate(tried)])
    shown = _furthest(weights, top)
    return _table([words[tried[i]] for i in shown], ["word"] * len(shown), weights[shown], "occlusion"), len(words)


def _examples(present: sp.csc_array, column: int, cleaned: Sequence[str]) -> list[str]:
    """Some texts that have a word, drawn evenly, each cut to ``LONGEST`` characters."""
    rows = present.indices[present.indptr[column] : present.indptr[column + 1]]
    rows = rows[np.linspace(0, len(rows) - 1, min(EXAMPLES, len(rows))).astype(int)]
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
    order = sorted(shares, key=lambda name: (-shares[name], name))[:top]
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
