"""A table in batches: where a batch ends, and that no cell is lost; test_table.py streams every table that it reads."""

from __future__ import annotations

import codecs
import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from themetagger.corpus import TableError, stream_table, streaming
from themetagger.corpus.decoding import decode, lines_in

COLUMNS = ["Processed Text"]


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "BATCH", 2)


def test_a_batch_ends_where_it_has_many_characters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "BATCH", 100)
    monkeypatch.setattr(streaming, "BATCH_CHARACTERS", 10)
    path = tmp_path / "a.csv"
    path.write_text("Processed Text\naaaa\nbbbb\ncccc\n" + "d" * 50 + "\ne\n")
    frames = stream_table(path, text_columns=COLUMNS).batches()
    assert [frame["Processed Text"].str.len().tolist() for frame in frames] == [[4, 4], [4], [50], [1]]


def test_characters_in_lists_and_objects_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "BATCH", 100)
    monkeypatch.setattr(streaming, "BATCH_CHARACTERS", 30)
    path = tmp_path / "a.jsonl"
    path.write_text('{"Processed Text": "a", "more": [["bbbbbbbbbb", 1], {"c": "dddddddd"}]}\n' * 3)
    assert [len(frame) for frame in stream_table(path, text_columns=COLUMNS).batches()] == [1, 1, 1]


def test_a_list_where_a_text_should_be_is_refused_at_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"Processed Text": "a"}\n{"Processed Text": "b"}\n{"Processed Text": ["c"]}\n')
    with pytest.raises(TableError, match=r"a\.jsonl, line 3, column 'Processed Text'"):
        stream_table(path, text_columns=COLUMNS)


CELLS = st.text(st.sampled_from('a,;"\n\r\té\u2028 '), max_size=6)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(rows=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=7), end=st.sampled_from(["\n", "\r\n", "\r"]))
def test_cells_come_back_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], end: str
) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator=end).writerows([("Processed Text", "b"), *rows])
    path = tmp_path_factory.mktemp("streaming") / "a.csv"
    path.write_bytes(file.getvalue().encode())
    frames = stream_table(path, text_columns=COLUMNS, delimiter=",").batches()
    assert [tuple(row) for frame in frames for row in frame.to_numpy()] == rows


@settings(max_examples=200, deadline=None)
@given(
    parts=st.lists(st.sampled_from([b"a", b"\n", b"\r", b"\r\n", "é".encode(), b"\xc3", b"\xff"]), max_size=9),
    block=st.integers(1, 4),
    mark=st.sampled_from([b"", codecs.BOM_UTF8]),
)
def test_a_bad_byte_has_the_same_message_block_by_block(
    tmp_path_factory: pytest.TempPathFactory, parts: list[bytes], block: int, mark: bytes
) -> None:
    path = tmp_path_factory.mktemp("decoding") / "a.csv"
    path.write_bytes(raw := mark + b"".join(parts))
    said: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("themetagger.corpus.decoding._BLOCK", block)
        for read in (lambda: decode(raw, source="a.csv"), lambda: "".join(lines_in(path)())):
            try:
                said.append(read())
            except TableError as error:
                said.append(str(error))
    assert said[0] == said[1]
    good = raw.decode(errors="ignore") if (start := bad_byte(raw)) is None else ""
    line = len((raw[:start] + b"x").decode().splitlines()) if start is not None else 0
    wanted = good.removeprefix("\ufeff") if start is None else f"a.csv, line {line}: byte 0x{raw[start]:02x} is not"
    assert said[0] == wanted if start is None else said[0].startswith(wanted)


def bad_byte(raw: bytes) -> int | None:
    """The first byte that is no UTF-8."""
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        return error.start
    return None
