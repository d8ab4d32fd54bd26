"""Opening the pretrained text encoders that a person names: sentence-transformers models, and static vectors."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from themetagger.features.encoders import static_vectors
from themetagger.features.encoders.backends import backend_of
from themetagger.features.encoders.model_folder import HUB_FILES, ModelFolder, read_model_folder
from themetagger.features.encoders.pretrained import Model, Pretrained, Reference, Source
from themetagger.features.encoders.sentence_model import SentenceModel
from themetagger.features.encoders.tokens import Tokenizer


@dataclass(frozen=True)
class _SentenceOnDisk:
    """A sentence-transformers model in its folder."""

    folder: ModelFolder

    @property
    def pooling_name(self) -> str:
        return "+".join(self.folder.pooling)

    def sha256(self) -> str:
        return self.folder.sha256()

    def model(self) -> Model:
        folder = self.folder
        tokenizer = Tokenizer(folder.tokenizer, max_length=folder.max_length, pad_id=folder.pad_id)
        return SentenceModel(folder, tokenizer, backend_of(folder))


def _sentence_in(folder: Path) -> _SentenceOnDisk:
    return _SentenceOnDisk(read_model_folder(folder))


SENTENCE = Source("sentence", HUB_FILES, _sentence_in)


def open_encoder(reference: Reference, *, show_progress: bool = True) -> Pretrained:
    """Open a sentence-transformers model as a text encoder.

    It runs through onnxruntime where its folder has an ONNX export, else through torch.

    Parameters
    ----------
    reference : a folder as sentence-transformers writes it, else a name on the Hugging Face hub, whose files are
        fetched once
    show_progress : whether progress is shown, default True

    Raises
    ------
    EncoderError
        If it cannot be found or read, if it is made in a way that is not known here, or if a package is missing.

    Examples
    --------
    >>> encoder = open_encoder("sentence-transformers/all-MiniLM-L6-v2")  # doctest: +SKIP
    >>> encoder.encode(["The pay is poor.", "Good canteen."]).shape  # doctest: +SKIP
    (2, 384)
    """
    return SENTENCE.open(reference, show_progress=show_progress)


STATIC_VECTORS = Source(
    "model2vec",
    static_vectors.HUB_FILES,
    static_vectors.read_static_folder,
    kept=False,
    texts_a_second=5_000.0,
)


def open_static_vectors(reference: Reference, *, show_progress: bool = True) -> Pretrained:
    """Open a model2vec model as a text encoder; it needs no more than the packages tokenizers and safetensors.

    Parameters
    ----------
    reference : a folder as model2vec writes it, else a name on the Hugging Face hub, whose files are fetched once
    show_progress : whether progress is shown, default True

    Raises
    ------
    EncoderError
        If it cannot be found or read, or a package is missing.

    Examples
    --------
    >>> vectors = open_static_vectors("minishlab/potion-multilingual-128M")  # doctest: +SKIP
    >>> vectors.encode(["Die Bezahlung ist schlecht."]).shape  # doctest: +SKIP
    (1, 256)
    """
    return STATIC_VECTORS.open(reference, show_progress=show_progress)
