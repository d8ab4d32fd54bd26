"""Static vectors of the user's own: the mean of the vectors of a text's tokens, as model2vec makes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from themetagger._utils.encoder_error import EncoderError
from themetagger.features.encoders.opening import open_static_vectors

WORDS = ["[UNK]", "pay", "boss", "good", "the"]
TABLE = np.array([[9, 9], [1, 0], [0, 2], [-1, 1], [0.5, 0.5]], dtype=np.float32)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("THEMETAGGER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def make(folder: Path, arrays: dict[str, Any] | None = None, **config: Any) -> Path:
    tokenizers = pytest.importorskip("tokenizers")
    folder.mkdir(parents=True, exist_ok=True)
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel({w: i for i, w in enumerate(WORDS)}, unk_token="[UNK]"))
    made.normalizer = tokenizers.normalizers.Lowercase()
    made.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    made.save(str(folder / "tokenizer.json"))
    save_file({"embeddings": TABLE} if arrays is None else arrays, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(config))
    return folder


def test_a_text_gets_the_mean_of_its_known_tokens(tmp_path: Path, cache: Path) -> None:
    encoder = open_static_vectors(make(tmp_path / "m"))
    found = encoder.encode(["Good pay", "the boss, the boss", "", "zebra", "日本 \ud800 boss", "boss zebra boss pay"])
    expected = [[0, 0.5], [0.25, 1.25], [0, 0], [0, 0], [0, 2], [1 / 3, 4 / 3]]
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert (found.dtype, encoder.width, encoder.record.name) == (np.float32, 2, "m")
    assert not (cache / "vectors").exists()  # they are quicker made than read


def test_vectors_have_length_1_where_the_model_says_so(tmp_path: Path) -> None:
    found = open_static_vectors(make(tmp_path, normalize=True)).encode(["good pay boss", "", "boss boss"])
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), [1, 0, 1], rtol=1e-6)


def test_rows_may_be_shared_and_weighted(tmp_path: Path) -> None:
    mapping, weights = np.array([0, 1, 1, 0, 0]), np.array([1, 2, 0.5, 1, 1], np.float32)
    arrays = {"embeddings": np.array([[1, 1], [4, 8]], np.float16), "mapping": mapping, "weights": weights}
    found = open_static_vectors(make(tmp_path, arrays)).encode(["pay boss", "good"])
    np.testing.assert_allclose(found, [[(8 + 2) / 2, (16 + 4) / 2], [1, 1]])


def test_long_texts_are_cut_where_the_model_says_so(tmp_path: Path) -> None:
    long = "pay " * 600 + "boss " * 600
    for length, expected in ((3, [1, 0]), (None, [0.5, 1])):
        encoder = open_static_vectors(make(tmp_path, max_length=length))
        np.testing.assert_allclose(encoder.encode([long])[0], expected, rtol=1e-5)
    assert open_static_vectors(make(tmp_path)).encode([long])[0].tolist() == [1, 0]  # 512 tokens


def test_a_text_has_the_same_vector_alone_and_in_company(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    table = rng.normal(size=(5, 33)).astype(np.float32)
    encoder = open_static_vectors(make(tmp_path, {"embeddings": table}, normalize=True))
    texts = [" ".join(rng.choice(WORDS[1:], 1 + i % 70)) for i in range(1_500)]
    together = encoder.encode(texts)
    assert together.tobytes() == np.concatenate([encoder.encode([text]) for text in texts]).tobytes()


def test_the_layouts_of_sentence_transformers(tmp_path: Path) -> None:
    static = {"path": ".", "type": "sentence_transformers.models.StaticEmbedding"}
    normalise = {"path": "1_Normalize", "type": "sentence_transformers.models.Normalize"}
    make(tmp_path / "a" / "0_StaticEmbedding", {"embedding.weight": TABLE})
    (tmp_path / "a" / "modules.json").write_text(json.dumps([static, normalise]))
    assert open_static_vectors(tmp_path / "a").encode(["boss"]).tolist() == [[0, 1]]


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"embeddings": TABLE[:4]}, "do not fit together"),
        ({"embeddings": TABLE, "mapping": np.array([0, 1, 2, 3, 5])}, "do not fit together"),
        ({"embeddings": TABLE, "mapping": np.array([0, 1, 2, 3, -1])}, "do not fit together"),
        ({"embeddings": TABLE, "weights": np.ones(4, np.float32)}, "do not fit together"),
        ({"embeddings": TABLE * np.nan}, "holds no finite vectors"),
        ({"embeddings": TABLE[0]}, "holds no finite vectors"),
        ({"vectors": TABLE}, "holds no finite vectors"),
    ],
)
def test_files_that_do_not_fit_are_refused(tmp_path: Path, arrays: dict[str, Any], message: str) -> None:
    with pytest.raises(EncoderError, match=message):
        open_static_vectors(make(tmp_path, arrays))


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="holds no static vectors"):
        open_static_vectors(tmp_path)
    with pytest.raises(EncoderError, match="max_length must be a number of tokens, but is 'long'"):
        open_static_vectors(make(tmp_path, max_length="long"))
    make(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"short")
    with pytest.raises(EncoderError, match="cannot be read"):
        open_static_vectors(tmp_path)


@pytest.mark.parametrize("changed", [{"normalize": True}, {"max_length": 64}])
def test_its_sha256_is_of_all_that_decides_the_vectors(tmp_path: Path, changed: dict[str, Any]) -> None:
    found = [
        open_static_vectors(make(tmp_path / name, **more)) for name, more in (("a", {}), ("b", {}), ("c", changed))
    ]
    one, same, other = (encoder.record.sha256 for encoder in found)
    assert one == same != other
