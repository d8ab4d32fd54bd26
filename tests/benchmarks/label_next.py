"""What labels are worth that label_next asks for, beside as many random ones, and those of the most uncertain texts.

usage: python tests/benchmarks/label_next.py FOLDER [FOLDER ...] [--measure train-split|test] [--seeds 5] [--ways ...]

Each folder has a train.csv; its test.csv is read with --measure test alone, which is for the final report: everything
was chosen with --measure train-split, on a seeded 30 % of train.csv. The rest of train.csv (or all of it) plays the
unlabelled texts. For each seed 250 of them are labelled at random; then 5 times 50 more, those that each way asks for,
and a tagger is fitted anew after each (ridge of all themes at once, penalty 1.6, words and characters, calibrated and
cut on 3 folds; a theme needs 3 labelled texts). Measured is the macro average precision on the held-out texts over the
themes with 30 texts or more in train.csv; a theme without a model counts its frequency, which is what luck would give.

A row a way: the mean over seeds after the last round, its standard deviation, the mean paired difference from random
and from uncertainty alone with their standard errors, and the same difference from random as a mean over all rounds.
Below, for each folder, what limits the figures: where it begins, what all labels of the pool would give, and what a way
that knew all labels would get ("oracle", with --ways).
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import scipy.linalg as la
import scipy.sparse as sp

from themetagger.corpus import Corpus, hold_out, make_folds, read_corpus
from themetagger.features import (
    ANALYSERS,
    CountLayouts,
    FoldFeatures,
    TermCounts,
    TrainingRows,
    count_known,
    count_terms,
)
from themetagger.features.encoder import Encoder
from themetagger.features.preprocessing import DEFAULT_STEPS, clean
from themetagger.insights.labelling.batch_choice import choose, likenesses, uncertainty
from themetagger.insights.labelling.label_next import label_next
from themetagger.insights.labelling.prospects import Look, asked_of
from themetagger.models.ensemble import EnsembleMember, ReducedModel
from themetagger.models.families.first_trials import PLATEAU
from themetagger.models.scorers import LinearScorer
from themetagger.selection.calibration import fit_calibration
from themetagger.selection.confusion import Confusion
from themetagger.selection.objectives import PrecisionFirst
from themetagger.selection.operating_points import operating_points
from themetagger.selection.theme_result import ThemeResult
from themetagger.tagger.theme_tagger import ThemeTagger

START, ROUNDS, BATCH, FOLDS, PENALTY = 250, 5, 50, 3, 1.6
Rows = np.ndarray


class Remembering(Encoder):
    """An encoder of texts that were counted before."""

    memory: dict[str, int]
    matrices: dict[str, sp.csr_array]

    def __post_init__(self) -> None:
        """Number no term: nothing is counted again."""

    def layouts(self, texts):
        """The rows that were counted."""
        rows = [self.memory[text] for text in texts]
        return {name: CountLayouts(matrix[rows]) for name, matrix in self.matrices.items()}


class Pool:
    """The texts that may be labelled, and those measured on."""

    def __init__(self, folder: Path, measure: str) -> None:
        whole = read_corpus(folder / "train.csv")
        test = measure == "test"
        self.texts, self.held = (
            (whole, read_corpus(folder / "test.csv")) if test else hold_out(whole, share=0.3, seed=0)
        )
        held = dict(zip(self.held.themes, self.held.support(), strict=True))
        enough = [theme for theme in whole.themes if whole.column(theme).sum() >= 30 and held.get(theme)]
        self.themes = tuple(theme for theme in enough if self.texts.column(theme).any())
        self.truth = self.texts.align(self.themes).toarray()
        self.held_truth = self.held.align(self.themes).toarray()
        found = clean(self.texts.texts)
        self.counts = {name: count_terms(found, name, min_df=2) for name in ANALYSERS}
        new = clean(self.held.texts)
        more = {name: count_known(new, name, counts.terms) for name, counts in self.counts.items()}
        self.matrices = {n: sp.csr_array(sp.vstack([c.matrix, more[n]], format="csr")) for n, c in self.counts.items()}
        everything = [*self.texts.texts, *self.held.texts]
        self.memory = {text: row for row, text in reversed(list(enumerate(everything)))}

    def labelled(self, rows: Rows) -> Corpus:
        """The texts labelled so far, of the themes measured."""
        some = self.texts.take(rows)
        labels = sp.csc_array(self.truth[rows])
        return Corpus(some.texts, labels, self.themes, some.groups, some.source)

    def tagger(self, rows: Rows, seed: int, *, calibrated: bool = True) -> ThemeTagger:
        """A tagger of the texts at ``rows``; no other text has a part in it, nor in its vocabulary.

        What is not ``calibrated`` has the same scores, and neither cuts nor probabilities.
        """
        truth, groups = self.truth[rows], np.unique(self.texts.groups[rows], return_inverse=True)[1]
        modelled = [j for j in range(len(self.themes)) if len(np.unique(groups[truth[:, j] > 0])) >= FOLDS]
        counts = {n: TermCounts(c.matrix[rows], c.terms, c.sizes) for n, c in self.counts.items()}
        scores = out_of_fold(counts, truth[:, modelled], groups, seed) if calibrated else None
        whole = PLATEAU.fit(TrainingRows(counts))
        weights, intercepts = ridge(whole.rows({n: c.matrix for n, c in counts.items()}), truth[:, modelled])
        theme_results, members = {}, {}
        for i, j in enumerate(modelled):
            theme_results[j] = theme_result_of(self.themes[j], truth[:, j], None if scores is None else scores[:, i])
            scorer = LinearScorer(weights[:, i].astype(np.float32), float(intercepts[i]))
            members[self.themes[j]] = (EnsembleMember(PLATEAU, None, ReducedModel(scorer)),)
        few = {j: ThemeResult.skipped(t, "too few", support=int(truth[:, j].sum())) for j, t in enumerate(self.themes)}
        terms = {name: found.terms for name, found in counts.items()}
        encoder = Remembering(DEFAULT_STEPS, terms, {(PLATEAU, None): whole})
        object.__setattr__(encoder, "memory", self.memory)
        object.__setattr__(encoder, "matrices", self.matrices)
        return ThemeTagger(list((few | theme_results).values()), members, encoder)

    def value(self, tagger: ThemeTagger) -> float:
        """Macro average precision on the held-out texts."""
        place, scores = {theme: j for j, theme in enumerate(tagger.themes)}, tagger.scores(self.held.texts)
        found = self.held_truth.mean(axis=0)
        for j, theme in enumerate(self.themes):
            if theme in place:
                found[j] = operating_points(self.held_truth[:, j], scores[:, place[theme]]).average_precision
        return float(found.mean())


def ridge(rows: sp.csr_array, truth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights (terms, T) and intercepts (T,) of ridge regression on targets -1 and +1, in its dual form."""
    products = (rows @ rows.T).toarray()
    means = products.mean(axis=0)
    centred = products - means - means[:, np.newaxis] + means.mean() + PENALTY * np.eye(len(products))
    level = 2.0 * truth.mean(axis=0) - 1
    weights = rows.T @ la.solve(centred, 2.0 * truth - 1 - level, assume_a="pos")
    return weights, level - np.asarray(rows.mean(axis=0)).ravel() @ weights


def out_of_fold(counts: dict[str, TermCounts], truth: np.ndarray, groups: Rows, seed: int) -> np.ndarray:
    """Scores of each text by the models of the other folds, (n, T)."""
    folds = make_folds(sp.csc_array(truth), groups, n_folds=FOLDS, seed=seed)
    features, scores = FoldFeatures(counts, folds), np.zeros(truth.shape)
    for k in range(FOLDS):
        fold = features.fold(PLATEAU, k)
        weights, intercepts = ridge(fold.train, truth[fold.train_rows])
        scores[fold.valid_rows] = fold.valid @ weights + intercepts
    return scores


def theme_result_of(theme: str, y: np.ndarray, scores: np.ndarray | None) -> ThemeResult:
    """The cut and the calibration that out-of-fold scores give."""
    if scores is None:
        ones = Confusion(1, 1, 1, 1)
        return ThemeResult(theme, "BEST_EFFORT", family="ridge", threshold=0.0, counts=ones, calibration=(1.0, 0.0))
    points = operating_points(y, scores)
    cut = PrecisionFirst().choose(points)
    hits, flagged, positives = int(points.tp[cut]), int(points.flagged[cut]), int(y.sum())
    return ThemeResult(
        theme,
        "BEST_EFFORT",
        support=positives,
        family="ridge",
        view=PLATEAU.view,
        feature_settings=PLATEAU.to_json(),
        threshold=float(points.thresholds[cut]),
        counts=Confusion(hits, flagged - hits, positives - hits, len(y) - positives - flagged + hits),
        average_precision=points.average_precision,
        calibration=fit_calibration(y, scores),
    )


Way = Callable[[Pool, ThemeTagger, Rows, Rows, int], Rows]  # pool, tagger, unlabelled rows, labelled rows, seed


def _random(pool: Pool, tagger: ThemeTagger, left: Rows, done: Rows, seed: int) -> Rows:
    return np.random.default_rng(seed).choice(left, BATCH, replace=False)


def _uncertain(over: Callable[..., np.ndarray]) -> Way:
    """The texts with the highest entropy, its mean or its maximum over the themes that have a model."""

    def way(pool, tagger, left, done, seed):
        found = over(uncertainty(tagger.predict_proba([pool.texts.texts[i] for i in left])), axis=1)
        return left[np.argsort(-found, kind="stable")[:BATCH]]

    return way


def _closest(pool: Pool, tagger: ThemeTagger, left: Rows, done: Rows, seed: int) -> Rows:
    """The texts nearest to the cuts, on average over themes, on the scale of each theme's scores."""
    scores = tagger.scores([pool.texts.texts[i] for i in left])
    far = np.abs(scores - np.array(list(tagger.thresholds.values()))) / scores.std(axis=0)
    return left[np.argsort(-np.exp(-far).mean(axis=1), kind="stable")[:BATCH]]


def _plus_plus(pool: Pool, tagger: ThemeTagger, left: Rows, done: Rows, seed: int) -> Rows:
    """Of the 500 with the highest mean entropy, drawn as k-means++ begins: by entropy and squared distance."""
    texts = [pool.texts.texts[i] for i in left]
    doubt, draw = uncertainty(tagger.predict_proba(texts)).mean(axis=1), np.random.default_rng(seed)
    best = np.argsort(-doubt, kind="stable")[: 10 * BATCH]
    rows = Look(tagger, None, asked_of(tagger, None, None)).vectors([texts[i] for i in best])
    chosen, near = [0], likenesses(rows, rows[[0]])
    while len(chosen) < BATCH:
        odds = doubt[best] * (1 - near) ** 2
        odds[chosen] = 0
        chosen.append(int(draw.choice(len(best), p=odds / odds.sum())))
        near = np.maximum(near, rows @ rows[[chosen[-1]]].toarray().ravel()).clip(0, 1)
    return left[best[chosen]]


def _made_of(
    measure: Callable[..., np.ndarray], *, unlike: bool = True, likened: bool = True, known: bool = True
) -> Way:
    """As label_next, of other parts, nothing at random, near duplicates left in."""

    def way(pool, tagger, left, done, seed):
        labelled = pool.labelled(done)
        asked = asked_of(tagger, labelled, None)
        look = Look(tagger, labelled if likened else None, asked)
        texts = [pool.texts.texts[i] for i in left]
        rows = look.vectors(texts)
        rows = rows if unlike else sp.csr_array(rows.shape)
        near = likenesses(rows, Look(tagger, labelled, asked).known) if known and unlike else None
        found = measure(look.at(texts, left).chances)
        chosen = choose(found, rows, count=BATCH, weights=asked.weights, labels=asked.labels, near=near)
        return left[[one.row for one in chosen]]

    return way


def _oracle(pool: Pool, tagger: ThemeTagger, left: Rows, done: Rows, seed: int) -> Rows:
    """The texts that have most themes, rare ones above all: what no way can know."""
    rows, labels = sp.csr_array((len(left), 1)), pool.truth[done].sum(axis=0) + 1.0
    found = pool.truth[left].astype(float)
    chosen = choose(found, rows, count=BATCH, weights=np.ones(len(pool.themes)), labels=labels)
    return left[[one.row for one in chosen]]


def _ours(**settings: object) -> Way:
    def way(pool, tagger, left, done, seed):
        texts = [pool.texts.texts[i] for i in left]
        table = label_next(tagger, texts, count=BATCH, labelled=pool.labelled(done), seed=seed, **settings)
        return left[table["row"].to_numpy(dtype=int)]

    return way


WAYS: dict[str, Way] = {
    "random": _random,
    "uncertain": _uncertain(np.mean),
    "most uncertain": _uncertain(np.max),
    "closest to the cut": _closest,
    "k-means++": _plus_plus,
    "label_next": _ours(),
    "none at random": _ours(at_random=0.0),
    "entropy": _made_of(uncertainty),
    "variance": _made_of(lambda p: p * (1 - p)),
    "expected": _made_of(np.asarray),
    "deviation": _made_of(lambda p: np.sqrt(p * (1 - p))),
    "alike": _made_of(uncertainty, unlike=False),
    "near known": _made_of(uncertainty, known=False),
    "modelled only": _made_of(uncertainty, likened=False),
    "oracle": _oracle,
}


def simulate(pool: Pool, way: Way, seed: int) -> list[float]:
    """Macro average precision at the start and after each round."""
    done = np.random.default_rng(seed).permutation(len(pool.texts))[:START]
    found = []
    for turn in range(ROUNDS + 1):
        tagger = pool.tagger(done, seed, calibrated=turn < ROUNDS and way not in (_random, _oracle))
        found.append(pool.value(tagger))
        if turn < ROUNDS:
            left = np.setdiff1d(np.arange(len(pool.texts)), done)
            done = np.concatenate([done, way(pool, tagger, left, done, 1000 * seed + turn)])
            assert len(np.unique(done)) <= START + BATCH * (turn + 1)
    return found


def _paired(ours: np.ndarray, theirs: np.ndarray) -> str:
    apart = ours - theirs
    error = apart.std(ddof=1) / np.sqrt(len(apart)) if len(apart) > 1 else np.nan
    return f"{apart.mean():+.4f} ({error:.4f})"


def report(folder: Path, measure: str, ways: list[str], seeds: int) -> None:
    """Print the rows of one folder."""
    pool, started = Pool(folder, measure), time.time()
    sizes = f"{len(pool.texts)} texts in the pool, {len(pool.held)} held out, {len(pool.themes)} themes"
    print(f"{folder.name}, measured on {measure}: {sizes}; seeds 0 to {seeds - 1}", flush=True)
    curves: dict[str, np.ndarray] = {}
    for name in ways:
        found = curves[name] = np.array([simulate(pool, WAYS[name], seed) for seed in range(seeds)])
        last, deviation = found[:, -1], found[:, -1].std(ddof=1) if seeds > 1 else np.nan
        against = [
            f"against {other} {_paired(last, curves[other][:, -1])}"
            for other in ("random", "uncertain")
            if other in curves and other != name
        ]
        rounds = _paired(found[:, 1:].mean(axis=1), curves["random"][:, 1:].mean(axis=1)) if "random" in curves else ""
        print(f"  {name:18s} {last.mean():.4f} sd {deviation:.4f} {' '.join(against)} all rounds {rounds}", flush=True)
    begun = np.mean([found[:, 0].mean() for found in curves.values()])
    full = pool.value(pool.tagger(np.arange(len(pool.texts))[:3000], 0, calibrated=False))
    spent = f"{time.time() - started:.0f} s"
    print(f"  it begins at {begun:.4f}; the first 3,000 labels of the pool give {full:.4f}; {spent}")


def main() -> None:
    """Measure on each folder named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--measure", choices=["train-split", "test"], default="train-split")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--ways", default="random,uncertain,label_next", help=f"of {', '.join(WAYS)}")
    options = parser.parse_args()
    ways = [name.strip() for name in options.ways.split(",")]
    if unknown := [name for name in ways if name not in WAYS]:
        parser.error(f"no way is called {unknown[0]!r}; there are {', '.join(WAYS)}")
    for folder in options.folders:
        report(folder, options.measure, ways, options.seeds)


if __name__ == "__main__":
    main()
