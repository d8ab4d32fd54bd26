"""Which themes are mistaken for which: counts against chance, an order that is always the same, and advice in words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from themetagger.corpus import Corpus
from themetagger.insights.labelling.confusions import (
    MISSED,
    WRONG,
    advice,
    confusions,
    error_analysis,
    out_of_fold_tags,
)
from themetagger.selection.evidence import Evidence
from themetagger.selection.theme_result import ThemeResult

N = 40


def column(*rows: int) -> np.ndarray:
    return np.isin(np.arange(N), rows)


GIVEN = pd.DataFrame({"pay": column(*range(10)), "perks": column(*range(10, 18)), "rare": column(0, 10, 30)})
TAGS = pd.DataFrame({"pay": column(*range(5), *range(10, 14), 30), "perks": column(5, 6, *range(10, 18))})


def theme_result(theme: str, threshold: float = 0.5, gain: float = float("nan")) -> ThemeResult:
    return ThemeResult(theme, "BEST_EFFORT", family="ridge", view="words", threshold=threshold, label_gain=gain)


def evidence(truth: np.ndarray, scores: np.ndarray) -> Evidence:
    rows = np.arange(len(truth))
    return Evidence(truth.astype(np.uint8), (scores - 9.0, scores), 1, rows % 2, rows, choices=2)


FOUND = {theme: evidence(GIVEN[theme].to_numpy(), TAGS[theme].to_numpy() * 1.0) for theme in TAGS}


@pytest.mark.parametrize(
    ("error", "other", "texts", "of", "expected"),
    [
        (WRONG, "perks", 4, 5, 8 * 5 / 30),  # 8 of the 30 texts without pay are about perks
        (WRONG, "rare", 2, 5, 2 * 5 / 30),
        (MISSED, "perks", 2, 5, 2 * 5 / 10),  # of the 10 texts with pay 2 were given perks
    ],
)
def test_errors_are_counted_beside_other_themes_and_against_chance(error, other, texts, of, expected):
    table = confusions(TAGS, GIVEN)
    row = table[(table.theme == "pay") & (table.error == error) & (table.other == other)].iloc[0]
    assert (row.texts, row.of, row.share) == (texts, of, texts / of)
    assert row.expected == pytest.approx(expected)
    assert row.lift == pytest.approx(texts / expected)


def test_the_p_value_is_the_share_of_draws_with_as_many_or_more():
    row = confusions(TAGS, GIVEN).iloc[0]
    draw = np.random.default_rng(0).hypergeometric(8, 22, 5, 200_000)
    assert row.p_value == pytest.approx((draw >= 4).mean(), abs=0.003)


def test_pairs_come_theme_by_theme_with_the_most_telling_first():
    table = confusions(TAGS, GIVEN)
    pairs = list(table[["theme", "error", "other"]].itertuples(index=False, name=None))
    assert pairs == [
        ("pay", WRONG, "perks"),
        ("pay", WRONG, "rare"),
        ("pay", MISSED, "perks"),
        ("perks", WRONG, "pay"),
    ]
    assert table.index.tolist() == [0, 1, 2, 3]


def test_of_copies_one_counts():
    twice, groups = [pd.concat([table, table], ignore_index=True) for table in (TAGS, GIVEN)], np.tile(np.arange(N), 2)
    pd.testing.assert_frame_equal(confusions(*twice, groups=groups), confusions(TAGS, GIVEN))
    assert confusions(*twice)["p_value"].iloc[0] < confusions(TAGS, GIVEN)["p_value"].iloc[0]
    with pytest.raises(ValueError, match="groups are of 80 texts and given of 40"):
        confusions(TAGS, GIVEN, groups=groups)


def test_equal_pairs_are_told_apart_by_name_whatever_the_order_of_the_columns():
    given = GIVEN.assign(twin=GIVEN["perks"])
    orders = [list(given), list(given)[::-1]]
    tables = [confusions(TAGS, given[order]) for order in orders]
    pd.testing.assert_frame_equal(*tables)
    assert tables[0]["other"].tolist()[:2] == ["perks", "twin"]


@pytest.mark.parametrize("themes", [["pay"], []])
def test_one_theme_or_none_makes_an_empty_table_of_the_same_columns(themes):
    table = confusions(TAGS[themes], GIVEN[themes])
    full = confusions(TAGS, GIVEN)
    assert len(table) == 0
    assert table.dtypes.to_dict() == full.dtypes.to_dict()
    assert list(table) == list(full)


def test_a_theme_without_a_model_may_be_mistaken_for_one_that_has_it():
    assert "rare" in set(confusions(TAGS, GIVEN)["other"])


def test_tables_of_other_texts_or_themes_are_refused():
    with pytest.raises(ValueError, match="40 rows and given 39"):
        confusions(TAGS, GIVEN[1:])
    with pytest.raises(ValueError, match="'perks', which given lacks"):
        confusions(TAGS, GIVEN[["pay"]])


def test_out_of_fold_tags_are_those_of_the_chosen_scores_from_the_threshold_on():
    theme_results = [theme_result("pay"), ThemeResult.skipped("rare", "too few"), theme_result("perks", threshold=1.0)]
    pd.testing.assert_frame_equal(out_of_fold_tags(theme_results, FOUND), TAGS)
    assert out_of_fold_tags(theme_results[1:2], {}).shape[1] == 0


def told(won: ThemeResult, found: Evidence, others: pd.DataFrame = GIVEN) -> str:
    tags = out_of_fold_tags([won], {won.theme: found})
    table = advice([won], {won.theme: found}, confusions(tags, others), themes=len(others.columns))
    return str(table["advice"].iloc[0])


def test_many_wrong_tags_ask_for_a_higher_threshold_and_name_the_theme_that_is_mixed_up():
    scores = np.where(GIVEN["pay"], 2.0, np.where(GIVEN["perks"], 1.0, 0.0)) - column(9) * 1.5
    found = evidence(GIVEN["pay"].to_numpy(), scores)
    text = told(theme_result("pay"), found)
    assert text.startswith("8 of 18 tags are wrong: raise the threshold from 0.5 to 1.5, which makes 90 % of")
    assert "of the tags right at a recall of 0.90" in text
    assert "8 of the 8 wrong tags are on texts labelled 'perks', 3.8 times as many as by chance." in text


def test_the_threshold_is_raised_no_further_than_it_takes_and_never_lowered():
    """Precision is 1 from 3 on, .9 from 2 on and also from 0 on, and less at 1, where the theme is cut."""
    truth = np.r_[np.ones(5), np.ones(4), 0, 0, 0, np.ones(28)]
    scores = np.r_[np.full(5, 4.0), np.full(5, 3.0), 1.0, 1.0, np.full(28, 0.0)]
    text = told(theme_result("pay"), evidence(truth, scores), pd.DataFrame({"pay": truth > 0}))
    assert text.startswith(
        "3 of 12 tags are wrong: raise the threshold from 0.5 to 2, which makes 90 % of the tags right at a recall of "
        "0.24"
    )


def test_a_theme_beside_errors_by_luck_is_not_named():
    scores = np.where(GIVEN["pay"], 2.0, column(10, 20, 21, 22, 23, 24) * 1.0)
    text = told(theme_result("pay"), evidence(GIVEN["pay"].to_numpy(), scores))
    assert text.startswith("6 of 16 tags are wrong")
    assert "by chance" not in text


def test_where_no_threshold_helps_the_advice_says_so():
    scores = np.where(GIVEN["perks"], 2.0, np.where(GIVEN["pay"], 1.0, 0.0))
    assert "no higher threshold makes 90 % of the tags right" in told(
        theme_result("pay"), evidence(GIVEN["pay"].to_numpy(), scores)
    )


@pytest.mark.parametrize(
    ("gain", "text"),
    [
        (float("nan"), "label more texts that have it"),
        (0.1, "more labels would help"),
        (0.0, "more labels would hardly help"),
    ],
)
def test_many_misses_ask_for_labels_where_labels_help(gain, text):
    found = evidence(GIVEN["pay"].to_numpy(), column(0, 1) * 1.0)
    assert told(theme_result("pay", gain=gain), found).startswith(f"8 of 10 texts are missed: {text}")


def test_the_analysis_of_a_run_is_that_of_its_tags_and_its_table():
    labels, themes = sp.csc_array(GIVEN.to_numpy().astype(np.uint8)), tuple(GIVEN)
    corpus = Corpus(("x",) * N, labels, themes, np.arange(N), "toy.csv")
    theme_results = [theme_result("pay"), ThemeResult.skipped("rare", "too few"), theme_result("perks")]
    found = error_analysis(theme_results, corpus, FOUND)
    pd.testing.assert_frame_equal(found.pairs, confusions(TAGS, GIVEN))
    assert found.themes["theme"].tolist() == ["pay", "perks"]
    copies = replace(corpus, groups=np.arange(N) // 2)
    pd.testing.assert_frame_equal(error_analysis(theme_results, copies, FOUND).pairs, confusions(TAGS[::2], GIVEN[::2]))
    nothing = error_analysis(theme_results[1:2], corpus, {})
    assert nothing.pairs.empty
    assert nothing.themes.empty


def test_a_good_theme_gets_no_advice_and_every_modelled_theme_a_row():
    good = evidence(GIVEN["pay"].to_numpy(), GIVEN["pay"].to_numpy() * 1.0)
    assert told(theme_result("pay"), good) == ""
    theme_results = [theme_result("perks"), ThemeResult.skipped("rare", "too few"), theme_result("pay")]
    table = advice(theme_results, FOUND, confusions(TAGS, GIVEN), themes=3)
    assert table.drop(columns="advice").to_dict("list") == {
        "theme": ["perks", "pay"], "tagged": [10, 10], "wrong": [2, 5], "given": [8, 10], "missed": [0, 5],
    }  # fmt: skip
    assert advice([theme_results[1]], {}, confusions(TAGS[[]], GIVEN), themes=3).empty
