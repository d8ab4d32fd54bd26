"""TF-IDF and logistic regression of scikit-learn: analysers and penalties in a grid, a cut a theme."""

from __future__ import annotations

from threading import Lock
from typing import Any

from sklearn.feature_extraction.text import TfidfVectorizer

from ..task import Outcome, Task
from .grids import Grid, Part, logistic_scores, outcome_of, shuffled_folds
from .shared import versions

ANALYSERS: dict[str, dict[str, Any]] = {
    "words": {"ngram_range": (1, 2), "min_df": 2},
    "characters": {"analyzer": "char_wb", "ngram_range": (3, 5), "min_df": 3},
}
SETTINGS = [(analyser, penalty) for penalty in (10.0, 1.0, 100.0) for analyser in ANALYSERS]


class Texts:
    """Train and test texts as TF-IDF, each analyser's made when it is first asked for."""

    def __init__(self, fitted: list[str], scored: list[str]) -> None:
        self._fitted, self._scored = fitted, scored
        self._made: dict[str, tuple[Any, Any]] = {}
        self._lock = Lock()  # themes are fitted by several threads

    def rows(self, analyser: str) -> tuple[Any, Any]:
        """Of the texts to fit on and of those to score."""
        with self._lock:
            if analyser not in self._made:
                vectorizer = TfidfVectorizer(sublinear_tf=True, **ANALYSERS[analyser])
                self._made[analyser] = vectorizer.fit_transform(self._fitted), vectorizer.transform(self._scored)
        return self._made[analyser]


def run(task: Task, variant: str) -> Outcome:
    """Choose the analyser and the penalty of each theme by five-fold cross-validation."""
    folds = shuffled_folds(len(task.train_texts), task.seed)

    def part(fitted: Any, scored: list[str]) -> Part:
        return Part(Texts([task.train_texts[i] for i in fitted], scored), task.labels[fitted], scored)

    def fit(part: Part, j: int, setting: tuple[str, float]) -> Any:
        analyser, penalty = setting
        fitted, scored = part.fitted.rows(analyser)
        return logistic_scores(Part(fitted, part.labels, scored), j, penalty)

    grid = Grid(
        folds=[part(fitted, [task.train_texts[i] for i in scored]) for fitted, scored in folds],
        held_out=[scored for _, scored in folds],
        whole=part(range(len(task.train_texts)), task.test_texts),
        fit=fit,
        settings=SETTINGS,
    )
    return outcome_of(grid, task, versions("scikit-learn"))
