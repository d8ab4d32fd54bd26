"""Time to the quality of the notebook that this project descends from, a theme, on texts held out of a train.csv.

usage: python tests/benchmarks/ancestor.py FOLDER [--themes 4] [--trials 30] [--seed 0]   (only its train.csv is read)

The notebook's approach, rebuilt from its description: one Optuna study a theme over four kinds of model, the vectoriser
fitted anew in every trial, the threshold one more parameter, and precision (with half of the theme recalled) as it is
on a fifth of the rows; the best trial is then fitted on all rows. Ours: all themes of 30 positives, two workers, from
the table to the tagger, with one trial a theme and with the default settings. 30 % of the rows are held out of
everything (stratified, duplicates together), and quality is measured there: average precision, and precision and recall
of the tags.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import optuna
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import Pipeline, make_pipeline
from xgboost import XGBClassifier

from themetagger.corpus import Corpus, hold_out, read_corpus
from themetagger.runs.tune import tune

QUICK: dict[str, Any] = {"trials": 1}
Figures = tuple[float, float, float]


def pipeline(trial: optuna.Trial, seed: int) -> Pipeline:
    """One of four kinds of model on TF-IDF, with its usual parameters."""
    kind = trial.suggest_categorical("model", ["logistic", "naive_bayes", "random_forest", "xgboost"])
    longest = trial.suggest_int("ngram_max", 1, 2)
    words = TfidfVectorizer(ngram_range=(1, longest), max_features=trial.suggest_int("max_features", 1_000, 10_000))
    if kind == "logistic":
        C = trial.suggest_float("C", 0.01, 100, log=True)
        return make_pipeline(words, LogisticRegression(C=C, class_weight="balanced", max_iter=1_000))
    if kind == "naive_bayes":
        return make_pipeline(words, MultinomialNB(alpha=trial.suggest_float("alpha", 0.001, 1, log=True)))
    trees, depth = trial.suggest_int("n_estimators", 50, 300), trial.suggest_int("max_depth", 3, 12)
    if kind == "random_forest":
        forest = RandomForestClassifier(trees, max_depth=depth, class_weight="balanced", random_state=seed, n_jobs=2)
        return make_pipeline(words, forest)
    rate = trial.suggest_float("learning_rate", 0.01, 0.3, log=True)
    return make_pipeline(words, XGBClassifier(n_estimators=trees, max_depth=depth, learning_rate=rate, n_jobs=2))


def ancestor(texts: list[str], y: np.ndarray, trials: int, seed: int) -> tuple[Pipeline, float]:
    """The fitted winner of one theme, and its threshold."""
    fit, check = train_test_split(np.arange(len(y)), test_size=0.2, stratify=y, random_state=seed)

    def value(trial: optuna.Trial) -> float:
        model = pipeline(trial, seed).fit([texts[i] for i in fit], y[fit])
        tagged = model.predict_proba([texts[i] for i in check])[:, 1] >= trial.suggest_float("threshold", 0.1, 0.9)
        hits = float((tagged & (y[check] > 0)).sum())
        precision, recall = hits / max(1, tagged.sum()), hits / y[check].sum()
        return precision if recall >= 0.5 else recall - 1

    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed))
    study.optimize(value, n_trials=trials)
    best = optuna.trial.FixedTrial(study.best_params)
    return pipeline(best, seed).fit(texts, y), study.best_params["threshold"]  # type: ignore[arg-type]


def figures(truth: np.ndarray, scores: np.ndarray, tagged: np.ndarray) -> Figures:
    """Average precision, precision and recall of the tags."""
    hits = float((tagged & (truth > 0)).sum())
    return float(average_precision_score(truth, scores)), hits / max(1, tagged.sum()), hits / truth.sum()


def ours(train: Corpus, held: Corpus, names: list[str], **settings: Any) -> tuple[float, list[Figures]]:
    """Seconds a theme, and the figures of the themes ``names``."""
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        run = tune(train, out=folder, n_jobs=2, show_progress=False, **settings)
        spent = time.perf_counter() - begun
    decisions = run.tagger.decision_function(held.texts)
    place = {theme: j for j, theme in enumerate(run.tagger.themes)}
    columns = [decisions[:, place[name]] if name in place else np.full(len(held), -1.0) for name in names]
    return spent / len(place), [figures(held.column(n), c, c >= 0) for n, c in zip(names, columns, strict=True)]


def main() -> None:
    """Measure on the folder that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--themes", type=int, default=4, help="themes that the notebook's approach is run for")
    parser.add_argument("--trials", type=int, default=30, help="trials a theme of the notebook's approach")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    train, held = hold_out(read_corpus(options.folder / "train.csv"), share=0.3, seed=options.seed)
    fit_for = [name for name in train.themes if train.column(name).sum() >= 30 and held.column(name).any()]
    names = [fit_for[i] for i in np.unique(np.linspace(0, len(fit_for) - 1, options.themes).astype(int))]
    texts, spent, theirs = list(train.texts), 0.0, []
    for name in names:
        begun = time.perf_counter()
        model, threshold = ancestor(texts, train.column(name), options.trials, options.seed)
        spent += time.perf_counter() - begun
        scores = model.predict_proba(held.texts)[:, 1]
        theirs.append(figures(held.column(name), scores, scores >= threshold))
    rows = [("the notebook's approach", spent / len(names), theirs)]
    rows += [("ours, one trial", *ours(train, held, names, **QUICK)), ("ours, default", *ours(train, held, names))]
    print(f"{options.folder.name}: {len(names)} of {len(fit_for)} themes, means over them on the held-out texts")
    for name, seconds, found in rows:
        better = sum(a[0] >= b[0] for a, b in zip(found, theirs, strict=True))
        print(
            f"  {name:24s} {seconds:7.2f} s a theme; average precision {np.mean([one[0] for one in found]):.3f}, tags: "
            f"precision {np.mean([one[1] for one in found]):.3f} recall {np.mean([one[2] for one in found]):.3f}; "
            f"at least as good on {better} of {len(names)} themes"
        )


if __name__ == "__main__":
    main()
