"""How many promises of precision are kept: on themes made by a formula, whose truth is known, and on held-out texts.

usage: python tests/benchmarks/kept.py synthetic [--themes 400] [--configurations 16]
       python tests/benchmarks/kept.py real FOLDER [FOLDER ...] [--target 0.9] [--confidence 0.9]

synthetic: the scores of a configuration are normal, N(m, 1) for texts with the theme and N(0, 1) for others, so that
the true precision of any cut is known. Configurations share most of their noise, and are chosen by average precision.
"doubled" gives every text a twin in another fold; "shifted" halves the theme's rate afterwards: the promise covers
neither.

real: a default run on each train.csv; a promise is broken where the texts of test.csv reject it (binomial test, .05).
Beside it the claim that the study's own cut makes where it meets precision .9 and recall .5 out of fold.
"""

from __future__ import annotations

import argparse
import itertools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.stats import binom, norm

from themetagger.certificate import Promise, certify, cross_selected_ranks
from themetagger.operating_point import operating_points

RATE = 0.05  # share of texts that have a synthetic theme
FOLDS = 5


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
        noise = 0.9 * draw.normal(size=n) + np.sqrt(1 - 0.81) * draw.normal(size=(configurations, n))
        scores, folds = means[:, np.newaxis] * y + noise, draw.integers(0, FOLDS, n)
        if doubled:
            y, scores, folds = np.tile(y, 2), np.tile(scores, 2), np.concatenate([folds, (folds + 1) % FOLDS])
        best = int(np.argmax([_quality(y, s) for s in scores]))
        without = [int(np.argmax([_quality(y[folds != k], s[folds != k]) for s in scores])) for k in range(FOLDS)]
        ranks = cross_selected_ranks(list(scores), folds, without)
        certificate = certify(y, scores[best], ranks, promise)
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


def _quality(y: np.ndarray, scores: np.ndarray) -> float:
    return operating_points(y, scores).average_precision


def _truth(threshold: float, mean: float, rate: float) -> tuple[float, float]:
    """Precision and recall of a cut on all texts there could be."""
    hits, false = rate * norm.sf(threshold - mean), (1 - rate) * norm.sf(threshold)
    return hits / (hits + false), float(norm.sf(threshold - mean))


def real(folders: list[Path], promise: Promise) -> None:
    """Promises and claims of default runs against test.csv."""
    from themetagger.corpus import read_corpus
    from themetagger.tune import tune

    pooled: dict[str, np.ndarray] = {}
    for folder in folders:
        test = read_corpus(folder / "test.csv")
        run = tune(folder / "train.csv", promise=promise, show_progress=False)
        scores, winners = run.tagger.scores(test.texts), [one for one in run.tagger.winners if one.assigned]
        counts = {"certified": np.zeros(6, dtype=int), "claimed at 90/50": np.zeros(6, dtype=int)}
        for j, winner in enumerate(winners):
            truth = test.column(winner.theme) if winner.theme in test.themes else np.zeros(len(test), np.uint8)
            if winner.certified:
                counts["certified"] += _judge(truth, scores[:, j] >= winner.certified_threshold, promise.target)
            if winner.counts.precision >= 0.9 and winner.counts.recall >= 0.5:
                counts["claimed at 90/50"] += _judge(truth, scores[:, j] >= winner.threshold, 0.9)
        print(f"{folder.name}, {len(winners)} themes")
        for rule, found in counts.items():
            print(f"  {rule:18s} {_line(found)}", flush=True)
            pooled[rule] = pooled.get(rule, np.zeros(6, dtype=int)) + found
    print(f"all, promise of {promise.target:.2f} at {promise.confidence:.2f}")
    for rule, found in pooled.items():
        print(f"  {rule:18s} {_line(found)}")


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
    parser.add_argument("what", choices=["synthetic", "real"])
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--themes", type=int, default=400)
    parser.add_argument("--configurations", type=int, default=16)
    parser.add_argument("--target", type=float, default=0.9)
    parser.add_argument("--confidence", type=float, default=0.9)
    options = parser.parse_args()
    if options.what == "real":
        real(options.folders, Promise(options.target, options.confidence))
        return
    for confidence, positives, how in itertools.product((0.90, 0.95), (20, 50, 100, 200), ("", "doubled", "shifted")):
        found = synthetic(
            positives,
            options.configurations,
            Promise(options.target, confidence),
            themes=options.themes,
            doubled=how == "doubled",
            shifted=how == "shifted",
        )
        for rule, tally in found.items():
            print(f"confidence {confidence:.2f}, {positives:3d} positives {how:8s} {rule:13s} {tally}", flush=True)


if __name__ == "__main__":
    main()
