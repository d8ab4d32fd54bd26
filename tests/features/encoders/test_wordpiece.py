"""Words are cut as BERT's uncased models cut them: the longest pieces first, a word of unknown pieces not at all."""

from __future__ import annotations

import time

import numpy as np
import pytest

from themetagger.features.encoders.wordpiece import LONGEST, WordPieces
from themetagger.features.ngrams.ragged import Ragged, encoded

SIGNS = ["!", ",", "-", "'", "$", "+", "…", "、", "「"]
LETTERS = [mark + letter for mark in ("", "##") for letter in "abcdefghijklmnopqrstuvwxyz0123456789ß日本"]
VOCABULARY = [*SIGNS, *LETTERS, "pay", "##ment", "##ments", "##men", "un", "##paid", "unpaid", "cafe", "οδος"]


@pytest.fixture(scope="module")
def pieces() -> WordPieces:
    return WordPieces(VOCABULARY)


def cut(pieces: WordPieces, token: str) -> list[str]:
    return [pieces.names[number] for number in pieces.of_token(token)]


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ("pay", ["pay"]),
        ("payment", ["pay", "##ment"]),
        ("payments", ["pay", "##ments"]),  # the longest, not "##ment" and "##s"
        ("paymen", ["pay", "##men"]),
        ("unpaid", ["unpaid"]),  # as one, though its parts are there too
        ("ununpaid", ["un", "##u", "##n", "##paid"]),  # "unpaid" begins a word only
        ("PAY", ["pay"]),
        ("Café", ["cafe"]),  # composed,
        ("Cafe\u0301", ["cafe"]),  # and not
        ("ﬁ", []),  # a ligature is no two letters: it is not decomposed
        ("straße", ["s", "##t", "##r", "##a", "##ß", "##e"]),
        ("日本", ["日", "本"]),  # each ideograph by itself,
        ("pay日pay", ["pay", "日", "pay"]),  # also within a word
        ("pay,pay!", ["pay", ",", "pay", "!"]),
        ("don't", ["d", "##o", "##n", "'", "t"]),
        ("$5+5", ["$", "5", "+", "5"]),
        ("「pay」", ["「", "pay"]),  # the closing one is unknown
        ("pay…", ["pay", "…"]),
        ("payдень", []),  # one unknown letter, and nothing is known of the word,
        ("день,pay", [",", "pay"]),  # but much of what stands beside it
        ("pay\u200bment", ["pay", "##ment"]),  # what has no width is not there,
        ("pay\x00\x07ment\ufeff", ["pay", "##ment"]),  # nor are control characters
        ("pay\ud800", ["pay"]),
        ("", []),
        ("\u0301\u200d", []),
        ("🙂", []),
    ],
)
def test_a_token_is_cut(pieces: WordPieces, token: str, expected: list[str]) -> None:
    assert cut(pieces, token) == expected


def test_a_long_word_is_unknown(pieces: WordPieces) -> None:
    assert len(cut(pieces, "a" * LONGEST)) == LONGEST
    assert cut(pieces, "a" * (LONGEST + 1)) == []
    assert cut(pieces, "a" * (LONGEST + 1) + "!pay") == ["!", "pay"]


@pytest.mark.parametrize("character", ["a", "!", "日", "\u0301", "\x00", "é"])
def test_a_megabyte_without_a_space_takes_a_second(pieces: WordPieces, character: str) -> None:
    begun = time.process_time()  # which other work on the machine does not lengthen
    found = pieces.of_token(character * 1_000_000)
    assert time.process_time() - begun < 5
    assert len(found) == (1_000_000 if character in "!日" else 0)


def test_tokens_are_given_as_rows_of_characters(pieces: WordPieces) -> None:
    tokens = ["payment", "день", "", "pay!"]
    rows = pieces.of_tokens(Ragged(encoded("".join(tokens)), np.array(list(map(len, tokens)))))
    assert rows.lengths.tolist() == [2, 0, 0, 2]
    assert [pieces.names[number] for number in rows.flat] == ["pay", "##ment", "pay", "!"]
    assert rows.flat.dtype == np.int32
    none = pieces.of_tokens(Ragged(encoded(""), np.zeros(0, dtype=np.int64)))
    assert (len(none.flat), len(none.lengths)) == (0, 0)


def test_without_a_piece_nothing_is_known() -> None:
    assert WordPieces([]).of_token("pay") == []


def test_pieces_are_those_of_the_package_tokenizers(pieces: WordPieces) -> None:
    tokenizers = pytest.importorskip("tokenizers")
    vocabulary = {piece: number for number, piece in enumerate([*VOCABULARY, "[UNK]"])}
    known = tokenizers.Tokenizer(tokenizers.models.WordPiece(vocabulary, unk_token="[UNK]"))
    known.normalizer = tokenizers.normalizers.BertNormalizer(lowercase=True)
    known.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
    draw = np.random.default_rng(0)
    characters = (
        list("aeiopymntdufcPAYUNE019ßéÉñçÄ!,-'$+…、「日本дДşİ🙂한\u0301\u0327\u200b\u00ad\x00\u2028") + VOCABULARY[-9:]
    )
    for text in ["".join(draw.choice(characters, draw.integers(1, 30))).replace("##", "") for _ in range(3_000)]:
        theirs = [number for number in known.encode(text).ids if number != vocabulary["[UNK]"]]
        ours = [number for token in text.split() for number in pieces.of_token(token)]
        assert ours == theirs, repr(text)
