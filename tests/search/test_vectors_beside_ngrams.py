"""All themes together choose how much vectors count: much where words differ and mean the same, 0 where they bring
nothing; and what is chosen is what is fitted.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from themetagger.features import WEIGHTS, Vectors, inputs_of
from themetagger.search.one_vs_rest import search_themes
from themetagger.search.settings import StudySettings
from themetagger.search.study_result import StudyResult
from themetagger.search.workers.shared_data import Task
from themetagger.selection.objectives import PrecisionFirst

COMMON = "day week always never office people thing rather the and here today".split()
N, FOLDS = 160, np.arange(160) % 4


def texts_of(words: dict[str, list[str]]) -> tuple[list[str], dict[str, Any]]:
    """Texts, each with one of a theme's own words for each of its themes; and which texts have a theme."""
    draw = np.random.default_rng(0)
    y = {theme: (draw.random(N) < 0.3).astype(np.uint8) for theme in words}
    texts = []
    for i in range(N):
        own = [draw.choice(some) for theme, some in words.items() if y[theme][i]]
        texts.append(" ".join(draw.permutation([*draw.choice(COMMON, 6), *own])))
    return texts, y


def search(texts: list[str], y: dict[str, Any], vectors: Any = None, **settings: Any) -> list[StudyResult]:
    inputs, sources = dict(inputs_of(texts, ("lower",))), ("word", "char_wb")
    if vectors is not None:
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        inputs["static"] = Vectors((vectors / np.where(lengths > 0, lengths, 1)).astype(np.float32))
        sources = ("word", "char_wb", "static")
    settings = {"families": ("ridge",), "trials": 1} | settings
    made = StudySettings(PrecisionFirst(), sources=sources, **settings)
    tasks = [Task(theme, column, made) for theme, column in y.items()]
    return search_themes(tasks, inputs, FOLDS, n_jobs=1, show_progress=False)


@pytest.fixture(scope="module")
def synonyms() -> tuple[list[str], dict[str, Any], Any]:
    """Themes of 80 words each, so that most words of a fold are in no other; words of a theme have vectors alike."""
    draw = np.random.default_rng(1)
    words = {theme: ["".join(draw.choice(list("abcdefghijklm"), 8)) for _ in range(80)] for theme in ("pay", "food")}
    texts, y = texts_of(words)
    known = {
        word: draw.normal(size=16) / 2 + 2 * np.eye(16)[i] for i, some in enumerate(words.values()) for word in some
    }
    vectors = np.array([sum((known.get(word, np.zeros(16)) for word in text.split()), np.zeros(16)) for text in texts])
    return texts, y, vectors


@pytest.fixture(scope="module")
def helped(synonyms: Any) -> list[StudyResult]:
    return search(*synonyms)


def test_vectors_count_where_other_words_mean_the_same(synonyms: Any, helped: list[StudyResult]) -> None:
    texts, y, _ = synonyms
    for found, alone in zip(helped, search(texts, y), strict=True):
        settings = found.theme_result.feature_settings
        assert settings["view"] == "words+chars & static"
        assert settings["views"][1] in [{"view": "static", "weight": weight} for weight in WEIGHTS]
        assert alone.theme_result.feature_settings["view"] == "words+chars"
        assert found.theme_result.average_precision > 0.9 > 0.6 > alone.theme_result.average_precision


def test_other_families_begin_beside_the_vectors_too(synonyms: Any, helped: list[StudyResult]) -> None:
    families = ("ridge", "linear_svm", "naive_bayes_complement")
    ridge, more = helped, search(*synonyms, families=families, trials=3)
    for one, found in zip(ridge, more, strict=True):
        assert found.theme_result.average_precision >= one.theme_result.average_precision - 1e-9
        assert "static" in found.theme_result.feature_settings["view"]


@pytest.fixture(scope="module")
def told_by_words() -> tuple[list[str], dict[str, Any]]:
    """Themes that their own words tell without error: no vector can be of use."""
    return texts_of({"pay": ["salary", "wage", "bonus"], "food": ["soup", "lunch", "menu"]})


@pytest.mark.parametrize("width", [3, 128])
def test_vectors_of_noise_count_nothing_and_change_no_score(told_by_words: Any, width: int) -> None:
    noise = np.random.default_rng(width).normal(size=(N, width))
    for found, alone in zip(search(*told_by_words, noise), search(*told_by_words), strict=True):
        assert found.theme_result.feature_settings == alone.theme_result.feature_settings
        assert found.theme_result.params == alone.theme_result.params
        assert found.evidence is not None
        assert alone.evidence is not None
        assert found.evidence.scores.tobytes() == alone.evidence.scores.tobytes()


def test_a_random_search_draws_views_with_vectors(synonyms: Any) -> None:
    (found, _) = search(*synonyms, sampler="random", trials=6)
    assert "static" in found.theme_result.feature_settings["view"]  # which is better than the others it drew
