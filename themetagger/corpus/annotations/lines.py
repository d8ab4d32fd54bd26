"""fastText and Annif: files of lines without a header, each with a text and its names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from themetagger._utils.wording import agreeing, number_of
from themetagger.corpus.annotations.base import LOOKED
from themetagger.corpus.annotations.items import Item, Layout
from themetagger.corpus.decoding import Lines, lines_in
from themetagger.corpus.errors import TableError
from themetagger.corpus.readers.base import Reading, ReadSettings, Row
from themetagger.corpus.table_format import TEXT_COLUMNS, THEME_COLUMN

PREFIX = "__label__"
_LABEL = re.compile(rf"(?<!\S){PREFIX}(\S+)")
_URIS = re.compile(r"(\s*<[^<>\s]+>)+\s*|\s*https?://\S+(\s+https?://\S+)*\s*")
Parsed = tuple[str, list[str]]


@dataclass(frozen=True)
class LineFormat:
    """A format of lines.

    Parameters
    ----------
    name, title : as of `AnnotationFormat`
    themes : what the column of names is called
    suffixes : of files in which it is looked for
    recognises : whether the first lines are such
    parse : the text and the names of a line
    """

    name: str
    title: str
    themes: str
    suffixes: tuple[str, ...]
    recognises: Callable[[Sequence[str]], bool]
    parse: Callable[[str], Parsed]


@dataclass
class LineTable:
    """A file of lines as a table of two columns."""

    format: LineFormat
    lines: Lines
    skipped: list[str] = field(default_factory=list)
    unit: str = "line"
    header: list[str] = field(init=False)

    def __post_init__(self) -> None:
        """Name the columns."""
        self.header = ["text", self.format.themes]

    @property
    def reading(self) -> Reading:
        """The usual names of columns stand for those of the format."""
        return Reading(aliases={TEXT_COLUMNS[0]: "text", THEME_COLUMN: self.format.themes})

    @property
    def settled(self) -> Sequence[str]:
        """What the file was taken for."""
        return [f"The file was read as {self.format.title}, without a header."]

    def rows(self) -> Iterator[Row]:
        """The rows, from the first at each call."""
        blank = inner = 0
        for number, line in enumerate(self.lines(), start=1):
            line = line.rstrip("\r\n").replace("\0", "")
            if not line.strip():
                blank += 1
                continue
            inner = blank
            text, names = self.format.parse(line)
            yield number, [text, list(dict.fromkeys(names))]
        self.skipped = [f"{number_of(inner, 'blank line')} {agreeing(inner, 'was', 'were')} skipped."] if inner else []


def line_table(path: Path, settings: ReadSettings, *, wanted: str | None = None) -> LineTable | None:
    """The file as a table, where it is of a format of lines; ``wanted`` names the format, None looks at the file."""
    for known in LINE_FORMATS:
        if wanted == known.name or (wanted is None and path.suffix.lower() in known.suffixes):
            lines = lines_in(path, encoding=settings.encoding)
            first = [line.rstrip("\r\n") for line in islice((line for line in lines() if line.strip()), LOOKED)]
            if wanted or (first and known.recognises(first)):
                return LineTable(known, lines)
    return None


def _is_fasttext(lines: Sequence[str]) -> bool:
    return sum(line.lstrip().startswith(PREFIX) for line in lines) * 3 > len(lines)


def _fasttext(line: str) -> Parsed:
    return _LABEL.sub(" ", line).strip() if PREFIX in line else line.strip(), _LABEL.findall(line)


def _is_annif(lines: Sequence[str]) -> bool:
    behind = [line.partition("\t")[2] for line in lines]
    return any(part.strip() for part in behind) and all(not part.strip() or _URIS.fullmatch(part) for part in behind)


def _annif(line: str) -> Parsed:
    text, _, behind = line.partition("\t")
    return text, re.findall(r"<([^<>]+)>", behind) if "<" in behind else behind.split()


def fasttext_lines(items: Sequence[Item], layout: Layout) -> list[dict[str, Any]]:
    """Lines for fastText, whose labels hold no space: there is "_" instead; a text becomes one line.

    Raises
    ------
    TableError
        If two themes would get the same name, or a text would be read as a label.
    """
    labels = fasttext_labels(layout.themes)
    return [{"line": _line(item, labels)} for item in items]


def _line(item: Item, labels: dict[str, str]) -> str:
    if _LABEL.search(item.text):
        raise TableError(f"{item.text[:60]!r} holds what fastText takes for a label ({PREFIX}); choose another format.")
    names = item.tags if item.given is None else item.given
    return "".join([*(f"{PREFIX}{labels[name]} " for name in names), " ".join(item.text.split())])


def fasttext_labels(themes: Sequence[str]) -> dict[str, str]:
    """The label of each theme, without spaces.

    >>> fasttext_labels(["line management", "pay"])
    {'line management': 'line_management', 'pay': 'pay'}
    """
    labels = {theme: re.sub(r"\s+", "_", theme) for theme in themes}
    if len(set(labels.values())) < len(labels):
        times = Counter(labels.values())
        same = [theme for theme in themes if times[labels[theme]] > 1][:2]
        raise TableError(
            f"{same[0]!r} and {same[1]!r} would be one label of fastText, which has no spaces; rename one."
        )
    return labels


FASTTEXT = LineFormat("fasttext", "lines of fastText", "labels", (".txt", ".csv", ".tsv"), _is_fasttext, _fasttext)
ANNIF = LineFormat("annif", "a TSV file of Annif", "subjects", (".tsv", ".txt"), _is_annif, _annif)
LINE_FORMATS = (FASTTEXT, ANNIF)
