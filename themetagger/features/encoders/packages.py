"""Packages that only pretrained text encoders need: imported when one is opened, and named where they are missing."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from themetagger._utils.encoder_error import EncoderError

EXTRA_OF = {
    "onnxruntime": "embeddings",
    "tokenizers": "embeddings",
    "huggingface_hub": "embeddings",
    "torch": "embeddings-torch",
    "transformers": "embeddings-torch",
}


def needed(package: str, what: str) -> Any:
    """The module of a package, one of ``EXTRA_OF``.

    Raises
    ------
    EncoderError
        If it is not installed; the message begins with ``what`` needs it, and names the extra that brings it.

    Examples
    --------
    >>> needed("tokenizers", "The text encoder 'minilm'").__name__  # doctest: +SKIP
    'tokenizers'
    """
    try:
        return import_module(package)
    except ImportError as error:
        remedy = f"pip install 'themetagger[{EXTRA_OF[package]}]'"
        raise EncoderError(f"{what} needs the package {package} ({error}): {remedy}") from error
