"""Themes made to be sick in a known way are told so, by models fitted on them; and each rule by its numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from toys import curve

from themetagger.features import ANALYSERS, FoldFeatures, TfidfConfig, count_terms
from themetagger.search.learning_curve import SHARES, Subject, curve_of, fitted_parts
from themetagger.search.space import Configuration
from themetagger.selection.guarantee import PROMISE
from themetagger.selection.learning_curve import Growth
from themetagger.selection.learning_diagnosis import FEW, diagnose
from themetagger.selection.objectives import PrecisionFirst

WORDS = TfidfConfig("words", min_df=1)
RICH = Configuration("ridge", {"alpha": 0.01, "class_weight": None}, WORDS)


def texts(y, draw, *, own, shown, each, common=400, length=12):
    """Texts of ``length`` common words; a share ``shown`` of the theme's have ``each`` of its ``own`` words."""
    made = []
    for has in y:
        words = [f"common{i}" for i in draw.integers(0, common, length)]
        if has and draw.random() < shown:
            words += [f"own{i}" for i in draw.integers(0, own, each)]
        made.append(" ".join(words))
    return made


def learned(y, made, configuration=RICH):
    """The curve of a theme on four folds."""
    folds, groups = np.random.default_rng(1).permutation(np.arange(len(y)) % 4), np.arange(len(y))
    features = FoldFeatures({name: count_terms(made, name) for name in ANALYSERS}, folds)
    subject = Subject("toy", y, configuration, PrecisionFirst(), PROMISE, 0)
    parts = [fitted_parts(subject, features, groups, k, SHARES) for k in range(4)]
    return curve_of(subject, parts, folds, groups, SHARES)


def noise(draw):
    y = (draw.random(400) < 0.25).astype(np.uint8)
    return learned(y, texts(y, draw, own=1, shown=0, each=0))


def growing(draw):
    """Every text has one of many words of its theme: who has seen more texts knows more of them."""
    y = (np.arange(500) % 4 == 0).astype(np.uint8)
    return learned(y, texts(y, draw, own=150, shown=1.0, each=1))


def easy(draw):
    y = (np.arange(400) % 4 == 0).astype(np.uint8)
    return learned(y, texts(y, draw, own=2, shown=1.0, each=2))


def by_heart(draw):
    """A tiny set and a rich model: one word tells half of the theme at once, rare words the rest of what was seen."""
    y = (np.arange(120) % 4 == 0).astype(np.uint8)
    return learned(y, texts(y, draw, own=1, shown=0.6, each=1, common=3000, length=4))


def scarce(draw):
    y = (np.arange(120) % 8 == 0).astype(np.uint8)
    return learned(y, texts(y, draw, own=2, shown=1.0, each=2))


TOYS = {
    "noise": (noise, "under-fitting"),
    "growing": (growing, "more labels would help"),
    "easy": (easy, "settled"),
    "by heart": (by_heart, "over-fitting"),
    "scarce": (scarce, "too few to tell"),
}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("toy", "kind"), TOYS.values(), ids=TOYS)
def test_a_theme_made_to_be_of_a_kind_is_told_so(toy, kind, seed):
    found = diagnose(toy(np.random.default_rng(seed)))
    assert found.kind == kind
    assert math.isnan(found.gain) == (kind == "too few to tell")


GROWS = Growth(0.3, 0.1)
SICK = {
    "too few": (curve(positives=[FEW - 1] * 5), "too few to tell"),
    "enough": (curve(0.3, positives=[FEW] * 5), "more labels would help"),
    "one row": (curve(labels=[1000]), "too few to tell"),
    "as by chance": (curve(0.0, odds=-2.0), "under-fitting"),
    "growing": (curve(0.3), "more labels would help"),
    "growing, but not lately": (curve(0.3, doubling=0.005, doubling_error=0.005), "over-fitting"),
    "growing, lately perhaps": (curve(0.3, doubling=0.005, doubling_error=0.015), "more labels would help"),
    "falling": (curve(-0.4), "over-fitting"),
    "flat, and poor on training rows": (curve(-0.4, train_average_precision=0.6), "under-fitting"),
    "flat, and good": (curve(-0.4, odds=2.5, train_average_precision=0.95), "settled"),
    "nearly perfect": (curve(0.3, odds=4.5), "settled"),
}


def test_a_gain_that_may_be_none_is_no_reason_to_label_more():
    growing = curve(0.3)
    assert diagnose(growing, growth=Growth(0.3, 0.2)).kind == "more labels would help"  # 0.3 less 1.28 times 0.2
    assert diagnose(growing, growth=Growth(0.3, 0.3)).kind == "over-fitting"


@pytest.mark.parametrize(("sick", "kind"), SICK.values(), ids=SICK)
def test_each_rule_holds_by_its_numbers(sick, kind):
    assert diagnose(sick, growth=GROWS).kind == kind


def test_more_labels_are_named_with_how_many_and_what_for():
    found = diagnose(curve(0.3, odds=1.0), target=0.8, growth=GROWS)
    assert found.kind == "more labels would help"
    assert found.sentence == (
        "more labels would help: twice as many are expected to raise precision from 0.73 by 0.05 (0.03 to 0.08); a "
        "precision of 0.80 is expected with about 1,400 more labelled texts."
    )
    assert found.labels == 2442
    assert found.gain_low < found.gain < found.gain_high
    far = diagnose(curve(0.3, odds=1.0), target=0.99, growth=GROWS)
    assert far.labels is None
    assert far.sentence.endswith("a precision of 0.99 lies beyond the forecast.")
    there = diagnose(curve(0.3, odds=1.0), target=0.6, growth=GROWS)
    assert there.sentence.endswith("a precision of 0.60 is already reached.")


def test_what_is_missing_of_a_curve_is_said_in_the_right_number():
    assert diagnose(curve(positives=[1] * 5)).sentence == "1 text has the theme: too few for a learning curve."
    assert diagnose(curve(labels=[1000])).sentence.startswith("Fewer than two points")


@pytest.mark.parametrize(("trained", "remedy"), [(1.0, "Check the labels"), (0.2, "in neither")])
def test_of_a_theme_that_is_not_learned_the_sentence_says_whether_it_was_memorised(trained, remedy):
    assert remedy in diagnose(curve(0.0, odds=-2.0, train_average_precision=trained)).sentence
