"""Every kind of table that people bring: read as it stands, or refused with its line and a remedy."""

from __future__ import annotations

import builtins
import csv
import io
import json
import os
import sys
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest

from themetagger.corpus import TableError, read_corpus, read_table, reads_row_by_row, stream_table, streaming, texts_of

HEADER = b"Processed Text,Themes\n"
TEXT = ["Processed Text"]


def _written(folder: Path, name: str, raw: bytes) -> Path:
    path = folder / name
    path.write_bytes(raw)
    return path


# name -> (file name, bytes, texts read, a pattern that one of the notes matches, or None for no note at all)
ACCEPTED: dict[str, tuple[str, bytes, tuple[str, ...], str | None]] = {
    "NA stays text": (
        "a.csv",
        HEADER + b"NA,x\nNone,x\nnull,x\nN/A,x\nnan,x\n",
        ("NA", "None", "null", "N/A", "nan"),
        None,
    ),
    "semicolons": ("a.csv", b"Processed Text;Themes\na;x\nb;y\n", ("a", "b"), "separated by ';'"),
    "tabs in a .csv": ("a.csv", b"Processed Text\tThemes\na, b\tx\n", ("a, b",), r"separated by '\\t'"),
    "semicolons and commas": ("a.csv", b"id, no;Processed Text;Themes\n1;a;x\n", ("a",), "separated by ';'"),
    "commas in a .tsv": ("a.tsv", HEADER + b"a,x\n", ("a",), "separated by ','"),
    "a .txt": ("a.txt", HEADER + b"a,x\n", ("a",), None),
    "UTF-8 mark": ("a.csv", b"\xef\xbb\xbf" + HEADER + b"a,x\n", ("a",), None),
    "UTF-16 mark": ("a.csv", (HEADER + b"caf\xc3\xa9,x\n").decode().encode("utf-16"), ("caf\u00e9",), None),
    "UTF-32 mark": ("a.csv", (HEADER + b"a,x\n").decode().encode("utf-32"), ("a",), None),
    "CR line ends": ("a.csv", b"Processed Text,Themes\ra,x\rb,y\r", ("a", "b"), None),
    "CRLF line ends": ("a.csv", b"Processed Text,Themes\r\na,x\r\nb,y\r\n", ("a", "b"), None),
    "NUL": ("a.csv", HEADER + b"a\0b\0,x\n", ("ab",), "^2 NUL characters"),
    "blank lines at the end": ("a.csv", HEADER + b"a,x\n\n\n", ("a",), None),
    "blank lines inside": ("a.csv", HEADER + b"a,x\n\n  \nb,x\n", ("a", "b"), r"2 blank lines .*lines 3, 4"),
    "quoted lines": ("a.csv", HEADER + b'"Hello,\nthank you",x\n', ("Hello,\nthank you",), None),
    "doubled quotes": ("a.csv", HEADER + b'"a ""b""",x\n', ('a "b"',), None),
    "quotes inside": ("a.csv", HEADER + b'say "hi" now,x\n', ('say "hi" now',), None),
    "rows in a quote": (
        "a.csv",
        HEADER + b'a,x\n"oops,x\nb,y\nc",x\nd,y\n',
        ("a", "oops,x\nb,y\nc", "d"),
        "complete rows .line 3.; look for a stray quote",
    ),
    "two rows in a quote": ("a.csv", HEADER + b'"oops,x\nc",x\n', ("oops,x\nc",), "complete rows .line 2."),
    "a last field in a quote": ("a.csv", HEADER + b'a,"x\nb,y"\n', ("a",), "complete rows .line 2."),
    "a megabyte": ("a.csv", HEADER + b"w" * 1_000_000 + b",x\n", ("w" * 1_000_000,), None),
    "scripts": ("a.csv", HEADER + "\U0001f600 \u05e9\u200b,x\n".encode(), ("\U0001f600 \u05e9\u200b",), None),
    "an index column": ("a.csv", b",Processed Text,Themes\n0,a,x\n", ("a",), None),
    "spaces in the header": ("a.csv", b" Processed Text , Themes\na,x\n", ("a",), None),
    "lone surrogate": (
        "a.json",
        b'[{"Processed Text": "a\\ud800\\u0000", "Themes": "x"}]',
        ("a\ufffd",),
        "1 lone surrogate was",
    ),
    "NaN in JSON": ("a.json", b'[{"Processed Text": NaN, "Themes": "x"}]', ("",), "1 of 1 text is empty"),
    "a column of JSON": (
        "a.json",
        b'{"Processed Text": ["a", "b"], "Themes": ["x", null]}',
        ("a", "b"),
        "1 of 2",
    ),
    "pandas JSON": ("a.json", b'{"Processed Text": {"0": "a"}, "Themes": {"0": "x"}}', ("a",), None),
    "blank JSON lines": (
        "a.jsonl",
        b'{"Processed Text": 1, "Themes": "x"}\n\n{"Themes": "x"}\n',
        ("1", ""),
        "blank",
    ),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_a_table_is_read_as_it_stands_and_repairs_are_noted(case: str, tmp_path: Path) -> None:
    name, raw, texts, pattern = ACCEPTED[case]
    corpus = read_corpus(_written(tmp_path, name, raw))
    notes = [note for note in corpus.notes if "look alike" not in note and "The only theme" not in note]
    assert corpus.texts == texts
    if pattern is None:
        assert notes == []
    else:
        assert any(pd.Series(notes).str.contains(pattern, regex=True)), notes


@pytest.mark.parametrize("case", [name for name in ACCEPTED if reads_row_by_row(ACCEPTED[name][0])])
def test_a_table_in_batches_is_the_table(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "BATCH", 2)
    path = _written(tmp_path, *ACCEPTED[case][:2])
    table, (whole, notes) = stream_table(path, text_columns=TEXT), read_table(path, wanted=TEXT)
    assert (table.rows, table.header, table.notes) == (len(whole), tuple(whole.columns), notes)
    for after in range(table.rows):
        batches = list(table.batches(after=after))
        assert all(len(frame) <= 2 for frame in batches)
        pd.testing.assert_frame_equal(pd.concat(batches), whole.iloc[after:])


# name -> (file name, bytes, what the message says)
REFUSED: dict[str, tuple[str, bytes, str]] = {
    "too many fields": (
        "a.csv",
        HEADER + b"a,x\na,x,y\n",
        "a.csv, line 3: too many fields, 3 where the header has 2",
    ),
    "every row too wide": (
        "a.csv",
        HEADER + b"1,a,x\n2,b,y\n",
        "a.csv, line 2: too many fields, 3 .* has 2; quote",
    ),
    "short row": (
        "a.csv",
        HEADER + b'"a\nb",x\nc\n',
        "a.csv, line 4: too few fields, 1 where the header has 2",
    ),
    "quote left open": (
        "a.csv",
        HEADER + b'a,x\n"b,y\nc,z\n',
        "a.csv, line 3: a quote opens here and is never closed",
    ),
    "quote left open late": ("a.csv", HEADER + b'"a ""\n""b","x\nc,z\n', "a.csv, line 3: a quote opens here"),
    "text after a quote": (
        "a.csv",
        HEADER + b'"a\nb"c,x\n',
        "line 3: text follows a closing quote .*begins on line 2",
    ),
    "text after a short quote": (
        "a.csv",
        HEADER + b'"a"b,x\n',
        "a.csv, line 2: text follows a closing quote; write",
    ),
    "twin columns": (
        "a.csv",
        b"Themes,Processed Text,Themes\nx,a,y\n",
        "line 1: two columns .*'Themes'.*1 and 3",
    ),
    "latin-1": (
        "a.csv",
        HEADER + b"a,x\ncaf\xe9,x\n",
        "a.csv, line 3: byte 0xe9 is not UTF-8; pass encoding='cp1252'",
    ),
    "UTF-16 without mark": ("a.csv", HEADER.decode().encode("utf-16-le"), "line 1: .*encoding='utf-16-le'"),
    "nothing": ("a.csv", b"", "a.csv: the file is empty; it needs a header"),
    "only blank lines": ("a.csv", b"\n \n", "a.csv: the file is empty"),
    "header only": ("a.csv", HEADER, "a.csv: the file holds no rows, a header at most"),
    "empty JSON": ("a.json", b"", "a.json: the file is empty"),
    "empty list": ("a.json", b"[]", "a.json: the file holds no rows"),
    "empty lines": ("a.jsonl", b"\n\n", "a.jsonl: the file is empty"),
    "no JSON": ("a.json", b'[{"a": 1},\n}]', "a.json, line 2, column 1: not JSON"),
    "no JSON line": ("a.jsonl", b'{"a": 1}\n{"a"}\n', "a.jsonl, line 2, column 5: not JSON"),
    "an object cut off": ("a.jsonl", b'{"a": 1}\n{"a": "x"\n{"a": 2}\n', "a.jsonl, line 2, column 10: not JSON"),
    "half a pair in a name": ("a.jsonl", b'{"\\ud800": 1}\n', "a.jsonl: a value is called .*half a surrogate pair"),
    "half a pair in a name of JSON": ("a.json", b'[{"\\ud800": 1}]', "a.json: a value is called .*half a surrogate"),
    "twin keys": ("a.jsonl", b'{"a": 1, "a": 2}\n', "line 1 or after: an object has two values called 'a'"),
    "a scalar": ("a.json", b"3", "a.json: it holds one int"),
    "a scalar in the list": ("a.json", b'[{"a": 1}, 3]', "a.json, record 2: '3' is not an object"),
    "ragged columns": ("a.json", b'{"a": [1], "b": []}', "a.json: the columns differ in length"),
    "no columns": ("a.json", b'{"a": 1}', "a.json: an object must hold columns"),
    "a long number": (
        "a.jsonl",
        b'{"a": "x", "n": 1}\n{"a": "y", "n": -%s}\n' % (b"9" * 100_000),
        "a.jsonl, line 2: the number -9999999999999999999... has 100,000 digits; put it into quotes, or correct it.",
    ),
    "a long number in a document": (
        "a.json",
        b'[{"a": "x"},\n {"a": [[' + b"9" * 5_000 + b"]]}]",
        "a.json, line 2: the number 99999999999999999999... has 5,000 digits",
    ),
    "a huge exponent": ("a.jsonl", b'{"a": 1}\n{"a": -2e999}\n', "a.jsonl, line 2: the number -2e999 is too large"),
    "deep JSON": ("a.json", b"[" * 200_000, "a.json, line 1 or after: nested too deeply"),
    "deep JSON that can be read": (
        "a.jsonl",
        b'{"a": 1}\n{"a": ' + b"[" * 40 + b"]" * 40 + b"}",
        "a.jsonl, line 2 or after: nested too deeply",
    ),
    "a text that is a list": (
        "a.json",
        b'[{"Processed Text": ["a"], "Themes": "x"}]',
        "record 1, column 'Processed",
    ),
    "a theme that is a truth value": (
        "a.json",
        b'[{"Processed Text": "a", "Themes": true}]',
        "record 1, column 'Themes': True is a truth value, not the name of a theme",
    ),
    "no Parquet": ("a.parquet", b"PAR1 and nothing", "a.parquet: not a readable Parquet file"),
    "no workbook": ("a.xlsx", b"PK and nothing", "a.xlsx: not a readable Excel file"),
    "a picture": ("a.csv", b"\x89PNG\r\n\x1a\n\x00", "a.csv: this is no text but a PNG picture; pass the table"),
    "a workbook as text": ("a.csv", b"PK\x03\x04\x14", "no text but a ZIP archive or a workbook; call it .xlsx"),
    "gzip as JSON lines": ("a.jsonl", b"\x1f\x8b\x08", "a.jsonl: this is no text but compressed by gzip; unpack it"),
    "text as a workbook": ("a.xlsx", HEADER, r"a.xlsx: not a readable Excel file .*call it \.csv"),
    "columns of other rows": (
        "a.json",
        b'{"a": {"0": "x", "1": "y"}, "b": {"1": "p", "0": "q"}}',
        "a.json: the columns name their rows differently",
    ),
    "half a pair in a column": ("a.json", b'{"\\ud800": ["x"]}', "a.json: a value is called .*half a surrogate"),
    "unknown suffix": ("a.docx", b"x", r"'\.docx'; known are \.csv, .*\.parquet"),
    "no such column": (
        "a.csv",
        b"processed text,Theme\na,x\n",
        "no column 'Processed Text'; did you mean 'processed",
    ),
    "no theme column": (
        "a.csv",
        b"Processed Text,Theme\na,x\n",
        "'Themes'; did you mean 'Theme'.*pass theme_column",
    ),
    "an odd separator": (
        "a.csv",
        b"Processed Text:Themes\na:x\n",
        "The only column is 'Processed Text:Themes'.*delimiter",
    ),
}


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.csv")
    with pytest.raises(TableError, match=r"a\.csv: a table is read more than once"):
        read_table(tmp_path / "a.csv")


@pytest.mark.parametrize("case", REFUSED)
def test_a_broken_table_is_refused_with_its_place_and_a_remedy(case: str, tmp_path: Path) -> None:
    name, raw, pattern = REFUSED[case]
    with pytest.raises(TableError, match=pattern):
        read_corpus(_written(tmp_path, name, raw))


@pytest.mark.parametrize("case", [name for name in REFUSED if reads_row_by_row(REFUSED[name][0])])
def test_a_table_is_streamed_only_if_it_would_be_read(case: str, tmp_path: Path) -> None:
    path = _written(tmp_path, *REFUSED[case][:2])

    def read() -> None:
        texts_of(read_table(path, wanted=TEXT)[0], TEXT, path.name)

    said = []
    for call in (read, lambda: stream_table(path, text_columns=TEXT)):
        try:
            call()
            said.append("")
        except TableError as error:
            said.append(str(error))
    assert said[0] == said[1]


@pytest.mark.parametrize(
    ("options", "pattern"),
    [
        ({"delimiter": "||"}, r"delimiter must be one character .*'\|\|'"),
        ({"encoding": "klingon"}, "no encoding is called 'klingon'"),
        ({"encoding": "undefined"}, "a.csv: it cannot be read as 'undefined'"),
        ({"encoding": "a\0"}, "a.csv: it cannot be read as"),
        ({"encoding": "ascii"}, "line 2: byte 0xc3 at position 22 is not ascii"),
    ],
)
def test_a_wrong_option_is_named(options: dict[str, Any], pattern: str, tmp_path: Path) -> None:
    path = _written(tmp_path, "a.csv", HEADER + "é,x\n".encode())
    with pytest.raises(TableError, match=pattern):
        read_table(path, **options)


@pytest.mark.parametrize("name", ["a.csv", "a.json", "a.jsonl"])
def test_a_codec_that_names_no_place_is_named(name: str, tmp_path: Path) -> None:
    with pytest.raises(TableError, match=f"{name}: it cannot be read as 'punycode' .*; say by encoding how"):
        read_table(_written(tmp_path, name, HEADER + b"a b,c-d e\n"), encoding="punycode")


def test_what_the_message_says_to_pass_works(tmp_path: Path) -> None:
    latin = _written(tmp_path, "latin.csv", HEADER + b"caf\xe9,x\n")
    utf16 = _written(tmp_path, "utf16.csv", (HEADER + b"caf\xc3\xa9,x\n").decode().encode("utf-16-le"))
    colons = _written(tmp_path, "colons.csv", b"Processed Text:Themes\ncaf\xc3\xa9:x\n")
    assert read_corpus(latin, encoding="latin-1").texts == ("café",)
    assert read_corpus(utf16, encoding="utf-16-le").texts == ("café",)
    assert read_corpus(utf16, encoding="utf-16").texts == (("café",) if sys.byteorder == "little" else ())
    assert read_corpus(colons, delimiter=":").texts == ("café",)


def test_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="this is a folder; name the table file"):
        read_table(tmp_path)
    with pytest.raises(TableError, match="there is no such file"):
        read_table(tmp_path / "a.csv")


@pytest.mark.parametrize(
    ("name", "module", "extra"), [("a.parquet", "pyarrow", "parquet"), ("a.xlsx", "openpyxl", "excel")]
)
def test_a_missing_extra_is_named(
    name: str, module: str, extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / name
    frame = pd.DataFrame({"Processed Text": ["a"], "Themes": ["x"]})
    frame.to_parquet(path) if extra == "parquet" else frame.to_excel(path)
    found = builtins.__import__

    def without(wanted: str, *rest: Any, **more: Any) -> Any:
        if wanted.split(".")[0] == module:
            raise ImportError(wanted)
        return found(wanted, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(TableError, match=rf'pip install "themetagger\[{extra}\]"'):
        read_table(path)


ROWS = [
    ("NA", "pay, staff"),
    ('a; b, "c"\nd', "pay"),
    ("", "staff"),
    ("None", ""),
    ("007", "pay, pay"),
]


def _save(rows: list[tuple[str, str]], path: Path) -> None:
    names = ["Processed Text", "Themes"]
    records = [dict(zip(names, row, strict=True)) for row in rows]
    if path.suffix in (".csv", ".tsv"):
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, delimiter="\t" if path.suffix == ".tsv" else ",").writerows([names, *rows])
    elif path.suffix == ".json":
        path.write_text(json.dumps(records), encoding="utf-8")
    elif path.suffix == ".jsonl":
        lists = [{**record, "Themes": record["Themes"].split(", ")} for record in records]
        path.write_text("\n".join(map(json.dumps, lists)), encoding="utf-8")
    elif path.suffix == ".parquet":
        lists = [{**record, "Themes": record["Themes"].split(", ")} for record in records]
        pd.DataFrame(lists).to_parquet(path)
    else:
        pd.DataFrame(records).to_excel(path, index=False)


@pytest.mark.parametrize("suffix", [".tsv", ".json", ".jsonl", ".parquet", ".xlsx"])
def test_the_same_rows_give_the_same_corpus_in_every_format(suffix: str, tmp_path: Path) -> None:
    one, other = tmp_path / "a.csv", tmp_path / f"a{suffix}"
    _save(ROWS, one)
    _save(ROWS, other)
    expected, found = read_corpus(one), read_corpus(other)
    assert found.texts == expected.texts == tuple(text for text, _ in ROWS)
    assert found.themes == expected.themes == ("pay", "staff")
    assert found.labels.toarray().tolist() == expected.labels.toarray().tolist()
    assert found.groups.tolist() == expected.groups.tolist()
    assert found.notes == expected.notes


def test_a_workbook_notes_other_sheets_and_blank_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with pd.ExcelWriter(path) as book:
        pd.DataFrame([["Processed Text", "Themes"], ["a", "x"], [None, None], [7, "y"]]).to_excel(
            book, sheet_name="one", index=False, header=False
        )
        pd.DataFrame({"a": [1]}).to_excel(book, sheet_name="two")
    frame, notes = read_table(path)
    assert frame["Processed Text"].tolist() == ["a", "7"]
    assert frame.index.tolist() == [2, 4]
    assert notes == ("1 blank row was skipped.", "Only the sheet 'one' was read, not 'two'.")


def test_an_empty_sheet_is_refused(tmp_path: Path) -> None:
    pd.DataFrame().to_excel(tmp_path / "a.xlsx", index=False)
    with pytest.raises(TableError, match="the sheet is empty"):
        read_table(tmp_path / "a.xlsx")


def test_twin_columns_of_a_workbook_are_refused(tmp_path: Path) -> None:
    pd.DataFrame([["a", "a"], [1, 2]]).to_excel(tmp_path / "a.xlsx", index=False, header=False)
    with pytest.raises(TableError, match="two columns are called 'a'"):
        read_table(tmp_path / "a.xlsx")


def test_the_index_tells_the_line_on_which_each_row_begins(tmp_path: Path) -> None:
    frame, _ = read_table(_written(tmp_path, "a.csv", b'a,b\n"1\n2",3\n\n4,5\n'))
    assert frame.index.name == "line"
    assert frame.index.tolist() == [2, 5]


def test_an_empty_text_of_a_one_column_table_is_a_row(tmp_path: Path) -> None:
    frame, notes = read_table(_written(tmp_path, "a.csv", b'text\na\n""\nb\n'))
    assert frame["text"].tolist() == ["a", "", "b"]
    assert notes == ()


def test_the_limit_on_fields_is_put_back(tmp_path: Path) -> None:
    before = csv.field_size_limit()
    read_table(_written(tmp_path, "a.csv", b"a,b\n1,2\n"))
    assert csv.field_size_limit() == before


def test_texts_are_joined_with_a_blank_line_and_missing_ones_left_out() -> None:
    frame = pd.DataFrame({"a": ["x", None, "", float("nan")], "b": ["y", "z", "NA", pd.NA]}, dtype=object)
    assert texts_of(frame, ["a", "b"], "t") == ["x\n\ny", "z", "NA", ""]
    assert texts_of(frame, "a", "t") == ["x", "", "", ""]


def test_texts_need_a_column() -> None:
    with pytest.raises(TableError, match="text_columns names no column"):
        texts_of(pd.DataFrame({"a": ["x"]}), [], "t")


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".json", ".xlsx"])
@pytest.mark.parametrize("read", [read_table, lambda path: stream_table(path, text_columns=TEXT)])
def test_a_file_that_may_not_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str, read: Any
) -> None:
    path = _written(tmp_path, f"a{suffix}", HEADER)
    opened = io.open

    def closed(file: Any, *rest: Any, **more: Any) -> Any:
        if file == path:
            raise PermissionError(13, "Permission denied", str(path))
        return opened(file, *rest, **more)

    monkeypatch.setattr(builtins, "open", closed)
    monkeypatch.setattr(io, "open", closed)
    with pytest.raises(TableError, match=r"a\.\w+: cannot be read \(Permission denied\); check the file, and whether"):
        read(path)


@pytest.mark.skipif(not os.path.exists("/proc/self/mem"), reason="Linux has a file that opens and cannot be read")
@pytest.mark.parametrize("suffix", [".csv", ".json"])
def test_a_file_that_breaks_off_is_named(tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"a{suffix}").symlink_to("/proc/self/mem")
    with pytest.raises(TableError, match=r"cannot be read \(Input/output error\)"):
        read_table(tmp_path / f"a{suffix}")


def test_a_name_that_is_too_long_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"cannot be read \(File name too long\)"):
        read_table(tmp_path / f"{'x' * 300}.csv")


@pytest.mark.parametrize(
    "column",
    [
        pa.array([10**18], type=pa.timestamp("us")),  # the year 31,000, which Python's dates do not reach
        pa.Array.from_buffers(pa.string(), 1, [None, pa.py_buffer(np.array([0, 1], np.int32)), pa.py_buffer(b"\xff")]),
    ],
    ids=["a far date", "no UTF-8"],
)
def test_cells_of_parquet_that_python_cannot_hold_are_refused(tmp_path: Path, column: Any) -> None:
    pyarrow.parquet.write_table(pa.table({"a": column}), tmp_path / "a.parquet")
    with pytest.raises(TableError, match=r"a\.parquet: not a readable Parquet file"):
        read_table(tmp_path / "a.parquet")


def _workbook(path: Path, rows: str, **parts: bytes) -> Path:
    """A workbook whose first sheet has these rows as XML, and some parts replaced."""
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    parts["sheet1"] = f"<worksheet {space}><sheetData>{rows}</sheetData></worksheet>".encode()
    file = io.BytesIO()
    pd.DataFrame({"a": ["x"]}).to_excel(file, index=False)
    with zipfile.ZipFile(file) as book, zipfile.ZipFile(path, "w") as changed:
        for name in book.namelist():
            changed.writestr(name, parts.get(Path(name).stem, book.read(name)))
    return path


def _cells(row: int, **values: str) -> str:
    return (
        f'<row r="{row}">' + "".join(f'<c r="{at}{row}"><v>{value}</v></c>' for at, value in values.items()) + "</row>"
    )


def test_a_stray_cell_in_the_last_corner_costs_no_memory(tmp_path: Path) -> None:
    """As wide as the widest row, the rows of this sheet would take 137 GB."""
    path = _workbook(tmp_path / "a.xlsx", _cells(1, A="7", B="8") + _cells(1_048_576, A="1", XFD="2"))
    frame, notes = read_table(path)
    assert list(frame.columns) == ["7", "8", ""]
    assert frame.to_numpy().tolist() == [["1", "", "2"]]
    assert notes == ("1,048,574 blank rows were skipped.",)


def test_a_row_below_the_last_one_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"a\.xlsx: not a readable Excel file \(a row stands below the last one"):
        read_table(_workbook(tmp_path / "a.xlsx", _cells(1, A="7") + _cells(10**12, A="1")))


def test_a_sheet_of_too_many_cells_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("themetagger.corpus.readers.excel._MOST_CELLS", 3)
    pd.DataFrame({"a": ["x"], "b": ["y"]}).to_excel(tmp_path / "a.xlsx", index=False)
    with pytest.raises(TableError, match=r"a\.xlsx: 2 rows by 2 columns are too many; delete stray cells"):
        read_table(tmp_path / "a.xlsx")


def test_cells_of_a_workbook_are_read_as_they_are_shown(tmp_path: Path) -> None:
    """Whole numbers without a fraction, and an error as its name; pandas makes of it what would be the text nan."""
    rows = _cells(1, A="1", B="2", C="3", D="4") + _cells(2, A="2.0", B="2.5", C="-7").replace(
        "</row>", '<c r="D2" t="e"><v>#N/A</v></c></row>'
    )
    assert read_table(_workbook(tmp_path / "a.xlsx", rows))[0].to_numpy().tolist() == [["2", "2.5", "-7", "#N/A"]]


def test_what_a_workbook_lacks_beside_its_cells_is_not_told(tmp_path: Path) -> None:
    """openpyxl warns of a workbook without styles, and a user would see the line of code."""
    styles = b'<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
    path = _workbook(tmp_path / "a.xlsx", _cells(1, A="7") + _cells(2, A="8"), styles=styles)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        assert read_table(path)[0]["7"].tolist() == ["8"]
    assert told == []
