"""Held-out figures of a default run, on the same ground as other systems' raw test scores.

usage: python tests/benchmarks/held_out.py FOLDER [FOLDER ...] [--out RUNS]   (each with train.csv and test.csv)

Tunes with default settings on train.csv and prints one row a set, over the themes with 30 train positives or more that
occur in test.csv: wall time of everything; micro and macro F1 of the tags; macro average precision, recall at
precision >= .9 and precision at recall >= .5 by the best cut on the test scores; then what the chosen cuts deliver: the
share of themes at precision >= .9 and recall >= .5, pooled precision and recall of all tags, and of certified themes.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from themetagger.corpus import read_corpus
from themetagger.runs.tune import tune
from themetagger.selection.operating_points import operating_points


def measure(folder: Path, out: Path) -> str:
    """Tune on a folder and describe the tags of its test.csv in one row."""
    started = time.perf_counter()
    run = tune(folder / "train.csv", test=folder / "test.csv", out=out / folder.name)
    seconds = time.perf_counter() - started
    test, tagger = read_corpus(folder / "test.csv"), run.tagger
    decisions = tagger.decision_function(test.texts)
    columns = [j for j, theme in enumerate(tagger.themes) if theme in set(test.themes)]
    aps, r90, p50 = [], [], []
    for j in columns:
        points = operating_points(test.column(tagger.themes[j]), decisions[:, j])
        aps.append(points.average_precision)
        r90.append(points.recall[points.precision >= 0.9].max(initial=0))
        p50.append(points.precision[points.recall >= 0.5].max())
    rows = run.results.set_index("theme").loc[[tagger.themes[j] for j in columns]]
    hits, flagged, positives = (rows[f"heldout_{name}"].to_numpy(float) for name in ("tp", "predictions", "support"))
    certified = (rows["status"] == "CERTIFIED").to_numpy()
    delivered = ((hits >= 0.9 * flagged) & (flagged > 0) & (hits >= 0.5 * positives)).mean()
    macro = np.mean([_f1(*row) for row in zip(hits, flagged, positives, strict=True)])
    return (
        f"{folder.name:20s} {len(columns):3d} themes {seconds:6.0f} s"
        f" | microF1 {_f1(hits, flagged, positives):.3f} macroF1 {macro:.3f}"
        f" | AP {np.mean(aps):.3f} R@P90 {np.mean(r90):.3f} P@R50 {np.mean(p50):.3f}"
        f" | delivered {delivered:.3f} pooled {_pooled(hits, flagged, positives)}"
        f" | {certified.sum()} certified: pooled {_pooled(hits[certified], flagged[certified], positives[certified])}"
    )


def _pooled(hits: np.ndarray, flagged: np.ndarray, positives: np.ndarray) -> str:
    return f"P {hits.sum() / max(1, flagged.sum()):.3f} R {hits.sum() / max(1, positives.sum()):.3f}"


def _f1(hits: object, flagged: object, positives: object) -> float:
    return float(2 * np.sum(hits) / max(1, np.sum(flagged) + np.sum(positives)))


def main() -> None:
    """Measure each folder named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument(
        "--out", type=Path, default=Path("data/runs"), help="where the run folders go; default data/runs"
    )
    options = parser.parse_args()
    for folder in options.folders:
        print(measure(folder, options.out), flush=True)


if __name__ == "__main__":
    main()
