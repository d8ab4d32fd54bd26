"""Certified cuts beside those of MAPIE's BinaryClassificationController, on the same scores and calibration rows.

usage: pip install mapie; python tests/benchmarks/controllers.py FOLDER [FOLDER ...] [--target 0.9] [--confidence 0.9]

Of each train.csv 30 % of the rows are set aside (a default run with a promise of form "calibration"); the deployed
models score them and the texts of test.csv. For each theme every method looks for a cut that keeps precision >= target:

fixed sequence, floor .5 | floor 0: ours, on the calibration rows, at the whole error
MAPIE: its default (Bonferroni and Holm over 100 thresholds of the calibrated probability), and its fixed sequence from
the strictest threshold on
out of fold: for comparison, a default run on all of train.csv, which sets nothing aside and certifies by
fixed-sequence tests

Printed for each: themes certified, how many the texts of test.csv refuse (binomial test, .05), and pooled precision and
recall of the certified tags there.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from pathlib import Path

import numpy as np
from scipy.stats import binom

from themetagger.corpus import Corpus, hold_out, read_corpus
from themetagger.runs.calibration_split import SHARE
from themetagger.runs.tune import tune
from themetagger.selection.guarantee import Promise, certify_on_calibration

Cut = float | None


def mapie_cut(truth: np.ndarray, probability: np.ndarray, promise: Promise, method: str) -> Cut:
    """The threshold of the probability that MAPIE certifies, None where there is none."""
    from mapie.risk_control import BinaryClassificationController

    def predict(rows: np.ndarray) -> np.ndarray:
        return np.column_stack([1 - rows[:, 0], rows[:, 0]])

    thresholds = np.linspace(0, 0.99, 100)
    controller = BinaryClassificationController(
        predict_function=predict,
        risk="precision",
        target_level=promise.target,
        confidence_level=promise.confidence,
        # a fixed sequence is tested in the order given: from the strictest on, as ours
        list_predict_params=thresholds[::-1] if method == "fixed_sequence" else thresholds,
        fwer_method=method,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of themes where nothing is certified
        controller.calibrate(probability[:, np.newaxis], truth)
    best = controller.best_predict_param
    return None if best is None else float(np.ravel(best)[0])


def compare(folder: Path, promise: Promise) -> dict[str, np.ndarray]:
    """Counts of each method over the themes of one folder: certified, refused, hits, flagged, positives."""
    train, test = read_corpus(folder / "train.csv"), read_corpus(folder / "test.csv")
    rest, rows = hold_out(train, share=SHARE, seed=0)
    aside = tune(rest, show_progress=False).tagger
    whole = tune(train, promise=promise, show_progress=False).tagger
    predicted_rows, predicted_test = aside.predict_all(rows.texts), aside.predict_all(test.texts)
    seen, new, all_new = predicted_rows.scores, predicted_test.scores, whole.scores(test.texts)
    seen_p, new_p = predicted_rows.probabilities, predicted_test.probabilities
    counts: dict[str, np.ndarray] = {}

    def note(name: str, cut: Cut, scores: np.ndarray, theme: str) -> None:
        counts.setdefault(name, np.zeros(5, dtype=int))
        if cut is not None:
            counts[name] += _judge(_truth(test, theme), scores >= cut, promise.target)

    for j, theme in enumerate(aside.themes):
        truth = _truth(rows, theme)
        expected = rest.column(theme).sum() * len(rows) / len(rest)
        for floor in (0.5, 0.0):
            ours = Promise(promise.target, promise.confidence, recall_floor=floor)
            found = certify_on_calibration(truth, seen[:, j], ours, expected=expected)
            note(f"fixed sequence, floor {floor:.1f}", found.threshold if found else None, new[:, j], theme)
        for method in ("bonferroni_holm", "fixed_sequence"):
            cut = mapie_cut(truth, seen_p[:, j], promise, method)
            note(f"MAPIE {method}", cut, new_p[:, j], theme)
    for j, theme_result in enumerate(one for one in whole.theme_results if one.assigned):
        note(
            "out of fold",
            theme_result.certified_threshold if theme_result.certified else None,
            all_new[:, j],
            theme_result.theme,
        )
    return counts


def _truth(corpus: Corpus, theme: str) -> np.ndarray:
    return corpus.column(theme) if theme in corpus.themes else np.zeros(len(corpus), np.uint8)


def _judge(truth: np.ndarray, tagged: np.ndarray, target: float) -> np.ndarray:
    hits, flagged = int((truth[tagged] > 0).sum()), int(tagged.sum())
    return np.array([1, binom.cdf(hits, flagged, target) < 0.05, hits, flagged, int(truth.sum())], dtype=int)


def _line(found: np.ndarray) -> str:
    certified, refused, hits, flagged, positives = found.tolist()
    pooled = f"pooled precision {hits / max(1, flagged):.3f} recall {hits / max(1, positives):.3f}"
    return f"{certified:3d} certified, {refused} refused by test; {pooled}; {hits:5d} right tags"


def main() -> None:
    """Compare on each folder, and over all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--target", type=float, default=0.9)
    parser.add_argument("--confidence", type=float, default=0.9)
    options = parser.parse_args()
    try:
        import mapie  # noqa: F401
    except ImportError:
        sys.exit("this compares with MAPIE; install it first: pip install mapie")
    promise, pooled = Promise(options.target, options.confidence), {}
    for folder in options.folders:
        print(folder.name)
        for name, found in compare(folder, promise).items():
            print(f"  {name:24s} {_line(found)}", flush=True)
            pooled[name] = pooled.get(name, np.zeros(5, dtype=int)) + found
    print(f"all, precision {promise.target:.2f} at confidence {promise.confidence:.2f}")
    for name, found in pooled.items():
        print(f"  {name:24s} {_line(found)}", flush=True)


if __name__ == "__main__":
    main()
