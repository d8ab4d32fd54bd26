"""Suspected label errors: planted ones come first, whatever the theme and the kind, in an order that stays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from themetagger.insights.labelling.label_errors import Noise, noise_of, suspects
from themetagger.selection.calibration import fit_calibration, probabilities
from themetagger.selection.evidence import Evidence

N = 1000


def evidence(positives: int, *, seed: int, wrong: int = 0, forgotten: int = 0, apart: float = 4.0) -> Evidence:
    """A theme of the first ``positives`` texts; the last ``wrong`` texts have it too, the first ``forgotten`` not."""
    draw = np.random.default_rng(seed)
    truth = (np.arange(N) < positives).astype(np.uint8)
    scores = draw.normal(size=N) + apart * truth
    truth[N - wrong :], truth[:forgotten] = 1, 0
    rows = np.arange(N)
    return Evidence(truth, (-scores, scores), 1, rows % 5, rows, choices=2)


THEMES = {
    "common": evidence(300, seed=0, wrong=8, forgotten=8),
    "rare": evidence(20, seed=1, wrong=2, forgotten=1),
    "hard": evidence(60, seed=2, apart=1.0),
}


def planted(theme: str, row: int) -> bool:
    found = THEMES[theme].truth[row] > 0
    return bool(found != (row < {"common": 300, "rare": 20, "hard": 60}[theme]))


def test_planted_errors_of_both_kinds_and_of_rare_and_common_themes_come_first():
    table = suspects(THEMES, top=10)
    assert all(planted(row.theme, row.row) for row in table.itertuples())
    kinds = set(zip(table["theme"], table["given"], strict=True))
    assert kinds == {("common", True), ("rare", True), ("common", False)}
    assert "hard" not in set(table["theme"])  # there a low score says little


def test_every_label_is_ranked_once_and_told_as_it_is_given():
    table = suspects(THEMES, top=None)
    assert len(table) == 3 * N
    assert not table.duplicated(["row", "theme"]).any()
    assert (table["given"] != table["suggested"]).all()
    assert (np.diff(table["suspicion"]) <= 0).all()
    for theme, found in THEMES.items():
        own = table[table["theme"] == theme].sort_values("row")
        np.testing.assert_array_equal(own["given"], found.truth > 0)
        chance = probabilities(found.scores, *fit_calibration(found.truth, found.scores))
        np.testing.assert_allclose(own["probability"], np.where(found.truth > 0, chance, 1 - chance), rtol=1e-9)


def test_within_a_theme_and_kind_the_least_probable_label_is_the_most_suspect():
    table = suspects(THEMES, top=None)
    for _, part in table.groupby(["theme", "given"]):
        assert (np.diff(part["probability"]) >= 0).all()


@pytest.mark.slow
def test_a_rare_theme_is_not_suspect_for_being_rare():
    """A twentieth of each theme's labels is wrong, so that of the first labels a tenth or so is of the rare theme.

    By probability alone 31 of 110 are, for the same score tells of less where a theme is rare.
    """
    sizes, rare, wrong = {"rare": 40, "common": 400}, 0, 0
    for seed in range(5):
        found = {theme: evidence(size, seed=seed, wrong=size // 20, apart=3.0) for theme, size in sizes.items()}
        table = suspects(found, top=None)
        first = table[table["given"]][:22]  # so many are wrong
        rare += int((first["theme"] == "rare").sum())
        wrong += int((first["row"] >= first["theme"].map(sizes)).sum())
    assert 10 <= rare <= 20
    assert wrong >= 79


@pytest.mark.parametrize(("of_labels", "of_texts"), [(0.2, 0.0), (0.0, 0.02), (0.1, 0.01)])
def test_the_two_sources_of_noise_are_told_apart(of_labels, of_texts):
    found = []
    for seed, positives in enumerate((20, 40, 80, 150, 300, 400)):
        clean = evidence(positives, seed=seed, apart=6.0)
        count = round(of_labels * positives / (1 - of_labels) + of_texts * (N - positives))
        truth = clean.truth.copy()
        lowest_first = positives + np.argsort(clean.scores[positives:])
        truth[lowest_first[np.linspace(0, N - positives - 1, count).round().astype(int)]] = 1  # whatever their score
        found.append(replace(clean, truth=truth))
    noise = noise_of(found)
    assert noise.of_labels == pytest.approx(max(of_labels, 0.01), abs=0.03)
    assert noise.of_texts == pytest.approx(of_texts, abs=0.004)


def test_clean_labels_leave_a_little_doubt():
    assert noise_of([evidence(100, seed=0, apart=9.0)]) == Noise(0.01, 0.0)
    assert noise_of([]) == Noise(0.01, 0.0)
    assert 0 < Noise(0.01, 0.0).forgotten(0.1) <= 0.05 * 0.01 * (1 + 1e-9)
    assert Noise(0.5, 0.2).forgotten(0.1) == 0.05  # never more than all labels are wrong


def test_the_noise_is_that_of_all_themes_when_one_is_listed():
    alone, all_of = suspects(THEMES, themes=["rare"], top=5), suspects(THEMES, top=None)
    expected = all_of[all_of["theme"] == "rare"][:5].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, expected)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("limits", "lengths"),
    [({"top": 7}, 7), ({"top": 0}, 0), ({"top": None, "per_theme": 4}, 12), ({"top": 5, "per_theme": 3}, 5)],
)
def test_limits(limits, lengths):
    table = suspects(THEMES, **limits)
    assert len(table) == lengths
    whole = suspects(THEMES, top=None)
    per_theme = limits.get("per_theme") or N
    kept = whole[whole.groupby("theme").cumcount() < per_theme][:lengths].reset_index(drop=True)
    pd.testing.assert_frame_equal(table, kept, check_dtype=False)
    assert table["theme"].value_counts().max() <= per_theme or not len(table)


def test_copies_with_the_other_label_are_counted():
    y, groups = np.array([1, 0, 0, 1, 0, 1], dtype=np.uint8), np.array([7, 7, 7, 2, 2, 9])
    table = suspects({"pay": Evidence(y, (np.arange(6.0),), 0, np.arange(6) % 2, groups, 1)}, top=None)
    assert table.sort_values("row")["copies_differ"].tolist() == [2, 1, 1, 1, 1, 0]


def test_equal_suspects_stand_in_the_order_of_themes_and_rows():
    y = np.tile(np.array([1, 0], dtype=np.uint8), 10)
    flat = Evidence(y, (np.zeros(20),), 0, np.arange(20) % 2, np.arange(20), 1)
    table = suspects({"b": flat, "a": flat}, top=None)
    keys = list(zip(-table["suspicion"], table["theme"] == "a", table["row"], strict=True))
    assert keys == sorted(keys)


def test_no_theme_makes_an_empty_table_with_the_same_columns():
    none, some = suspects({}), suspects(THEMES)
    assert len(none) == 0
    assert list(none) == list(some)
    assert none.dtypes.to_dict() == some.dtypes.to_dict()


@pytest.mark.parametrize(
    ("settings", "told"),
    [({"themes": ["pay"]}, "themes name 'pay'.*common, rare, hard"), ({"top": -1}, "top cannot be negative but is -1")],
)
def test_what_cannot_be_meant_is_refused(settings, told):
    with pytest.raises(ValueError, match=told):
        suspects(THEMES, **settings)
