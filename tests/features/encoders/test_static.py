"""Static vectors of word pieces: what texts get, that company decides nothing, and what is no such vectors."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from themetagger.features import encoders_of_run
from themetagger.features.encoders.static import MIDDLE, StaticVectors

PIECES = ["pay", "##ment", "boss", "cafe", "good", "!", "日", "zero"]
STEPS = [[3, 4], [0, 2], [-1, 0], [1, 1], [5, 12], [0, -7], [8, 6], [0, 0]]  # in steps of .01, but those of "boss" .5
ODD = ["", " \n", "zebra", "\x00\x07", "\ud800", "🙂", "\u0301", "zero", "день"]


def arrays(**changed: Any) -> dict[str, Any]:
    scales = np.where(np.array(PIECES) == "boss", 0.5, 0.01).astype(np.float32)
    pieces = np.frombuffer("\n".join(PIECES).encode(), dtype=np.uint8)
    return {"pieces": pieces, "codes": (np.array(STEPS) + MIDDLE).astype(np.uint8), "scales": scales} | changed


@pytest.fixture(scope="module")
def small() -> StaticVectors:
    return StaticVectors.from_arrays(arrays())


@pytest.fixture(scope="module")
def bundled() -> StaticVectors:
    return StaticVectors.load()


@pytest.mark.parametrize(
    ("text", "sums"),
    [
        ("pay", [3, 4]),
        ("PAY", [3, 4]),
        ("payment", [3, 6]),
        ("pay pay zebra", [6, 8]),  # of a word that is not known nothing is known
        ("good pay!", [8, 9]),
        ("Café\tpay\u3000pay", [7, 9]),
        ("日pay日", [19, 16]),
        ("boss", [-50, 0]),
        ("boss pay", [-47, 4]),
        ("pay\x00ment", [3, 6]),
        ("! pay", [3, -3]),
    ],
)
def test_a_text_gets_the_sum_of_its_pieces_at_length_1(small: StaticVectors, text: str, sums: list[float]) -> None:
    (found,) = small.encode([text])
    np.testing.assert_allclose(found, np.array(sums) / np.linalg.norm(sums), rtol=1e-6)


def test_a_text_of_which_nothing_is_known_gets_0(small: StaticVectors, bundled: StaticVectors) -> None:
    assert not small.encode(ODD).any()
    assert np.isfinite(bundled.encode([*ODD, "a" * 1_000_000, "\u0301" * 1_000_000])).all()
    for one in (small, bundled):
        assert (one.encode([]).shape, one.encode([]).dtype) == ((0, one.width), np.float32)


def test_a_text_has_the_same_vector_alone_and_in_company(small: StaticVectors, bundled: StaticVectors) -> None:
    rng = np.random.default_rng(0)
    words = [name.removeprefix("##") for name in bundled.names[2_000:6_000:7]]
    texts = [" ".join(rng.choice(words, rng.integers(0, 60))) for _ in range(400)]
    texts += [*ODD, *(f"payment{sign} of {sign}" for sign in "!,日é"), "pay! " * 50_000, "x" * 1_000_000, *texts[:50]]
    for one in (small, bundled):
        together = one.encode(texts)
        alone = StaticVectors.from_arrays(one.to_arrays())  # which remembers no token
        assert together.tobytes() == np.concatenate([alone.encode([text]) for text in texts]).tobytes()
        assert one.encode(texts[::-1]).tobytes() == together[::-1].tobytes()


def test_several_threads_may_ask(bundled: StaticVectors) -> None:
    alone = StaticVectors.from_arrays(bundled.to_arrays())
    texts = [[f"the {name} of {name[::-1]}" for name in bundled.names[k::500]] for k in range(24)]
    expected = [bundled.encode(some).tobytes() for some in texts]
    with ThreadPoolExecutor(8) as pool:
        assert [found.tobytes() for found in pool.map(alone.encode, texts)] == expected


def test_a_copy_gives_the_same(small: StaticVectors) -> None:
    small.encode(["good pay"])  # with something remembered
    copy = pickle.loads(pickle.dumps(small))
    assert copy.encode(["pay boss payment"]).tobytes() == small.encode(["pay boss payment"]).tobytes()


def test_arrays_come_back(bundled: StaticVectors) -> None:
    kept = bundled.to_arrays()
    again = StaticVectors.from_arrays(kept)
    assert again.names == bundled.names
    assert again.encode(["fair pay"]).tobytes() == bundled.encode(["fair pay"]).tobytes()
    assert sum(array.nbytes for array in kept.values()) < 4.5e6 < bundled.nbytes  # what it adds to a tagger file


def test_the_bundled_vectors_know_what_words_mean(bundled: StaticVectors) -> None:
    assert encoders_of_run()["static"] is bundled is StaticVectors.load()
    words = ["salary", "wage", "manager", "boss", "soup", "lunch"]
    vectors = bundled.encode(words)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)
    near = vectors @ vectors.T - 2 * np.eye(len(words))
    assert [words[i] for i in near.argmax(axis=1)] == ["wage", "salary", "boss", "manager", "lunch", "soup"]
    assert bundled.encode(["Salaries!"]) @ vectors[0] > 0.5


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"pieces": arrays()["pieces"].astype(np.int64)}, "no bytes, or their scales no float32"),
        ({"pieces": arrays()["pieces"][np.newaxis]}, "no bytes, or their scales no float32"),
        ({"codes": arrays()["codes"].astype(np.int8)}, "no bytes, or their scales no float32"),
        ({"scales": arrays()["scales"].astype(np.float64)}, "no bytes, or their scales no float32"),
        ({"codes": arrays()["codes"][0]}, "do not fit"),
        ({"codes": arrays()["codes"][:, :0]}, "do not fit"),
        ({"codes": arrays()["codes"][:-1]}, "do not fit"),
        ({"scales": arrays()["scales"][:-1]}, "do not fit"),
        ({"scales": arrays()["scales"][:, np.newaxis]}, "do not fit"),
        ({"codes": arrays()["codes"][:-1], "scales": arrays()["scales"][:-1]}, "do not fit, or one is there twice"),
        ({"pieces": np.frombuffer(b"a\nb\nc\nd\ne\nf\ng\na", dtype=np.uint8)}, "do not fit, or one is there twice"),
        ({"pieces": np.frombuffer(b"", dtype=np.uint8)}, "do not fit, or one is there twice"),
        ({"pieces": np.frombuffer(b"a\nb\nc\nd\ne\nf\ng\n\xff", dtype=np.uint8)}, "invalid start byte"),
        ({"scales": np.full(8, np.nan, np.float32)}, "not a number from -1 to 1"),
        ({"scales": np.full(8, np.inf, np.float32)}, "not a number from -1 to 1"),
        ({"scales": np.full(8, 3e38, np.float32)}, "not a number from -1 to 1"),
        ({"more": np.zeros(1, np.float32)}, "other arrays than pieces, codes and scales"),
    ],
)
def test_what_is_no_static_vectors_is_refused(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        StaticVectors.from_arrays(arrays(**changed))


def test_a_missing_array_is_refused() -> None:
    with pytest.raises(ValueError, match="other arrays than"):
        StaticVectors.from_arrays({"pieces": arrays()["pieces"]})
