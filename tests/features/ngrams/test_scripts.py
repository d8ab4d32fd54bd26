"""Scripts without spaces are counted sign by sign, and no other text is counted in another way than before."""

from __future__ import annotations

import pickle
import re
import sys
import time
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer

from themetagger.features import ANALYSERS, Splitter, count_known, count_terms, single_words, without_word
from themetagger.features.ngrams import chars as char_grams
from themetagger.features.ngrams.scripts import FIRST, MARK, OTHER, SIGN, finder, has_signs, kinds, sign_pattern

every_analyser = pytest.mark.parametrize("analyser", ANALYSERS)
SETTINGS = {"word": {"ngram_range": (1, 2)}, "char_wb": {"analyzer": "char_wb", "ngram_range": (3, 5)}}
# letters and marks of kana, Thai, Khmer and Myanmar
MARKED = "\u304b\u3099\uff76\uff9e\u0e17\u0e35\u0e33\u0e48\u0e31\u1781\u17bb\u17d2\u1019\u1014\u103a"
MIXED = st.text(alphabet="ab é工资低カー々が12３4_。、\t한글\0🙂" + MARKED, max_size=40)
SPACED = [
    "Good pay – “fair”, isn’t it? 12 ½ ¾ x² e\u0301 ﬁ",
    "Зарплата низкая, начальник хороший; їжа",
    "هنا الناس لأن الطعام دائما جدا",
    "מילים שכר נמוך",
    "월급이 너무 적다 한글 월급",
    "lương thấp quá, căng tin ăn trưa",
    "वेतन बहुत कम है, खाना",
    "μισθός χαμηλός ᾳ",
    "１２ ＡＢＣ 🙂👍🏽 \u200d \ufeff",
    "བོད་སྐད་ སྐད་",
]


def counted(texts: list[str], analyser: str, *, signs: bool = True) -> list[dict[str, int]]:
    """The terms of each text with their counts."""
    found = count_terms(texts, analyser, signs=signs)
    rows = found.matrix.toarray()
    return [{found.terms[j]: int(row[j]) for j in np.flatnonzero(row)} for row in rows]


@pytest.mark.parametrize(
    ("text", "words", "grams"),
    [
        ("工资低", "工 资 低 工资 资低", "工 资 低 工资 资低 工资低"),
        ("环境。工资", "环 境 环境 工 资 工资", "环 境 环境 工 资 工资"),
        ("\u0e17\u0e35", "\u0e17\u0e35", "\u0e17 \u0e35 \u0e17\u0e35"),
        ("\u304b\u3099", "\u304b\u3099", "\u304b \u3099 \u304b\u3099"),  # a letter and its mark
        ("\uff76\uff9e", "\uff76\uff9e", "\uff76 \uff9e \uff76\uff9e"),
    ],
    ids=["run", "punctuation", "Thai", "kana", "half width"],
)
def test_of_a_run_short_n_grams_are_counted(text: str, words: str, grams: str) -> None:
    assert counted([text], "word")[0] == dict.fromkeys(words.split(), 1)
    found = counted([text], "char_wb")[0]
    assert {gram: n for gram, n in found.items() if " " not in gram and finder().search(gram)} == dict.fromkeys(
        grams.split(), 1
    )


def test_mixed_comments_are_counted_script_by_script() -> None:
    """Latin names and full-width digits keep their words, and Chinese beside them does not hide them."""
    text = "新しいiPhone１５を買った、wifi太慢了 good team"
    (words,) = counted([text], "word")
    assert {"iPhone１５", "wifi", "good", "team", "good team", "買", "った", "太慢", "慢"} <= set(words)
    assert not {"wifi太", "を買った", "了 good", "iPhone１５ wifi", "wifi good", "いi"} & set(words)
    (grams,) = counted([text], "char_wb")
    assert {"wifi", "ifi ", "１５ ", "太慢了", "太慢", "太", "新しい", "を買った"} <= set(grams)
    assert not {"新しいi", "いiP", "fi太", " 新", "了 "} & set(grams)


@every_analyser
def test_a_run_of_signs_begins_and_ends_at_the_end_of_a_text_and_at_spaces(analyser: str) -> None:
    found = counted(["工", "资", "工 资", "工\u3000资"], analyser)
    assert found == [{"工": 1}, {"资": 1}, {"工": 1, "资": 1}, {"工": 1, "资": 1}]


@every_analyser
def test_texts_of_other_scripts_are_counted_as_scikit_learn_counts_them(analyser: str) -> None:
    vectoriser = CountVectorizer(lowercase=False, **SETTINGS[analyser])
    expected = vectoriser.fit_transform(SPACED)
    found = count_terms(SPACED, analyser)
    assert found.terms == tuple(vectoriser.get_feature_names_out())
    assert (found.matrix != expected).nnz == 0


@every_analyser
@given(texts=st.lists(MIXED, min_size=1, max_size=4))
def test_without_signs_all_texts_are_counted_as_scikit_learn_counts_them(analyser: str, texts: list[str]) -> None:
    found = count_terms(texts, analyser, signs=False)
    if found.terms:
        vectoriser = CountVectorizer(lowercase=False, **SETTINGS[analyser])
        expected = vectoriser.fit_transform(texts)
        assert found.terms == tuple(vectoriser.get_feature_names_out())
        assert (found.matrix != expected).nnz == 0
        assert (count_known(texts, analyser, found.terms, signs=False) != expected).nnz == 0


@every_analyser
@given(texts=st.lists(MIXED, min_size=1, max_size=4), signs=st.booleans(), few=st.sampled_from([0, 1_000]))
def test_what_is_counted_is_what_occurs_and_known_terms_are_found(
    analyser: str, texts: list[str], signs: bool, few: int
) -> None:
    of_analyser = ANALYSERS[analyser]
    found = count_terms(texts, analyser, signs=signs)
    expected = [Counter(term for term, _ in of_analyser.occurrences(text.split(), signs=signs)) for text in texts]
    assert counted(texts, analyser, signs=signs) == expected
    assert found.sizes.max(initial=0) <= {"word": 2, "char_wb": 5}[analyser]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(char_grams, "FEW", few)
        vocabulary = of_analyser.Vocabulary(found.terms, signs=signs)
        for again in (vocabulary, pickle.loads(pickle.dumps(vocabulary))):
            assert (again.count(Splitter().split(texts)) != found.matrix).nnz == 0


@given(MIXED)
def test_single_words_are_the_terms_without_a_pair(text: str) -> None:
    terms = Counter(single_words(text))
    assert terms == Counter({term: n for term, n in counted([text], "word")[0].items() if " " not in term})


@given(MIXED)
def test_a_text_is_its_signs_and_what_is_between_them(text: str) -> None:
    parts = sign_pattern().findall(text)
    assert "".join(parts) == text
    has = kinds()[[ord(character) for character in text]] if text else np.zeros(0)
    assert bool((has != OTHER).any()) == (finder().search(text) is not None)
    assert has_signs(np.array([ord(character) for character in text], dtype=np.uint32)) == bool((has != OTHER).any())


def test_signs_are_letters_of_these_scripts_and_their_marks() -> None:
    table = kinds()
    assert not table[:FIRST].any()
    every = "".join(map(chr, np.flatnonzero(table).tolist()))
    assert not re.search(r"[\d\s]", every)
    assert re.findall(r"\w", "".join(map(chr, np.flatnonzero(table == MARK).tolist()))) == ["\uff9e", "\uff9f"]
    examples = {
        SIGN: "工々〇あアーｱ\u0e01\u0eb3\u1000\u1780",
        OTHER: "a1é한１。、・🙂\u0e3f\u0e51",
        MARK: "\u0e31\u0e48\u3099\u17d2",
    }
    for kind, characters in examples.items():
        assert {character: int(table[ord(character)]) for character in characters} == dict.fromkeys(characters, kind)
    assert len(table) == sys.maxunicode + 1


@pytest.mark.parametrize(
    ("text", "word", "left"),
    [
        ("pay day, payday pay", "pay", "  day, payday  "),
        ("工资的pay工资", "pay", "工资的 工资"),
        ("工资的工资", "工资", " 的 "),
        ("pay\u2019s 12 pay_day", "pay", " \u2019s 12 pay_day"),
    ],
)
def test_a_word_is_taken_out_where_it_stands_as_a_word(text: str, word: str, left: str) -> None:
    assert without_word(text, word) == left


@every_analyser
def test_the_time_of_a_long_text_grows_with_its_length_only(analyser: str) -> None:
    draw = np.random.default_rng(0)
    signs = [chr(code) for code in range(0x4E00, 0x4E00 + 2_000)]
    seconds = []
    for length in (50_000, 400_000):
        text = "".join(draw.choice(signs, length))
        start = time.process_time()
        count_terms([text], analyser, min_df=2)
        seconds.append(time.process_time() - start)
    assert seconds[1] < 40 * seconds[0] + 1
