"""How many promises of precision are kept: on themes made by a formula, whose truth is known, and on held-out texts.

usage: python tests/benchmarks/kept.py synthetic [--themes 400] [--configurations 16]
       python tests/benchmarks/kept.py real FOLDER [FOLDER ...] [--targets 0.9,0.8] [--confidence 0.9]
       python tests/benchmarks/kept.py cost FOLDER [FOLDER ...]

synthetic: the scores of a configuration are normal, N(m, 1) for texts with the theme and N(0, 1) for others, so that
the true precision of any cut is known. Configurations share most of their noise, and are chosen by average precision.
"border" gives every theme a best configuration whose precision at a recall of one half is just below the target.
"doubled" gives every text a twin in another fold; "shifted" halves the theme's rate afterwards: the promise covers
neither of the two.

real: a default run on each train.csv, certified for each target; a promise is broken where the texts of test.csv reject
it (binomial test, .05). Beside it the claim that the objective's own cut makes where it meets precision .9 and recall
.5 out of fold. Then, for the cut of every theme at the first target: the share of themes whose precision (recall) on
test.csv is at or above the lower bound, at or above the corrected figure, and at or above the plain out-of-fold one.

cost: what certifying, correcting and the gain of labels take of the wall time of a default run in one process.
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from scipy.stats import binom, norm

from themetagger.corpus import Corpus, read_corpus
from themetagger.runs.tune import Run, tune
from themetagger.search import study_result
from themetagger.search import trial as trying
from themetagger.search.trial import margin_of
from themetagger.selection.bias_correction import bias_corrected
from themetagger.selection.evidence import Evidence
from themetagger.selection.guarantee import Promise, certify, cross_selected_ranks
from themetagger.selection.objectives import PrecisionFirst
from themetagger.selection.operating_points import operating_points
from themetagger.selection.rule import Rule, certificate_of

RATE = 0.05  # share of texts that have a synthetic theme
FOLDS = 5
OBJECTIVE = PrecisionFirst()
HOW = ("", "border", "doubled", "shifted")
FIGURES = ("bound", "corrected", "plain")


@dataclass(frozen=True)
class Tally:
    """Of ``themes`` how many were claimed, how many claims were broken, and the mean recall of those claimed."""

    themes: int
    claimed: int
    broken: int
    recall: float

    def __str__(self) -> str:
        share = f"{self.broken:3d} broken ({self.broken / self.themes:.1%} of all)"
        return f"{self.claimed:4d} of {self.themes} claimed, {share}, true recall {self.recall:.2f}"


def synthetic(
    positives: int,
    configurations: int,
    promise: Promise,
    *,
    themes: int,
    border: bool = False,
    doubled: bool = False,
    shifted: bool = False,
    seed: int = 0,
) -> dict[str, Tally]:
    """Certified cuts, and the most precise cut that recalls half, on themes of known truth."""
    draw, found = np.random.default_rng(seed), {"certified": [], "most precise": []}
    for _ in range(themes):
        n = round(positives / RATE)
        y = np.zeros(n, dtype=np.uint8)
        y[:positives] = 1
        means = draw.normal(draw.uniform(2.0, 3.5), 0.15, configurations)
        if border:
            best_mean = _mean_at(draw.uniform(promise.target - 0.04, promise.target - 0.001))
            means = best_mean - np.abs(draw.normal(0, 0.15, configurations))
            means[draw.integers(configurations)] = best_mean
        noise = 0.9 * draw.normal(size=n) + np.sqrt(1 - 0.81) * draw.normal(size=(configurations, n))
        scores, folds = means[:, np.newaxis] * y + noise, draw.integers(0, FOLDS, n)
        if doubled:
            y, scores, folds = np.tile(y, 2), np.tile(scores, 2), np.concatenate([folds, (folds + 1) % FOLDS])
        best = int(np.argmax([_quality(y, s) for s in scores]))
        without = [int(np.argmax([_quality(y[folds != k], s[folds != k]) for s in scores])) for k in range(FOLDS)]
        ranks = cross_selected_ranks(list(scores), folds, without)
        certificate = certify(y, scores[best], ranks, promise, choices=configurations)
        rate = RATE / 2 if shifted else RATE
        if certificate is not None:
            found["certified"].append(_truth(certificate.threshold, means[best], rate))
        points = operating_points(y, scores[best])
        kept = points.recall >= 0.5
        cut = int(np.argmax(np.where(kept, points.precision, -1)))
        if points.precision[cut] >= promise.target:
            found["most precise"].append(_truth(float(points.thresholds[cut]), means[best], rate))
    return {
        rule: Tally(
            themes,
            len(cuts),
            sum(precision < promise.target for precision, _ in cuts),
            float(np.mean([recall for _, recall in cuts])) if cuts else float("nan"),
        )
        for rule, cuts in found.items()
    }


def _mean_at(precision: float) -> float:
    """The mean of a configuration whose precision at a recall of one half is this."""
    return float(norm.isf(0.5 * RATE * (1 - precision) / precision / (1 - RATE)))


def _quality(y: np.ndarray, scores: np.ndarray) -> float:
    return operating_points(y, scores).average_precision


def _truth(threshold: float, mean: float, rate: float) -> tuple[float, float]:
    """Precision and recall of a cut on all texts there could be."""
    hits, false = rate * norm.sf(threshold - mean), (1 - rate) * norm.sf(threshold)
    return hits / (hits + false), float(norm.sf(threshold - mean))


def real(folders: list[Path], targets: list[float], confidence: float) -> None:
    """Promises, claims and bounds of default runs against test.csv."""
    claims: dict[str, np.ndarray] = {}
    shares: dict[tuple[str, str], list[bool]] = {}
    for folder in folders:
        started = time.perf_counter()
        run = tune(folder / "train.csv", show_progress=False)
        whole = time.perf_counter() - started
        print(f"{folder.name}, {len(run.tagger.themes)} themes, {whole:.0f} s", flush=True)
        test = read_corpus(folder / "test.csv")
        for name, found in _claims(run, test, targets, confidence).items():
            print(f"  {name:22s} {_line(found)}", flush=True)
            claims[name] = claims.get(name, np.zeros(6, dtype=int)) + found
        for key, kept in _bounds(run, test, Promise(targets[0], confidence)).items():
            print(f"  {_share(key, kept)}", flush=True)
            shares[key] = shares.get(key, []) + kept
    print(f"all, confidence {confidence:.2f}")
    for name, found in claims.items():
        print(f"  {name:22s} {_line(found)}")
    for key, kept in shares.items():
        print(f"  {_share(key, kept)}")


def _claims(run: Run, test: Corpus, targets: list[float], confidence: float) -> dict[str, np.ndarray]:
    """For each target and rule: themes, broken, at the target, hits, flagged, positives of those claimed."""
    scores, counts = run.tagger.scores(test.texts), {}
    for j, theme in enumerate(run.tagger.themes):
        evidence, truth = run.evidence[theme], _truth_of(test, theme)
        for target in targets:
            certificate = certificate_of(evidence, _rule(evidence, Promise(target, confidence)))
            name = f"certified at {target:.2f}"
            counts.setdefault(name, np.zeros(6, dtype=int))
            if certificate is not None:
                counts[name] += _judge(truth, scores[:, j] >= certificate.threshold, target)
        points = operating_points(evidence.truth, evidence.scores)
        cut = OBJECTIVE.choose(points)
        for target in targets:
            name = f"claimed at {100 * target:.0f}/50"
            counts.setdefault(name, np.zeros(6, dtype=int))
            if points.precision[cut] >= target and points.recall[cut] >= 0.5:
                counts[name] += _judge(truth, scores[:, j] >= points.thresholds[cut], target)
    return counts


def _bounds(run: Run, test: Corpus, promise: Promise) -> dict[tuple[str, str], list[bool]]:
    """Whether precision and recall on test.csv are at or above each figure, a list over the themes."""
    scores, kept = (
        run.tagger.scores(test.texts),
        {key: [] for key in itertools.product(("precision", "recall"), FIGURES)},
    )
    for j, theme in enumerate(run.tagger.themes):
        evidence, truth = run.evidence[theme], _truth_of(test, theme)
        rule, points = _rule(evidence, promise), operating_points(evidence.truth, evidence.scores)
        certificate = certificate_of(evidence, rule)
        own = float(points.thresholds[OBJECTIVE.choose(points)])
        threshold = certificate.threshold if certificate else own
        cut = np.searchsorted(points.flagged, (evidence.scores >= threshold).sum())
        found = bias_corrected(evidence, rule, threshold=threshold, certified=certificate is not None)
        tagged = scores[:, j] >= threshold
        hits = int(truth[tagged].sum())
        bound = max(found.precision_bound, promise.target) if certificate else found.precision_bound
        for what, of, figures in (
            ("precision", int(tagged.sum()), (bound, found.precision, points.precision[cut])),
            ("recall", int(truth.sum()), (found.recall_bound, found.recall, points.recall[cut])),
        ):
            for name, figure in zip(FIGURES, figures, strict=True):
                if of:
                    kept[what, name].append(bool(hits / of >= figure))
    return kept


def cost(folder: Path) -> None:
    """The share of a run's wall time that promises take."""
    spent: dict[str, float] = {}

    def timed(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*args: Any, **keywords: Any) -> Any:
            started = time.perf_counter()
            try:
                return call(*args, **keywords)
            finally:
                spent[name] = spent.get(name, 0.0) + time.perf_counter() - started

        return wrapped

    with (
        patch.object(trying, "certificate_of", timed("certifying", trying.certificate_of)),
        patch.object(study_result, "bias_corrected", timed("correcting", study_result.bias_corrected)),
        patch.object(trying.StudyState, "label_gain", timed("gain of labels", trying.StudyState.label_gain)),
    ):
        started = time.perf_counter()
        tune(folder / "train.csv", n_jobs=1, show_progress=False)
        whole = time.perf_counter() - started
    shares = ", ".join(f"{name} {seconds / whole:.1%}" for name, seconds in spent.items())
    print(f"{folder.name}: {shares}; together {sum(spent.values()) / whole:.1%} of {whole:.0f} s", flush=True)


def _rule(evidence: Evidence, promise: Promise) -> Rule:
    return Rule(OBJECTIVE, promise, margin_of(int(evidence.truth.sum())))


def _truth_of(test: Corpus, theme: str) -> np.ndarray:
    return test.column(theme) if theme in test.themes else np.zeros(len(test), np.uint8)


def _share(key: tuple[str, str], kept: list[bool]) -> str:
    return f"{key[0]} on test at or above the {key[1]:9s} {np.mean(kept):.3f} of {len(kept)} themes"


def _judge(truth: np.ndarray, tagged: np.ndarray, target: float) -> np.ndarray:
    hits, flagged = int((truth[tagged] > 0).sum()), int(tagged.sum())
    reached = flagged == 0 or hits >= target * flagged
    return np.array([1, binom.cdf(hits, flagged, target) < 0.05, reached, hits, flagged, int(truth.sum())], dtype=int)


def _line(found: np.ndarray) -> str:
    themes, broken, reached, hits, flagged, positives = found.tolist()
    return (
        f"{themes:3d} themes, {broken} broken, {reached} at the target on test; pooled precision "
        f"{hits / max(1, flagged):.3f} recall {hits / max(1, positives):.3f}"
    )


def main() -> None:
    """Measure what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["synthetic", "real", "cost"])
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--themes", type=int, default=400)
    parser.add_argument("--configurations", type=int, default=16)
    parser.add_argument("--targets", default="0.9,0.8")
    parser.add_argument("--confidence", type=float, default=0.9)
    options = parser.parse_args()
    if options.what == "real":
        real(options.folders, [float(target) for target in options.targets.split(",")], options.confidence)
        return
    if options.what == "cost":
        for folder in options.folders:
            cost(folder)
        return
    for confidence, positives, how in itertools.product((0.90, 0.95), (20, 50, 100, 200), HOW):
        found = synthetic(
            positives,
            options.configurations,
            Promise(0.9, confidence),
            themes=options.themes,
            border=how == "border",
            doubled=how == "doubled",
            shifted=how == "shifted",
        )
        for rule, tally in found.items():
            print(f"confidence {confidence:.2f}, {positives:3d} positives {how:8s} {rule:13s} {tally}", flush=True)


if __name__ == "__main__":
    main()
