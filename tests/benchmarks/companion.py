"""What a sparse SVM on the presence of words adds to ridge, on texts held out of a train.csv.

usage: python tests/benchmarks/companion.py FOLDER [FOLDER ...] [--seeds 3]   (nothing but their train.csv is read)

For each seed 30 % of train.csv is held out (stratified, duplicates together). Ridge has the penalty that all themes
warm_start.py; the companion has each C and weight, then the C that all themes choose together. A row gives
means over themes and seeds: average precision, recall at precision >= .9 and precision at recall >= .5 by the best cut
on the held-out texts.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from themetagger.corpus import hold_out, make_folds, read_corpus
from themetagger.features import ANALYSERS, FoldFeatures, count_known, count_terms
from themetagger.features.preprocessing import clean
from themetagger.models.ensemble import member_scores
from themetagger.models.families.first_trials import PLATEAU
from themetagger.search.companion import COMPANION_C, COMPANION_WEIGHTS, Companion, blend_weight
from themetagger.search.cross_validation import out_of_fold_scores
from themetagger.search.ridge import ALPHAS, fold_scores
from themetagger.search.space import Configuration, companion_configuration
from themetagger.search.warm_start import best_for_all, best_per_theme, values
from themetagger.selection.objectives import PrecisionFirst
from themetagger.selection.operating_points import operating_points


class Split:
    """One train.csv divided in two: scores of both parts for any configuration."""

    def __init__(self, folder: Path, seed: int) -> None:
        train, self.held = hold_out(read_corpus(folder / "train.csv"), share=0.3, seed=seed)
        found = {name: count_terms(clean(train.texts), name, min_df=2) for name in ANALYSERS}
        self.features = FoldFeatures(found, make_folds(train.labels, train.groups, seed=seed))
        held = clean(self.held.texts)
        self.counts = {name: count_known(held, name, counts.terms) for name, counts in found.items()}
        names = [name for name in train.themes if train.column(name).sum() >= 21 and self.held.column(name).any()]
        self.Y = np.column_stack([train.column(name) for name in names])
        self.H = np.column_stack([self.held.column(name) for name in names])

    def scores(self, configuration: Configuration, j: int) -> tuple[np.ndarray, np.ndarray]:
        """Out-of-fold scores, and the mean of the fold models' scores of the held-out texts."""
        inside, models = out_of_fold_scores(configuration, self.features, self.Y[:, j])
        rows = [self.features.fold(configuration.view, k).fitted.rows(self.counts) for k in range(len(models))]
        return inside, np.mean([member_scores(m, r) for m, r in zip(models, rows, strict=True)], axis=0)

    def alphas(self) -> list[float]:
        """The penalty that is advised to each theme."""
        scores = np.empty((len(ALPHAS), *self.Y.shape))
        for k in range(self.features.n_folds):
            scores[:, self.features.folds == k] = fold_scores(self.features, PLATEAU, self.Y, k)
        found = [values(PrecisionFirst(), self.Y[:, j], scores[:, :, j]) for j in range(self.Y.shape[1])]
        return [ALPHAS[i] for i in best_per_theme(np.transpose(found))]


def figures(y: np.ndarray, scores: np.ndarray) -> tuple[float, float, float]:
    """Average precision, recall at precision >= .9, precision at recall >= .5."""
    points = operating_points(y, scores)
    high = points.recall[points.precision >= 0.9].max(initial=0)
    return points.average_precision, float(high), float(points.precision[points.recall >= 0.5].max())


def measure(split: Split) -> dict[str, np.ndarray]:
    """Figures of ridge alone and with each companion, means over themes."""
    rows: dict[str, list[tuple[float, float, float]]] = {}
    told = []
    for j, alpha in enumerate(split.alphas()):
        y, h = split.Y[:, j], split.H[:, j]
        inside, outside = split.scores(Configuration("ridge", {"alpha": alpha, "class_weight": None}, PLATEAU), j)
        rows.setdefault("ridge alone", []).append(figures(h, outside))
        worth = []
        for C in COMPANION_C:
            added, more = split.scores(companion_configuration(Companion(C, 0)), j)
            for weight in COMPANION_WEIGHTS:
                factor = blend_weight(inside, added, weight)
                rows.setdefault(f"C {C} weight {weight}", []).append(figures(h, outside + factor * more))
            factor = blend_weight(inside, added, COMPANION_WEIGHTS[0])
            worth += values(PrecisionFirst(), y, (inside + factor * added)[np.newaxis])
        told.append(worth)
    chosen = f"C {COMPANION_C[best_for_all(np.transpose(told))]} weight {COMPANION_WEIGHTS[0]}"
    return {name: np.mean(found, axis=0) for name, found in (rows | {"C of all themes": rows[chosen]}).items()}


def main() -> None:
    """Measure on each folder named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    for folder in options.folders:
        found = [measure(Split(folder, seed)) for seed in range(options.seeds)]
        print(f"{folder.name}, {options.seeds} seeds: average precision, R@P90, P@R50", flush=True)
        for name in found[0]:
            print(f"  {name:24s} " + " ".join(f"{x:.3f}" for x in np.mean([one[name] for one in found], axis=0)))


if __name__ == "__main__":
    main()
