"""What an explanation is worth: words that it names are taken out of texts, and as many words drawn at random.

    python tests/benchmarks/explanations.py FOLDER... [--families ridge,sparse_svm] [--trials 2] [--min-positives 60]

Each FOLDER has a train.csv, on which a tagger is tuned, once for each --families, and a test.csv, of which 200 texts
that have a tag are explained (one of their tags, drawn). The words taken out are the five that contribute most, and at
most a third of the text; all draws have the seed 0.
Printed: how far the score falls, in standard deviations of the theme's scores of these texts; how often it falls
further than with random words (mean of five draws); how often the tag falls; for linear winners how far base and
contributions are from the score. And for the three words that contribute most, either way, taken out one by one: the
correlation of what the explanation says with how far the score falls, and how often both have the same sign; beside
them the same for n-grams alone, without the words' part in what text encoders add.

For models whose explanation is by occlusion (trees, kernels) the words are ranked by the very loss that is measured
here, one word at a time: that they beat random words is all but certain, and shows no more than that words taken out
together do what they do alone. For linear models they are ranked by weights, which is nearly the same. So another
ranking stands beside, which knows the theme and no model: as many words of the text, those whose odds ratio for the
theme in train.csv is greatest at the lower end of its interval ("by odds"; "further than odds": how often the named
words make the score fall further).
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd

from themetagger.corpus import Corpus, read_corpus
from themetagger.runs.tune import tune
from themetagger.tagger.explain.explanation import Explanation
from themetagger.tagger.explain.odds import odds_ratios
from themetagger.tagger.theme_tagger import ThemeTagger

TEXTS, WORDS, DRAWS, SINGLE = 200, 5, 5, 3
KINDS = ("ridge,sparse_svm", "random_forest")  # linear, and not


def without(text: str, words: set[str]) -> str:
    """The text without all places of some words."""
    return " ".join(word for word in text.split() if word not in words)


class WordOdds:
    """Odds ratios of themes with words, as counted in a train set."""

    def __init__(self, corpus: Corpus) -> None:
        """Count each word once a text."""
        self.corpus, self.words = corpus, [set(text.lower().split()) for text in corpus.texts]
        self.all = Counter(chain.from_iterable(self.words))
        self.with_theme: dict[str, Counter[str]] = {}

    def first(self, words: list[str], theme: str, count: int) -> set[str]:
        """The words that speak for the theme most surely."""
        truth = self.corpus.column(theme)
        if theme not in self.with_theme:
            having = (self.words[i] for i in np.flatnonzero(truth))
            self.with_theme[theme] = Counter(chain.from_iterable(having))
        here = np.array([self.with_theme[theme][word.lower()] for word in words])
        total, positives = np.array([self.all[word.lower()] for word in words]), int(truth.sum())
        low = odds_ratios(here, total - here, positives, len(truth) - positives).low
        return {words[i] for i in np.argsort(-low, kind="stable")[:count]}


def single_words(tagger: ThemeTagger, found: Explanation) -> list[tuple[float, float, float]]:
    """Of the words that contribute most: what is said, what of it is of n-grams, and how far the score falls."""
    words = found.table().query("word in @found.text.split()")
    words = words.loc[words["contribution"].abs().nlargest(SINGLE).index]
    j = tagger.themes.index(found.theme)
    after = tagger.scores([without(found.text, {word}) for word in words["word"]])[:, j]
    said, meaning = words["contribution"].to_numpy(), words["of_meaning"].fillna(0).to_numpy()
    return list(zip(said, said - meaning, found.score - after, strict=True))


def agreement(said: np.ndarray, lost: np.ndarray) -> tuple[float, float]:
    """The correlation of two figures, and how often they have the same sign."""
    return float(np.corrcoef(said, lost)[0, 1]), float((np.sign(said) == np.sign(lost)).mean())


def measure(tagger: ThemeTagger, odds: WordOdds, texts: list[str], draw: np.random.Generator) -> dict[str, float]:
    """The figures of one tagger."""
    scores = tagger.scores(texts)
    assigned = scores >= np.array(list(tagger.thresholds.values()))
    tagged = np.flatnonzero(assigned.any(axis=1))
    chosen = np.sort(draw.permutation(tagged)[:TEXTS])
    spread, rows, seconds, singles = scores[chosen].std(axis=0), [], 0.0, []
    for i in chosen:
        j = int(draw.choice(np.flatnonzero(assigned[i])))
        begun = time.perf_counter()
        (found,) = tagger.explain(texts[i], tagger.themes[j])
        seconds += time.perf_counter() - begun
        words = [word for word in found.table()["word"] if word in texts[i].split()]
        singles += single_words(tagger, found)
        count = max(1, min(WORDS, len(words) // 3))
        random = [set(draw.choice(words, count, replace=False)) for _ in range(DRAWS)]
        by_odds = odds.first(words, tagger.themes[j], count)
        after = tagger.scores([without(texts[i], some) for some in (by_odds, set(words[:count]), *random)])[:, j]
        (of_odds, *falls), after = (scores[i, j] - after) / spread[j], after[1:]
        gap = abs(found.base + found.table()["contribution"].sum() - scores[i, j]) if found.exact else np.nan
        drops = after < found.threshold
        rows.append((falls[0], np.mean(falls[1:]), of_odds, drops[0], drops[1:].mean(), gap))
    named, other, by_odds, drops, drops_other, gaps = np.array(rows, dtype=float).T
    said, of_terms, lost = np.array(singles).T
    (r, sign), (r_terms, sign_terms) = agreement(said, lost), agreement(of_terms, lost)
    return {
        "texts": len(rows),
        "falls by, named": named.mean(),
        "random": other.mean(),
        "further": (named > other).mean(),
        "by odds": by_odds.mean(),
        "further than odds": (named > by_odds).mean(),
        "tag falls, named": drops.mean(),
        "random ": drops_other.mean(),
        "largest gap": np.nan if np.isnan(gaps).all() else np.nanmax(gaps),
        "r of one word": r,
        "r, n-grams": r_terms,
        "same sign": sign,
        "sign, n-grams": sign_terms,
        "ms": 1000 * seconds / len(rows),
    }


def main() -> None:
    """A table of all folders."""
    options = read_options()
    settings = {"trials": options.trials, "min_positives": options.min_positives, "alike": "keep"}
    table = []
    for folder in options.folders:
        texts = list(read_corpus(folder / "test.csv", alike="keep").texts)
        odds = WordOdds(read_corpus(folder / "train.csv", alike="keep"))
        for families in options.families or KINDS:
            names = tuple(families.split(","))
            tagger = tune(folder / "train.csv", families=names, show_progress=False, n_jobs=1, **settings).tagger
            table.append(
                {"set": folder.name, "families": families} | measure(tagger, odds, texts, np.random.default_rng(0))
            )
            print(pd.DataFrame(table[-1:]).to_string(index=False, float_format="{:.3g}".format), flush=True)
    print(pd.DataFrame(table).to_string(index=False, float_format="{:.3g}".format))


def read_options() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--families", action="append", help="names with commas; may come again; default both kinds")
    parser.add_argument("--trials", type=int, default=2)
    parser.add_argument("--min-positives", type=int, default=60, help="themes with fewer texts are left out")
    return parser.parse_args()


if __name__ == "__main__":
    main()
