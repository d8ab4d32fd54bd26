"""A pretrained text encoder without any library: its folder holds one file, and it counts the texts that it embeds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from themetagger._utils.encoder_error import EncoderError
from themetagger.features.encoders.pretrained import Source

EMBEDDED: list[str] = []  # all texts that went through a model, in order
FILE = "fake.txt"


@dataclass(frozen=True)
class FakeModel:
    """How many times each of the letters a to h is in a text, and its length, times a factor that its file names."""

    factor: float
    width: int = 9
    batch: int = 4

    def batches(self, texts: Sequence[str]) -> Iterator[tuple[Any, Any]]:
        for start in range(0, len(texts), self.batch):
            some = texts[start : start + self.batch]
            EMBEDDED.extend(some)
            rows = [[*(text.count(letter) for letter in "abcdefgh"), len(text) / 100] for text in some]
            yield np.arange(start, start + len(some)), np.array(rows, dtype=np.float32) * np.float32(self.factor)


@dataclass(frozen=True)
class FakeFolder:
    """A folder with that file."""

    file: Path
    pooling_name: str = "letters"

    def sha256(self) -> str:
        return hashlib.sha256(self.file.read_bytes()).hexdigest()

    def model(self) -> FakeModel:
        return FakeModel(float(self.file.read_text()))


def read_fake(folder: Path) -> FakeFolder:
    """What a folder says."""
    if not (folder / FILE).is_file():
        raise EncoderError(f"{folder} holds no fake.")
    return FakeFolder(folder / FILE)


def fake_folder(folder: Path, factor: str = "1.0") -> Path:
    """A folder with a model."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_text(factor)
    return folder


FAKE = Source("sentence", (("*",),), read_fake)
