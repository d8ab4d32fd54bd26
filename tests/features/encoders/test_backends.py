"""Models that compute for real, as far as their packages are installed: a table in ONNX, and a random BERT by torch."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_onnx import write_lookup

from themetagger._utils.encoder_error import EncoderError
from themetagger.features.encoders.opening import open_encoder

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "pay", "boss", "good", "the", "team"]
TEXTS = ["good pay", "the boss " * 20, "", "日本 🙂 \ud800", "GOOD team", "pay"]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THEMETAGGER_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model without weights: words are tokens, mean pooling, vectors of length 1, 12 tokens a text."""
    tokenizers = pytest.importorskip("tokenizers")
    made = tmp_path / "tiny"
    (made / "1_Pooling").mkdir(parents=True)
    tokenizer = tokenizers.Tokenizer(
        tokenizers.models.WordLevel({w: i for i, w in enumerate(WORDS)}, unk_token="[UNK]")
    )
    tokenizer.normalizer = tokenizers.normalizers.Lowercase()
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    ends = [("[CLS]", 2), ("[SEP]", 3)]
    tokenizer.post_processor = tokenizers.processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=ends)
    tokenizer.enable_padding(length=30)  # which is none of the model's business
    tokenizer.save(str(made / "tokenizer.json"))
    kinds = {"": "Transformer", "1_Pooling": "Pooling", "2_Normalize": "Normalize"}
    listed = [{"path": path, "type": f"sentence_transformers.models.{kind}"} for path, kind in kinds.items()]
    (made / "modules.json").write_text(json.dumps(listed))
    (made / "1_Pooling" / "config.json").write_text('{"pooling_mode_mean_tokens": true}')
    (made / "sentence_bert_config.json").write_text('{"max_seq_length": 12}')
    return made


def test_an_export_runs_by_onnxruntime(folder: Path) -> None:
    pytest.importorskip("onnxruntime")
    table = np.random.default_rng(0).normal(size=(len(WORDS), 5)).astype(np.float32)
    write_lookup(folder / "model.onnx", table)
    encoder = open_encoder(folder, show_progress=False)
    found = encoder.encode(TEXTS)
    means = [table[ids].mean(axis=0) for ids in ([2, 6, 4, 3], [2, *[7, 5] * 5, 3], [2, 3], [2, 1, 1, 1, 3])]
    np.testing.assert_allclose(found[[0, 1, 2]], [m / np.linalg.norm(m) for m in means[:3]], rtol=1e-5)
    assert (encoder.width, encoder.record.name, encoder.record.pooling) == (5, "tiny", "mean")
    alone = np.concatenate([encoder._model._vectors([text]) for text in TEXTS])  # type: ignore[union-attr]
    np.testing.assert_allclose(alone, found, atol=1e-6)


def test_an_export_that_wants_more_is_refused(folder: Path) -> None:
    pytest.importorskip("onnxruntime")
    write_lookup(folder / "model.onnx", np.ones((9, 5), np.float32), more=("attention_mask", "pixel_values"))
    with pytest.raises(EncoderError, match="wants the input 'pixel_values'; known are input_ids"):
        open_encoder(folder)
    (folder / "model.onnx").write_bytes(b"no graph")
    with pytest.raises(EncoderError, match=r"model\.onnx cannot be read"):
        open_encoder(folder)
    (folder / "tokenizer.json").write_text("{}")
    with pytest.raises(EncoderError, match="is no tokenizer"):
        open_encoder(folder)


@pytest.fixture
def bert(folder: Path) -> Any:
    """A random BERT in the folder."""
    torch, transformers = pytest.importorskip("torch"), pytest.importorskip("transformers")
    torch.manual_seed(0)
    sizes = {"vocab_size": len(WORDS), "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2}
    config = transformers.BertConfig(**sizes, intermediate_size=32, max_position_embeddings=32)
    made = transformers.BertModel(config).eval()
    made.save_pretrained(str(folder), safe_serialization=True)
    return made


def test_without_an_export_it_runs_by_torch(folder: Path, bert: Any) -> None:
    import torch

    encoder = open_encoder(folder, show_progress=False)
    found = encoder.encode(TEXTS)
    for ids, row in (([2, 6, 4, 3], 0), ([2, *[7, 5] * 5, 3], 1), ([2, 3], 2), ([2, 6, 8, 3], 4)):
        with torch.inference_mode():
            mean = bert(input_ids=torch.tensor([ids])).last_hidden_state[0].mean(dim=0).numpy()
        assert found[row] @ (mean / np.linalg.norm(mean)) == pytest.approx(1, abs=1e-5)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)


def test_code_of_a_folder_is_not_run(folder: Path, bert: Any) -> None:
    config = json.loads((folder / "config.json").read_text())
    config |= {"model_type": "mine", "auto_map": {"AutoModel": "evil.Evil", "AutoConfig": "evil.EvilConfig"}}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "evil.py").write_text(f"open({str(folder / 'ran')!r}, 'w')")
    with pytest.raises(EncoderError, match="cannot be read by transformers"):
        open_encoder(folder)
    assert not (folder / "ran").exists()


@pytest.mark.parametrize(
    ("file", "package", "extra"),
    [("model.onnx", "onnxruntime", "embeddings"), ("model.safetensors", "torch", "embeddings-torch")],
)
def test_a_missing_package_is_named_with_its_extra(
    file: str, package: str, extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("tokenizer.json", "config.json"):
        (tmp_path / name).write_text("{}")
    (tmp_path / file).write_bytes(b"weights")
    monkeypatch.setattr("themetagger.features.encoders.tokens.read_tokenizer", lambda path: _Tokens())
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(EncoderError, match=rf"needs the package {package} .*: pip install 'themetagger\[{extra}\]'"):
        open_encoder(tmp_path)


class _Tokens:
    def enable_truncation(self, length: int) -> None: ...

    def no_padding(self) -> None: ...
