"""The folder of a sentence-transformers model: which files it is made of, and how its vectors are made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from themetagger._utils.encoder_error import EncoderError
from themetagger._utils.faces import option
from themetagger.features.encoders.pooling import MODES

HUB_FILES = (  # fetched from the hub: settings and an ONNX export; where there is none, weights for torch, and so on
    ("*.json", "*/config.json", "*/*.safetensors", "model.onnx*", "onnx/model.onnx*"),
    ("model*.safetensors",),
    ("onnx/model_quantized.onnx",),
)
EXPORTS = ("model.onnx", "onnx/model.onnx", "onnx/model_quantized.onnx", "model_quantized.onnx")
OLD_MODES = {  # of a pooling config as it was until 2025
    "pooling_mode_cls_token": "cls",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
    "pooling_mode_lasttoken": "lasttoken",
}
UNLIMITED = 100_000  # tokens: a tokenizer that says so or more says that it knows no limit
USUAL_LENGTH = 512  # tokens of a text, where nothing says how many there may be
ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "Tanh": np.tanh,
    "ReLU": lambda x: np.maximum(x, 0),
    "Identity": lambda x: x,
}


@dataclass(frozen=True)
class Projection:
    """A layer behind the pooling: the files of its weights, and its activation function."""

    weights: Path
    activation: str


@dataclass(frozen=True)
class ModelFolder:
    """What a folder says of its model.

    Parameters
    ----------
    transformer : folder of the transformer, with config.json
    weights : files of the transformer: one ONNX export with what belongs to it, or safetensors
    tokenizer : its tokenizer.json
    pooling : names of pooling modes
    normalise : whether vectors have length 1
    max_length : tokens of a text, at most; the rest is cut off
    lower_case : whether texts are put in lower case first
    prompt : what is put before each text
    projections : layers behind the pooling
    pad_id : the token that fills up short texts
    """

    transformer: Path
    weights: tuple[Path, ...]
    tokenizer: Path
    pooling: tuple[str, ...]
    normalise: bool
    max_length: int
    lower_case: bool
    prompt: str
    projections: tuple[Projection, ...]
    pad_id: int

    @property
    def onnx(self) -> bool:
        """Whether an ONNX export is there, which is used then."""
        return self.weights[0].suffix == ".onnx"

    def sha256(self) -> str:
        """The SHA-256 of all that decides its vectors: weights, tokenizer and settings; where they lie has no part."""
        config = () if self.onnx else (self.transformer / "config.json",)  # an export has it in its graph
        layers = [one.weights for one in self.projections]
        settings = {
            "files": [sha256_of(path) for path in (*self.weights, self.tokenizer, *config, *layers)],
            "pooling": self.pooling,
            "normalise": self.normalise,
            "max_length": self.max_length,
            "lower_case": self.lower_case,
            "prompt": self.prompt,
            "activations": [one.activation for one in self.projections],
            "pad_id": self.pad_id,
        }
        return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()


def read_model_folder(folder: Path) -> ModelFolder:
    """Read the settings in a folder, as sentence-transformers writes them; a bare transformer gets mean pooling.

    Raises
    ------
    EncoderError
        If files are missing, or the model is made in a way that is not known here.
    """
    modules = _modules(folder)
    transformer = folder / modules["Transformer"][0]
    settings, tokens = (
        _settings(transformer, "sentence_*_config.json"),
        read_json(transformer / "tokenizer_config.json"),
    )
    config, tokenizer = read_json(transformer / "config.json"), transformer / "tokenizer.json"
    if not tokenizer.is_file():
        raise EncoderError(
            f"{transformer} has no tokenizer.json; write one with transformers: "
            "AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER)."
        )
    return ModelFolder(
        transformer,
        _weights(transformer),
        tokenizer,
        _pooling(folder, modules),
        "Normalize" in modules,
        _max_length(settings, tokens, config),
        bool(settings.get("do_lower_case", False)),
        _prompt(folder),
        tuple(_projection(folder / path) for path in modules.get("Dense", [])),
        _pad_id(read_json(tokenizer), tokens, config),
    )


def _modules(folder: Path) -> dict[str, list[str]]:
    """Kind of module -> its folders."""
    listed = folder / "modules.json"
    if not listed.is_file():
        if not (folder / "config.json").is_file() and not (folder / "tokenizer.json").is_file():
            inner = sorted(str(path.parent) for path in folder.glob("*/modules.json"))
            more = f"; is it {inner[0]}?" if inner else ""
            raise EncoderError(f"{folder} holds no model: it has neither modules.json nor config.json{more}")
        return {"Transformer": [""]}
    modules: dict[str, list[str]] = {}
    for entry in read_json(listed, kind=list):
        modules.setdefault(str(entry["type"]).rsplit(".", 1)[-1], []).append(str(entry.get("path", "")))
    if "StaticEmbedding" in modules:
        raise EncoderError(f"{folder} holds static vectors; give it by {option('static_vectors')}.")
    for kind in modules:
        if kind not in ("Transformer", "Pooling", "Normalize", "Dense", "Dropout"):
            raise EncoderError(
                f"{folder} has a module of kind {kind!r}, which is not known here; choose another model."
            )
    if len(modules.get("Transformer", [])) != 1 or list(modules).index("Transformer") != 0:
        raise EncoderError(f"{folder}/modules.json does not begin with a transformer; choose another model.")
    return modules


def read_json(path: Path, *, kind: type = dict) -> Any:
    """What a JSON file holds; nothing where there is none."""
    if not path.is_file():
        return kind()
    try:
        held = json.loads(path.read_bytes())
    except ValueError as error:
        raise EncoderError(f"{path} is damaged ({error}); get a new copy.") from error
    if not isinstance(held, kind):
        raise EncoderError(f"{path} is damaged (no {kind.__name__}); get a new copy.")
    return held


def _settings(folder: Path, pattern: str) -> Mapping[str, Any]:
    """What the file of this pattern says; its name has the name of the transformer's class in old models."""
    for path in sorted(folder.glob(pattern)):
        settings: Mapping[str, Any] = read_json(path)
        return settings
    return {}


def _weights(transformer: Path) -> tuple[Path, ...]:
    export = next((transformer / name for name in EXPORTS if (transformer / name).is_file()), None)
    others = [*sorted(transformer.glob("*.onnx")), *sorted(transformer.glob("onnx/*.onnx"))]
    if export is None and others:
        export = others[0]
    if export is not None:
        beside = sorted(export.parent.glob(f"{export.name}*data"))  # large weights lie beside the graph
        return (export, *beside)
    held = tuple(sorted(transformer.glob("model*.safetensors")))
    if held:
        return held
    if (transformer / "pytorch_model.bin").is_file():
        raise EncoderError(
            f"{transformer} has its weights in pytorch_model.bin, a format that can run code, which is not read here; "
            "write them as safetensors: SentenceTransformer(FOLDER).save_pretrained(NEW_FOLDER)."
        )
    raise EncoderError(f"{transformer} has no weights: neither an ONNX export (model.onnx) nor model.safetensors.")


def _pooling(folder: Path, modules: Mapping[str, list[str]]) -> tuple[str, ...]:
    if "Pooling" not in modules:
        return ("mean",)
    path = folder / modules["Pooling"][0] / "config.json"
    config = read_json(path)
    if not config.get("include_prompt", True) and _prompt(folder):
        raise EncoderError(f"{path} leaves the prompt out of the pooling, which is not known here.")
    named = config.get("pooling_mode") or [mode for old, mode in OLD_MODES.items() if config.get(old)] or ["mean"]
    modes = (named,) if isinstance(named, str) else tuple(named)
    for mode in modes:
        if mode not in MODES:
            raise EncoderError(f"{path} asks for pooling {mode!r}; known are {', '.join(MODES)}.")
    return modes


def _max_length(settings: Mapping[str, Any], tokens: Mapping[str, Any], config: Mapping[str, Any]) -> int:
    said = settings.get("max_seq_length") or tokens.get("model_max_length")
    places = config.get("max_position_embeddings")
    limits = [int(one) for one in (said, places) if isinstance(one, int | float) and 0 < one < UNLIMITED]
    return min(limits, default=USUAL_LENGTH)


def _prompt(folder: Path) -> str:
    said = read_json(folder / "config_sentence_transformers.json")
    return str((said.get("prompts") or {}).get(said.get("default_prompt_name")) or "")


def _projection(folder: Path) -> Projection:
    activation = str(read_json(folder / "config.json").get("activation_function", "Tanh")).rsplit(".", 1)[-1]
    weights = folder / "model.safetensors"
    if activation not in ACTIVATIONS or not weights.is_file():
        raise EncoderError(
            f"{folder} must hold model.safetensors, and an activation function of {', '.join(ACTIVATIONS)} "
            f"(it says {activation!r}); write it with SentenceTransformer(FOLDER).save_pretrained(NEW_FOLDER), or "
            "choose another model."
        )
    return Projection(weights, activation)


def _pad_id(tokenizer: Mapping[str, Any], tokens: Mapping[str, Any], config: Mapping[str, Any]) -> int:
    for said in _pad_ids(tokenizer, tokens, config):
        if isinstance(said, int):
            return said
    return 0


def _pad_ids(tokenizer: Mapping[str, Any], tokens: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[Any]:
    yield (tokenizer.get("padding") or {}).get("pad_id")
    yield config.get("pad_token_id")
    named = tokens.get("pad_token")
    name = named.get("content") if isinstance(named, dict) else named
    yield next((one.get("id") for one in tokenizer.get("added_tokens") or [] if one.get("content") == name), None)


def sha256_of(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
