"""What the forecast of a learning curve is worth: from half of the labels, the precision that all of them reach.

    python tests/benchmarks/forecast.py FOLDER... [--themes 20] [--trials 1] [--seed 0] [--jobs -1]

Each FOLDER has a train.csv, and a test.csv that is only reported on. Half of train.csv (seeded, stratified, duplicates
together) is tuned on (ridge beside a sparse SVM; themes with 30 texts in that half, evenly drawn from all), learning
curves of that half are computed and forecast to twice the labels. Then all of train.csv is tuned on, and the precision
at the objective's cut is measured, out of fold, as in a curve (the cut sees none of the texts it is measured on).

Printed for each set, over its themes: precision from half and from all labels; mean absolute error and bias of the
forecast; mean absolute error of "no change" (with its bias) and of a straight line in log labels through the curve; how
many of the intervals hold what was measured (four of five should), and their mean width; the mean absolute error that
luck alone makes, by the binomial sd of the flagged texts ("luck": in the precision at all labels; "luck, gain": in what
it gained since half, as half of the texts are the same); and on test.csv, at the cut of the run on all labels, the mean
precision, the mean absolute error of the forecast and of "no change", and the luck in it. These are of the themes that
flag something there; how many flag nothing, and are left out, is printed ("none flagged").

nhs_phase1_multi and hallmarks_of_cancer are in-sample: RERUN in `selection/learning_curve.py` was set so that intervals
hold four of five themes of these two, and the weights of the forecast were chosen on their train sets and that of
leetcode_topics. What "inside" says of them is a fit and no test.
"""

from __future__ import annotations

import argparse
import math
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from themetagger.corpus import Corpus, hold_out, read_corpus
from themetagger.runs.past_run import PastRun, open_run
from themetagger.runs.review.learning_curves import inputs_of_run, learning_curves_of_run, subjects_of
from themetagger.runs.tune import tune
from themetagger.search.learning_curves import learning_curves as curves_of
from themetagger.selection.learning_curve import binomial_sd, forecast, pooled_growth
from themetagger.selection.operating_points import operating_points

FAMILIES = ("ridge", "sparse_svm")
LUCK = math.sqrt(2 / math.pi)  # mean absolute value of a normal variable of sd 1


class Measured(NamedTuple):
    """By theme: the half's curve, the curve's row at all labels, precision and flagged texts of test.csv."""

    curves: dict[str, pd.DataFrame]
    reached: dict[str, pd.DataFrame]
    tested: dict[str, tuple[float, int]]


def tuned(corpus: Corpus, themes: list[str], folder: Path, options: argparse.Namespace) -> PastRun:
    """A run on these themes, opened again."""
    others = {theme: {"min_positives": len(corpus) + 1} for theme in corpus.themes if theme not in themes}
    settings = {"families": FAMILIES, "trials": options.trials, "seed": options.seed, "n_jobs": options.jobs}
    tune(corpus, out=folder, overrides=others, show_progress=False, **settings)
    return open_run(folder, train=corpus)


def measured_at_all(past: PastRun, themes: list[str], options: argparse.Namespace) -> dict[str, pd.DataFrame]:
    """The last row of each theme's curve."""
    count, groups = partial(inputs_of_run, past), past.texts.groups
    return curves_of(subjects_of(past, themes), count, past.folds, groups, shares=(1.0,), n_jobs=options.jobs)


def straight(curve: pd.DataFrame, labels: float) -> float:
    """A straight line in log labels through the measured precision."""
    rows = curve[curve["precision"].notna()]
    line = np.polyfit(np.log(rows["labels"].to_numpy(float)), rows["precision"].to_numpy(float), 1)
    return float(np.clip(np.polyval(line, math.log(labels)), 0, 1))


def on_test(past: PastRun, test: Corpus, theme: str) -> tuple[float, int]:
    """Precision of the objective's cut on test.csv, and how many texts it flags there."""
    evidence, subject = past.evidence(theme), subjects_of(past, [theme])[0]
    points = operating_points(evidence.truth, evidence.scores)
    scores = past.tagger.scores(list(test.texts))[:, past.tagger.themes.index(theme)]
    tagged = scores >= points.thresholds[subject.objective.choose(points)]
    if theme not in test.themes or not tagged.any():
        return math.nan, 0
    return float(test.column(theme)[tagged].mean()), int(tagged.sum())


def measured_in(folder: Path, options: argparse.Namespace) -> Measured:
    """What is measured of one set: the half's curves, the last row of those of all labels, and test.csv."""
    corpus, test = read_corpus(folder / "train.csv"), read_corpus(folder / "test.csv")
    half, _ = hold_out(corpus, share=0.5, seed=options.seed)
    enough = [theme for theme, count in zip(half.themes, half.support(), strict=True) if count >= 30]
    themes = [enough[i] for i in np.unique(np.linspace(0, len(enough) - 1, options.themes).astype(int))]
    with tempfile.TemporaryDirectory() as place:
        begun = time.perf_counter()
        before = tuned(half, themes, Path(place) / "half", options)
        tuning = time.perf_counter()
        curves = learning_curves_of_run(before, n_jobs=options.jobs)
        curving = time.perf_counter()
        told = f"tuned on half in {tuning - begun:.0f} s, its {len(curves)} curves in {curving - tuning:.0f} s"
        print(f"{folder.name}: {len(half):,} of {len(corpus):,} texts, {told}", flush=True)
        after = tuned(corpus, list(curves), Path(place) / "all", options)
        reached = measured_at_all(after, list(curves), options)
        return Measured(curves, reached, {theme: on_test(after, test, theme) for theme in curves})


def rows_of(name: str, found: Measured) -> pd.DataFrame:
    """A row a theme."""
    growth, rows = pooled_growth(found.curves.values()), []
    print(f"{name}: log-odds grow by {growth.per_doubling:.2f} a doubling", flush=True)
    for theme, curve in found.curves.items():
        labels = 2 * int(curve["labels"].iloc[-1])
        then, (tested, flagged) = found.reached[theme].iloc[-1], found.tested[theme]
        rows.append(
            {
                "set": name,
                "theme": theme,
                "half": curve["precision"].iloc[-1],
                "all": then["precision"],
                **forecast(curve, labels, growth=growth)._asdict(),
                "line": straight(curve, labels),
                "luck": binomial_sd(found.reached[theme]).iloc[-1],
                "luck_gain": binomial_sd(curve).iloc[-1] * math.sqrt(1 / 2),
                "test": tested,
                "test_luck": math.sqrt(max(0.0, tested * (1 - tested)) / max(1, flagged)),
            }
        )
    return pd.DataFrame(rows)


def summary(rows: pd.DataFrame) -> dict[str, float | str]:
    """A line of the table."""
    found, error = rows["all"], rows["precision"] - rows["all"]
    tested = rows[rows["test"].notna()]
    return {
        "themes": len(rows),
        "half": rows["half"].mean(),
        "all": found.mean(),
        "error": error.abs().mean(),
        "bias": error.mean(),
        "no change": (rows["half"] - found).abs().mean(),
        "(bias)": (rows["half"] - found).mean(),
        "line": (rows["line"] - found).abs().mean(),
        "luck": LUCK * rows["luck"].mean(),
        "luck, gain": LUCK * rows["luck_gain"].mean(),
        "inside": f"{((rows['low'] <= found) & (found <= rows['high'])).sum()}/{len(rows)}",
        "width": (rows["high"] - rows["low"]).mean(),
        "none flagged": f"{len(rows) - len(tested)}/{len(rows)}",
        "test": tested["test"].mean(),
        "test error": (tested["precision"] - tested["test"]).abs().mean(),
        "test no change": (tested["half"] - tested["test"]).abs().mean(),
        "test luck": LUCK * tested["test_luck"].mean(),
    }


def main() -> None:
    """A table of all folders."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER", help="holds train.csv and test.csv")
    parser.add_argument("--themes", type=int, default=20, help="themes of a set, at most; default 20")
    parser.add_argument("--trials", type=int, default=1, help="configurations a theme; default 1")
    parser.add_argument("--seed", type=int, default=0, help="of the halves and the runs; default 0")
    parser.add_argument("--jobs", type=int, default=-1, help="worker processes; default: one a core")
    parser.add_argument("--each", action="store_true", help="print a row a theme too")
    options = parser.parse_args()
    table = pd.concat(
        [rows_of(folder.name, measured_in(folder, options)) for folder in options.folders], ignore_index=True
    )
    lines = [{"set": name, **summary(rows)} for name, rows in table.groupby("set", sort=False)]
    lines.append({"set": "all themes", **summary(table)})
    if options.each:
        print(table.to_string(index=False, float_format="{:.3f}".format))
    print(f"seed {options.seed}, trials {options.trials}")
    print(pd.DataFrame(lines).set_index("set").T.to_string(float_format="{:.3f}".format))


if __name__ == "__main__":
    main()
