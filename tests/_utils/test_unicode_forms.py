"""Normal forms: as Unicode has them, and linear in time for any run of combining marks."""

from __future__ import annotations

import time
import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from themetagger._utils.unicode_forms import JOINER, MARKS, _marks, normal_form, normal_forms
from themetagger.corpus import exact_groups
from themetagger.corpus.column_names import looks_like
from themetagger.corpus.labels.spellings import spelling
from themetagger.features.encoders.wordpiece import _words
from themetagger.features.preprocessing import STEPS, clean

FORMS = ("NFC", "NFD", "NFKC", "NFKD")
# marks that a sort has to move, also those that are made of others (U+0344, U+0F73) or become some (U+FF9E)
MIXED = ("\u0301\u0316", "\u0f73", "\u0301\uff9e", "\u0344\u0316")


@given(st.lists(st.text(st.sampled_from("aé가ﬁ\u0301\u0316\u0345\u0f73\uff9e\n"), max_size=MARKS)))
def test_without_a_long_run_of_marks_a_text_has_its_usual_normal_form(texts):
    for form in FORMS:
        assert normal_forms(form, texts) == [unicodedata.normalize(form, text) for text in texts]


@pytest.mark.parametrize("form", FORMS)
def test_thirty_marks_stay_and_a_joiner_stands_before_the_next(form):
    assert normal_form(form, "x" + "\u0301" * 30) == unicodedata.normalize(form, "x" + "\u0301" * 30)
    assert normal_form(form, "x" + "\u0301" * 61).count(JOINER) == 2
    assert max(map(len, normal_form(form, "x" + "\u0316\u0301" * 500).split(JOINER))) <= MARKS + 1


def test_all_characters_that_become_marks_alone_are_known():
    every = map(chr, range(0x110000))
    marks = {sign for sign in every if unicodedata.combining(unicodedata.normalize("NFKD", sign)[0])}
    assert marks == {chr(code) for code in np.flatnonzero(_marks())}


@pytest.mark.parametrize("marks", MIXED, ids=ascii)
def test_whatever_reads_a_text_of_marks_takes_linear_time(marks):
    text = "a" + marks * (60_000 // len(marks))
    began = time.process_time()
    for step in STEPS:
        clean([text, "b"], (step,))
    assert exact_groups([text, "b", text]).tolist() == [0, 1, 0]
    assert all(read(text) for read in (spelling, looks_like, _words))
    assert time.process_time() - began < 8  # by the usual way half a minute


def test_accents_go_from_a_long_run_too():
    assert clean(["e" + "\u0301\u0316" * 40 + "x"], ("accents",)) == ["ex"]
