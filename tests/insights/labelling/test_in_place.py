"""A corrected file differs from the one that was read in the cells that were changed, and in nothing else."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from themetagger.corpus import TableFormat
from themetagger.insights.labelling.corrections import correct
from themetagger.insights.labelling.in_place import Change, patched_objects, patched_rows

REVIEW = pd.DataFrame(
    [(2, "low pay", "staff", "no", "yes", 0.1, "change"), (4, "thanks", "pay", "yes", "no", 0.1, "change")],
    columns=["line", "text", "theme", "given", "suggested", "probability", "verdict"],
)


def corrected(path: Path, raw: bytes, *, lines: tuple[int, int] = (2, 4), **settings: str) -> bytes:
    """The bytes after the theme staff was added to "low pay", and pay taken from "thanks"."""
    path.write_bytes(raw)
    out = path.with_stem("new")
    correct(path, REVIEW.assign(line=lines), out=out, table_format=TableFormat(**settings))  # type: ignore[arg-type]
    return out.read_bytes()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            b'\xef\xbb\xbfId,Processed Text,Themes\r\n007,low pay,pay\r\n\r\n1.50,thanks,"pay, staff"',
            b'\xef\xbb\xbfId,Processed Text,Themes\r\n007,low pay,"pay, staff"\r\n\r\n1.50,thanks,"staff"',
        ),
        (
            b'Processed Text;Themes;=x\n\'low pay;pay;"a ""b"""\nx;staff; \nthanks;pay;\n'.replace(b"'", b""),
            b'Processed Text;Themes;=x\n\'low pay;pay, staff;"a ""b"""\nx;staff; \nthanks;;\n'.replace(b"'", b""),
        ),
    ],
)
def test_other_bytes_of_a_csv_file_stay(before: bytes, after: bytes, tmp_path: Path) -> None:
    assert corrected(tmp_path / "a.csv", before) == after


def test_other_encodings_stay(tmp_path: Path) -> None:
    text = "Processed Text\tThemes\tÄ\nlow pay\tpay\t–\nx\tstaff\t\nthanks\tpay\t’\n"
    after = text.replace("pay\tpay\t", "pay\tpay, staff\t").replace("thanks\tpay", "thanks\t")
    for encoding in ("cp1252", "utf-16"):
        assert corrected(tmp_path / "a.tsv", text.encode(encoding), encoding=encoding) == after.encode(encoding)


def test_other_values_of_json_stay_as_they_are_written(tmp_path: Path) -> None:
    one, two = b'{"Processed Text" : "low pay", "n":1.50, "Themes":%b}', b'{"Processed Text":"thanks","Themes":%b}'
    last = b'{"Processed Text":"\\u00e9","Themes":["staff"],"e":1e5}'
    before, after = (b'["pay"]', b'["pay"]'), (b'["pay", "staff"]', b"[]")
    for name, pattern in (("a.json", b"[\n %b,\n\n%b , %b]"), ("a.jsonl", b"%b\r\n\n%b\n%b")):
        lines = (1, 2) if name == "a.json" else (1, 3)
        raw, wanted = (pattern % (one % themes[0], two % themes[1], last) for themes in (before, after))
        assert corrected(tmp_path / name, raw, lines=lines) == wanted


def test_other_sheets_and_widths_of_a_workbook_stay(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.append(["Processed Text", "Themes"])
    for row in (["low pay", "pay"], ["x", "staff"], ["thanks", "pay"]):
        book.active.append(row)
    book.active.column_dimensions["A"].width = 77
    book.create_sheet("Notes")["B2"] = "=1+1"
    book.save(tmp_path / "a.xlsx")
    now = tmp_path / "new.xlsx"
    now.write_bytes(corrected(tmp_path / "a.xlsx", (tmp_path / "a.xlsx").read_bytes()))
    after = openpyxl.load_workbook(now)
    assert after.active.column_dimensions["A"].width == 77
    assert (after.active["B2"].value, after.active["B4"].value, after["Notes"]["B2"].value) == (
        "pay, staff",
        None,
        "=1+1",
    )


@pytest.mark.parametrize(
    ("raw", "change"),
    [
        (b"a,b\nx,pay\n", Change(2, 1, "b", "other", "staff")),  # not what was read
        (b"a,b\nx,pay\n", Change(9, 1, "b", "pay", "staff")),  # nor where
        (b"a,b\nx,p\0ay\n", Change(2, 1, "b", "pay", "staff")),
        (b"a,b\nx,pay,z\n", Change(2, 1, "b", "pay", "staff")),
        (b"a,b\n\xff,pay\n", Change(2, 1, "b", "pay", "staff")),
    ],
)
def test_what_is_in_doubt_is_left_to_others(raw: bytes, change: Change) -> None:
    assert patched_rows(raw, [change], 2, ",", "utf-8") is None


@pytest.mark.parametrize("raw", [b'{"b": ["pay"]}', b'[{"data": {"a": 1}}]', b"[1]", b"[", b'[{"b": "other"}]'])
def test_objects_that_are_no_rows_are_left_to_others(raw: bytes) -> None:
    assert patched_objects(raw, [Change(1, 1, "b", None, "pay")], ["a", "b"], lines=False) is None
