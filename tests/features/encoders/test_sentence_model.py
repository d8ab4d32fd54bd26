"""A sentence model at work, on a backend that is made here: batches, lengths, layers, and the probe of company."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from themetagger._utils.encoder_error import EncoderError
from themetagger.features.encoders.model_folder import ModelFolder, Projection
from themetagger.features.encoders.sentence_model import BATCH, SentenceModel, Singles
from themetagger.features.encoders.tokens import Tokens

FOLDER = ModelFolder(Path("m"), (Path("m.onnx"),), Path("t"), ("mean",), False, 16, False, "", (), 0)


class Letters:
    """The code points of a text, cut at 16."""

    def __init__(self) -> None:
        self.asked: list[Sequence[str]] = []

    def tokens(self, texts: Sequence[str]) -> Tokens:
        self.asked.append(texts)
        longest = max(1, *(len(text) for text in texts)) if texts else 1
        ids = np.zeros((len(texts), min(longest, 16)), dtype=np.int64)
        for row, text in enumerate(texts):
            ids[row, : len(text)] = [ord(letter) for letter in text[:16]]
        return Tokens(ids, (ids > 0).astype(np.int64), np.zeros_like(ids))


class Exact:
    """Three numbers for each token."""

    def vectors(self, tokens: Tokens) -> Singles:
        return np.stack([tokens.ids, tokens.ids % 7, -tokens.ids], axis=2).astype(np.float32)


class Quantised(Exact):
    """The same rounded on a scale that depends on all texts of the batch."""

    def vectors(self, tokens: Tokens) -> Singles:
        exact = super().vectors(tokens)
        scale = (np.abs(exact).max() + 1) / 127
        return np.round(exact / scale) * scale


class Pooled(Exact):
    """One vector a text, as an export gives it that has the pooling in its graph."""

    def vectors(self, tokens: Tokens) -> Singles:
        return np.tile(tokens.mask.sum(axis=1)[:, None], 5).astype(np.float32)


class Broken(Exact):
    def vectors(self, tokens: Tokens) -> Singles:
        return super().vectors(tokens) * np.nan


TEXTS = ["boss", "", "a" * 40, "pay", *(f"text {i}" for i in range(3 * BATCH))]


def encoded(model: SentenceModel, texts: Sequence[str]) -> Singles:
    found = np.full((len(texts), model.width), np.nan, dtype=np.float32)
    for numbers, vectors in model.batches(texts):
        assert len(numbers) <= model.batch
        found[numbers] = vectors
    return found


def test_each_text_gets_the_mean_of_its_tokens() -> None:
    model = SentenceModel(FOLDER, Letters(), Exact())
    found = encoded(model, TEXTS)
    assert (model.width, model.batch, found.dtype) == (3, BATCH, np.float32)
    np.testing.assert_allclose(found[:, 0], [np.mean([*map(ord, text[:16])] or [0]) for text in TEXTS], rtol=1e-6)
    assert not list(model.batches([]))


def test_texts_of_like_length_go_together() -> None:
    letters = Letters()
    model = SentenceModel(FOLDER, letters, Exact())
    letters.asked.clear()
    encoded(model, ["long " * 3] * BATCH + ["a"] * BATCH)
    assert {frozenset(map(len, texts)) for texts in letters.asked} == {frozenset({1}), frozenset({15})}


def test_one_whose_arithmetic_depends_on_company_gets_one_text_at_a_time() -> None:
    model = SentenceModel(FOLDER, Letters(), Quantised())
    assert model.batch == 1
    together = encoded(model, TEXTS)
    assert together.tobytes() == np.concatenate([encoded(model, [text]) for text in TEXTS]).tobytes()


def test_an_export_may_pool_by_itself() -> None:
    model = SentenceModel(FOLDER, Letters(), Pooled())
    assert encoded(model, ["boss"]).tolist() == [[4] * 5]


def test_length_case_and_prompt_are_as_the_model_says() -> None:
    letters = Letters()
    model = SentenceModel(replace(FOLDER, normalise=True, lower_case=True, prompt="Q: "), letters, Exact())
    np.testing.assert_allclose(np.linalg.norm(encoded(model, ["Boss", "pay"]), axis=1), 1, rtol=1e-6)
    assert letters.asked[-1] == ["q: pay", "q: boss"]


def test_a_layer_behind_the_pooling_shapes_the_vectors(tmp_path: Path) -> None:
    weight, bias = np.array([[0.01, 0, 0], [0, -1, 0]], np.float32), np.array([0.5, 0], np.float32)
    save_file({"linear.weight": weight, "linear.bias": bias}, tmp_path / "model.safetensors")
    raw = encoded(SentenceModel(FOLDER, Letters(), Exact()), ["boss"])
    for name, function in {"Tanh": np.tanh, "Identity": lambda x: x, "ReLU": lambda x: np.maximum(x, 0)}.items():
        folder = replace(FOLDER, projections=(Projection(tmp_path / "model.safetensors", name),))
        found = encoded(SentenceModel(folder, Letters(), Exact()), ["boss"])
        np.testing.assert_allclose(found, function(raw @ weight.T + bias), rtol=1e-6)
    save_file({"other": weight}, tmp_path / "model.safetensors")
    with pytest.raises(EncoderError, match="cannot be read"):
        SentenceModel(folder, Letters(), Exact())


def test_vectors_that_are_not_finite_are_refused() -> None:
    with pytest.raises(EncoderError, match="something else than a finite vector"):
        SentenceModel(FOLDER, Letters(), Broken())
