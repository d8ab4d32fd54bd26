"""Two choices made by measurement: what drives the sampler, and whether fold models or a refit are deployed.

usage: python tests/benchmarks/decisions.py drivers|deployed FOLDER|synthetic [...]

FOLDER has a train.csv; nothing else is read. "synthetic" makes texts by a formula, 1,200 to tune on and 20,000 to find
the truth with. Of each train.csv 30 % is held out (seeded, stratified, duplicates together) and never tuned on. Linear
families only, 18 trials a theme, themes with 30 positives or more in what is left. For each driver, or for each way to
deploy, a row:
macro average precision; recall at precision >= .9 and precision at recall >= .5 by the best cut on the held-out texts;
themes claimed at 90/50 by the objective's own cut and themes certified at .9, of each how many the held-out texts
refute (binomial test, .05), and their pooled precision and recall; pooled precision and recall of all tags of deployed
cuts beside the out-of-fold precision that was claimed for them.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import binom

from themetagger.corpus import Corpus, corpus_from_frame, hold_out, make_folds, read_corpus
from themetagger.features import ANALYSERS, FoldFeatures, View, count_known, count_terms
from themetagger.features.preprocessing import clean
from themetagger.models.ensemble import ReducedModel, member_scores
from themetagger.models.families import FAMILIES, fit
from themetagger.search.companion import COMPANION
from themetagger.search.cross_validation import kept_rows, out_of_fold_scores
from themetagger.search.one_vs_rest import search_themes
from themetagger.search.settings import StudySettings
from themetagger.search.space import Configuration
from themetagger.search.study import theme_seed
from themetagger.search.workers.shared_data import Task
from themetagger.selection.objectives import PrecisionFirst
from themetagger.selection.operating_points import OperatingPoints, operating_points

LINEAR = tuple(name for name, family in FAMILIES.items() if family.level == 1 and name != COMPANION)


@dataclass(frozen=True)
class Lexicographic(PrecisionFirst):
    """Driven by the precision of the chosen cut, then its recall."""

    def value(self, points: OperatingPoints) -> float:
        cut = self.choose(points)
        return float(points.precision[cut] + 1e-3 * points.recall[cut])


@dataclass(frozen=True)
class Mixture(PrecisionFirst):
    """Driven by the mean of average precision and the precision of the chosen cut."""

    def value(self, points: OperatingPoints) -> float:
        return (points.average_precision + float(points.precision[self.choose(points)])) / 2


@dataclass(frozen=True)
class AveragePrecision(PrecisionFirst):
    """Driven by average precision."""

    def value(self, points: OperatingPoints) -> float:
        return points.average_precision


DRIVERS = {"average precision": AveragePrecision(), "lexicographic": Lexicographic(), "mixture": Mixture()}


def synthetic(texts: int, seed: int) -> Corpus:
    """Texts of 40 words each; a theme makes its own 30 words more likely, and is told from few of them."""
    frequency = 1 / np.arange(1, 3001)
    draw, shape = np.random.default_rng(seed), np.random.default_rng(0)  # every corpus has the same themes
    rates, strengths = shape.uniform(0.03, 0.12, 16), shape.uniform(1.5, 4.5, 16)
    own = [shape.choice(3000, 30, replace=False) for _ in rates]
    rows = []
    for _ in range(texts):
        themes = np.flatnonzero(draw.random(16) < rates)
        words = list(draw.choice(3000, 40, p=frequency / frequency.sum()))
        for j in themes:
            words += list(draw.choice(own[j], draw.poisson(strengths[j])))
        rows.append((" ".join(f"w{word}" for word in words), ", ".join(f"theme {j}" for j in themes)))
    return corpus_from_frame(pd.DataFrame(rows, columns=["Processed Text", "Themes"]))


def split(name: str) -> tuple[Corpus, Corpus]:
    """What is tuned on and what is held out."""
    if name == "synthetic":
        return synthetic(1_200, 1), synthetic(20_000, 2)
    return hold_out(read_corpus(Path(name) / "train.csv"), share=0.3, seed=0)


class Bench:
    """One train.csv: what is tuned on, and what is held out."""

    def __init__(self, train: Corpus, held: Corpus) -> None:
        self.held = held
        self.folds = make_folds(train.labels, train.groups)
        texts, held = clean(train.texts), clean(self.held.texts)
        self.counts = {name: count_terms(texts, name) for name in ANALYSERS}
        self.held_counts = {n: count_known(held, n, c.terms) for n, c in self.counts.items()}
        self.features = FoldFeatures(self.counts, self.folds)
        self.train = train
        self.themes = [t for t in train.themes if train.column(t).sum() >= 30 and self.held.column(t).sum()]

    def search(self, objective: PrecisionFirst) -> list:
        settings = StudySettings(objective, LINEAR, trials=18)
        tasks = [Task(theme, self.train.column(theme), settings) for theme in self.themes]
        return search_themes(tasks, self.counts, self.folds, show_progress=False)

    def rows(self, view: View, k: int | None):
        fitted = self.features.whole(view) if k is None else self.features.fold(view, k).fitted
        return fitted.rows(self.held_counts)

    def table(self, name: str, studied: list, scores: Callable[[int], np.ndarray], seconds: float) -> None:
        theme_results = [found.theme_result for found in studied]
        aps, r90, p50 = [], [], []
        tags, claimed, certified = np.zeros(3), np.zeros(5), np.zeros(5)
        expected = sum(w.counts.tp for w in theme_results) / sum(w.counts.predictions for w in theme_results)
        for j, (theme_result, found) in enumerate(zip(theme_results, studied, strict=True)):
            y, s = self.held.column(theme_result.theme), scores(j)
            points = operating_points(y, s)
            aps.append(points.average_precision)
            r90.append(points.recall[points.precision >= 0.9].max(initial=0))
            p50.append(points.precision[points.recall >= 0.5].max())
            tags += _judge(y, s >= theme_result.threshold)[2:]
            own = operating_points(found.evidence.truth, found.evidence.scores)
            cut = PrecisionFirst().choose(own)
            if own.precision[cut] >= 0.9 and own.recall[cut] >= 0.5:
                claimed += _judge(y, s >= own.thresholds[cut])
            if theme_result.certified:
                certified += _judge(y, s >= theme_result.certified_threshold)
        print(
            f"{name:28s} AP {np.mean(aps):.3f} R@P90 {np.mean(r90):.3f} P@R50 {np.mean(p50):.3f}"
            f" | 90/50 claims {_claims(claimed)} | certified {_claims(certified)}"
            f" | all tags {_pooled(*tags)} (claimed P {expected:.3f}) {seconds:.0f} s",
            flush=True,
        )

    def deployments(self, studied: list) -> None:
        refit, mean, sizes = [], [], np.zeros(2)
        for found in studied:
            theme_result, y = found.theme_result, self.train.column(found.theme_result.theme)
            view = found.members[0].view
            configuration = Configuration(
                theme_result.family,
                theme_result.params,
                view,
                theme_result.feature_settings.get("negatives_per_positive", 0),
            )
            seed = theme_seed(0, theme_result.theme)
            _, models = out_of_fold_scores(configuration, self.features, y, seed=seed)
            mean.append(np.mean([member_scores(m, self.rows(view, k)) for k, m in enumerate(models)], axis=0))
            whole = self.features.whole(view).rows({n: c.matrix for n, c in self.counts.items()})
            kept = kept_rows(y, configuration.ratio, seed=seed)
            rows, target = (whole, y) if kept is None else (whole[kept], y[kept])
            model = ReducedModel(fit(FAMILIES[theme_result.family], theme_result.params, rows, target, seed=seed))
            refit.append(member_scores(model, self.rows(view, None)))
            sizes += len(model.scorer.weights), sum(len(m.scorer.weights) for m in models)
        merged = [member_scores(f.members[0].model, self.rows(f.members[0].view, None)) for f in studied]
        one, all_folds = sizes * 4 / 1e6
        print(f"  weights of one model a theme: {one:.1f} MB, of all fold models: {all_folds:.1f} MB")
        gap = np.mean([np.abs(a - b).max() / b.std() for a, b in zip(merged, mean, strict=True)])
        print(
            f"  merged against mean of the folds: largest difference {gap:.4f} standard deviations of the scores (mean)"
        )
        scaled = [_scaled(s, found.evidence.scores) for s, found in zip(refit, studied, strict=True)]
        ways = {
            "refit": refit,
            "refit, cut transferred": scaled,
            "mean of fold models": mean,
            "fold models merged": merged,
        }
        for name, made in ways.items():
            self.table(f"  {name}", studied, lambda j, made=made: made[j], 0)


def _scaled(scores: np.ndarray, out_of_fold: np.ndarray) -> np.ndarray:
    """Scores of new texts with mean and spread of the out-of-fold ones, so that a cut found on those can be used."""
    return (scores - scores.mean()) / scores.std() * out_of_fold.std() + out_of_fold.mean()


def _judge(truth: np.ndarray, tagged: np.ndarray) -> np.ndarray:
    """One claim: 1, whether it is refuted, hits, flagged, positives."""
    hits, flagged = int(truth[tagged].sum()), int(tagged.sum())
    return np.array([1, binom.cdf(hits, flagged, 0.9) < 0.05, hits, flagged, truth.sum()], dtype=float)


def _claims(found: np.ndarray) -> str:
    return f"{found[0]:3.0f} refuted {found[1]:2.0f} {_pooled(*found[2:])}"


def _pooled(hits: float, flagged: float, positives: float) -> str:
    return f"P {hits / flagged:.3f} R {hits / positives:.3f}" if flagged else "P   -   R   -  "


def _deployed(bench: Bench, studied: list, j: int) -> np.ndarray:
    """Held-out scores of the deployed model of theme ``j``, which is linear and so a single member."""
    member = studied[j].members[0]
    return member_scores(member.model, bench.rows(member.view, None))


def main() -> None:
    """Compare on each folder named on the command line."""
    if len(sys.argv) < 3 or sys.argv[1] not in ("drivers", "deployed"):
        sys.exit(__doc__)
    what, *folders = sys.argv[1:]
    for folder in folders:
        bench = Bench(*split(folder))
        sizes = f"{len(bench.train)} tuned on, {len(bench.held)} held out, {len(bench.themes)} themes"
        print(f"{Path(folder).name}: {sizes}", flush=True)
        for name, objective in (DRIVERS if what == "drivers" else {"as it is": PrecisionFirst()}).items():
            started = time.time()
            studied = bench.search(objective)
            spent = time.time() - started
            bench.table(name, studied, partial(_deployed, bench, studied), spent)
            if what == "deployed":
                bench.deployments(studied)


if __name__ == "__main__":
    main()
