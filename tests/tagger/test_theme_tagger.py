"""The tagger on raw texts: its answers agree with one another, and do not depend on batch, order or process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from toys import SMALL, chinese

from themetagger.corpus import Corpus, TableError, TableFormat
from themetagger.models.ensemble import ReducedModel, ensemble_scores
from themetagger.models.scorers import Tree, stack
from themetagger.runs.tune import tune
from themetagger.selection.confusion import Confusion
from themetagger.selection.results import HeldOut, results_table
from themetagger.selection.theme_result import ThemeResult
from themetagger.tagger import theme_scores
from themetagger.tagger.describe import describe_tagger
from themetagger.tagger.predictions import NEVER, blank
from themetagger.tagger.theme_tagger import ThemeTagger

HTML = "<b onclick=x>food</b>"


@pytest.fixture(scope="module")
def tagger(corpus: Corpus) -> ThemeTagger:
    """A linear model, a kernel machine and boosted trees, one theme skipped and called like HTML."""
    frame = pd.DataFrame({"Processed Text": corpus.texts})
    for theme in corpus.themes:
        frame[theme if theme != "food" else HTML] = corpus.column(theme)
    tuned = tune(
        frame,
        theme_columns=["pay", "workload", "manager", HTML],
        families=("ridge",),
        overrides={
            "workload": {"families": ("kernel_svm",)},
            "manager": {"families": ("lightgbm",)},
            HTML: {"min_positives": 10_000},
        },
        trials=1,
        n_folds=3,
        n_jobs=1,
        show_progress=False,
    ).tagger
    everything = [replace(one, usable_precision=0.0) for one in tuned.theme_results]  # small as they are
    return ThemeTagger(everything, tuned.members, tuned.encoder, table_format=tuned.table_format)


@pytest.fixture(scope="module")
def texts(corpus: Corpus) -> list[str]:
    return ["", "  ", "The salary, and a BONUS.", "unheard-of", "canteen " * 1000, "日本 🙂\0\n", *corpus.texts[:60]]


def test_a_theme_scores_as_its_committee(tagger: ThemeTagger, texts: list[str]) -> None:
    counts, found = tagger.encoder.counts(texts), tagger.scores(texts)
    for j, theme in enumerate(tagger.themes):
        alone = ensemble_scores(tagger.members[theme], lambda view, fold: tagger.encoder.rows(counts, (view, fold)))
        np.testing.assert_allclose(found[:, j], alone, atol=1e-5)


def test_models_that_score_together_and_apart_add_up(tagger: ThemeTagger, texts: list[str]) -> None:
    companion = replace(tagger.members["pay"][0], weight=0.5)
    members = tagger.members | {"manager": (*tagger.members["manager"], companion)}
    pay, manager = tagger.themes.index("pay"), tagger.themes.index("manager")
    before = tagger.scores(texts)
    after = ThemeTagger(tagger.theme_results, members, tagger.encoder).scores(texts)
    np.testing.assert_allclose(after[:, manager], before[:, manager] + 0.5 * before[:, pay], atol=1e-6)
    assert (after[:, pay] == before[:, pay]).all()


@pytest.fixture
def promising(tagger: ThemeTagger) -> ThemeTagger:
    """The tagger with one theme certified above its threshold, one below, one not at all."""
    cuts = {"pay": 0.3, "workload": -0.2}
    found = {"certified_flagged": 30, "certified_hits": 29, "certified_positives": 40}
    theme_results = [
        replace(one, status="BEST_EFFORT", certified_threshold=one.threshold + cuts[one.theme], **found)
        if one.theme in cuts
        else one
        for one in tagger.theme_results
    ]
    return ThemeTagger(theme_results, tagger.members, tagger.encoder, table_format=tagger.table_format)


def test_only_what_is_certified_is_assigned_and_the_rest_is_for_review(
    promising: ThemeTagger, texts: list[str]
) -> None:
    scores, outcomes = promising.scores(texts), promising.predict_all(texts, policy="certified").outcomes
    tags, review = promising.tag(texts, policy="certified"), promising.review(texts)
    for j, theme in enumerate(promising.themes):
        theme_result = next(one for one in promising.theme_results if one.theme == theme)
        sure = (
            scores[:, j] >= theme_result.certified_threshold
            if theme_result.certified
            else np.zeros(len(texts), dtype=bool)
        ) & ~blank(texts)
        assert ((outcomes[:, j] == "assign") == sure).all()
        assert (
            (outcomes[:, j] == "review") == (~sure & ~blank(texts) & (scores[:, j] >= theme_result.threshold))
        ).all()
        assert [theme in found for found in tags] == sure.tolist()
        assert [theme in found for found in review] == (outcomes[:, j] == "review").tolist()
    assert {"assign", "review", "no"} == set(outcomes.ravel())
    assert set(promising.predict_all(texts).outcomes.ravel()) == {"assign", "no"}
    assert promising.tag(texts) == promising.tag(texts, policy="all")


def test_a_table_gets_a_column_of_tags_to_review(promising: ThemeTagger, texts: list[str]) -> None:
    frame = promising.tag(pd.DataFrame({"Processed Text": texts, "Themes to Review": "x"}), policy="certified")
    assert list(frame) == ["Processed Text", "Themes to Review", "Themes", "Predicted Themes to Review"]
    assert frame["Themes"].tolist() == [", ".join(found) for found in promising.tag(texts, policy="certified")]
    assert frame["Predicted Themes to Review"].tolist() == [", ".join(found) for found in promising.review(texts)]


def test_an_unknown_policy_is_refused(tagger: ThemeTagger) -> None:
    with pytest.raises(ValueError, match="policy must be one of usable, all, certified, pooled but is 'some'"):
        tagger.tag(["a"], policy="some")  # type: ignore[call-overload]


def test_a_theme_is_assigned_exactly_where_its_decision_is_zero_or_more(tagger: ThemeTagger, texts: list[str]) -> None:
    decisions, assigned, tags = tagger.decision_function(texts), tagger.predict(texts), tagger.tag(texts)
    assert decisions.shape == assigned.shape == (len(texts), 3)
    assert assigned.dtype == np.int8
    assert ((decisions >= 0) == (assigned == 1)).all()
    assert tags == [[tagger.themes[j] for j in np.flatnonzero(row)] for row in assigned]
    assert 0 < assigned.sum() < assigned.size


def test_a_decision_is_score_minus_threshold(tagger: ThemeTagger, texts: list[str]) -> None:
    thresholds = [tagger.thresholds[theme] for theme in tagger.themes]
    found = tagger.decision_function(texts)
    assert (tagger.scores(texts) - thresholds == found)[~blank(texts)].all()
    assert (found[blank(texts)] == NEVER).all()


def test_a_score_on_the_threshold_is_assigned(tagger: ThemeTagger, texts: list[str]) -> None:
    texts = texts[2:3]
    scores = tagger.scores(texts)[0]
    cuts = zip(tagger.themes, scores, strict=True)
    theme_results = [ThemeResult(theme, "BEST_EFFORT", family="x", threshold=float(score)) for theme, score in cuts]
    on_the_cut = ThemeTagger(theme_results, tagger.members, tagger.encoder)
    assert on_the_cut.tag(texts) == [tagger.themes]


def test_probabilities_lie_between_0_and_1_and_rise_with_the_scores(tagger: ThemeTagger, texts: list[str]) -> None:
    texts = [text for text in texts if text.strip()]
    probabilities, scores = tagger.predict_proba(texts), tagger.scores(texts)
    assert probabilities.shape == scores.shape
    assert ((probabilities >= 0) & (probabilities <= 1)).all()
    for j in range(scores.shape[1]):
        order = np.argsort(scores[:, j], kind="stable")
        assert (np.diff(probabilities[order, j]) >= 0).all()
        assert probabilities[order[-1], j] > probabilities[order[0], j]


@pytest.mark.parametrize("chunk", [1, 7, 2000])
def test_the_size_of_a_batch_decides_nothing(
    tagger: ThemeTagger, texts: list[str], monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    whole = tagger.scores(texts)
    monkeypatch.setattr(theme_scores, "CHUNK", chunk)
    assert tagger.scores(texts).tobytes() == whole.tobytes()


def test_the_order_and_company_of_texts_decide_nothing(tagger: ThemeTagger, texts: list[str]) -> None:
    whole = tagger.scores(texts)
    assert tagger.scores(texts[::-1])[::-1].tobytes() == whole.tobytes()
    assert np.concatenate([tagger.scores([text]) for text in texts[:9]]).tobytes() == whole[:9].tobytes()


def test_what_threads_share_is_made_before_they_begin(
    tagger: ThemeTagger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tagger.save(tmp_path / "a.tagger")
    fresh, made = ThemeTagger.load(tmp_path / "a.tagger"), set()

    def begun(work: Any, parts: Any) -> list[Any]:
        made.update(vars(fresh._theme_scores))
        made.update(*(vars(member.model.scorer) for member in fresh.members["manager"]))
        return [work(part) for part in parts]

    monkeypatch.setattr(theme_scores, "in_threads", begun)
    fresh.scores(["pay"])
    assert {"batch", "single", "layout"} <= made


def test_no_text_gives_no_row(tagger: ThemeTagger) -> None:
    assert tagger.tag([]) == []
    for answer in (tagger.scores, tagger.decision_function, tagger.predict, tagger.predict_proba):
        assert answer([]).shape == (0, 3)


@pytest.mark.parametrize(
    "kind", [tuple, np.array, pd.Series, lambda texts: pd.Series(texts, dtype=object, index=texts)]
)
def test_texts_may_come_in_any_sequence(tagger: ThemeTagger, kind: Callable[[list[str]], Any]) -> None:
    listed = ["The salary, and a bonus.", "", "overtime and a deadline"]
    assert tagger.tag(kind(listed)) == tagger.tag(listed)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("one text", r"texts must be a list of texts, but is one string; write \[text\]"),
        (["a", None], r"text 1 is None \(NoneType\), expected a string; fill missing texts with ''"),
        ([float("nan")], r"text 0 is nan \(float\)"),
        ([b"bytes"], r"text 0 is b'bytes' \(bytes\)"),
        ([["a"]], r"text 0 is \['a'\] \(list\)"),
        (None, "not iterable"),
    ],
)
@pytest.mark.parametrize("method", ["tag", "predict", "predict_proba", "scores", "decision_function"])
def test_what_is_no_list_of_texts_is_refused(tagger: ThemeTagger, method: str, wrong: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        getattr(tagger, method)(wrong)


@pytest.mark.parametrize("method", ["predict", "predict_proba", "scores", "decision_function"])
def test_the_names_of_columns_are_never_taken_for_texts(tagger: ThemeTagger, method: str) -> None:
    with pytest.raises(TypeError, match="is a table"):
        getattr(tagger, method)(pd.DataFrame({"Processed Text": ["low pay"]}))


def test_a_table_comes_back_with_one_more_column(tagger: ThemeTagger) -> None:
    cells = ["the salary, and a bonus and the wage", None, float("nan"), "", "salary and overtime and tired"]
    frame = pd.DataFrame({"id": range(5), "Processed Text": np.array(cells, dtype=object)}, index=[9, 9, 7, 5, 3])
    before = frame.copy()
    tagged = tagger.tag(frame)
    assert list(tagged.columns) == ["id", "Processed Text", "Themes"]
    assert tagged.index.tolist() == [9, 9, 7, 5, 3]
    texts = ["" if not isinstance(cell, str) else cell for cell in cells]
    assert tagged["Themes"].tolist() == [", ".join(themes) for themes in tagger.tag(texts)]
    pd.testing.assert_frame_equal(frame, before)


def test_themes_that_are_there_are_kept(tagger: ThemeTagger) -> None:
    frame = pd.DataFrame({"Processed Text": ["the salary"], "Themes": ["by hand"]})
    tagged = tagger.tag(frame)
    assert list(tagged.columns) == ["Processed Text", "Themes", "Predicted Themes"]
    assert tagged["Themes"].tolist() == ["by hand"]
    assert tagged["Predicted Themes"].tolist() == [", ".join(tagger.tag(["the salary"])[0])]


def test_an_empty_table_comes_back_empty(tagger: ThemeTagger) -> None:
    tagged = tagger.tag(pd.DataFrame({"Processed Text": []}))
    assert tagged.shape == (0, 2)


def test_several_text_columns_are_joined_as_in_tuning(tagger: ThemeTagger) -> None:
    several = ThemeTagger(
        tagger.theme_results, tagger.members, tagger.encoder, table_format=TableFormat(("title", "body"))
    )
    frame = pd.DataFrame({"body": ["and the bonus", None], "title": ["salary", "wage"]})
    tags = [", ".join(themes) for themes in tagger.tag(["salary\n\nand the bonus", "wage"])]
    assert several.tag(frame)["Themes"].tolist() == tags


def test_a_missing_text_column_is_named(tagger: ThemeTagger) -> None:
    with pytest.raises(TableError, match="there is no column 'Processed Text'"):
        tagger.tag(pd.DataFrame({"text": ["low pay"]}))


def test_the_results_have_a_row_for_every_theme_also_the_skipped(tagger: ThemeTagger) -> None:
    results = tagger.results
    assert set(results["theme"]) == {"pay", "workload", "manager", HTML}
    skipped = results[results["theme"] == HTML].iloc[0]
    assert skipped["status"] == "SKIPPED"
    assert skipped["reason"].endswith("positives, needs 10000")
    assert skipped["support"] > 0
    assert results.equals(results_table(tagger.theme_results))
    assert HTML not in tagger.themes
    assert set(tagger) == set(tagger.themes) == set(tagger.thresholds) == {"pay", "workload", "manager"}


def test_a_notebook_shows_a_table_and_runs_nothing_of_a_name(tagger: ThemeTagger) -> None:
    assert repr(tagger) == "ThemeTagger(3 of 4 themes have a model)"
    page = tagger._repr_html_()
    assert "<b onclick" not in page
    assert "&lt;b onclick=x&gt;food&lt;/b&gt;" in page
    assert page.count("<tr") == 5


def test_a_loaded_tagger_decides_the_same_to_the_last_bit(
    tagger: ThemeTagger, texts: list[str], tmp_path: Path
) -> None:
    tagger.save(tmp_path / "a.tagger")
    loaded = ThemeTagger.load(tmp_path / "a.tagger")
    assert loaded.decision_function(texts).tobytes() == tagger.decision_function(texts).tobytes()
    assert loaded.predict_proba(texts).tobytes() == tagger.predict_proba(texts).tobytes()
    assert loaded.results.drop(columns="seconds").equals(tagger.results.drop(columns="seconds"))
    assert repr(loaded) == repr(tagger)


WITHOUT_LIBRARIES = """
import json, sys
for name in ("optuna", "lightgbm", "xgboost", "themetagger.search", "themetagger.models.families"):
    sys.modules[name] = None  # an import of it raises ImportError
from themetagger.tagger.describe import describe_tagger
from themetagger.tagger.predictions import blank
from themetagger.tagger.theme_tagger import ThemeTagger
tagger = ThemeTagger.load(sys.argv[1])
texts = json.load(open(sys.argv[2], encoding="utf-8"))
print(json.dumps([tagger.tag(texts), tagger.decision_function(texts).tobytes().hex()]))
"""


@pytest.mark.slow
def test_another_process_tags_the_same_without_the_libraries_that_fitted_the_models(
    tagger: ThemeTagger, texts: list[str], tmp_path: Path
) -> None:
    import json

    tagger.save(tmp_path / "a.tagger")
    (tmp_path / "texts.json").write_text(json.dumps(texts), encoding="utf-8")
    command = [sys.executable, "-c", WITHOUT_LIBRARIES, str(tmp_path / "a.tagger"), str(tmp_path / "texts.json")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [tagger.tag(texts), tagger.decision_function(texts).tobytes().hex()]


def test_trees_read_texts_without_white_space() -> None:
    run = tune(chinese(), **SMALL | {"families": ("lightgbm",), "trials": 3})
    assert run.tagger.tag(["中国工资低中国", "中国工低资中国"]) == [["pay"], []]


@pytest.fixture
def certified(tagger: ThemeTagger) -> ThemeTagger:
    """A tagger of its own, to be changed, with held-out figures and one theme certified at its threshold."""
    promise = {"certified_flagged": 30, "certified_hits": 29, "certified_positives": 40}
    results = [
        replace(one, status="CERTIFIED", certified_threshold=one.threshold, **promise) if one.theme == "pay" else one
        for one in tagger.theme_results
    ]
    held_out = {one.theme: HeldOut(Confusion(3, 1, 2, 4), 0.8) for one in results}
    return ThemeTagger(results, tagger.members, tagger.encoder, held_out=held_out)


def test_a_threshold_that_is_set_applies_everywhere_and_keeps_no_certificate(
    certified: ThemeTagger, texts: list[str], tmp_path: Path
) -> None:
    scores = certified.scores(texts)
    value = float(np.sort(scores[6:, 0])[-5])
    assert certified.set_threshold("pay", value) is certified
    certified.save(tmp_path / "a.tagger")
    for tagger in (certified, ThemeTagger.load(tmp_path / "a.tagger")):
        assert tagger.thresholds["pay"] == value
        expected = (scores[:, 0] >= value) & ~blank(texts)
        assert tagger.predict(texts)[:, 0].tolist() == expected.astype(int).tolist()
        assert ["pay" in themes for themes in tagger.tag(texts)] == expected.tolist()
        assert (tagger.decision_function(texts)[:, 0] >= 0).tolist() == expected.tolist()
        assert not any("pay" in themes for themes in tagger.tag(texts, policy="certified"))
        assert (tagger.scores(texts) == scores).all()
        assert tagger.explain(texts[2], "pay")[0].threshold == value
        row = tagger.results.set_index("theme").loc["pay"]
        assert (row["status"], row["threshold"]) == ("BEST_EFFORT", value)
        assert row["reason"].startswith("threshold set by hand")
        assert row[["precision", "recall", "heldout_precision", "heldout_support", "certified_threshold"]].isna().all()
        assert tagger.results.set_index("theme").loc["workload", "heldout_precision"] == 0.75
    facts = describe_tagger(tmp_path / "a.tagger").facts.set_index("what")["value"]
    assert facts["thresholds set by hand"] == "pay"


def test_a_threshold_of_a_theme_without_a_model_or_that_is_no_number_is_refused(certified: ThemeTagger) -> None:
    with pytest.raises(ValueError, match=r"theme 'Pay' has no model; did you mean 'pay'\?"):
        certified.set_threshold("Pay", 0.2)
    with pytest.raises(ValueError, match="has no model"):
        certified.set_threshold(HTML, 0.2)
    with pytest.raises(ValueError, match=r"must be a finite number, such as 0\.25, but is nan"):
        certified.set_threshold("pay", float("nan"))
    assert certified.results.set_index("theme").loc["pay", "status"] == "CERTIFIED"


def test_how_many_texts_are_taken_together_decides_nothing(
    tagger: ThemeTagger, texts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, sizes = tagger.scores(texts), []
    monkeypatch.setattr(theme_scores, "CELLS", 21)  # seven times the themes
    monkeypatch.setattr(
        theme_scores, "in_threads", lambda work, parts: sizes.extend(map(len, parts)) or [*map(work, parts)]
    )
    assert ThemeTagger(tagger.theme_results, tagger.members, tagger.encoder).scores(texts).tobytes() == whole.tobytes()
    (size,) = set(sizes[:-1])
    assert 1 <= size <= 7


def test_models_that_share_rows_reduce_them_once(
    tagger: ThemeTagger, texts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also those of different themes, and whatever stands between them."""
    member = tagger.members["workload"][0]
    width = tagger.encoder.views[member.view, member.fold].width
    forest = stack([Tree([0, -1, -1], [0.1, 0, 0], [1, -1, -1], [2, -1, -1], [0.0, -1.0, 1.0])], base=0.0)
    projections = [np.full((width, 2), value, dtype=np.float32) for value in (0.1, 0.2)]
    by_hand = [replace(member, model=ReducedModel(forest, one)) for one in (*projections, *projections)]
    members = {**tagger.members, "workload": (by_hand[0], member, by_hand[1]), "manager": (by_hand[2], by_hand[3])}
    reduced: list[int] = []
    real = theme_scores.reduced_rows
    monkeypatch.setattr(theme_scores, "reduced_rows", lambda rows, how: reduced.append(id(how)) or real(rows, how))
    found = ThemeTagger(tagger.theme_results, members, tagger.encoder).scores(texts)
    assert sorted(reduced) == sorted([id(None), *map(id, projections)])
    counts = tagger.encoder.counts(texts)
    for theme in ("workload", "manager"):
        alone = ensemble_scores(members[theme], lambda view, fold: tagger.encoder.rows(counts, (view, fold)))
        assert found[:, tagger.themes.index(theme)].tobytes() == alone.tobytes()
