"""What computes the vectors of tokens: onnxruntime where a model has an ONNX export, else torch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from themetagger._utils.console import printable
from themetagger._utils.encoder_error import EncoderError
from themetagger.features.encoders.model_folder import ModelFolder
from themetagger.features.encoders.packages import needed
from themetagger.features.encoders.tokens import Tokens

Singles = npt.NDArray[np.float32]
INPUTS = {"input_ids": "ids", "attention_mask": "mask", "token_type_ids": "types"}


class Backend(Protocol):
    """Tokens -> vectors."""

    def vectors(self, tokens: Tokens) -> Singles:
        """The vectors of tokens, float32 (texts, tokens, width); (texts, width) where the model itself pools them."""


def backend_of(model: ModelFolder) -> Backend:
    """What computes with the weights of a folder; an EncoderError where that, or a package for it, is missing."""
    return OnnxBackend(model) if model.onnx else TorchBackend(model)


class OnnxBackend:
    """A session of onnxruntime on the processor."""

    def __init__(self, model: ModelFolder) -> None:
        """Read the graph."""
        path = model.weights[0]
        runtime = needed("onnxruntime", f"The ONNX model {path}")
        try:
            options = runtime.SessionOptions()
            options.log_severity_level = 3  # errors
            self._session = runtime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # the package raises classes of its own
            raise EncoderError(f"{path} cannot be read ({printable(str(error))}); get a new copy.") from error
        self._inputs = {one.name: np.int32 if "int32" in one.type else np.int64 for one in self._session.get_inputs()}
        unknown = [name for name in self._inputs if name not in INPUTS]
        if unknown:
            raise EncoderError(f"{path} wants the input {unknown[0]!r}; known are {', '.join(INPUTS)}.")
        outputs = [(len(one.shape or ()), one.name) for one in self._session.get_outputs()]
        usable = [name for rank, name in sorted(outputs, key=lambda one: one[0] != 3) if rank in (2, 3)]
        if not usable:
            raise EncoderError(f"{path} gives no vectors of tokens or texts.")
        self._output = usable[0]

    def vectors(self, tokens: Tokens) -> Singles:
        """The vectors of tokens, or of texts."""
        feed = {name: getattr(tokens, INPUTS[name]).astype(kind) for name, kind in self._inputs.items()}
        (found,) = self._session.run([self._output], feed)
        return np.asarray(found, dtype=np.float32)


class TorchBackend:
    """A transformer of the package transformers, on the graphics card where torch can use one."""

    def __init__(self, model: ModelFolder) -> None:
        """Read the weights, from safetensors alone; no code of the folder is run."""
        what = f"The model {model.transformer}, which has no ONNX export,"
        self._torch, transformers = needed("torch", what), needed("transformers", what)
        try:
            with _quiet(transformers):
                read = transformers.AutoModel.from_pretrained(
                    str(model.transformer), local_files_only=True, trust_remote_code=False, use_safetensors=True
                )
        except Exception as error:  # of the package, of torch, of the files
            cause = printable(f"{type(error).__name__}: {error}")
            raise EncoderError(f"{model.transformer} cannot be read by transformers ({cause}).") from error
        self._device = "cuda" if self._torch.cuda.is_available() else "cpu"
        self._model = read.float().eval().to(self._device)
        self._typed = getattr(read.config, "type_vocab_size", 0) > 1

    def vectors(self, tokens: Tokens) -> Singles:
        """The vectors of tokens."""
        feed = {"input_ids": tokens.ids, "attention_mask": tokens.mask}
        if self._typed:
            feed["token_type_ids"] = tokens.types
        with self._torch.inference_mode():
            found = self._model(**{name: self._torch.from_numpy(one).to(self._device) for name, one in feed.items()})
            vectors: Singles = found.last_hidden_state.float().cpu().numpy()
        return vectors


@contextmanager
def _quiet(transformers: Any) -> Iterator[None]:
    """Without the progress bars and remarks of the package while a model is read."""
    logging = transformers.utils.logging
    level = logging.get_verbosity()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        logging.enable_progress_bar()
