"""Make the golden tagger file of the format version that the code on the path writes, and what it must tag.

usage: python tests/golden/make.py

Writes vN.tagger beside this file, and puts the scores and tags that the code gives into expected.json. Run it when
the format gets a new version, and never again for that version: the file stands for those that people have. The older
ones were made by this very script with the code of their time, each at the last commit that wrote its version (540c5ba,
507a0b2 and e23255b), unpacked into a folder of its own:

    git archive 540c5ba | tar -x -C FOLDER
    PYTHONPATH=FOLDER python tests/golden/make.py

So it uses only what all versions have, and asks where they differ: from version 2 on models have weights, and words may
count as present or not; from version 3 on themes are certified; from version 4 on there are corrected figures.
"""

from __future__ import annotations

import inspect
import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from themetagger.corpus import TableFormat, corpus_from_frame, make_folds
from themetagger.features import FoldFeatures, TfidfConfig, count_terms
from themetagger.features.encoder import build_encoder
from themetagger.features.preprocessing import clean
from themetagger.models.ensemble import EnsembleMember
from themetagger.models.scorers import LinearScorer
from themetagger.models.storage import container as bundle
from themetagger.search.cross_validation import deployed_members, out_of_fold_scores
from themetagger.search.space import Configuration
from themetagger.selection import theme_result as theme_result
from themetagger.selection.calibration import fit_calibration
from themetagger.selection.confusion import Confusion
from themetagger.selection.objectives import PrecisionFirst
from themetagger.selection.operating_points import operating_points
from themetagger.selection.results import HeldOut
from themetagger.selection.theme_result import ThemeResult
from themetagger.tagger.theme_tagger import ThemeTagger

HERE = Path(__file__).parent
OWN = {
    "pay": ["salary", "bonus", "wage", "café"],
    "hours": ["overtime", "shift", "tired", "wage"],
    "boss": ["manager", "listens", "fair", "tired"],
    "food": ["canteen", "soup", "naïve"],
    "travel": ["train", "parking", "late"],
}
COMMON = ["the", "office", "team", "today", "often", "here"]
FOREST = {"n_estimators": 4, "max_depth": 4, "min_samples_leaf": 1, "class_weight": None}
PROPOSALS = {
    "pay": Configuration("ridge", {"alpha": 1.0, "class_weight": None}, TfidfConfig("words+chars", min_df=3)),
    "hours": Configuration("kernel_svm", {"C": 1.0, "gamma": 0.5, "class_weight": None}, TfidfConfig("words")),
    "boss": Configuration("random_forest", FOREST, TfidfConfig("words_1_2"), reduction="chi2:12"),
    "food": Configuration("random_forest", FOREST, TfidfConfig("words", sublinear_tf=False), reduction="svd:4"),
    "travel": Configuration("ridge", {"alpha": 1.0, "class_weight": None}, TfidfConfig("words")),
}
TEXTS = [
    "The salary is low, and the bonus too.",
    "",
    "Canteen soup, my manager listens; overtime!",
    "naïve CAFÉ 42 café CAFE\u0301",
    "tired tired tired shift wage " * 20,
    "Late train. No parking here today?",
    "the office team",
    "fair manager often listens",
    "日本 🙂 \ud800 overtime",
    "train parking late " * 3,
    "naïve soup from the canteen",
]


def table(n: int) -> pd.DataFrame:
    """``n`` texts, each with some themes or none, and a word of none of them."""
    rng = np.random.default_rng(0)
    rows = []
    for _ in range(n):
        themes = [theme for theme in OWN if rng.random() < 0.3]
        words = [*rng.choice(COMMON, 4), *(word for theme in themes for word in rng.choice(OWN[theme], 2))]
        words.append(rng.choice([word for own in OWN.values() for word in own]))
        rows.append((" ".join(rng.permutation(words)), ", ".join(themes)))
    return pd.DataFrame(rows, columns=["Processed Text", "Themes"])


def tagger(n: int = 90, *, n_folds: int = 3) -> ThemeTagger:
    """Models of every kind that the version has, on the synthetic table of ``n`` texts; one theme is skipped."""
    corpus = corpus_from_frame(table(n))
    folds = make_folds(corpus.labels, corpus.groups, n_folds=n_folds)
    texts = clean(corpus.texts)
    counts = {analyser: count_terms(texts, analyser) for analyser in ("word", "char_wb")}
    features = FoldFeatures(counts, folds)
    theme_results, members = [], {}
    for theme, configuration in PROPOSALS.items():
        y = corpus.column(theme)
        scores, models = out_of_fold_scores(configuration, features, y)
        members[theme] = tuple(deployed_members(configuration.view, models, features))
        theme_results.append(decided(theme, configuration, y, scores))
    members["travel"] = tuple(map(sparse, members["travel"]))
    if "weight" in _names(EnsembleMember):
        members["pay"] += companion(corpus.column("pay"), features)
    keys = [(member.view, member.fold) for ensemble in members.values() for member in ensemble]
    theme_results.insert(2, ThemeResult.skipped("parking", "3 positives, needs 30", support=3))
    held_out = {theme_result.theme: HeldOut(Confusion(1, 2, 3, 4), 0.5) for theme_result in theme_results}
    encoder = build_encoder(keys, counts, folds, ("nfc", "lower"))
    return ThemeTagger(
        theme_results, members, encoder, table_format=TableFormat(("title", "body")), held_out=held_out, **unknown()
    )


def decided(theme: str, configuration: Configuration, y: Any, scores: Any) -> ThemeResult:
    """A winner at the cut that precision first chooses; where there are promises, "boss" has one."""
    points = operating_points(y, scores)
    cut = PrecisionFirst().choose(points)
    known = {"certified_target": 0.9, "certified_confidence": 0.9, "certified_threshold": float(points.thresholds[cut])}
    known |= {"certified_flagged": 4, "certified_hits": 4, "certified_positives": 9}
    known = known if theme == "boss" else {}
    known |= {"corrected_precision": 0.7, "precision_bound": 0.6, "label_gain": 0.01}
    return ThemeResult(
        theme,
        "CERTIFIED" if theme == "boss" and "CERTIFIED" in theme_result.STATUSES else theme_result.STATUSES[1],
        support=int(y.sum()),
        family=configuration.family,
        view=configuration.view.name,
        params=dict(configuration.params),
        feature_settings=configuration.view.to_json(),
        threshold=float(points.thresholds[cut]),
        counts=Confusion(5, 2, 3, 80),
        average_precision=points.average_precision,
        calibration=fit_calibration(y, scores),
        trials=2,
        seconds=1.5,
        **{name: value for name, value in known.items() if name in _names(ThemeResult)},
    )


def sparse(member: EnsembleMember) -> EnsembleMember:
    """The member with a third of its weights, which are written by index."""
    scorer = member.model.scorer
    assert isinstance(scorer, LinearScorer)
    large = np.abs(scorer.weights) > np.quantile(np.abs(scorer.weights), 0.67)
    weights = np.where(large, scorer.weights, 0).astype(scorer.weights.dtype)
    return replace(member, model=replace(member.model, scorer=replace(scorer, weights=weights)))


def companion(y: Any, features: FoldFeatures) -> tuple[EnsembleMember, ...]:
    """A sparse model of which words are there, that counts a third."""
    beside = Configuration("sparse_svm", {"C": 0.4, "class_weight": None}, TfidfConfig("words_1_2", presence=True))
    _, models = out_of_fold_scores(beside, features, y)
    return tuple(replace(member, weight=0.35) for member in deployed_members(beside.view, models, features))


def unknown() -> dict[str, Any]:
    """How many words to expect unknown, where a tagger knows."""
    if "unknown_words" not in inspect.signature(ThemeTagger).parameters:
        return {}
    from themetagger.tagger.drift import UnknownWords

    return {"unknown_words": UnknownWords(0.1, 0.1, 90, ("the",))}


def _names(kind: Any) -> set[str]:
    return {field.name for field in fields(kind)}


def main() -> None:
    """Write the file, and what it must give."""
    made, name = tagger(), f"v{bundle.VERSION}"
    made.save(HERE / f"{name}.tagger")
    where = HERE / "expected.json"
    expected = json.loads(where.read_text(encoding="ascii")) if where.exists() else {}
    expected[name] = {
        "themes": made.themes,
        "texts": TEXTS,
        "tags": made.tag(TEXTS),
        "scores": made.scores(TEXTS).tolist(),
        "probabilities": made.predict_proba(TEXTS).tolist(),
    }
    where.write_text(json.dumps(dict(sorted(expected.items())), indent=1) + "\n", encoding="ascii")
    print(name, (HERE / f"{name}.tagger").stat().st_size, "bytes,", sum(map(len, expected[name]["tags"])), "tags")


if __name__ == "__main__":
    main()
