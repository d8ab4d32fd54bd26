"""Where the time goes, as ratios measured in one run: naive (scikit-learn pipelines), profile, workers, tagging.

usage: python tests/benchmarks/speed.py naive FOLDER [--themes 2]      same configurations, vectorisers refitted
       python tests/benchmarks/speed.py profile FOLDER                 CPU of a default run by what it was spent on
       python tests/benchmarks/speed.py workers FOLDER                 a default run with one worker and with two
       python tests/benchmarks/speed.py tagging FOLDER --tagger FILE [--peers]
                                            texts a second beside scikit-learn's transform (and beside LibMultiLabel and
                                            fastText: pip install libmultilabel==0.10.0 fasttext-wheel); one at a time

FOLDER has a train.csv. Model libraries run one thread (two workers: one each).
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.pipeline import FeatureUnion, make_pipeline
from threadpoolctl import threadpool_limits

from themetagger.corpus import Corpus, make_folds, read_corpus
from themetagger.features import ANALYSERS, FoldFeatures, TfidfConfig, count_terms
from themetagger.features.preprocessing import clean
from themetagger.models.families import FAMILIES, fit_estimator
from themetagger.models.families.first_trials import PLATEAU
from themetagger.search.companion import Companion
from themetagger.search.cross_validation import out_of_fold_scores
from themetagger.search.ridge import ALPHAS, fold_scores
from themetagger.search.space import Configuration, companion_configuration
from themetagger.tagger.theme_tagger import ThemeTagger

WORDS = TfidfConfig("words", min_df=3, max_df=0.5)
SINGLE = [  # what the studies of a default run begin with, beside ridge
    Configuration("naive_bayes_complement", {"alpha": 0.3, "norm": True}, WORDS),
    Configuration("logistic", {"C": 10.0, "class_weight": "balanced"}, WORDS),
    Configuration("linear_svm", {"C": 0.3, "class_weight": None}, PLATEAU),
    companion_configuration(Companion(C=0.1, weight=0.35)),
]


class AsFamily(ClassifierMixin, BaseEstimator):
    """A family's estimator, as the last step of a pipeline."""

    def __init__(self, family: str, params: dict[str, Any]) -> None:
        self.family, self.params = family, params

    def fit(self, X: Any, y: Any) -> AsFamily:
        self.estimator_ = fit_estimator(FAMILIES[self.family], self.params, X, y, seed=0)
        return self

    def scores(self, X: Any) -> Any:
        if hasattr(self.estimator_, "decision_function"):
            return self.estimator_.decision_function(X)
        found = self.estimator_.predict_joint_log_proba(X)
        return found[:, 1] - found[:, 0]


def vectoriser(view: TfidfConfig) -> Any:
    """scikit-learn's own way to the features of a view."""
    limits = {"min_df": view.min_df, "max_df": view.max_df}
    if view.presence:
        return CountVectorizer(ngram_range=(1, 2), binary=True, **limits)
    words = TfidfVectorizer(ngram_range=(1, 1 if view.view == "words" else 2), sublinear_tf=True, **limits)
    if view.view != "words+chars":
        return words
    chars = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, **limits)
    return FeatureUnion([("words", words), ("chars", chars)])


def naive(folder: Path, themes: int) -> None:
    """The same out-of-fold scores by pipelines that are fitted whole in every fold, for every theme and setting."""
    corpus = read_corpus(folder / "train.csv")
    names = [theme for theme in corpus.themes if corpus.column(theme).sum() >= 30]
    folds = make_folds(corpus.labels, corpus.groups)
    begun = time.perf_counter()
    texts = clean(corpus.texts)
    features = FoldFeatures({name: count_terms(texts, name, min_df=2) for name in ANALYSERS}, folds)
    Y = np.column_stack([corpus.column(theme) for theme in names])
    ridge = np.empty((len(ALPHAS), *Y.shape))
    for k in range(features.n_folds):
        ridge[:, folds == k] = fold_scores(features, PLATEAU, Y, k)
    single = [[out_of_fold_scores(one, features, Y[:, j])[0] for one in SINGLE] for j in range(len(names))]
    ours = (time.perf_counter() - begun) / len(names)
    chosen = np.unique(np.linspace(0, len(names) - 1, themes).astype(int))
    begun, gap = time.perf_counter(), np.zeros(2)
    for j in chosen:
        for i, alpha in enumerate(ALPHAS):
            one = Configuration("ridge", {"alpha": alpha, "class_weight": None}, PLATEAU)
            gap[0] = max(gap[0], np.abs(_pipeline_scores(one, corpus, folds, Y[:, j]) - ridge[i, :, j]).max())
        for one, found in zip(SINGLE, single[j], strict=True):
            gap[1] = max(gap[1], np.abs(_pipeline_scores(one, corpus, folds, Y[:, j]) - found).max())
    theirs = (time.perf_counter() - begun) / len(chosen)
    print(
        f"{folder.name}: {len(ALPHAS) + len(SINGLE)} configurations, {features.n_folds} folds, a theme: "
        f"{theirs:.1f} s by pipelines ({len(chosen)} themes), {ours:.2f} s here ({len(names)} themes, reading of texts "
        f"included), {theirs / ours:.0f} times; largest difference of scores: ridge {gap[0]:.1e} (the library's "
        f"iterations end at 1e-3), others {gap[1]:.1e}"
    )


def _pipeline_scores(one: Configuration, corpus: Corpus, folds: np.ndarray, y: np.ndarray) -> np.ndarray:
    texts, scores = np.array(corpus.texts, dtype=object), np.empty(len(y))
    for k in range(int(folds.max()) + 1):
        model = make_pipeline(vectoriser(one.view), AsFamily(one.family, one.params))
        model.fit(texts[folds != k], y[folds != k])
        scores[folds == k] = model[-1].scores(model[:-1].transform(texts[folds == k]))
    return scores


class Clock:
    """CPU seconds by purpose; what is spent inside a purpose within another counts for the inner one."""

    def __init__(self) -> None:
        self.spent: Counter[str] = Counter()
        self._stack, self._last = ["the rest"], time.process_time()

    @contextmanager
    def purpose(self, name: str) -> Iterator[None]:
        """Count what happens inside for ``name``."""
        self._lap()
        self._stack.append(name)
        try:
            yield
        finally:
            self._lap()
            self._stack.pop()

    def _lap(self) -> None:
        now = time.process_time()
        self.spent[self._stack[-1]] += now - self._last
        self._last = now

    def watch(self, owner: Any, attribute: str, name: str) -> None:
        """Count calls of ``owner.attribute`` for ``name`` from now on."""
        whole: Callable[..., Any] = getattr(owner, attribute)

        def watched(*args: Any, **keywords: Any) -> Any:
            with self.purpose(name):
                return whole(*args, **keywords)

        setattr(owner, attribute, watched)


def profile(folder: Path) -> None:
    """One default run in this process, its CPU by purpose."""
    import optuna

    import themetagger.runs.tune as story
    from themetagger.features import fold_cache as feature_folds
    from themetagger.features import registry, tfidf, tfidf_weights
    from themetagger.models import ensemble as ensemble
    from themetagger.models import families
    from themetagger.runs import data as material
    from themetagger.search import cross_validation as out_of_fold
    from themetagger.search import one_vs_rest, warm_start
    from themetagger.search import trial as trying

    clock = Clock()
    for owner, attribute, name in (
        (families, "fit_estimator", "estimator fit"),
        (warm_start, "fold_scores", "estimator fit"),  # ridge of all themes: products, factorisation, scores
        (ensemble, "scores", "estimator score"),
        (out_of_fold, "best_columns", "choosing columns (chi2)"),
        (tfidf_weights.TfidfWeights, "rows", "weighing"),
        (tfidf.TfidfConfig, "fit", "weighing"),
        (feature_folds, "_reduce", "reducing (SVD)"),
        (optuna.study.Study, "optimize", "Optuna"),
        (trying.StudyState, "add", "study: cuts, values, copies"),
        (one_vs_rest, "study_theme", "study: cuts, values, copies"),
        (registry, "count_terms", "counting terms"),
        (material, "read_corpus", "reading the table"),
        (story, "build_tagger", "putting the tagger together"),
    ):
        clock.watch(owner, attribute, name)
    begun = time.process_time()
    with clock.purpose("the rest"), threadpool_limits(1):
        story.tune(folder / "train.csv", n_jobs=1, show_progress=False)
    whole = time.process_time() - begun
    print(f"{folder.name}: {whole:.0f} s of CPU in a default run")
    for name, seconds in clock.spent.most_common():
        print(f"  {name:32s} {seconds:7.1f} s {seconds / whole:6.1%}")


def workers(folder: Path) -> None:
    """Wall time of the search with one worker and with two."""
    from themetagger.runs.tune import tune

    spent = []
    for n_jobs in (1, 2):
        begun = time.perf_counter()
        tune(folder / "train.csv", n_jobs=n_jobs, show_progress=False)
        spent.append(time.perf_counter() - begun)
    print(f"{folder.name}: one worker {spent[0]:.0f} s, two {spent[1]:.0f} s, {spent[0] / spent[1]:.2f} times")


def tagging(folder: Path, file: Path, peers: bool) -> None:
    """Texts a second beside a bare transform by the same analysers and beside peers; and one text at a time.

    Each time with a tagger that has not seen the texts, for it remembers words: loaded anew, and its indexes made.
    """
    tagger, corpus = _ready(file), read_corpus(folder / "train.csv")
    texts = (list(corpus.texts) * (1 + 20_000 // len(corpus)))[:20_000]
    bare = [
        CountVectorizer(ngram_range=(1, 2), lowercase=False, vocabulary=tagger.encoder.vocabulary["word"]),
        CountVectorizer(
            analyzer="char_wb", ngram_range=(3, 5), lowercase=False, vocabulary=tagger.encoder.vocabulary["char_wb"]
        ),
    ]
    cleaned = clean(texts, tagger.encoder.steps)
    ways: dict[str, Callable[[], Any]] = {
        "themetagger": lambda: tagger.predict(texts),  # the one of the round
        "bare transform": lambda: [one.transform(cleaned) for one in bare],
    }
    if peers:
        Y = np.column_stack([corpus.column(theme) for theme in tagger.themes])
        ways |= {"LibMultiLabel": _libmultilabel(corpus, Y, texts), "fastText": _fasttext(corpus, Y, texts)}
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(3):  # in turn, so that whatever else the machine does falls on all
        tagger = _ready(file)
        for name, way in ways.items():
            begun = time.perf_counter()
            way()
            spent[name].append(time.perf_counter() - begun)
    ours = float(np.median(spent["themetagger"]))
    print(f"{folder.name}: {len(tagger.themes)} themes, {len(texts):,} texts, medians of 3")
    for name, found in spent.items():
        seconds = float(np.median(found))
        print(f"  {name:16s} {len(texts) / seconds:9,.0f} texts a second; ours is {seconds / ours:.2f} times as fast")
    single, tagger = [], _ready(file)
    for text in texts[:2_000]:
        begun = time.perf_counter()
        tagger.tag([text])
        single.append(time.perf_counter() - begun)
    apart = sum(map(bool, tagger._theme_scores.single.values()))
    p50, p99 = np.percentile(single, [50, 99]) * 1e3
    print(f"  one text: p50 {p50:.2f} ms, p99 {p99:.2f} ms; {apart} themes have models that are not linear")


def _ready(file: Path) -> ThemeTagger:
    tagger = ThemeTagger.load(file)
    tagger.tag(["a text"] * 100)  # as many as are scored together rather than one by one
    return tagger


def _libmultilabel(corpus: Corpus, Y: np.ndarray, texts: list[str]) -> Callable[[], Any]:
    """Its linear one-versus-rest, from texts to scores."""
    import libmultilabel.linear as peer
    import scipy.sparse as sp

    words = TfidfVectorizer()
    model = peer.train_1vsrest(sp.csr_matrix(Y).astype(float), words.fit_transform(corpus.texts), False, "-s 1", False)
    return lambda: peer.predict_values(model, words.transform(texts))


def _fasttext(corpus: Corpus, Y: np.ndarray, texts: list[str]) -> Callable[[], Any]:
    """Its supervised model at default settings, all labels of a text."""
    import fasttext

    def line(text: str) -> str:
        return " ".join(text.lower().split())

    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        for text, row in zip(corpus.texts, Y, strict=True):
            file.write(" ".join(f"__label__{j}" for j in np.flatnonzero(row)) + f" {line(text)}\n")
        file.flush()
        model = fasttext.train_supervised(file.name, loss="ova", verbose=0, thread=2)
    return lambda: [model.f.predict(line(text) + "\n", -1, 0.5, "strict") for text in texts]


def main() -> None:
    """Run what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["naive", "profile", "workers", "tagging"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--themes", type=int, default=2, help="themes that the pipelines are run for")
    parser.add_argument("--tagger", type=Path, help="tagger file")
    parser.add_argument("--peers", action="store_true", help="also LibMultiLabel and fastText")
    options = parser.parse_args()
    if options.what == "tagging":
        tagging(options.folder, options.tagger or parser.error("tagging needs --tagger"), options.peers)
    elif options.what == "naive":
        with threadpool_limits(1):
            naive(options.folder, options.themes)
    else:
        {"profile": profile, "workers": workers}[options.what](options.folder)


if __name__ == "__main__":
    main()
