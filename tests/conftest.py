"""A small corpus with themes whose words overlap, its folds, counts and features; and on how many cores tests run."""

from __future__ import annotations

import signal

import joblib
import numpy as np
import pandas as pd
import pytest
from hypothesis import settings

from themetagger.corpus import corpus_from_frame, make_folds
from themetagger.features import ANALYSERS, FoldFeatures, count_terms
from themetagger.features.preprocessing import clean

# the same examples in every run, and no limit of time that a busy machine could break
settings.register_profile("tests", derandomize=True, deadline=None, database=None, max_examples=50)
settings.load_profile("tests")

# theme -> its words; "hours" and "boss" tell of two themes each
WORDS = {
    "pay": ["salary", "bonus", "wage", "raise", "hours"],
    "workload": ["overtime", "deadline", "hours", "tired", "boss"],
    "manager": ["boss", "listens", "feedback", "fair", "praise"],
    "food": ["canteen", "soup", "coffee"],
}
ANY = [word for words in WORDS.values() for word in words]
COMMON = ["the", "office", "team", "week", "today", "really", "often", "here", "people", "always", "café", "never"]

# a shell's background has Ctrl-C ignored, and all processes that are begun from there; some tests press it
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

MOST_WORKERS = 8  # each loads the libraries, some 300 MB, and makes the shared fixtures: with more, little is gained


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist looks at the number
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Run the whole suite on all cores where pytest-xdist is there; what is named, is traced or has a ``-n`` as asked.

    A worker that has no test left takes over half of those of another (``worksteal``), in the order of the files, so
    that the tests of a module share its fixtures and a slow test at the end holds up no more than itself.
    """
    option = config.option
    asked = option.file_or_dir or option.collectonly or option.usepdb or getattr(option, "cov_source", None)
    if asked or hasattr(config, "workerinput") or not config.pluginmanager.hasplugin("xdist"):
        return
    workers = min(joblib.cpu_count(), MOST_WORKERS)
    if option.numprocesses is None and option.dist == "no" and workers > 1:
        option.numprocesses, option.dist = workers, "worksteal"


def make_frame(*, n: int = 200, seed: int = 0) -> pd.DataFrame:
    """``n`` texts, most of their words common ones; a text has some themes or none, and not every theme shows."""
    rng = np.random.default_rng(seed)
    chance = {"pay": 0.35, "workload": 0.3, "manager": 0.3, "food": 0.15}
    rows = []
    for _ in range(n):
        themes = [theme for theme in WORDS if rng.random() < chance[theme]]
        words = rng.choice(COMMON, size=rng.integers(6, 12)).tolist()
        for theme in themes:
            words += rng.choice(WORDS[theme], size=rng.integers(0, 4)).tolist()
        words += [f"rare{rng.integers(400)}", rng.choice(ANY)]
        rows.append((" ".join(rng.permutation(words)).capitalize() + ".", ", ".join(themes)))
    return pd.DataFrame(rows, columns=["Processed Text", "Themes"])


@pytest.fixture(scope="session", autouse=True)
def cache_of_the_tests(tmp_path_factory):
    """No test reads or writes the cache of the user who runs it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("THEMETAGGER_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def no_page():
    """For a module that looks at no run's page: to draw one takes as long as a small search."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("themetagger.runs.writing._draw_page", lambda *_: ())
        yield


@pytest.fixture(scope="session")
def corpus():
    """200 texts with four themes."""
    return corpus_from_frame(make_frame())


@pytest.fixture(scope="session")
def folds(corpus):
    """The fold of each text, 0 to 3."""
    return make_folds(corpus.labels, corpus.groups, n_folds=4)


@pytest.fixture(scope="session")
def counts(corpus):
    """Term counts of the corpus for each analyser."""
    texts = clean(corpus.texts)
    return {analyser: count_terms(texts, analyser) for analyser in ANALYSERS}


@pytest.fixture(scope="session")
def features(counts, folds):
    """Fold-wise features of the corpus."""
    return FoldFeatures(counts, folds)
