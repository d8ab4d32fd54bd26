"""The parts of a tagger come back from its file as they were; a file that was tampered with is refused on load."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from themetagger.corpus import TableFormat
from themetagger.features import TfidfConfig
from themetagger.features.encoder import build_encoder
from themetagger.features.ngrams import words
from themetagger.models.scorers import KernelScorer, LinearScorer, TreeScorer
from themetagger.models.storage.container import BundleError, read_bundle, write_bundle
from themetagger.search.cross_validation import deployed_members, out_of_fold_scores
from themetagger.search.space import Configuration
from themetagger.selection.calibration import fit_calibration
from themetagger.selection.confusion import Confusion
from themetagger.selection.objectives import PrecisionFirst
from themetagger.selection.operating_points import operating_points
from themetagger.selection.pooled import PooledCertificate
from themetagger.selection.results import HeldOut
from themetagger.selection.theme_result import ThemeResult
from themetagger.tagger import said
from themetagger.tagger.tagger_file import MADE_BY, load_parts
from themetagger.tagger.theme_tagger import ThemeTagger

FOREST = {"n_estimators": 5, "max_depth": 4, "min_samples_leaf": 1, "class_weight": None}
PROPOSALS = {
    "pay": Configuration("ridge", {"alpha": 1.0, "class_weight": None}, TfidfConfig("words+chars", min_df=2)),
    "workload": Configuration("kernel_svm", {"C": 1.0, "gamma": 0.5, "class_weight": None}, TfidfConfig("words")),
    "manager": Configuration("random_forest", FOREST, TfidfConfig("words_1_2"), reduction="chi2:20"),
    "food": Configuration("random_forest", FOREST, TfidfConfig("words", sublinear_tf=False), reduction="svd:8"),
}
TEXTS = ["The salary is low.", "", "Canteen soup, boss listens; overtime!", "naïve CAFÉ 42", "raise " * 50]


@pytest.fixture(scope="module")
def tagger(corpus: Any, folds: Any, counts: Any, features: Any) -> ThemeTagger:
    """A linear model, a kernel machine, trees on chosen columns and trees on a projection, and a skipped theme."""
    theme_results, members = [], {}
    for theme, configuration in PROPOSALS.items():
        y = corpus.column(theme)
        scores, models = out_of_fold_scores(configuration, features, y)
        members[theme] = deployed_members(configuration.view, models, features)
        theme_results.append(theme_result(theme, configuration, y, scores))
    keys = [(member.view, member.fold) for ensemble in members.values() for member in ensemble]
    encoder = build_encoder(keys, counts, folds, ("nfc", "lower"))
    theme_results.insert(2, ThemeResult.skipped("parking", "3 positives, needs 30", support=3))
    held_out = {theme_result.theme: HeldOut(Confusion(1, 2, 3, 4), 0.5) for theme_result in theme_results}
    held_out["parking"] = HeldOut(Confusion(0, 0, 1, 9))
    return ThemeTagger(theme_results, members, encoder, table_format=TableFormat(("title", "body")), held_out=held_out)


def theme_result(theme: str, configuration: Configuration, y: Any, scores: Any) -> ThemeResult:
    points = operating_points(y, scores)
    cut = PrecisionFirst().choose(points)
    return ThemeResult(
        theme,
        "BEST_EFFORT",
        support=int(y.sum()),
        family=configuration.family,
        view=configuration.view.name,
        params=dict(configuration.params),
        feature_settings=configuration.view.to_json(),
        threshold=float(points.thresholds[cut]),
        counts=Confusion(1, 2, 3, 4),
        average_precision=points.average_precision,
        calibration=fit_calibration(y, scores),
    )


@pytest.fixture(scope="module")
def saved(tagger: ThemeTagger, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("run") / "a.tagger"
    tagger.save(path)
    return path


def test_the_models_are_of_every_kind(tagger: ThemeTagger) -> None:
    kinds = [type(tagger.members[theme][0].model.scorer) for theme in PROPOSALS]
    assert kinds == [LinearScorer, KernelScorer, TreeScorer, TreeScorer]
    narrow = [tagger.members[theme][0].model.reduction for theme in PROPOSALS]
    assert [None if array is None else array.ndim for array in narrow] == [None, None, 1, 2]
    assert [len(tagger.members[theme]) for theme in PROPOSALS] == [1, 4, 1, 4]


def test_decisions_come_back_bit_for_bit(tagger: ThemeTagger, saved: Path, corpus: Any) -> None:
    loaded = ThemeTagger.load(saved)
    texts = [*TEXTS, *corpus.texts]
    assert loaded.decision_function(texts).tobytes() == tagger.decision_function(texts).tobytes()
    assert loaded.predict_proba(texts).tobytes() == tagger.predict_proba(texts).tobytes()
    assert loaded.tag(texts) == tagger.tag(texts)


def test_winners_names_and_results_come_back(tagger: ThemeTagger, saved: Path) -> None:
    loaded = ThemeTagger.load(saved)
    assert loaded.themes == list(PROPOSALS)
    assert loaded.thresholds == tagger.thresholds
    assert loaded.text_columns == ("title", "body")
    assert loaded.encoder.steps == ("nfc", "lower")
    assert loaded.held_out is not None
    assert loaded.held_out["pay"] == HeldOut(Confusion(1, 2, 3, 4), 0.5)
    assert loaded.results.drop(columns="seconds").equals(tagger.results.drop(columns="seconds"))


def test_a_file_is_the_same_after_another_round(saved: Path, tmp_path: Path) -> None:
    ThemeTagger.load(saved).save(tmp_path / "b.tagger")
    (manifest, arrays), (again, others) = read_bundle(saved), read_bundle(tmp_path / "b.tagger")
    assert manifest == again
    assert {name: array.tobytes() for name, array in arrays.items()} == {
        name: array.tobytes() for name, array in others.items()
    }


def test_a_tagger_without_any_model_comes_back(tmp_path: Path, counts: Any, folds: Any) -> None:
    empty = ThemeTagger([ThemeResult.skipped("pay", "one class")], {}, build_encoder([], counts, folds, ()))
    empty.save(tmp_path / "a.tagger")
    loaded = ThemeTagger.load(tmp_path / "a.tagger")
    assert loaded.tag(TEXTS) == [[]] * len(TEXTS)
    assert loaded.results["status"].tolist() == ["SKIPPED"]
    assert loaded.held_out is None


def test_mostly_zero_weights_are_kept_by_index_and_score_the_same(
    tagger: ThemeTagger, tmp_path: Path, saved: Path
) -> None:
    member = tagger.members["pay"][0]
    scorer = member.model.scorer
    assert isinstance(scorer, LinearScorer)
    weights = np.where(np.arange(len(scorer.weights)) % 5 == 0, scorer.weights, 0.0)
    sparse = replace(member, model=replace(member.model, scorer=LinearScorer(weights, scorer.intercept)))
    changed = ThemeTagger(tagger.theme_results, tagger.members | {"pay": (sparse,)}, tagger.encoder)
    changed.save(tmp_path / "a.tagger")
    assert (tmp_path / "a.tagger").stat().st_size < saved.stat().st_size
    loaded = ThemeTagger.load(tmp_path / "a.tagger")
    assert loaded.decision_function(TEXTS).tobytes() == changed.decision_function(TEXTS).tobytes()


def test_a_file_holds_what_decides_and_not_how_long_it_took(tagger: ThemeTagger, saved: Path, tmp_path: Path) -> None:
    slower = [replace(theme_result, seconds=theme_result.seconds + 9) for theme_result in tagger.theme_results]
    late = ThemeTagger(
        slower, tagger.members, tagger.encoder, table_format=tagger.table_format, held_out=tagger.held_out
    )
    late.save(tmp_path / "late.tagger")
    assert (tmp_path / "late.tagger").read_bytes() == saved.read_bytes()
    assert late.results["seconds"].tolist() == [9.0] * 5
    assert ThemeTagger.load(saved).results["seconds"].isna().all()


def test_a_file_says_who_made_it(saved: Path) -> None:
    made_by = read_bundle(saved)[0]["made_by"]
    assert made_by == {name: version(name) for name in MADE_BY}


Manifest, Arrays = dict[str, Any], dict[str, Any]


def member(manifest: Manifest, theme: str) -> Any:
    return manifest["members"][theme][0]


def put(arrays: Arrays, array: Any) -> str:
    arrays["new"] = np.asarray(array)
    return "new"


def change(arrays: Arrays, name: str, place: Any, value: Any) -> str:
    changed = arrays[name].copy()
    changed[place] = value
    return put(arrays, changed)


def in_scorer(theme: str, name: str, place: Any, value: Any) -> Callable[[Manifest, Arrays], None]:
    def edit(manifest: Manifest, arrays: Arrays) -> None:
        scorer = member(manifest, theme)["scorer"]
        scorer[name] = change(arrays, scorer[name], place, value)

    return edit


def set_scorer(theme: str, name: str, value: Any) -> Callable[[Manifest, Arrays], None]:
    return lambda manifest, arrays: member(manifest, theme)["scorer"].__setitem__(name, value)


def swap_scorer(theme: str, name: str, make: Callable[[Any], Any]) -> Callable[[Manifest, Arrays], None]:
    def edit(manifest: Manifest, arrays: Arrays) -> None:
        scorer = member(manifest, theme)["scorer"]
        scorer[name] = put(arrays, make(arrays[scorer[name]]))

    return edit


def set_narrow(theme: str, make: Callable[[Any], Any]) -> Callable[[Manifest, Arrays], None]:
    def edit(manifest: Manifest, arrays: Arrays) -> None:
        entry = member(manifest, theme)
        entry["narrow"] = put(arrays, make(arrays[entry["narrow"]]))

    return edit


def in_terms(name: str, make: Callable[[Any], Any]) -> Callable[[Manifest, Arrays], None]:
    def edit(manifest: Manifest, arrays: Arrays) -> None:
        part = manifest["views"][0]["terms"][0]
        part[name] = put(arrays, make(arrays[part[name]]))

    return edit


def in_winner(place: int, name: str, value: Any) -> Callable[[Manifest, Arrays], None]:
    return lambda manifest, arrays: manifest["winners"][place].__setitem__(name, value)


def changed(place: Any, value: Any) -> Callable[[Any], Any]:
    def make(array: Any) -> Any:
        copy = array.copy()
        copy[place] = value
        return copy

    return make


def wrapped(array: Any) -> Any:
    """Numbers that fall, while each difference is positive once it is cut to the type of the array."""
    ends = np.iinfo(array.dtype)
    made = np.concatenate([array[:1], np.array([ends.max, ends.min, -1], array.dtype), array[-(len(array) - 4) :]])
    with np.errstate(over="ignore"):
        assert (np.diff(made) > 0).all()
    return made.astype(array.dtype)


def in_view(name: str, value: Any) -> Callable[[Manifest, Arrays], None]:
    return lambda manifest, arrays: manifest["views"][0]["view"].__setitem__(name, value)


def shared_child(manifest: Manifest, arrays: Arrays) -> None:
    """The first node's children are one, as are all after it in a chain of so little room."""
    scorer = member(manifest, "manager")["scorer"]
    scorer["left"] = scorer["right"]


def float_columns(manifest: Manifest, arrays: Arrays) -> None:
    member(manifest, "workload")["scorer"]["columns"] *= 1.0


def float_size(manifest: Manifest, arrays: Arrays) -> None:
    sparse_weights()(manifest, arrays)
    member(manifest, "pay")["scorer"]["size"] *= 1.0


def wide_projection(manifest: Manifest, arrays: Arrays) -> None:
    set_narrow("food", lambda a: np.zeros((len(a), 10_001), np.float32))(manifest, arrays)


def vocabulary_of_numbers(manifest: Manifest, arrays: Arrays) -> None:
    entry = manifest["vocabulary"]["word"]
    entry[0] = put(arrays, arrays[entry[0]].astype(np.float32))


def long_term(analyser: str, term: str) -> Callable[[Manifest, Arrays], None]:
    def edit(manifest: Manifest, arrays: Arrays) -> None:
        data, offsets = manifest["vocabulary"][analyser]
        arrays["data"] = np.concatenate([arrays[data], np.frombuffer(term.encode(), np.uint8)])
        arrays["offsets"] = np.append(arrays[offsets], len(arrays["data"]))
        manifest["vocabulary"][analyser] = ["data", "offsets"]

    return edit


def twice(manifest: Manifest, arrays: Arrays) -> None:
    data, offsets = manifest["vocabulary"]["word"]
    first = arrays[data][: arrays[offsets][1]].tobytes().decode()
    long_term("word", first)(manifest, arrays)


def drop_theme(manifest: Manifest, arrays: Arrays) -> None:
    del manifest["members"]["pay"]


def empty_committee(manifest: Manifest, arrays: Arrays) -> None:
    manifest["members"]["pay"] = []


def member_of_unknown_theme(manifest: Manifest, arrays: Arrays) -> None:
    manifest["members"]["other"] = manifest["members"]["pay"]


def drop_winner(manifest: Manifest, arrays: Arrays) -> None:
    del manifest["winners"][0]


def winner_twice(manifest: Manifest, arrays: Arrays) -> None:
    manifest["winners"].append(manifest["winners"][0])


def view_twice(manifest: Manifest, arrays: Arrays) -> None:
    manifest["views"].append(manifest["views"][0])


def weight(value: Any) -> Callable[[Manifest, Arrays], None]:
    """The first model of a theme counts as much as ``value``."""
    return lambda manifest, arrays: member(manifest, "pay").update(weight=value)


def array_away(manifest: Manifest, arrays: Arrays) -> None:
    arrays.pop(member(manifest, "pay")["scorer"]["weights"])


def many_parts(manifest: Manifest, arrays: Arrays) -> None:
    """So many that checking each, all on one array, would take long."""
    manifest["views"][0]["terms"] *= 100_000


def part_away(manifest: Manifest, arrays: Arrays) -> None:
    manifest["views"][0]["terms"].pop()


def all_parts_empty(manifest: Manifest, arrays: Arrays) -> None:
    for part in manifest["views"][0]["terms"]:
        part["columns"], part["idf"] = "no columns", "no idf"
    arrays["no columns"], arrays["no idf"] = np.zeros(0, np.int32), np.zeros(0)


def vocabulary_away(manifest: Manifest, arrays: Arrays) -> None:
    del manifest["vocabulary"]["word"]


def unknown_analyser(manifest: Manifest, arrays: Arrays) -> None:
    manifest["vocabulary"]["other"] = manifest["vocabulary"]["word"]


def torn_vocabulary(manifest: Manifest, arrays: Arrays) -> None:
    entry = manifest["vocabulary"]["word"]
    entry[1] = change(arrays, entry[1], 1, 10**9)


def no_text(manifest: Manifest, arrays: Arrays) -> None:
    entry = manifest["vocabulary"]["word"]
    entry[0] = put(arrays, np.full_like(arrays[entry[0]], 0xFF))


def unknown_setting_of_a_view(manifest: Manifest, arrays: Arrays) -> None:
    manifest["views"][0]["view"]["stop"] = 1


def sparse_weights(**entry: Any) -> Callable[[Manifest, Arrays], None]:
    """Weights by index: three of them, right but for ``entry``."""

    def edit(manifest: Manifest, arrays: Arrays) -> None:
        scorer = member(manifest, "pay")["scorer"]
        made = {"size": len(arrays[scorer["weights"]]), "index": np.arange(3, dtype=np.int32)}
        made |= {"weights": np.ones(3, dtype=np.float32)} | entry
        for name in ("index", "weights"):
            arrays[f"new {name}"] = made[name]
            made[name] = f"new {name}"
        scorer.update(made)

    return edit


def named(theme: str) -> Callable[[Manifest, Arrays], None]:
    """The first theme has another name, wherever it is named."""

    def edit(manifest: Manifest, arrays: Arrays) -> None:
        manifest["winners"][0]["theme"] = theme
        for entries in (manifest["members"], manifest["extra"]["held_out"]):
            entries[theme] = entries.pop("pay")

    return edit


def long_names(manifest: Manifest, arrays: Arrays) -> None:
    """None of them by itself."""
    names = [f"{i} ".ljust(1_000, "x") for i in range(2_001)]
    manifest["winners"] += [ThemeResult.skipped(name, "rare").to_json() for name in names]
    manifest["extra"]["held_out"] = None


def common_words(words: list[str]) -> Callable[[Manifest, Arrays], None]:
    unknown = {"mean": 0.1, "deviation": 0.1, "texts": 9, "common": words}
    return lambda manifest, arrays: manifest["extra"].update(unknown_words=unknown)


def reading(**settings: Any) -> Callable[[Manifest, Arrays], None]:
    """How the table was read that was tuned on."""

    def edit(manifest: Manifest, arrays: Arrays) -> None:
        manifest["extra"]["text_columns"] = settings.pop("text_columns", ["body"])
        manifest["extra"]["table_format"] = settings

    return edit


TAMPERINGS: dict[str, tuple[Callable[[Manifest, Arrays], Any], str]] = {
    "unknown scorer": (set_scorer("pay", "kind", "pickle"), "kind 'pickle' is unknown"),
    "weights nan": (in_scorer("pay", "weights", 3, np.nan), r"weights\[3\] is nan"),
    "weights too few": (swap_scorer("pay", "weights", lambda a: a[:-1]), "entries, expected"),
    "weights float64": (swap_scorer("pay", "weights", lambda a: a.astype(float)), "float32"),
    "weights 2-d": (swap_scorer("pay", "weights", lambda a: a[None]), "float32"),
    "intercept null": (set_scorer("pay", "intercept", None), "intercept is None"),
    "intercept text": (set_scorer("pay", "intercept", "1"), "intercept of a model is '1', which is no array"),
    "array away": (array_away, "which is no array of the file"),
    "sparse index too large": (sparse_weights(index=np.array([0, 1, 10**8], np.int32)), "lies outside the features"),
    "sparse index negative": (sparse_weights(index=np.array([0, 1, -1], np.int32)), "lies outside the features"),
    "sparse index short": (sparse_weights(index=np.array([0, 1], np.int32)), "does not fit"),
    "sparse size too small": (sparse_weights(size=3), "does not fit"),
    "sparse size negative": (sparse_weights(size=-1), "does not fit"),
    "sparse size endless": (sparse_weights(size=10**15), "does not fit"),
    "sparse size a text": (sparse_weights(size="9"), "size of a model is .9., which is no array"),
    "gamma 0": (set_scorer("workload", "gamma", 0), "gamma is 0"),
    "support index too large": (in_scorer("workload", "indices", 0, 10**6), "damaged"),
    "support index negative": (in_scorer("workload", "indices", 0, -1), "damaged"),
    "support indptr falls": (in_scorer("workload", "indptr", 1, 10**6), "damaged"),
    "support nan": (in_scorer("workload", "data", 0, np.nan), "data.* is nan"),
    "support float64": (swap_scorer("workload", "data", lambda a: a.astype(float)), "float32"),
    "support too wide": (set_scorer("workload", "columns", 10**6), "columns, expected"),
    "support columns negative": (set_scorer("workload", "columns", -1), "damaged"),
    "dual inf": (in_scorer("workload", "dual", 0, np.inf), r"dual\[0\] is inf"),
    "dual too few": (swap_scorer("workload", "dual", lambda a: a[:-1]), "damaged"),
    "child is its parent": (in_scorer("manager", "left", 0, 0), r"left\[0\] is 0"),
    "child beyond the nodes": (in_scorer("manager", "right", 0, 10**6), r"right\[0\] is 1000000"),
    "root beyond the nodes": (in_scorer("manager", "roots", 0, 10**6), r"roots\[0\] is 1000000"),
    "root negative": (in_scorer("manager", "roots", 0, -1), r"roots\[0\] is -1"),
    "feature beyond the columns": (in_scorer("manager", "feature", 0, 10**6), r"feature\[0\] is 1000000"),
    "feature negative": (in_scorer("manager", "feature", 0, -2), r"feature\[0\] is -2"),
    "leaf value nan": (in_scorer("manager", "value", -1, np.nan), "value.* is nan"),
    "threshold nan": (in_scorer("manager", "threshold", 0, np.nan), r"threshold\[0\] is nan"),
    "node arrays differ": (swap_scorer("manager", "left", lambda a: a[:-1]), "entries, expected"),
    "base missing": (set_scorer("manager", "base", None), "base is None"),
    "chosen column too large": (
        set_narrow("manager", changed(-1, 10**6)),
        "are not in ascending order within the features",
    ),
    "chosen column negative": (set_narrow("manager", changed(0, -1)), "are not in ascending order within the features"),
    "chosen column twice": (
        set_narrow("manager", lambda a: np.sort(np.r_[a[:-1], a[0]])),
        "are not in ascending order",
    ),
    "chosen columns int64": (set_narrow("manager", lambda a: a.astype(np.int64)), "do not fit the features"),
    "projection too short": (set_narrow("food", lambda a: a[:-1]), "do not fit the features"),
    "projection nan": (set_narrow("food", changed((0, 0), np.nan)), "in it is not finite"),
    "projection too narrow": (set_narrow("food", lambda a: a[:, :1]), "feature"),
    "view number too large": (lambda m, a: member(m, "pay").update(view=99), "99 is no number of a view"),
    "view number negative": (lambda m, a: member(m, "pay").update(view=-1), "-1 is no number of a view"),
    "view number a text": (lambda m, a: member(m, "pay").update(view="0"), "'0' is no number of a view"),
    "view twice": (view_twice, "a view occurs twice"),
    "view of another view": (
        lambda m, a: m["views"][0]["view"].update(view="words"),
        "terms of a view do not fit it",
    ),
    "view of no view": (lambda m, a: m["views"][0]["view"].update(view="all"), "view 'all' is unknown"),
    "view with more": (unknown_setting_of_a_view, "TypeError"),
    "certified from nowhere": (
        in_winner(0, "certified_flagged", 30),
        "the certified threshold and texts of theme 'pay'",
    ),
    "certified from everything on": (in_winner(0, "certified_threshold", "-inf"), "the certified threshold and texts"),
    "certified without texts": (in_winner(0, "certified_hits", 3), "the certified counts of theme 'pay' do not fit"),
    "fold a text": (lambda m, a: m["views"][0].update(fold="1"), "is no fold number"),
    "fold true": (lambda m, a: m["views"][0].update(fold=True), "True is no fold number"),
    "view number true": (lambda m, a: member(m, "pay").update(view=True), "True is no number of a view"),
    "sparse size true": (sparse_weights(size=True), "does not fit"),
    "min_df half a text": (in_view("min_df", 2.5), "min_df of a view is 2.5, expected int"),
    "min_df true": (in_view("min_df", True), "min_df of a view is True, expected int"),
    "max_df true": (in_view("max_df", True), "max_df of a view is True, expected float"),
    "max_df a text": (in_view("max_df", "1"), "TypeError"),
    "sublinear_tf 1": (in_view("sublinear_tf", 1), "sublinear_tf of a view is 1, expected bool"),
    "presence a list": (in_view("presence", []), r"presence of a view is \[\], expected bool"),
    "view a list": (in_view("view", ["words"]), "TypeError"),
    "settings of a view a list": (lambda m, a: m["views"][0].update(view=["words"]), "TypeError"),
    "models an object": (
        lambda m, a: m["members"].update(pay={"0": member(m, "pay")}),
        "models of a theme are no list",
    ),
    "support negative": (in_winner(0, "support", -1), "a count of theme 'pay' is negative"),
    "trials negative": (in_winner(0, "trials", -1), "a count of theme 'pay' is negative"),
    "settings without end": (in_winner(0, "params", {"a": [[[[[[[[[]]]]]]]]]}), "are lists within lists"),
    "held-out precision a text": (
        lambda m, a: m["extra"]["held_out"]["pay"].update(average_precision="0.5"),
        "must be a number or null",
    ),
    "held-out precision true": (
        lambda m, a: m["extra"]["held_out"]["pay"].update(average_precision=True),
        "must be a number or null",
    ),
    "unknown words a text": (
        lambda m, a: m["extra"].update(unknown_words={"mean": "0.1", "deviation": 0.1, "texts": 9, "common": []}),
        "must be a number",
    ),
    "support columns true": (set_scorer("workload", "columns", True), "has True columns, expected"),
    "support columns a float": (float_columns, r"has \d+\.0 columns, expected"),
    "sparse size a float": (float_size, "does not fit"),
    "projection of endless width": (wide_projection, "reduced to 10,001 columns, expected at most 10,000"),
    "support indices int64": (swap_scorer("workload", "indices", lambda a: a.astype(np.int64)), "int32 indices"),
    "support indptr int32": (swap_scorer("workload", "indptr", lambda a: a.astype(np.int32)), "int64 indptr"),
    "support indptr not from 0": (in_scorer("workload", "indptr", 0, 1), "does not rise from 0 to the end"),
    "support indptr wraps": (swap_scorer("workload", "indptr", wrapped), "does not rise from 0 to the end"),
    "support indptr short": (swap_scorer("workload", "indptr", lambda a: a[:-1]), "do not fit one another"),
    "support indices short": (swap_scorer("workload", "indices", lambda a: a[:-1]), "do not fit one another"),
    "child of two nodes": (shared_child, "is reached on two ways"),
    "root twice": (swap_scorer("manager", "roots", lambda a: np.r_[a, a]), "node 0 is reached on two ways"),
    "root that is a child": (in_scorer("manager", "roots", 1, 1), "node 1 is reached on two ways"),
    "fold negative": (lambda m, a: m["views"][0].update(fold=-1), "is no fold number"),
    "many parts on one array": (many_parts, "terms of a view do not fit it"),
    "parts no list": (lambda m, a: m["views"][0].update(terms={}), "the parts of a view are no list"),
    "part away": (part_away, "terms of a view do not fit it"),
    "no term": (all_parts_empty, "a view has no column"),
    "term too large": (in_terms("columns", changed(-1, 10**6)), "a term that the vocabulary does not have"),
    "term negative": (in_terms("columns", changed(0, -1)), "a term that the vocabulary does not have"),
    "terms do not rise": (in_terms("columns", lambda a: a[::-1]), "a term that the vocabulary does not have"),
    "terms int64": (in_terms("columns", lambda a: a.astype(np.int64)), "columns and weights"),
    "idf nan": (in_terms("idf", changed(0, np.nan)), "is not finite"),
    "idf too few": (in_terms("idf", lambda a: a[:-1]), "columns and weights"),
    "idf float32": (in_terms("idf", lambda a: a.astype(np.float32)), "columns and weights"),
    "vocabulary away": (vocabulary_away, "a term that the vocabulary does not have"),
    "vocabulary torn": (torn_vocabulary, "the offsets of a list of texts do not fit"),
    "vocabulary no text": (no_text, "UnicodeDecodeError"),
    "terms whose differences wrap": (in_terms("columns", wrapped), "a term that the vocabulary does not have"),
    "chosen columns whose differences wrap": (
        set_narrow("manager", wrapped),
        "are not in ascending order within the features",
    ),
    "vocabulary of numbers": (vocabulary_of_numbers, "not packed as bytes and offsets"),
    "term of three words": (long_term("word", "a b c"), "a term is longer than its analyser makes them"),
    "term of six characters": (long_term("char_wb", "abcdef"), "a term is longer than its analyser makes them"),
    "term twice": (twice, "a term occurs twice in a vocabulary"),
    "unknown analyser": (unknown_analyser, "'other' is none of"),
    "unknown step": (lambda m, a: m.update(steps=["lower", "eval"]), "text step 'eval' is unknown"),
    "signs a number": (lambda m, a: m.update(signs=1), "signs is 1, expected true or false"),
    "steps null": (lambda m, a: m.update(steps=None), "TypeError"),
    "steps an object": (lambda m, a: m.update(steps={"lower": 1}), "steps are no list"),
    "steps a text": (lambda m, a: m.update(steps=""), "steps are no list"),
    "endless steps": (lambda m, a: m.update(steps=["lower"] * 15), "text step .lower. is named 15 times"),
    "maker a list": (lambda m, a: m.update(made_by=["numpy"]), "no texts by name"),
    "maker a number": (lambda m, a: m.update(made_by={"numpy": 2}), "no texts by name"),
    "theme without its models": (drop_theme, "the themes with a model and the models do not fit"),
    "theme with no model": (empty_committee, "the themes with a model and the models do not fit"),
    "models without their theme": (member_of_unknown_theme, "the themes with a model and the models do not fit"),
    "weight infinite": (weight("inf"), "'inf' is no weight of a model"),
    "weight true": (weight(True), "True is no weight of a model"),
    "weight a list": (weight([1.0]), "is no weight of a model"),
    "winner away": (drop_winner, "do not fit"),
    "winner twice": (winner_twice, "a theme occurs twice"),
    "winner unknown status": (in_winner(0, "status", "GOOD"), "must be one of"),
    "winner without model": (in_winner(0, "status", "SKIPPED"), "contradicts family"),
    "threshold null": (in_winner(0, "threshold", None), "is not finite"),
    "threshold infinite": (in_winner(0, "threshold", "-inf"), "is not finite"),
    "calibration null": (in_winner(0, "calibration", [None, 0.0]), "is not finite"),
    "support true": (in_winner(0, "support", True), "must be a whole number"),
    "held-out theme away": (lambda m, a: m["extra"]["held_out"].pop("pay"), "held-out figures and the themes"),
    "held-out counts negative": (
        lambda m, a: m["extra"]["held_out"]["pay"]["counts"].update(tp=-1),
        "cannot be negative",
    ),
    "unknown words without texts": (
        lambda m, a: m["extra"].update(unknown_words={"mean": 0.1, "deviation": 0.1, "texts": 0, "common": []}),
        "share of unknown words must lie between 0 and 1",
    ),
    "common words a text": (
        lambda m, a: m["extra"].update(unknown_words={"mean": 0.1, "deviation": 0.1, "texts": 9, "common": "the"}),
        "common words must be a list",
    ),
    "more hits than texts of the theme": (
        lambda m, a: m["winners"][0].update(certified_flagged=9, certified_hits=9, certified_threshold=0.0),
        "the certified counts of theme 'pay' do not fit",
    ),
    "a usable precision that is no share": (
        lambda m, a: m["winners"][0].update(usable_precision=2.0),
        "the usable precision of theme 'pay' is no share",
    ),
    "a certificate beside a threshold that was set": (
        lambda m, a: m["winners"][0].update(
            threshold_set=True, certified_flagged=9, certified_hits=9, certified_positives=9, certified_threshold=0.0
        ),
        "set by hand, so that it cannot be certified",
    ),
    "set by hand a text": (lambda m, a: m["winners"][0].update(threshold_set="yes"), "must be true or false"),
    "the mark of a set threshold away": (lambda m, a: m["winners"][0].pop("threshold_set"), "missing or unknown"),
    "text columns a text": (lambda m, a: m["extra"].update(text_columns="body"), "setting 'text_columns' is 'body'"),
    "a separator that is a number": (
        lambda m, a: m["extra"].update(table_format={"separator": 3}),
        "the reading setting 'separator' is 3",
    ),
    "a theme map on the disk": (
        lambda m, a: m["extra"].update(table_format={"theme_map": "/etc/passwd"}),
        "the reading setting 'theme_map' is '/etc/passwd'",
    ),
    "an unknown reading setting": (
        lambda m, a: m["extra"].update(table_format={"shell": "sh"}),
        "'shell' is no reading setting",
    ),
    "extra away": (lambda m, a: m.pop("extra"), "KeyError"),
    "winners away": (lambda m, a: m.pop("winners"), "KeyError"),
    "members a list": (lambda m, a: m.update(members=[]), "the themes with a model and the models do not fit"),
    "makers without end": (lambda m, a: m.update(made_by={str(i): "1" for i in range(21)}), "are more than 20"),
    "a maker's version without end": (lambda m, a: m.update(made_by={"numpy": "1" * 101}), "not short"),
    "a fold of folds": (lambda m, a: m["views"][1].update(fold=10**6), "is no fold number"),
    "a long name": (named("x" * 1_001), "the theme of theme x+ has more than 1,000 characters"),
    "long names": (long_names, "the names of all themes have more than 2,000,000 characters"),
    "a long reason": (in_winner(0, "reason", "x" * 10_001), "the reason of theme pay has more than 10,000 characters"),
    "a long family": (in_winner(0, "family", "x" * 101), "the family of theme pay has more than 100 characters"),
    "a long view": (in_winner(0, "view", "x" * 1_001), "the view of theme pay has more than 1,000 characters"),
    "a long end": (in_winner(0, "stopped", "x" * 1_001), "the stopped of theme pay has more than 1,000 characters"),
    "long settings": (in_winner(0, "params", {"x": "x" * 10_000}), "the settings of theme 'pay' have more than 10,000"),
    "deep settings": (in_winner(0, "params", {"x": [[[[[[[[[]]]]]]]]]}), "are lists within lists"),
    **{f"{name} no share": (in_winner(0, name, 1.1), f"{name} of theme 'pay' is no share") for name in said.SHARES},
    **{f"{name} infinite": (in_winner(0, name, "-inf"), f"{name} of theme 'pay' is no share") for name in said.SHARES},
    "seconds below 0": (in_winner(0, "seconds", -1.0), "the seconds of theme 'pay' are below 0"),
    "held-out precision no share": (
        lambda m, a: m["extra"]["held_out"]["pay"].update(average_precision=2.0),
        "a held-out average precision is no share",
    ),
    **{
        f"common words {name}": (common_words(words), "up to 200 different ones, none of them endless")
        for name, words in {
            "too many": [f"w{i}" for i in range(201)],
            "twice": ["a", "a"],
            "long": ["x" * 1_001],
        }.items()
    },
    "a text column twice": (reading(text_columns=["body", "body"]), "names the column 'body' twice"),
    "text columns without end": (reading(text_columns=list(map(str, range(101)))), "names 101 columns"),
    "a text column of a long name": (reading(text_columns=["x" * 10_001]), "'text_columns' is out of proportion"),
    "a theme column twice": (reading(theme_columns=["pay", "pay"]), "names the column 'pay' twice"),
    "a column of themes twice": (reading(theme_column=["pay", "pay"]), "names the column 'pay' twice"),
    "theme columns without end": (
        reading(theme_columns=list(map(str, range(100_001)))),
        "'theme_columns' is out of proportion",
    ),
    "a theme map without end": (
        reading(theme_map=dict.fromkeys(map(str, range(100_001)), "x")),
        "'theme_map' is out of proportion",
    ),
    "a theme map of long names": (reading(theme_map={"x": "x" * 10_001}), "'theme_map' is out of proportion"),
    "a long separator": (reading(separator="," * 10_001), "'separator' is out of proportion"),
    "a header below all rows": (reading(header_row=2**53), "'header_row' is out of proportion"),
    "a header of many rows": (reading(header_row=list(range(1, 100_002))), "'header_row' is out of proportion"),
    "a sheet below 0": (reading(sheet=-1), "'sheet' is out of proportion"),
    "a long sheet": (reading(sheet="x" * 10_001), "'sheet' is out of proportion"),
    "a long column of judgements": (reading(judged="x" * 10_001), "'judged' is out of proportion"),
}


@pytest.mark.parametrize("name", list(TAMPERINGS))
def test_what_was_tampered_with_is_refused(saved: Path, tmp_path: Path, name: str) -> None:
    edit, message = TAMPERINGS[name]
    manifest, arrays = read_bundle(saved)
    edit(manifest, arrays)
    write_bundle(tmp_path / "a.tagger", manifest, arrays)
    with pytest.raises(BundleError, match=r"a\.tagger is damaged") as caught:
        load_parts(tmp_path / "a.tagger")
    caught.match(message)


def test_an_error_shows_no_character_that_a_terminal_obeys(saved: Path, tmp_path: Path) -> None:
    manifest, arrays = read_bundle(saved)
    manifest["winners"][0]["\x1b[2J"] = 1
    write_bundle(tmp_path / "a.tagger", manifest, arrays)
    with pytest.raises(BundleError, match=r"missing or unknown \?\[2J") as caught:
        load_parts(tmp_path / "a.tagger")
    assert str(caught.value).isprintable()


def models_on_one_array(manifest: Manifest, arrays: Arrays) -> None:
    manifest["members"]["workload"] *= 4_000


def themes_on_one_model(manifest: Manifest, arrays: Arrays) -> None:
    theme_result, ensemble = manifest["winners"][1], manifest["members"]["workload"]
    manifest["extra"]["held_out"] = None
    manifest["winners"] += [theme_result | {"theme": f"new {i}"} for i in range(1_000)]
    manifest["members"] |= {f"new {i}": ensemble for i in range(1_000)}


def views_on_one_list_of_terms(manifest: Manifest, arrays: Arrays) -> None:
    manifest["views"] += [manifest["views"][0] | {"fold": 100 + i} for i in range(12_000)]


def chains_on_one_tree(manifest: Manifest, arrays: Arrays) -> None:
    scorer, levels = member(manifest, "manager")["scorer"], 2_900
    inner, nodes = np.arange(2 * levels + 1) % 2 == 0, np.arange(2 * levels + 1, dtype=np.int32)
    inner[-1] = False
    made = {"roots": np.zeros(1, np.int32), "feature": np.where(inner, 0, -1).astype(np.int32)}
    made |= {"threshold": np.zeros(len(nodes), np.float32), "value": np.zeros(len(nodes))}
    made |= {"left": np.where(inner, nodes + 2, -1).astype(np.int32), "right": np.where(inner, nodes + 1, -1)}
    for name, array in made.items():
        arrays[f"chain {name}"] = array.astype(np.int32) if name == "right" else array
        scorer[name] = f"chain {name}"
    manifest["members"]["manager"] = [member(manifest, "manager")] * 100


AMPLIFIED = {
    "models on one array": models_on_one_array,
    "themes on one model": themes_on_one_model,
    "views on one list of terms": views_on_one_list_of_terms,
    "chains on one tree": chains_on_one_tree,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", list(AMPLIFIED))
def test_a_small_file_cannot_ask_for_much(saved: Path, tmp_path: Path, name: str) -> None:
    manifest, arrays = read_bundle(saved)
    AMPLIFIED[name](manifest, arrays)
    write_bundle(tmp_path / "a.tagger", manifest, arrays)
    with pytest.raises(BundleError, match=r"its models ask for more than [\d,]+ bytes, which is out of proportion"):
        load_parts(tmp_path / "a.tagger")


def test_a_projection_that_all_share_is_looked_through_once(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest, arrays = read_bundle(saved)
    manifest["members"]["food"] = [member(manifest, "food")] * 50
    write_bundle(tmp_path / "a.tagger", manifest, arrays)
    looked: list[int] = []
    finite = np.isfinite

    def counted(array: Any, *more: Any) -> Any:
        looked.append(np.ndim(array))
        return finite(array, *more)

    monkeypatch.setattr(np, "isfinite", counted)
    assert len(load_parts(tmp_path / "a.tagger")[1]["food"]) == 50
    assert looked.count(2) == 1


@pytest.mark.parametrize(
    ("error", "message"),
    [(MemoryError(), r"a\.tagger needs more memory"), (RecursionError(), r"a\.tagger is damaged \(RecursionError")],
)
def test_too_little_memory_or_stack_is_an_error_of_the_file(
    saved: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, message: str
) -> None:
    def short(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("themetagger.tagger.tagger_file.unpack_model", short)
    with pytest.raises(BundleError, match=message):
        load_parts(saved)


@pytest.mark.parametrize("name", [name for name in TAMPERINGS if name.startswith("support i") or "too wide" in name])
def test_the_rows_of_a_kernel_machine_are_checked_before_compiled_code_sees_them(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    manifest, arrays = read_bundle(saved)
    TAMPERINGS[name][0](manifest, arrays)
    write_bundle(tmp_path / "a.tagger", manifest, arrays)
    monkeypatch.setattr(
        "themetagger.models.scorers.kernel.sparse.csr_array", lambda *_, **__: pytest.fail("SciPy saw them")
    )
    with pytest.raises(BundleError, match=r"KernelScorer\.support"):
        load_parts(tmp_path / "a.tagger")


def test_sparse_weights_of_these_tests_are_good_ones(saved: Path, tmp_path: Path) -> None:
    manifest, arrays = read_bundle(saved)
    sparse_weights()(manifest, arrays)
    write_bundle(tmp_path / "a.tagger", manifest, arrays)
    assert len(load_parts(tmp_path / "a.tagger")[1]["pay"]) == 1


def places(value: Any, where: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a JSON value, the value itself first."""
    yield where
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(item, (*where, key))


@pytest.mark.slow
@pytest.mark.parametrize("start", range(8))
def test_a_tagger_with_any_one_value_replaced_is_refused_or_still_tags(saved: Path, tmp_path: Path, start: int) -> None:
    manifest, arrays = read_bundle(saved)
    values = [None, -1, 0.5, 10**12, "x", "a0", [], {}]
    for number, (*above, last) in enumerate(list(places(manifest))[1 + start :: 61]):
        spoiled = deepcopy(manifest)
        inner: Any = spoiled
        for key in above:
            inner = inner[key]
        inner[last] = values[(number + start) % len(values)]
        write_bundle(tmp_path / "a.tagger", spoiled, arrays)
        try:
            loaded = ThemeTagger.load(tmp_path / "a.tagger")
        except BundleError:
            continue
        assert len(loaded.tag(TEXTS)) == len(TEXTS)


def older(manifest: Manifest) -> Manifest:
    """A manifest as versions 1 to 4 had it: a recipe, what it learned in parts, and members that name its number."""
    members = {
        theme: [
            {name: value for name, value in entry.items() if name != "view"} | {"weighing": entry["view"]}
            for entry in entries
        ]
        for theme, entries in manifest["members"].items()
    }
    weighings = [
        {
            "recipe": entry["view"],
            "fold": entry["fold"],
            "parts": [{name: part[name] for name in ("analyser", "columns", "idf")} for part in entry["terms"]],
        }
        for entry in manifest["views"]
    ]
    rest = {name: value for name, value in manifest.items() if name not in ("views", "encoders", "members")}
    return rest | {"weighings": weighings, "members": members}


def test_a_file_of_version_1_has_no_weights_and_its_models_count_the_same(
    tagger: ThemeTagger, saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest, arrays = read_bundle(saved)
    for ensemble in manifest["members"].values():
        assert {entry.pop("weight") for entry in ensemble} == {1 / len(ensemble)}
    manifest = older(manifest)
    for entry in manifest["weighings"]:
        entry["recipe"].pop("presence")
    monkeypatch.setattr("themetagger.models.storage.container.VERSION", 1)
    write_bundle(tmp_path / "old.tagger", manifest, arrays)
    monkeypatch.undo()
    old = ThemeTagger.load(tmp_path / "old.tagger")
    assert old.decision_function(TEXTS).tobytes() == tagger.decision_function(TEXTS).tobytes()


@pytest.mark.parametrize("signs", [True, False, None], ids=["signs", "none", "does not say"])
def test_texts_without_spaces_are_counted_as_when_the_file_was_made(
    tagger: ThemeTagger, tmp_path: Path, signs: bool | None
) -> None:
    tagger.save(tmp_path / "a.tagger")
    manifest, arrays = read_bundle(tmp_path / "a.tagger")
    assert manifest["signs"] is True
    if signs is None:
        del manifest["signs"]
    else:
        manifest["signs"] = signs
    write_bundle(tmp_path / "b.tagger", manifest, arrays)
    loaded = ThemeTagger.load(tmp_path / "b.tagger")
    loaded.save(tmp_path / "c.tagger")
    for one in (loaded, ThemeTagger.load(tmp_path / "c.tagger")):
        assert one.encoder.signs is bool(signs)
        counts = one.encoder.counts(["工资salary工资", "salary"])["word"].toarray()
        assert counts[:, one.encoder.vocabulary["word"].index("salary")].tolist() == [float(bool(signs)), 1]


def test_how_terms_count_stands_once_in_the_file(tagger: ThemeTagger, tmp_path: Path) -> None:
    """In the view's settings: were it in its parts as well, a file could say one thing and do another."""
    tagger.save(tmp_path / "a.tagger")
    manifest, _ = read_bundle(tmp_path / "a.tagger")
    assert {tuple(sorted(part)) for entry in manifest["views"] for part in entry["terms"]} == {
        ("analyser", "columns", "idf")
    }


def test_parts_that_do_not_fit_are_refused_before_any_is_checked(
    tagger: ThemeTagger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tagger.save(tmp_path / "a.tagger")
    manifest, arrays = read_bundle(tmp_path / "a.tagger")
    many_parts(manifest, arrays)
    write_bundle(tmp_path / "b.tagger", manifest, arrays)
    monkeypatch.setattr("themetagger.tagger.view_entries._terms", lambda *_: pytest.fail("a part was checked"))
    with pytest.raises(BundleError, match="terms of a view do not fit it"):
        ThemeTagger.load(tmp_path / "b.tagger")


def test_a_vocabulary_is_numbered_once_when_a_file_is_read(
    tagger: ThemeTagger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That is most of the time that reading a file takes."""
    tagger.save(tmp_path / "a.tagger")
    numbered, number = [], words.Vocabulary.__init__
    monkeypatch.setattr(words.Vocabulary, "__init__", lambda *a, **k: (numbered.append(1), number(*a, **k))[1])
    ThemeTagger.load(tmp_path / "a.tagger")
    assert len(numbered) == 1


def test_a_pooled_certificate_is_in_the_file(tagger: ThemeTagger, tmp_path: Path) -> None:
    pooled = PooledCertificate(0.6, target=0.9, confidence=0.9, flagged=200, hits=190, positives=380)
    kept = ThemeTagger(tagger.theme_results, tagger.members, tagger.encoder, pooled=pooled)
    kept.save(tmp_path / "with.tagger")
    tagger.save(tmp_path / "without.tagger")
    assert ThemeTagger.load(tmp_path / "with.tagger").pooled == pooled
    assert ThemeTagger.load(tmp_path / "without.tagger").pooled is None
