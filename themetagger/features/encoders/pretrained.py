"""A pretrained text encoder as a view has it: opened once, or named by a tagger and opened at its first text."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from themetagger._utils.console import clock, say
from themetagger._utils.encoder_error import EncoderError
from themetagger._utils.faces import option
from themetagger._utils.forks import ForkSafeLock
from themetagger.features.encoders.places import folder_of, is_hub_name, name_in
from themetagger.features.encoders.progress import QUIET, Embedding
from themetagger.features.encoders.record import ModelRecord
from themetagger.features.encoders.user_cache import remember, remembered_folder, remembered_width, vectors_file
from themetagger.features.encoders.vector_cache import VectorCache, key_of

Singles = npt.NDArray[np.float32]
Reference = str | os.PathLike[str]
EVERY = 2.0  # seconds between two times that new vectors go into the cache
_logger = logging.getLogger("themetagger")


class Model(Protocol):
    """What gives texts vectors."""

    @property
    def width(self) -> int:
        """Numbers of a vector."""

    def batches(self, texts: Sequence[str]) -> Iterator[tuple[npt.NDArray[np.int64], Singles]]:
        """The numbers of some texts and their vectors, batch by batch until all are done."""


class OnDisk(Protocol):
    """A model's folder, whose settings are read, and whose weights are not yet."""

    @property
    def pooling_name(self) -> str:
        """How the vectors of tokens become one."""

    def sha256(self) -> str:
        """The SHA-256 of all that decides its vectors."""

    def model(self) -> Model:
        """The model, with its weights."""


@dataclass(frozen=True)
class Source:
    """A kind of pretrained text encoders: what the registry has under the name of their view.

    Parameters
    ----------
    view : name of the view
    hub_files : patterns of the files that are fetched from the hub
    read : reads what a folder says
    kept : whether vectors are kept in the user's cache
    texts_a_second : about how many texts of some 60 words are encoded in a second, default 35
    """

    view: str
    hub_files: tuple[Sequence[str], ...]
    read: Callable[[Path], OnDisk]
    kept: bool = True
    texts_a_second: float = 35.0

    def load(self) -> None:
        """Nothing: without a person's word there is none."""
        return None

    def from_arrays(self, arrays: Mapping[str, npt.NDArray[Any]]) -> Pretrained:
        """The encoder that a tagger file names; nothing is opened before its first text."""
        return Pretrained(self, ModelRecord.from_arrays(arrays))

    def open(self, reference: Reference, *, show_progress: bool = True) -> Pretrained:
        """The encoder of a folder, or of a name on the hub; this machine remembers its folder.

        A model that was opened here before is not opened again until a text must be embedded.

        Raises
        ------
        EncoderError
            If it cannot be found or read, or a package is missing.
        """
        folder = folder_of(reference, *self.hub_files, show_progress=show_progress)
        held = self.read(folder)
        sha256, named, model = held.sha256(), os.fspath(reference), None
        width = remembered_width(sha256)
        if width is None:
            model = held.model()
            width = model.width
        name = named if is_hub_name(named) and not Path(named).exists() else name_in(folder)
        record = ModelRecord(name[-200:], sha256, width, held.pooling_name)
        remember(record, folder)
        encoder = Pretrained(self, record, model)
        encoder.at(folder, show_progress=show_progress)
        return encoder


class Pretrained:
    """A text encoder that a tagger file names by its SHA-256 and does not hold.

    The vectors of texts are kept in the user's cache, by hashes of the texts, so that a text is embedded once; texts
    that occur twice are embedded once too. Threads take turns.

    Attributes
    ----------
    record : name, SHA-256, width and pooling
    embedded, from_cache : how many different texts were embedded, and how many were found in the cache
    notes : what is worth knowing, such as a cache that cannot be written
    """

    standardise = False

    def __init__(self, source: Source, record: ModelRecord, model: Model | None = None) -> None:
        """With no model yet it is looked up at the first text: see :meth:`at`."""
        self.record, self.embedded, self.from_cache = record, 0, 0
        self._source, self._model = source, model
        self._reference: Reference | None = None
        self._show, self._told = False, 0
        self._cache = VectorCache(vectors_file(record) if source.kept else None, width=record.width)
        self._lock = ForkSafeLock()

    @property
    def width(self) -> int:
        """Length of the vectors."""
        return self.record.width

    @property
    def texts_a_second(self) -> float:
        """About how many texts of some 60 words are encoded in a second, none of them from the cache."""
        return self._source.texts_a_second

    @property
    def nbytes(self) -> int:
        """Memory that a tagger file asks for, in bytes: the weights are the user's own, and no part of it."""
        return 4 * self.width + 4_096

    @property
    def notes(self) -> tuple[str, ...]:
        """What is worth knowing."""
        return tuple(self._cache.notes)

    def at(self, reference: Reference | None, *, show_progress: bool = False) -> None:
        """Say where the model is, a folder or a name on the hub; None: where this machine remembers it."""
        self._reference, self._show = reference, show_progress

    def to_arrays(self) -> Mapping[str, npt.NDArray[Any]]:
        """Its record."""
        return self.record.to_arrays()

    def encode(self, texts: Sequence[str]) -> Singles:
        """The vectors of texts, float32 (n, width), finite.

        Raises
        ------
        EncoderError
            If the model cannot be found on this machine, or is another one than the tagger was tuned with.
        """
        with self._lock:
            begun, keys = time.monotonic(), [key_of(text) for text in texts]
            different = dict(zip(keys, texts, strict=True))
            vectors = self._cache.known(list(different))
            missing = {key: text for key, text in different.items() if key not in vectors}
            if missing:
                vectors |= self._embed(missing)
            self._tell(len(missing), len(different) - len(missing), time.monotonic() - begun)
        return np.stack([vectors[key] for key in keys]) if keys else np.zeros((0, self.width), dtype=np.float32)

    def _embed(self, missing: Mapping[bytes, str]) -> dict[bytes, Singles]:
        """The vectors of texts that the cache does not have, which go into it now and then."""
        self._model = model = self._model or self._found()
        keys, texts = list(missing), list(missing.values())
        done, fresh, kept = dict[bytes, Singles](), dict[bytes, Singles](), time.monotonic()
        with Embedding(texts=len(texts), characters=sum(map(len, texts)), show=self._show) as progress:
            try:
                for numbers, vectors in model.batches(texts):
                    fresh |= {keys[i]: vector for i, vector in zip(numbers, vectors, strict=True)}
                    progress.add(texts=len(numbers), characters=sum(len(texts[i]) for i in numbers))
                    if time.monotonic() - kept > EVERY:
                        self._cache.keep(fresh)
                        done.update(fresh)
                        fresh, kept = {}, time.monotonic()
            finally:  # also on Ctrl-C
                self._cache.keep(fresh)
        return done | fresh

    def _found(self) -> Model:
        """The model that the tagger names, from where the user says that it is, else from where it was last time."""
        record = self.record
        what = f"The tagger was tuned with the text encoder {record.name}, SHA-256 {record.sha256}"
        remedy = f"say by {option('encoder')} where it is, a folder or a hub name"
        folder = remembered_folder(record.sha256)
        if self._reference is not None:
            folder = folder_of(self._reference, *self._source.hub_files, show_progress=self._show)
        if folder is None:
            raise EncoderError(f"{what}, which this machine has not opened yet, or no longer has; {remedy}.")
        held = self._source.read(folder)
        found = held.sha256()
        if found != record.sha256:
            raise EncoderError(f"{what}; {folder} holds another one, SHA-256 {found}: {remedy}.")
        model = held.model()
        if model.width != record.width:
            raise EncoderError(f"{what}, and vectors of {record.width:,} numbers; {folder} gives {model.width:,}.")
        remember(record, folder)
        return model

    def _tell(self, embedded: int, from_cache: int, seconds: float) -> None:
        """Count texts, and say what took long, what need not be done again, and what is wrong with the cache."""
        worth_it = seconds > QUIET or (from_cache > 0 and not self.from_cache)
        self.embedded, self.from_cache = self.embedded + embedded, self.from_cache + from_cache
        took = f" in {clock(seconds)}" if embedded else ""
        counts = f"Text vectors: {embedded:,} embedded{took}, {from_cache:,} from the cache."
        _logger.log(logging.INFO if worth_it else logging.DEBUG, "%s", counts)
        for line in ([counts] if worth_it else []) + self._cache.notes[self._told :]:
            if self._show:
                say(line)
        self._told = len(self._cache.notes)


def locate(encoders: Iterable[Any], reference: Reference | None, *, show_progress: bool = False) -> None:
    """Say where the model of those encoders is that a tagger only names; it has no part in the others."""
    for encoder in encoders:
        if isinstance(encoder, Pretrained):
            encoder.at(reference, show_progress=show_progress)


def notes_of(encoders: Iterable[Any]) -> tuple[str, ...]:
    """What is worth knowing of some text encoders, such as a cache that cannot be written."""
    return tuple(note for encoder in encoders if isinstance(encoder, Pretrained) for note in encoder.notes)


def models_of(encoders: Mapping[str, Any]) -> dict[str, str]:
    """The SHA-256 of each text encoder that a person named, by its view; others are part of this package."""
    return {name: encoder.record.sha256 for name, encoder in encoders.items() if isinstance(encoder, Pretrained)}
