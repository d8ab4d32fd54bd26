"""A table of very many columns takes time in proportion to their number."""

from __future__ import annotations

import json
import time

import pandas as pd
import pytest

from themetagger.corpus import read_corpus, read_table, rows_as_bytes, stream_table
from themetagger.corpus.column_names import ColumnNames, column_meant
from themetagger.corpus.errors import TableError
from themetagger.corpus.readers.base import Reading
from themetagger.corpus.readers.headers import joined
from themetagger.corpus.readers.json_parsing import parsed

N = 20_000  # columns; before, they took 10 s, and twice as many 30 s
NAMES = [f"question {number}" for number in range(N)]
SECONDS = 6


@pytest.fixture
def quick():
    began = time.process_time()
    yield
    assert time.process_time() - began < SECONDS


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_a_wide_table_is_read_and_written_as_any_other(tmp_path, suffix):
    path = tmp_path / f"wide{suffix}"
    n = 1_000
    header, cells = ["Processed Text", *NAMES[:n]], ["low pay", *(["=x"] * n)]
    row = json.dumps(dict(zip(header, cells, strict=True)))
    path.write_text(row if suffix == ".jsonl" else f"{','.join(header)}\n{','.join(cells)}\n")
    table = stream_table(path, text_columns=["Processed  Text"])
    (frame,) = table.batches()
    assert frame.shape == (1, n + 1)
    assert rows_as_bytes(frame, ".csv", header=True)[1] == n


def test_a_theme_in_each_of_many_columns_is_read(tmp_path):
    path = tmp_path / "wide.csv"
    rows = [f"text {row}," + ",".join("01"[(row + column) % 2] for column in range(N // 20)) for row in range(2)]
    path.write_text(f"Processed Text,{','.join(NAMES[: N // 20])}\n" + "\n".join(rows))
    names = [name.replace(" ", "  ") for name in NAMES[: N // 20]]
    assert len(read_corpus(path, theme_columns=names).themes) == N // 20


def test_many_names_are_looked_up_in_linear_time(quick):
    names = ColumnNames(NAMES)
    assert [column_meant(name.replace(" ", "\n"), names, source="a.csv") for name in NAMES] == NAMES
    assert len(joined([["", *NAMES], ["", *NAMES[::-1]]])[0]) == N + 1


def test_a_name_that_comes_twice_among_many_is_found_in_linear_time(tmp_path, quick):
    path = tmp_path / "wide.csv"
    path.write_text(",".join([*NAMES, NAMES[-1]]) + "\n" + "x," * N + "x\n")
    with pytest.raises(TableError, match=f"two columns are called 'question {N - 1}'"):
        read_table(path)
    with pytest.raises(TableError, match="two values called 'b'"):
        parsed(json.dumps(dict.fromkeys(NAMES))[:-1] + ', "b": 1, "b": 2}', source="a.json", first_line=1)


def test_what_a_reader_knows_of_a_table_is_not_copied_for_each_column():
    frame = pd.DataFrame({"a": ["x"], "b": ["y"]})
    frame.attrs["reading"] = reading = Reading({"x": "a"})
    assert frame["a"].attrs["reading"] is reading
