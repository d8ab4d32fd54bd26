"""Duplicate groups: equal texts, near ones, chains, and nothing else."""

from __future__ import annotations

import time

import numpy as np
import pytest

from themetagger.corpus import duplicate_groups, exact_groups
from themetagger.corpus.duplicates import _alike_pairs, _shingle_matrix


def _texts(n: int, *, words: int, seed: int = 0, vocabulary: int = 2000) -> list[str]:
    draws = np.random.default_rng(seed).integers(0, vocabulary, size=(n, words))
    return [" ".join(f"w{number}" for number in row) for row in draws]


LONG = " ".join(f"word{number}" for number in range(60))


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("Good pay", "good  PAY\n", True),
        ("caf\u00e9 noir", "cafe\u0301 noir", True),
        ("good pay", "bad pay", False),
        ("good pay", "good pay!", True),
        ("!!!", "???", False),
        ("!!!", "!!!", True),
        (LONG, LONG.replace("word30", "other"), True),
        (LONG, LONG.replace("word10", "x").replace("word30", "y").replace("word50", "z"), False),
        (LONG, " ".join(reversed(LONG.split())), False),
        ("", "", False),
        ("  ", "\n", False),
    ],
)
def test_texts_share_a_group_when_they_are_equal_or_nearly(one: str, other: str, together: bool) -> None:
    groups = duplicate_groups([one, "something else entirely", other])
    assert (groups[0] == groups[2]) is np.bool_(together)
    assert groups[0] == 0


def test_exact_groups_leave_near_texts_apart() -> None:
    near = LONG.replace("word30", "other")
    assert exact_groups([LONG, near, LONG.upper(), "", ""]).tolist() == [0, 1, 0, 2, 3]
    assert duplicate_groups([LONG, near, LONG.upper(), "", ""]).tolist() == [0, 0, 0, 1, 2]


def test_every_pair_at_the_bar_is_found_and_no_other() -> None:
    rng = np.random.default_rng(1)
    texts = _texts(60, words=40)
    for base in range(60):  # copies with 0 to 7 words changed: similarities on both sides of the bar
        words = texts[base].split()
        for place in rng.choice(40, size=base % 8, replace=False):
            words[place] = f"new{place}"
        texts.append(" ".join(words))
    shingles = _shingle_matrix(texts)
    shared = (shingles @ shingles.T).toarray()
    sizes = np.diag(shared)
    jaccard = shared / (sizes[:, None] + sizes[None, :] - shared)
    expected = {(a, b) for a, b in zip(*np.nonzero(np.triu(jaccard >= 0.8, k=1)), strict=True)}
    left, right, alike = _alike_pairs(shingles, similarity=0.8)
    found = {(min(pair), max(pair)) for pair in zip(left, right, strict=True)}
    assert found == expected
    assert len(found) > 5
    np.testing.assert_allclose(alike, jaccard[left, right])


def test_groups_do_not_depend_on_the_order_of_the_texts() -> None:
    texts = _texts(50, words=30) * 2 + [text + " more" for text in _texts(50, words=30)] + [""] * 3
    order = np.random.default_rng(0).permutation(len(texts))
    groups, shuffled = duplicate_groups(texts), duplicate_groups([texts[row] for row in order])
    together = groups[:, None] == groups[None, :]
    np.testing.assert_array_equal(together[np.ix_(order, order)], shuffled[:, None] == shuffled[None, :])
    assert groups.max() == 52


def test_a_chain_of_look_alikes_does_not_swallow_the_corpus() -> None:
    words = [f"w{number}" for number in range(1000)]
    chain = [" ".join(words[start : start + 60]) for start in range(0, 900, 3)]  # each near the next, ends unlike
    groups = duplicate_groups(chain + _texts(100, words=60))
    assert np.bincount(groups).max() < 20
    assert np.bincount(duplicate_groups(chain[:10])).max() == 10


@pytest.mark.parametrize("similarity", [0.0, -1.0, 1.1])
def test_a_similarity_outside_0_to_1_is_refused(similarity: float) -> None:
    with pytest.raises(ValueError, match="similarity must be above 0 and at most 1, but got"):
        duplicate_groups(["a"], similarity=similarity)


def test_a_low_bar_takes_in_more() -> None:
    other = LONG.replace("word10", "x").replace("word30", "y").replace("word50", "z")
    assert duplicate_groups([LONG, other], similarity=0.5).tolist() == [0, 0]
    assert duplicate_groups([LONG, other], similarity=1.0).tolist() == [0, 1]


@pytest.mark.parametrize("texts", [[], [""], ["", "  "], ["!"]])
def test_a_corpus_without_words_has_a_group_a_text(texts: list[str]) -> None:
    assert duplicate_groups(texts).tolist() == list(range(len(texts)))


@pytest.mark.slow
def test_thousands_of_templated_texts_are_quick() -> None:
    texts = [f"{LONG} {number}" for number in range(3000)] + _texts(3000, words=66)
    began = time.process_time()
    groups = duplicate_groups(texts)
    assert time.process_time() - began < 60  # quadratic work would take many minutes
    assert len(np.unique(groups[3000:])) == 3000
