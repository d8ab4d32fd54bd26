"""Texts with proposed themes as a file that an annotation tool loads."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from themetagger._utils.faces import option
from themetagger.corpus.annotations.formats import WRITERS
from themetagger.corpus.annotations.items import Item, Layout
from themetagger.corpus.annotations.label_studio import TASKS
from themetagger.corpus.annotations.lines import FASTTEXT
from themetagger.corpus.errors import TableError
from themetagger.corpus.writing import check_writable

_SUFFIXES = {TASKS.name: (".json",), FASTTEXT.name: (".txt",)}


@dataclass(frozen=True)
class OutFormat:
    """A format of an annotation tool, and how the tool is set up.

    Parameters
    ----------
    name : "label-studio", "doccano", "prodigy", "argilla", "spacy", "hugging-face" or "fasttext"
    layout : names of what is asked and shown, default "themes" and "text"

    Raises
    ------
    ValueError
        If there is no such format.

    Examples
    --------
    >>> OutFormat("doccano").records([Item("low pay", ["pay"])]).to_dict("records")
    [{'text': 'low pay', 'label': ['pay']}]
    """

    name: str
    layout: Layout = field(default_factory=Layout)

    def __post_init__(self) -> None:
        """Refuse an unknown format."""
        if self.name not in WRITERS:
            raise ValueError(f"{option('out_format')} must be one of {', '.join(WRITERS)} but is {self.name!r}.")

    @property
    def suffixes(self) -> tuple[str, ...]:
        """How its files may end."""
        return _SUFFIXES.get(self.name, (".jsonl", ".json"))

    def asking(self, themes: Sequence[str]) -> OutFormat:
        """The same where these themes may be chosen."""
        return replace(self, layout=replace(self.layout, themes=tuple(themes)))

    def check(self, path: str | os.PathLike[str], *, inputs: Iterable[Any] = (), may_hold: str = "") -> Path:
        """As ``check_writable``; a TableError also where the name of the file ends otherwise than the tool expects."""
        if Path(path).suffix.lower() not in self.suffixes:
            ends = " or ".join(self.suffixes)
            raise TableError(f"{path}: with {option('out_format', self.name)} the file must end in {ends}.")
        return check_writable(path, inputs=inputs, may_hold=may_hold, also=self.suffixes)

    def records(self, items: Sequence[Item]) -> pd.DataFrame:
        """The rows of the file."""
        return pd.DataFrame(WRITERS[self.name](items, self.layout), dtype=object)

    def notes(self) -> list[str]:
        """What the tool needs to load the file."""
        if self.name != TASKS.name:
            return []
        text, question = self.layout.text, self.layout.question
        return [
            f'Label Studio shows it in an interface with <Text name="{text}" value="${text}"/> and <Choices '
            f'name="{question}" toName="{text}" choice="multiple">; {option("text_name")} and {option("question")} '
            "take other names."
        ]


def row_beside(row: Sequence[Any], names: Sequence[str], without: Iterable[str]) -> dict[str, Any]:
    """The cells of a row by their names, without some."""
    left = set(without)
    return {name: cell for name, cell in zip(names, row, strict=True) if name not in left}
