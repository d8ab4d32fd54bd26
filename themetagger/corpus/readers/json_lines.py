"""JSON Lines files (.jsonl, .ndjson): one object per line, taken row by row."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from themetagger._utils.wording import agreeing, number_of
from themetagger.corpus.decoding import Lines, lines_in
from themetagger.corpus.errors import TableError
from themetagger.corpus.readers.base import Reader, ReadSettings
from themetagger.corpus.readers.json_parsing import checked_object, names_of, parsed


def open_lines(path: Path, settings: ReadSettings) -> JsonLines:
    """A file of JSON Lines, read once for the names of its values."""
    return JsonLines(lines_in(path, encoding=settings.encoding), source=path.name)


class JsonLines:
    """One JSON object per line; ``header`` holds the names of all objects' values, in the order in which they come.

    >>> from themetagger.corpus.decoding import lines_of
    >>> table = JsonLines(lines_of('{"a": "x"}\\n{"b": 1}\\n'), source="a.jsonl")
    >>> table.header, list(table.rows())
    (['a', 'b'], [(1, ['x', None]), (2, [None, 1])])
    """

    unit = "line"
    settled: tuple[str, ...] = ()

    def __init__(self, lines: Lines, *, source: str) -> None:
        """Read every object once, for its names."""
        self._lines, self.source = lines, source
        self.skipped: list[str] = []
        self.header = names_of((record for _, record in self.records()), source=source)
        if not self.header and not any(True for _ in self.records()):
            raise TableError(f"{source}: the file is empty; it needs a line with one object for each text.")

    def rows(self) -> Iterator[tuple[int, list[Any]]]:
        """The values of each object and its line; None where it lacks one. TableError names the first bad line."""
        return ((number, [record.get(name) for name in self.header]) for number, record in self.records())

    def records(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Each object with its line."""
        blank = inner = 0
        for number, line in enumerate(self._lines(), start=1):
            if not line.strip():
                blank += 1
                continue
            inner = blank  # blank lines at the end are no surprise
            record = parsed(line.rstrip("\r\n"), source=self.source, first_line=number)
            yield number, checked_object(record, source=self.source, unit="line", number=number)
        self.skipped = [f"{number_of(inner, 'blank line')} {agreeing(inner, 'was', 'were')} skipped."] if inner else []


READER = Reader(open_lines, row_by_row=True)
