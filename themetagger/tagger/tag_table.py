"""A table file -> a copy with a column of tags, a batch at a time; stopped half-way, it continues from there.

While it grows, the copy is ``OUT.part``, and beside it ``OUT.part.json`` says how much of it is whole, and what it was
made from.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Any, cast

import pandas as pd

from themetagger._utils.console import RowCount, Stopped
from themetagger._utils.faces import option
from themetagger._utils.files import hold, is_file_at, sync_folder, write_atomically
from themetagger._utils.json_shapes import anything, by_name, record, whole
from themetagger._utils.own_files import OwnFileError, check_own, open_own, read_own
from themetagger._utils.run_paths import tagger_at
from themetagger._utils.wording import agreeing, number_of
from themetagger.corpus import (
    APPENDABLE,
    DEFAULT_FORMAT,
    TableError,
    TableFormat,
    TableStream,
    check_writable,
    read_table,
    reads_row_by_row,
    rows_as_bytes,
    stream_table,
    write_table,
)
from themetagger.corpus.formulas import FORMULAS, Formulas, neutralised_notes
from themetagger.corpus.joining import FLAT, Joining, joining_of
from themetagger.corpus.kept_format import form_for
from themetagger.corpus.writing import LINES, check_no_input
from themetagger.models.storage.strict_json import read_json
from themetagger.tagger.input_files import Unchanged
from themetagger.tagger.tag_work import Wanted, Work
from themetagger.tagger.theme_tagger import ThemeTagger


@dataclass(frozen=True)
class TaggedFile:
    """How many rows and themes a tagged table has, how many rows an earlier call had tagged, and notes."""

    rows: int
    themes: int
    resumed: int
    notes: tuple[str, ...]


def tag_file(
    file: str | os.PathLike[str],
    tagger: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    table_format: TableFormat = DEFAULT_FORMAT,
    formulas: Formulas = "neutralise",
    start_over: bool = False,
    encoder: str | os.PathLike[str] | None = None,
    show: bool = False,
    **wanted: Any,
) -> TaggedFile:
    """Write a copy of a table with one more column, the themes of each text.

    The themes are lists in JSON, JSON Lines and Parquet; in CSV, TSV and Excel files they are separated by ", ", or by
    another text where the name of a theme holds that, and the notes say which.

    From CSV, TSV or JSON Lines to CSV, TSV or JSON Lines a file of any length goes through the same memory: every row
    is checked before the first is tagged; then a batch at a time is tagged and appended to the part that is done.
    Called again after an interruption, with the same arguments and files, it continues after that part, and the
    result is the same. Other formats are read and written whole.

    Parameters
    ----------
    file : table of texts
    tagger : tagger file, or the folder of its run
    out : table to write; its suffix says the format
    table_format : its text columns (default: those that the tagger was tuned on), ``delimiter`` and ``encoding``, and
        the ``separator`` between the themes that are written (default: as in the table that the tagger was tuned on)
    formulas : "neutralise" (default) puts an apostrophe in front of each cell and column name of a CSV or TSV file
        that a spreadsheet would run, and the notes say how many; "keep" leaves them as they are
    start_over : discard what an earlier call left
    encoder : as of ``ThemeTagger.load``
    show : report progress on standard error
    **wanted : the fields of `Wanted`: ``policy``, ``probabilities``, ``explain`` and ``out_format``

    Raises
    ------
    TableError
        If the table cannot be read or written, if an earlier call left a part that was made from something else, or
        if another process is writing it. What was tagged is not lost.
    BundleError
        If the tagger file cannot be read.
    Stopped
        On Ctrl-C.
    """
    columns = Wanted(**wanted)
    if formulas not in FORMULAS:
        raise ValueError(f"{option('formulas')} must be one of {', '.join(FORMULAS)} but is {formulas!r}.")
    tagger = tagger_at(tagger)
    check = check_writable if columns.out_format is None else columns.out_format.check
    source, target = Path(file), _no_input_beside(check(out, inputs=[file, tagger]), [file, tagger])
    with (unchanged := Unchanged(source, tagger)):
        loaded = ThemeTagger.load(tagger, encoder=encoder, show_progress=show)
    form = form_for(source, table_format, loaded.table_format, texts_only=True)
    joining = None
    if target.suffix.lower() in FLAT:
        joining = joining_of(loaded.themes, separator=form.separator, strict="separator" in table_format.said)
    work = Work(loaded, form.texts, columns, source.name, joining)
    if not reads_row_by_row(source) or target.suffix.lower() not in (*APPENDABLE, LINES):
        with unchanged:
            frame, notes = read_table(source, wanted=form.texts, **form.file_settings)
        changed = write_table(work.tagged(frame), target, formulas=formulas)
        notes = (*notes, *work.notes(frame.columns), *neutralised_notes(changed))
        return TaggedFile(len(frame), work.themes, 0, notes)
    with unchanged:
        table = stream_table(source, text_columns=form.texts, **form.file_settings)
        digests = _digest(source), _digest(tagger)
    made_from = {"the table": digests[0], "the tagger": digests[1], "--formulas": formulas}
    made_from |= _asked(form, table.header, columns, joining)
    with _Part(target, made_from, formulas=formulas, start_over=start_over) as part:
        with unchanged:
            _write(table, work, part, show=show)
        part.finish()
    notes = (*table.notes, *work.notes(table.header), *neutralised_notes(part.neutralised))
    return TaggedFile(table.rows, work.themes, part.resumed, notes)


def _asked(form: TableFormat, header: Sequence[str], columns: Wanted, joining: Joining | None) -> dict[str, Any]:
    """What decides on the rows that are written, beside the files and formulas."""
    return {
        "the columns": [*form.texts, *header],
        "--delimiter": form.delimiter,
        "--encoding": form.encoding,
        "--policy": columns.policy,
        "--probabilities": columns.probabilities,
        "--explain": columns.explain,
        "--out-format": None if columns.out_format is None else str(columns.out_format),
        "--format": form.format,
        "--header-row": list(form.file_settings["header_row"] or []) or None,
        "--separator": None if joining == Joining(", ") else "lists" if joining is None else joining.separator,
    }


def part_of(target: Path) -> Path:
    """What a table is called while it grows."""
    return target.with_name(target.name + ".part")


def journal_of(target: Path) -> Path:
    """The file beside it that says how much of it is whole."""
    return target.with_name(target.name + ".part.json")


def _no_input_beside(target: Path, inputs: Sequence[Path | str | os.PathLike[str]]) -> Path:
    """The table to write; TableError where its part, or the journal of that, is one of the inputs."""
    for beside in (part_of(target), journal_of(target)):
        check_no_input(beside, inputs)
    return target


def _write(table: TableStream, work: Work, part: _Part, *, show: bool) -> None:
    """Tag the rows that the part does not have yet, and put them behind it."""
    if part.rows > table.rows:
        raise TableError(f"{part.path}: it claims {number_of(part.rows, 'row')} of {table.rows:,}; {_begin_again()}.")
    with RowCount(table.rows, done=part.rows, show=show) as count:
        try:
            for frame in table.batches(after=part.rows, most=work.at_once):
                part.append(work.tagged(frame))
                count.add(len(frame))
        except KeyboardInterrupt:
            done = f"{part.rows:,} of {number_of(table.rows, 'row')} are done"
            raise Stopped(f"Stopped: {done}; the same command continues from there.") from None


class _Part:
    """The rows written so far: ``rows`` are whole and on the disk, whatever happens.

    ``neutralised`` counts the formulas among them that got an apostrophe, also those of an earlier call.
    """

    def __init__(self, target: Path, made_from: dict[str, Any], *, formulas: Formulas, start_over: bool) -> None:
        self.target, self.suffix = target, target.suffix.lower()
        self.path, self._journal = part_of(target), journal_of(target)
        self._made_from = made_from
        self._formulas, self._start_over = formulas, start_over
        self.rows = self.resumed = self.neutralised = 0

    def __enter__(self) -> _Part:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            check_own(self._journal)
            self._file: FileIO = cast(FileIO, open_own(self.path, "a+b", buffering=0))
        except OwnFileError as error:
            raise TableError(f"{error} Or choose another {option('out')}.") from error
        except OSError as error:
            raise TableError(f"{self.path}: cannot be written ({error.strerror}); choose another place.") from error
        try:
            if not hold(self._file) or not is_file_at(self._file, self.path):  # or it has just become the whole
                raise TableError(
                    f"{self.path}: another process is writing it; wait for it, or choose another {option('out')}."
                )
            begun = self._journal.exists() and os.fstat(self._file.fileno()).st_size > 0
            if not begun or self._start_over:
                self._journal.unlink(missing_ok=True)  # before the rows that it is about
                sync_folder(self.path.parent)
            self._file.truncate(self._take_up() if begun and not self._start_over else 0)
            self._file.seek(0, os.SEEK_END)
        except BaseException:
            self._file.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def append(self, frame: pd.DataFrame) -> None:
        """Append rows, and record them once they are on the disk."""
        try:
            data, more = rows_as_bytes(frame, self.suffix, header=self.rows == 0, formulas=self._formulas)
            rest, neutralised = memoryview(data), self.neutralised + more
            while rest:
                rest = rest[self._file.write(rest) :]
            os.fsync(self._file.fileno())
            done = {"made_from": self._made_from, "rows": self.rows + len(frame), "bytes": self._file.tell()}
            done["neutralised"] = neutralised
            write_atomically(self._journal, json.dumps(done, indent=1).encode())
        except OSError as error:
            raise TableError(
                f"{self.path}: cannot be written ({error.strerror}); {number_of(self.rows, 'row')} are done. "
                "Fix that, and give the same command again."
            ) from error
        except (TypeError, ValueError) as error:  # half of a surrogate pair in the name of a column, say
            raise TableError(
                f"{self.target.name}: the rows from line {frame.index[0]} on do not fit this format ({error}); choose "
                "another."
            ) from error
        self.rows, self.neutralised = self.rows + len(frame), neutralised

    def finish(self) -> None:
        """Give the whole its name."""
        try:
            os.replace(self.path, self.target)
            self._journal.unlink(missing_ok=True)
            sync_folder(self.target.parent)
        except OSError as error:
            raise TableError(
                f"{self.target}: cannot be written ({error.strerror}); its rows are in {self.path}."
            ) from error

    def _take_up(self) -> int:
        """How many bytes of the part are whole."""
        remedy = f"give the same ones, or {_begin_again()}."
        try:
            journal = _JOURNAL(read_json(read_own(self._journal, most=MOST_JOURNAL).decode()), "")
            made_from, rows, size = journal["made_from"], int(journal["rows"]), int(journal["bytes"])
            neutralised = int(journal.get("neutralised", 0))  # of an older version, which changed nothing
        except (ValueError, OSError) as error:
            raise TableError(f"{self._journal}: damaged ({error}); {_begin_again()}.") from None
        for name, now in self._made_from.items():
            if made_from.get(name) != now:
                tagged = f"{number_of(rows, 'row')} {agreeing(rows, 'was', 'were')} tagged"
                said = option(name[2:]) if name.startswith("--") else name
                raise TableError(f"{self.path}: {tagged} before {said} changed; {remedy}")
        if size > os.fstat(self._file.fileno()).st_size:
            raise TableError(f"{self.path}: it is shorter than it was; {_begin_again()}.")
        self.rows = self.resumed = rows
        self.neutralised = neutralised
        return size


MOST_JOURNAL = 2**26
_JOURNAL = record({"made_from": by_name(anything), "rows": whole(), "bytes": whole(0, 2**60)}, {"neutralised": whole()})


def _begin_again() -> str:
    return f"add {option('start_over', True)} to begin again"


def _digest(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
