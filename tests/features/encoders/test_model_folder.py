"""The folder of a sentence-transformers model: what it says, in old and new layouts, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from themetagger._utils.encoder_error import EncoderError
from themetagger.features.encoders.model_folder import read_model_folder

OLD = "sentence_transformers.models."
NEW = "sentence_transformers.base.modules.transformer."
TOKENIZER = {"padding": None, "added_tokens": [{"id": 0, "content": "[CLS]"}, {"id": 7, "content": "[PAD]"}]}
FULL: dict[str, Any] = {
    "modules.json": [
        {"idx": 0, "path": "", "type": OLD + "Transformer"},
        {"idx": 1, "path": "1_Pooling", "type": OLD + "Pooling"},
        {"idx": 2, "path": "2_Normalize", "type": OLD + "Normalize"},
    ],
    "1_Pooling/config.json": {"word_embedding_dimension": 8, "pooling_mode_mean_tokens": True},
    "sentence_bert_config.json": {"max_seq_length": 256, "do_lower_case": False},
    "config.json": {"model_type": "bert", "max_position_embeddings": 512, "pad_token_id": 3},
    "tokenizer_config.json": {"model_max_length": 512},
    "tokenizer.json": TOKENIZER,
    "model.safetensors": "weights",
}


def make(folder: Path, **changed: Any) -> Path:
    """A folder with these files, by their names; None leaves one out."""
    for name, content in (FULL | changed).items():
        if content is not None:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content if isinstance(content, str) else json.dumps(content))
    return folder


def module(kind: str, path: str = "") -> dict[str, Any]:
    return {"path": path, "type": NEW + kind}


def test_it_says_how_vectors_are_made(tmp_path: Path) -> None:
    found = read_model_folder(make(tmp_path))
    assert (found.pooling, found.normalise, found.max_length, found.lower_case) == (("mean",), True, 256, False)
    assert (found.onnx, found.weights, found.pad_id, found.prompt) == (False, (tmp_path / "model.safetensors",), 3, "")


def test_a_bare_transformer_gets_mean_pooling(tmp_path: Path) -> None:
    bare = dict.fromkeys(("modules.json", "1_Pooling/config.json", "sentence_bert_config.json"))
    found = read_model_folder(make(tmp_path, **bare))
    assert (found.pooling, found.normalise, found.max_length) == (("mean",), False, 512)


@pytest.mark.parametrize(
    ("config", "modes"),
    [
        ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}, ("cls",)),
        ({"pooling_mode_max_tokens": True, "pooling_mode_cls_token": True}, ("cls", "max")),
        ({"pooling_mode": "max"}, ("max",)),
        ({"pooling_mode": ["mean", "lasttoken"]}, ("mean", "lasttoken")),
        ({}, ("mean",)),
    ],
)
def test_pooling_modes_of_both_layouts(tmp_path: Path, config: dict[str, Any], modes: tuple[str, ...]) -> None:
    assert read_model_folder(make(tmp_path, **{"1_Pooling/config.json": config})).pooling == modes


@pytest.mark.parametrize(
    ("settings", "tokens", "config", "length"),
    [
        ({"max_seq_length": 128}, {"model_max_length": 512}, {"max_position_embeddings": 512}, 128),
        ({"max_seq_length": None}, {"model_max_length": 64}, {"max_position_embeddings": 512}, 64),
        ({}, {"model_max_length": 1e30}, {"max_position_embeddings": 514}, 514),
        ({"max_seq_length": 1_000}, {}, {"max_position_embeddings": 512}, 512),
        ({}, {}, {"max_position_embeddings": -1}, 512),
    ],
)
def test_texts_are_cut_where_the_model_ends(
    tmp_path: Path, settings: Any, tokens: Any, config: Any, length: int
) -> None:
    made = {"sentence_bert_config.json": settings, "tokenizer_config.json": tokens, "config.json": config}
    assert read_model_folder(make(tmp_path, **made)).max_length == length


def test_an_export_is_taken_before_other_weights(tmp_path: Path) -> None:
    make(tmp_path, **{"onnx/model_quantized.onnx": "b"})
    assert read_model_folder(tmp_path).weights == (tmp_path / "onnx/model_quantized.onnx",)
    make(tmp_path, **{"onnx/model.onnx": "a", "onnx/model.onnx_data": "large"})
    found = read_model_folder(tmp_path)
    assert found.weights == (tmp_path / "onnx/model.onnx", tmp_path / "onnx/model.onnx_data")
    assert found.onnx
    (tmp_path / "other").mkdir()
    assert read_model_folder(make(tmp_path / "other", **{"minilm-int8.onnx": "a"})).onnx


def test_prompts_layers_and_padding(tmp_path: Path) -> None:
    made = {
        "modules.json": [module("Transformer", "0_T"), module("Pooling", "1_Pooling"), module("Dense", "2_Dense")],
        "0_T/tokenizer.json": TOKENIZER,
        "0_T/tokenizer_config.json": {"pad_token": {"content": "[PAD]"}},
        "0_T/sentence_roberta_config.json": {"do_lower_case": True, "max_seq_length": 32},
        "0_T/model.safetensors": "weights",
        "2_Dense/config.json": {"activation_function": "torch.nn.modules.linear.Identity"},
        "2_Dense/model.safetensors": "weights",
        "config_sentence_transformers.json": {"prompts": {"query": "query: "}, "default_prompt_name": "query"},
    }
    found = read_model_folder(make(tmp_path, **made))
    assert (found.prompt, found.lower_case, found.max_length, found.normalise) == ("query: ", True, 32, False)
    assert [one.activation for one in found.projections] == ["Identity"]
    assert found.pad_id == 7
    made["config_sentence_transformers.json"]["default_prompt_name"] = None
    assert read_model_folder(make(tmp_path, **made)).prompt == ""


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"tokenizer.json": None}, "has no tokenizer.json; write one with transformers"),
        ({"model.safetensors": None}, "has no weights: neither an ONNX export"),
        ({"model.safetensors": None, "pytorch_model.bin": "x"}, "pytorch_model.bin, a format that can run code"),
        ({"modules.json": "{"}, "modules.json is damaged"),
        ({"modules.json": {}}, "modules.json is damaged"),
        ({"config.json": "[1]"}, "config.json is damaged"),
        (
            {"modules.json": [module("StaticEmbedding")]},
            r"static vectors; give it by static_vectors",
        ),
        ({"modules.json": [module("Transformer"), module("LSTM")]}, "a module of kind 'LSTM', which is not known"),
        ({"modules.json": [module("Pooling"), module("Transformer")]}, "does not begin with a transformer"),
        ({"modules.json": []}, "does not begin with a transformer"),
        ({"1_Pooling/config.json": {"pooling_mode": "sum"}}, "asks for pooling 'sum'; known are cls, max"),
        (
            {"modules.json": [module("Transformer"), module("Dense", "2_Dense")], "2_Dense/config.json": {}},
            "must hold model.safetensors, and an activation",
        ),
    ],
)
def test_what_is_not_known_is_refused(tmp_path: Path, changed: dict[str, Any], message: str) -> None:
    with pytest.raises(EncoderError, match=message):
        read_model_folder(make(tmp_path, **changed))


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match=r"holds no model: it has neither modules.json nor config.json$"):
        read_model_folder(tmp_path)
    make(tmp_path / "model")
    with pytest.raises(EncoderError, match=f"is it {tmp_path / 'model'}?"):
        read_model_folder(tmp_path)


@pytest.mark.parametrize(
    "changed",
    [
        {"model.safetensors": "other"},
        {"tokenizer.json": TOKENIZER | {"more": 1}},
        {"config.json": FULL["config.json"] | {"hidden_act": "relu"}},
        {"1_Pooling/config.json": {"pooling_mode": "max"}},
        {"modules.json": FULL["modules.json"][:2]},
        {"sentence_bert_config.json": {"max_seq_length": 128}},
        {"sentence_bert_config.json": {"max_seq_length": 256, "do_lower_case": True}},
        {"config_sentence_transformers.json": {"prompts": {"q": "q: "}, "default_prompt_name": "q"}},
        {"model.onnx": "export"},
    ],
)
def test_its_sha256_is_of_all_that_decides_the_vectors(tmp_path: Path, changed: dict[str, Any]) -> None:
    one, same = make(tmp_path / "one"), make(tmp_path / "same", **{"README.md": "other words"})
    sha256 = read_model_folder(one).sha256()
    assert read_model_folder(same).sha256() == sha256
    assert read_model_folder(make(tmp_path / "other", **changed)).sha256() != sha256
