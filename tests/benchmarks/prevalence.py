"""How often the intervals of true shares hold them: simulated tags, and real ones against the truth.

usage: python tests/benchmarks/prevalence.py simulate [--runs 200] [--seed 0]
       python tests/benchmarks/prevalence.py sets [--runs 200] [--seed 0]
       python tests/benchmarks/prevalence.py real FOLDER [FOLDER ...] [--out RUNS] [--families ...] [--trials 16]
       python tests/benchmarks/prevalence.py real FOLDER [FOLDER ...] --inner 0,1      (seeds)

simulate: recall and fallout are counted on as many texts as a row says, then texts are tagged at random by the true
ones. A row a setting, for 95 % intervals: share of intervals that hold the true share, and their mean width, for
Lang and Reiczigel's formula and for `prevalence`; the same of the count among the very texts. Where `prevalence` says
that it cannot be told, there is no interval: the share of such runs is printed ("untold"), and they are left out of its
coverage and width, so that these are of the runs told alone (nan where there are none); the formula always tells.

sets: whole sets are simulated, with the choice of a threshold. Each has 4,000 texts to tune on, 1,000 new ones, and a
theme for each of ten shares from 0.8 % to 60 %; scores are normal, those of texts with the theme higher by 0.8 to 3.
The threshold is the one that ``PrecisionFirst`` chooses, on the very scores by which recall and fallout are counted;
themes with fewer than 30 texts are skipped, as in tuning. Then, by the true share: how many intervals hold it, and how
many hold the count among the new texts.

real: a run on each train.csv (its out-of-fold figures are all that is known), then the texts of test.csv tagged, and
the themes counted. With --inner the texts are a quarter held out of train.csv instead: what was chosen, was chosen by
these. For figures plain (counted at the deployed cut) and corrected (for the choices made): share of 95 % intervals
that hold the true count, true counts below and above the others, mean absolute error of the estimate, of the number of
tags, and of the training share; mean recall and fallout that were assumed, and true ones. Then the same with half of
each theme's texts left out (label shift), the half drawn at random.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from scipy.stats import norm

from themetagger.corpus import Corpus, hold_out, read_corpus
from themetagger.insights.accuracy import Accuracy
from themetagger.insights.prevalence import prevalence
from themetagger.runs.tune import tune
from themetagger.selection.confusion import Confusion
from themetagger.selection.objectives import PrecisionFirst
from themetagger.selection.operating_points import operating_points
from themetagger.tagger.theme_tagger import ThemeTagger

Z = float(norm.isf(0.025))
RATES = [(0.5, 0.005), (0.5, 0.03), (0.9, 0.001), (0.7, 0.1)]
SIZES = list(itertools.product([30, 300], [30, 300, 3000], [0.005, 0.01, 0.05, 0.2, 0.6]))
NEGATIVES = 1_300
SHARES = (0.008, 0.01, 0.012, 0.015, 0.018, 0.03, 0.08, 0.15, 0.3, 0.6)
TUNED_ON, NEW = 4_000, 1_000  # texts of a simulated set


def lang_reiczigel(tagged: int, texts: int, hits: int, positives: int, wrong: int, negatives: int) -> np.ndarray:
    """The interval of the true share by the formula of 2014, cut to [0, 1]."""
    n, apparent = texts + Z * Z, (tagged + Z * Z / 2) / (texts + Z * Z)
    recall, fallout = (hits + 1) / (positives + 2), (wrong + 1) / (negatives + 2)
    share = (apparent - fallout) / (recall - fallout)
    of_recall, of_fallout = recall * (1 - recall) / (positives + 2), fallout * (1 - fallout) / (negatives + 2)
    middle = share + 2 * Z * Z * (share * of_recall - (1 - share) * of_fallout)
    spread = apparent * (1 - apparent) / n + share**2 * of_recall + (1 - share) ** 2 * of_fallout
    return np.clip(middle + np.array([-1, 1]) * Z * np.sqrt(spread) / (recall - fallout), 0, 1)


def simulate(runs: int, seed: int) -> None:
    """Coverage and width over settings."""
    print(
        "positives texts share recall fallout | L&R holds width | share holds width | count holds width (of texts) | "
        "untold"
    )
    means, never = [], []
    for (positives, texts, share), (recall, fallout) in itertools.product(SIZES, RATES):
        found, untold = simulated(positives, texts, share, recall, fallout, runs=runs, seed=seed)
        means.append(found)
        never.append(untold)
        shown = " | ".join(f"{holds:.3f} {width:.3f}" for holds, width in found)
        print(
            f"{positives:9d} {texts:5d} {share:5.2f} {recall:6.2f} {fallout:7.3f} | {shown} | {untold:.3f}", flush=True
        )
    table = np.array(means)
    for place, name in enumerate(("Lang and Reiczigel", "share", "count")):
        holds, width = table[:, place][~np.isnan(table[:, place, 0])].T
        low = (holds < 0.93).mean()
        print(
            f"{name:20s} holds {holds.mean():.3f} least {holds.min():.3f} below .93 {low:.2f} width {width.mean():.4f}"
        )
    print(f"cannot be told: {np.mean(never):.3f} of all runs, {np.max(never):.3f} in the worst setting; left out above")


def simulated(
    positives: int, texts: int, share: float, recall: float, fallout: float, *, runs: int, seed: int
) -> tuple[list[tuple[float, float]], float]:
    """Coverage and mean width of the formula, of the share and of the count, for one setting; share of runs untold."""
    draw, found = np.random.default_rng(seed), np.full((runs, 3, 2), np.nan)
    for run in range(runs):
        hits, wrong = draw.binomial(positives, recall), draw.binomial(NEGATIVES, fallout)
        having = draw.binomial(texts, share)
        tagged = draw.binomial(having, recall) + draw.binomial(texts - having, fallout)
        known = {"x": Accuracy(hits / positives, wrong / NEGATIVES, positives, NEGATIVES)}
        row = prevalence((np.arange(texts) < tagged)[:, np.newaxis], known, seed=run).iloc[0]
        formula = lang_reiczigel(tagged, texts, hits, positives, wrong, NEGATIVES)
        ends = [formula, row[["share_low", "share_high"]], row[["count_low", "count_high"]] / texts]
        for place, (low, high) in enumerate(ends):
            truth = having / texts if place == 2 else share
            if low == low:  # else nothing was said, which neither holds nor fails
                found[run, place] = (low - 1e-9 <= truth <= high + 1e-9, high - low)
    told = ~np.isnan(found[..., 0])
    return [_means(found[told[:, place], place]) for place in range(3)], float(1 - told[:, 1].mean())


def simulate_sets(runs: int, seed: int) -> None:
    """Coverage over simulated sets, by the share of the theme."""
    draw, rows = np.random.default_rng(seed), []
    for run in range(runs):
        for share in SHARES:
            rows.extend(simulated_theme(draw, share, run))
    by_share(np.array(rows))


def simulated_theme(draw: np.random.Generator, share: float, seed: int) -> Iterator[tuple[float, float, float, float]]:
    """The share, whether its interval and that of the count hold, and the width of the latter; nothing if skipped."""
    better = draw.uniform(0.8, 3.0)
    (train, scores), (new, others) = (_scored(draw, share, better, texts) for texts in (TUNED_ON, NEW))
    if train.sum() < 30:
        return
    points = operating_points(train, scores)
    tags = scores >= points.thresholds[PrecisionFirst().choose(points)]
    counts = Confusion(
        *(int((a & b).sum()) for a, b in ((train, tags), (~train, tags), (train, ~tags), (~train, ~tags)))
    )
    assigned = others >= points.thresholds[PrecisionFirst().choose(points)]
    row = prevalence(assigned[:, np.newaxis], {"x": Accuracy.of_counts(counts)}, seed=seed).iloc[0]
    if row["share"] == row["share"]:
        held = row["count_low"] <= new.sum() <= row["count_high"]
        yield share, row["share_low"] <= share <= row["share_high"], held, (row["count_high"] - row["count_low"]) / NEW


def _scored(draw: np.random.Generator, share: float, better: float, texts: int) -> tuple[np.ndarray, np.ndarray]:
    truth = draw.random(texts) < share
    return truth, draw.standard_normal(texts) + better * truth


def by_share(rows: np.ndarray) -> None:
    """Print how often intervals hold: for rare themes, others, and all. Columns: share, holds, holds, width."""
    share = rows[:, 0]
    for name, own in (
        ("below 2 %", share < 0.02),
        ("2 to 10 %", (share >= 0.02) & (share < 0.1)),
        ("above 10 %", share >= 0.1),
        ("all", share >= 0),
    ):
        if own.any():
            shares, counts, width = rows[own, 1:].mean(axis=0)
            print(
                f"{name:10s} {own.sum():5d} intervals: share held {shares:.3f}, count {counts:.3f}; width {width:.4f}"
            )


def _means(found: np.ndarray) -> tuple[float, float]:
    return (float(found[:, 0].mean()), float(found[:, 1].mean())) if len(found) else (np.nan, np.nan)


def real(folders: Sequence[Path], out: Path | None, settings: Mapping[str, object], inner: Sequence[int]) -> None:
    """Coverage of counts on test.csv, or on texts held out of train.csv; of all sets together at the end."""
    found: list[tuple[float, float, float, float]] = []
    for folder in folders:
        train = read_corpus(folder / "train.csv")
        for seed in inner or [-1]:
            if inner:
                fitted, texts = hold_out(train, share=0.25, seed=seed)
            else:
                fitted, texts = train, read_corpus(folder / "test.csv")
            name = f"{folder.name}-{seed}" if inner else folder.name
            kept = None if out is None else out / name / "tagger.tagger"
            if kept is not None and kept.is_file():
                tagger = ThemeTagger.load(kept)
            else:
                place = {} if out is None else {"out": out / name}
                tagger = tune(fitted, show_progress=False, **settings, **place).tagger
            found += report(name, tagger, texts)
    print("All sets, texts as they are, errors counted at the deployed cut:")
    by_share(np.array(found))


def report(name: str, tagger: ThemeTagger, texts: Corpus) -> list[tuple[float, float, float, float]]:
    """Print a line for each way to know the errors, without and with a shift; the rows of `by_share` of the first."""
    tags, truth = tagger.predict(texts.texts), texts.align(tagger.themes).toarray()
    assigned = [theme_result for theme_result in tagger.theme_results if theme_result.assigned]
    ways = {
        "plain": {theme_result.theme: Accuracy.of_counts(theme_result.counts) for theme_result in assigned},
        "corrected": {theme_result.theme: Accuracy.of_corrected(theme_result) for theme_result in assigned},
    }
    trained = np.array([theme_result.counts.support / theme_result.counts.rows for theme_result in assigned])
    for shift, (way, known) in itertools.product((False, True), ways.items()):
        print(
            f"{name:24s} {'halved' if shift else 'as is ':6s} {way:9s} {line(tags, truth, known, trained, shift)}",
            flush=True,
        )
    return [*held(tags, truth, ways["plain"])]


def held(
    tags: np.ndarray, truth: np.ndarray, known: Mapping[str, Accuracy]
) -> Iterator[tuple[float, float, float, float]]:
    """For each theme that can be told the row of `by_share`: of the true share, that of the texts themselves."""
    texts = len(truth)
    for j, (theme, accuracy) in enumerate(known.items()):
        row, count = prevalence(tags[:, [j]], {theme: accuracy}).iloc[0], int(truth[:, j].sum())
        if row["share"] == row["share"]:
            shares = row["share_low"] <= count / texts <= row["share_high"]
            width = (row["count_high"] - row["count_low"]) / texts
            yield count / texts, shares, row["count_low"] <= count <= row["count_high"], width


def line(tags: np.ndarray, truth: np.ndarray, known: Mapping[str, Accuracy], trained: np.ndarray, shift: bool) -> str:
    """Coverage and errors over the themes of one set."""
    draw, rows = np.random.default_rng(0), []
    for j, (theme, accuracy) in enumerate(known.items()):
        keep = ~((truth[:, j] > 0) & (draw.random(len(truth)) < 0.5)) if shift else np.ones(len(truth), dtype=bool)
        y, tag = truth[keep, j], tags[keep, j]
        row = prevalence(tag[:, np.newaxis], {theme: accuracy}).iloc[0]
        hits, count = int((y & tag).sum()), int(y.sum())
        rates = hits / max(1, count), (int(tag.sum()) - hits) / max(1, len(y) - count)
        naive = trained[j] * len(y)
        rows.append((row["count_low"], row["count"], row["count_high"], count, int(tag.sum()), naive, *rates))
    low, estimate, high, count, tagged, naive, recall, fallout = np.array(rows).T
    told = ~np.isnan(low)
    holds = ((low <= count) & (count <= high))[told]
    errors = [np.abs(guess - count)[told].mean() for guess in (estimate, tagged, naive)]
    assumed = [np.mean([getattr(found, rate) for found in known.values()]) for rate in ("recall", "fallout")]
    return (
        f"told {told.sum():3d} of {len(told):3d}, holds {holds.mean():.3f} (below {(count < low).sum()}, above "
        f"{(count > high).sum()}), width {np.nanmean(high - low):.1f} | error {errors[0]:.1f}, of tags "
        f"{errors[1]:.1f}, of training share {errors[2]:.1f} | recall {assumed[0]:.3f} true {recall.mean():.3f}, "
        f"fallout {assumed[1]:.4f} true {fallout.mean():.4f}"
    )


def main() -> None:
    """Read the command line and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["simulate", "sets", "real"])
    parser.add_argument("folders", type=Path, nargs="*")
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="where runs are kept; a tagger that is there is used again")
    parser.add_argument("--families", help="default: all")
    parser.add_argument("--trials", type=int, default=16)
    parser.add_argument("--inner", default="", help="seeds of the quarter held out of train.csv")
    options = parser.parse_args()
    if options.what == "simulate":
        return simulate(options.runs, options.seed)
    if options.what == "sets":
        return simulate_sets(options.runs, options.seed)
    settings: dict[str, object] = {"trials": options.trials}
    settings |= {"families": options.families.split(",")} if options.families else {}
    real(options.folders, options.out, settings, [int(seed) for seed in options.inner.split(",") if seed])


if __name__ == "__main__":
    main()
