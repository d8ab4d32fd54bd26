"""Shapes in which tables come: headers below titles or in several rows, sheets, spellings of names, rows to choose."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from themetagger.corpus import TableError, column_beside, corpus_from_frame, read_corpus, read_table, stream_table

Rows = Sequence[Sequence[Any]]
NAMES = ["Processed Text", "Themes"]
BODY = [["low pay", "pay"], ["kind nurse", "staff"], ["no rise", "pay, staff"], ["fine", ""]]
TRUTH = (("low pay", "kind nurse", "no rise", "fine"), {"pay": 2, "staff": 2})


def _file(folder: Path, rows: Rows, suffix: str = ".csv", **options: Any) -> Path:
    """Rows, those of the header too, as a file; ``mark`` in front of a CSV."""
    path, width = folder / f"a{suffix}", max(map(len, rows))
    if suffix == ".xlsx":
        return _book(path, {"Sheet": rows})
    mark = options.pop("mark", "")
    text = io.StringIO(newline="")
    whole = [[*row, *[""] * (width - len(row))] if options.pop("padded", True) else row for row in rows]
    csv.writer(text, **options).writerows(whole)
    path.write_text(mark + text.getvalue(), encoding="utf-8", newline="")
    return path


def _book(path: Path, sheets: dict[str, Rows]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([None if cell == "" else cell for cell in row])
    book.save(path)
    return path


def _read(path: Path, **options: Any) -> tuple[tuple[str, ...], dict[str, int]]:
    corpus = read_corpus(path, **options)
    return corpus.texts, dict(zip(corpus.themes, corpus.support().tolist(), strict=True))


def _notes(path: Path, **options: Any) -> str:
    notes = read_corpus(path, **options).notes
    return "\n".join(note for note in notes if "has no theme" not in note)


every_kind = pytest.mark.parametrize("suffix", [".csv", ".xlsx"])


# the header -------------------------------------------------------------------------------------------------------


@every_kind
@pytest.mark.parametrize(
    "above",
    [
        [["Annual survey 2024"], ["Prepared by the insight team"]],
        [["Annual survey 2024", ""], [], ["n = 4", "May"], []],
        [["Survey", "Survey"]],
    ],
)
def test_a_header_below_titles_is_found_and_said(above: Rows, suffix: str, tmp_path: Path) -> None:
    path = _file(tmp_path, [*above, NAMES, *BODY], suffix)
    assert _read(path) == TRUTH
    place, unit = len(above) + 1, "line" if suffix == ".csv" else "row"
    passed = sum(map(any, above))
    assert f"The header was found in {unit} {place}; {passed} {unit}" in _notes(path)
    assert _read(path, header_row=place) == TRUTH
    assert _notes(path, header_row=place) == ""


def test_titles_of_a_csv_need_not_be_padded_and_hide_no_delimiter(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Annual survey, 2024\n\nProcessed Text;Themes\nlow pay;pay\n", encoding="utf-8")
    assert _read(path) == (("low pay",), {"pay": 1})
    assert stream_table(path, text_columns=["Processed Text"]).rows == 1
    path.write_text("Annual survey 2024\nComment;Codes\nlow pay;pay\n", encoding="utf-8")
    told = r"too many fields.* Pass header_row=2 if the header stands in line 2 \('Comment', 'Codes'\)\."
    with pytest.raises(TableError, match=told):
        read_corpus(path)


def test_a_cell_that_is_called_like_a_column_is_no_header(tmp_path: Path) -> None:
    path = _file(tmp_path, [["comment", "kind"], ["low pay", "a"], ["text", "b"]])
    with pytest.raises(TableError, match=r"no column 'text'.* Line 3 holds 'text': pass header_row=3 if the header"):
        stream_table(path, text_columns=["text"])


@every_kind
@pytest.mark.parametrize("stacked", [True, False])
def test_two_header_rows_are_joined_and_the_lower_name_suffices(suffix: str, stacked: bool, tmp_path: Path) -> None:
    names = [["Id", "Comment", "Topics", ""], ["", "", "pay", "staff"]]
    path = _file(tmp_path, [*names, ["1", "low pay", "1", "0"], ["2", "kind", "0", "1"]], suffix)
    options = {"text_columns": "Comment", "theme_columns": ["pay", "staff"]}
    assert _read(path, **options, **({"header_row": [1, 2]} if stacked else {})) == (
        ("low pay", "kind"),
        {"pay": 1, "staff": 1},
    )
    assert (" 1 and 2, whose names were joined" in _notes(path, **options)) or stacked
    full = {"text_columns": "Comment", "theme_columns": ["Topics: pay", "Topics: staff"], "header_row": (1, 2)}
    assert read_corpus(path, **full).themes == ("Topics: pay", "Topics: staff")


def test_the_second_header_row_of_surveymonkey_is_no_answer(tmp_path: Path) -> None:
    names = [["Respondent", "What else?", "Topics", ""], ["", "Open-Ended Response", "pay", "staff"]]
    path = _file(tmp_path, [*names, ["1", "low pay", "pay", ""]])
    frame, notes = read_table(path, wanted=["What else?"])
    assert frame.columns.tolist() == ["Respondent", "What else?", "Topics: pay", "Topics: staff"]
    assert frame["What else?"].tolist() == ["low pay"]
    assert notes == ("The header was found in lines 1 and 2, whose names were joined.",)
    assert stream_table(path, text_columns=["What else?"]).rows == 1


@every_kind
@pytest.mark.parametrize("questions", [True, False])
def test_the_rows_of_qualtrics_below_the_header_are_passed_over(questions: bool, suffix: str, tmp_path: Path) -> None:
    more = [["What else,\nplease?", "Topics of it"]] if questions else []
    imports = [json.dumps({"ImportId": "QID1_TEXT"}), json.dumps({"ImportId": "QID2", "choiceId": "1"})]
    path = _file(tmp_path, [NAMES, *more, imports, *BODY], suffix)
    assert _read(path) == TRUTH
    told = _notes(path)
    assert "of Qualtrics, no answers;" in told
    assert ("hold the question texts" in told) == questions
    if suffix == ".csv":
        assert stream_table(path, text_columns=NAMES[:1]).rows == 4


def test_a_frame_that_pandas_read_from_qualtrics_has_the_same_rows(tmp_path: Path) -> None:
    imports = [json.dumps({"ImportId": "QID1"}), json.dumps({"ImportId": "QID2"})]
    path = _file(tmp_path, [NAMES, ["What else?", "Topics of it"], imports, *BODY])
    frame = pd.read_csv(path, keep_default_na=False)
    corpus, same = corpus_from_frame(frame), read_corpus(path)
    assert (corpus.texts, corpus.themes) == (same.texts, same.themes)
    assert column_beside(corpus, frame, "Themes").tolist() == [themes for _, themes in BODY]
    assert "The first 2 rows hold the question texts and ImportIds of Qualtrics, no answers" in corpus.notes[0]


@every_kind
def test_columns_without_a_name_are_no_twins_and_come_back_as_they_were(suffix: str, tmp_path: Path) -> None:
    path = _file(tmp_path, [["", *NAMES, "", ""], *[["7", *row, "x", "y"] for row in BODY]], suffix)
    assert _read(path) == TRUTH
    assert [name.strip() for name in read_table(path)[0].columns] == ["", *NAMES, "", ""]
    with pytest.raises(TableError, match="Columns 4 and 5 have no name: pass header_row=") as raised:
        read_corpus(path, theme_column="Codes")
    assert "''" not in str(raised.value)


def test_empty_columns_at_the_end_are_no_trouble(tmp_path: Path) -> None:
    path = _file(tmp_path, [[*NAMES, "", "", ""], *[[*row, "", "", ""] for row in BODY]])
    assert (_read(path), _notes(path)) == (TRUTH, "")


@every_kind
def test_twin_columns_are_named_with_their_place_and_the_row_below(suffix: str, tmp_path: Path) -> None:
    path = _file(tmp_path, [["Processed Text", "Topics", "Topics"], ["", "pay", "staff"], ["a", "1", "0"]], suffix)
    told = r"(line|row) 1: two columns are called 'Topics' .*or pass header_row=.1, 2."
    with pytest.raises(TableError, match=told):
        read_corpus(path, theme_column="Topics")


@pytest.mark.parametrize("header_row", [0, -1, "3", [2, 1], [], True])
def test_a_header_row_that_is_none_is_refused(header_row: Any, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="header_row must"):
        read_corpus(_file(tmp_path, [NAMES, *BODY]), header_row=header_row)


@every_kind
def test_a_header_row_that_is_not_there_is_named(suffix: str, tmp_path: Path) -> None:
    path = _file(tmp_path, [NAMES, ["low\npay", "pay"], *BODY], suffix)
    with pytest.raises(TableError, match=r"header_row=90, but no row begins in (line|row) 90"):
        read_corpus(path, header_row=90)


@pytest.mark.parametrize("mark", ["sep=;\n", '"sep=;"\r\n', "\ufeffsep=;\n", "SEP=;\n", "sep=;;\n"])
def test_a_first_line_that_names_the_delimiter_is_heeded(mark: str, tmp_path: Path) -> None:
    path = _file(tmp_path, [NAMES, *BODY], delimiter=";", mark=mark)
    for options in ({}, {"delimiter": ";"}):
        assert _read(path, **options) == TRUTH
        assert _notes(path, **options) == "The first line, sep=;, names the delimiter and was passed over."
    table = stream_table(path, text_columns=NAMES[:1])
    assert (table.rows, [frame.index[0] for frame in table.batches()]) == (4, [3])


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["__label__pay the pay is low", "__label__staff kind"], "Line 1 looks like a row, not a header"),
        (["w " * 20_000 + "\t<http://example.org/pay>", "low pay\t<http://example.org/pay>"], "not a header: put a"),
        (["low pay,pay", "kind nurse,staff", "no rise,pay"], "looks like a row"),
        (
            [",".join(f"which of these topics, option {n}".replace(",", "") for n in range(1_000)), "1" + ",0" * 999],
            "and 980 more",
        ),
        (["x" * 10_000, "y"], "looks like a row"),
    ],
)
def test_a_file_without_a_header_is_told_so_in_few_words(lines: list[str], says: str, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(TableError) as raised:
        read_corpus(path, format="table")
    assert says in str(raised.value)
    assert len(str(raised.value)) <= 2_000


# sheets -----------------------------------------------------------------------------------------------------------


def test_the_only_sheet_with_the_columns_is_read_and_said(tmp_path: Path) -> None:
    cover = [["Annual survey"], ["By", "us"]]
    path = _book(tmp_path / "a.xlsx", {"Read me": cover, "Responses": [[], [], ["May"], [], NAMES, *BODY]})
    assert _read(path) == TRUTH
    assert "The sheet 'Responses' was read, as only it has the columns, not 'Read me'." in _notes(path)
    assert "The header was found in row 5; 1 row above it was passed over." in _notes(path)
    for sheet in ("Responses", "responses ", 2, "2"):
        assert _read(path, sheet=sheet) == TRUTH
    with pytest.raises(TableError, match="there is no sheet 'answers'; the sheets are 'Read me', 'Responses'"):
        read_corpus(path, sheet="answers")
    with pytest.raises(TableError, match="sheet 'Read me' was read; the other is 'Responses': say by sheet"):
        read_corpus(path, theme_column="Codes")


def test_of_several_sheets_with_the_columns_one_is_named_by_the_user(tmp_path: Path) -> None:
    waves = {"Wave 1": [NAMES, *BODY[:2]], "Wave 2": [NAMES, *BODY[2:]]}
    first = _book(tmp_path / "a.xlsx", waves)
    assert _read(first)[0] == ("low pay", "kind nurse")
    assert (
        "Only the sheet 'Wave 1' was read, not 'Wave 2'. 'Wave 2' has the columns too: pass sheet='Wave 2' to read it "
        "instead, or sheet='all' to read all as one table." in _notes(first)
    )
    assert _read(first, sheet="Wave 2")[0] == ("no rise", "fine")
    behind = _book(tmp_path / "b.xlsx", {"Read me": [["About"]], **waves})
    with pytest.raises(TableError, match="sheets 'Wave 1', 'Wave 2' have the columns; pass sheet='Wave 1', or"):
        read_corpus(behind)


def test_all_sheets_with_the_columns_are_one_table(tmp_path: Path) -> None:
    turned = [[NAMES[1], "Site", NAMES[0]], *([themes, "N", text] for text, themes in BODY[2:])]
    sheets = {"Wave 1": [["Spring"], [], NAMES, *BODY[:2]], "Read me": [["About"]], "Wave 2": turned}
    path = _book(tmp_path / "a.xlsx", sheets)
    assert _read(path, sheet="all") == TRUTH
    notes = _notes(path, sheet="ALL ")
    assert (
        "The sheets 'Wave 1', 'Wave 2' were read as one table, not 'Read me'; the column 'Sheet' says which." in notes
    )
    assert "Sheet 'Wave 1': The header was found in row 3" in notes
    assert "Rows of 'Wave 2' are counted on from 5: its row 2 is row 7." in notes
    frame, _ = read_table(path, wanted=NAMES, sheet="all")
    assert frame["Sheet"].tolist() == ["Wave 1", "Wave 1", "Wave 2", "Wave 2"]
    assert frame["Site"].tolist() == ["", "", "N", "N"]
    assert len(set(frame.index)) == 4
    with pytest.raises(TableError, match=r"no column 'Processed Text'.* none has all of these columns"):
        read_corpus(path, theme_column="Codes", sheet="all")


def test_a_sheet_called_all_is_that_sheet(tmp_path: Path) -> None:
    path = _book(tmp_path / "a.xlsx", {"Wave 1": [NAMES, *BODY[:2]], "all": [NAMES, *BODY]})
    assert _read(path, sheet="all") == TRUTH


def test_a_sheet_that_is_hidden_is_read_only_where_no_other_has_the_columns(tmp_path: Path) -> None:
    path = _book(tmp_path / "a.xlsx", {"Old": [NAMES, ["old", "old"]], "New": [NAMES, *BODY]})
    _change(path, lambda book: setattr(book["Old"], "sheet_state", "hidden"))
    assert _read(path) == TRUTH
    assert "Only the sheet 'New' was read, not 'Old' (hidden). 'Old' (hidden) has the columns too" in _notes(path)
    assert _read(path, sheet="all") == TRUTH
    assert _read(path, sheet="Old")[0] == ("old",)


def _change(path: Path, how: Callable[[Any], object]) -> None:
    book = openpyxl.load_workbook(path)
    how(book)
    book.save(path)


def test_merged_cells_hold_their_value_in_each_row_that_they_reach(tmp_path: Path) -> None:
    rows = [["Survey", "", ""], ["Site", *NAMES], ["N", "low pay", "pay"], ["N", "no rise", ""], ["S", "kind", "staff"]]
    path = _book(tmp_path / "a.xlsx", {"Sheet": [*rows, ["S", "", "food"], ["S", "fine", ""]]})

    def merge(book: Any) -> None:
        for cells in ("A1:C1", "A3:A4", "C3:C4", "B5:B6"):
            book["Sheet"].merge_cells(cells)

    _change(path, merge)
    corpus = read_corpus(path)
    assert corpus.texts == ("low pay", "no rise", "kind", "kind", "fine")
    assert dict(zip(corpus.themes, corpus.support().tolist(), strict=True)) == {"pay": 2, "food": 1, "staff": 1}
    notes = _notes(path)
    assert "Column 'Themes': 1 cell is merged with the one above; it was read as having its value." in notes
    assert "Column 'Processed Text': 1 cell is merged" in notes
    assert "Column 'Site'" not in notes
    assert "1 text has a row for each theme" in notes
    assert len(read_corpus(path, repeats="join")) == 4


def test_rows_that_are_hidden_are_read_and_counted(tmp_path: Path) -> None:
    path = _book(tmp_path / "a.xlsx", {"Sheet": [NAMES, *BODY]})

    def hide(book: Any) -> None:
        for row in (1, 3, 4):
            book["Sheet"].row_dimensions[row].hidden = True

    _change(path, hide)
    assert _read(path) == TRUTH
    assert "2 rows are hidden in the workbook; they were read too." in _notes(path)


def test_codes_of_characters_are_read_as_a_spreadsheet_shows_them(tmp_path: Path) -> None:
    path = _book(
        tmp_path / "a.xlsx", {"Sheet": [NAMES, ["low_x000D_\npay", "pay_x000D_\nstaff"], ["x_x005F_x000D_", ""]]}
    )
    corpus = read_corpus(path, separator=r"\n")
    assert corpus.texts == ("low\r\npay", "x_x000D_")
    assert corpus.themes == ("pay", "staff")


@pytest.mark.parametrize("suffix", [".xlsx", ".json", ".jsonl", ".parquet"])
def test_no_delimiter_is_spoken_of_where_there_is_none(suffix: str, tmp_path: Path) -> None:
    path, frame = tmp_path / f"a{suffix}", pd.DataFrame({"Comment": ["low pay"]})
    if suffix in (".json", ".jsonl"):
        frame.to_json(path, orient="records", lines=suffix == ".jsonl")
    else:
        (frame.to_excel if suffix == ".xlsx" else frame.to_parquet)(path, index=False)
    with pytest.raises(TableError, match=r"no column 'Processed Text'.* pass text_columns=\['Comment'\]") as raised:
        read_corpus(path)
    assert "delimiter" not in str(raised.value)


# formulas ---------------------------------------------------------------------------------------------------------


def _formulas(path: Path, cells: dict[str, str], *, calculated: bool = False) -> Path:
    """A workbook whose cells may be XML of formulas, with a first row of names and one of plain cells."""
    _book(path, {"Sheet": [[*NAMES, "Other"], ["low pay", "pay", "x"], ["kind", "staff", "y"]]})
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    for place, xml in cells.items():
        begin = sheet.index(f'<c r="{place}"')
        end = sheet.index("</c>", begin) + len("</c>")
        sheet = sheet[:begin] + xml + sheet[end:]
    parts["xl/worksheets/sheet1.xml"] = sheet.encode()
    if calculated:
        parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(b'fullCalcOnLoad="1"', b"")
    with zipfile.ZipFile(path, "w") as book:
        for name, data in parts.items():
            book.writestr(name, data)
    return path


@pytest.mark.parametrize(
    ("place", "xml", "column"),
    [
        ("B3", '<c r="B3"><f>A1</f><v></v></c>', "Themes"),
        ("B3", '<c r="B3"><f>A1</f></c>', "Themes"),
        ("A3", '<c r="A3"><f t="shared" si="0"/><v/></c>', "Processed Text"),
        ("A3", '<c r="A3"><f>A1</f><v>0</v></c>', "Processed Text"),  # as some programs write it, to be calculated
    ],
)
def test_a_formula_that_was_never_calculated_is_refused_in_a_column_that_is_read(
    place: str, xml: str, column: str, tmp_path: Path
) -> None:
    path = _formulas(tmp_path / "a.xlsx", {place: xml})
    with pytest.raises(TableError, match=f"row 3, column '{column}': a formula that was never calculated; open the"):
        read_corpus(path)


def test_calculated_formulas_are_what_they_gave_also_nothing_and_0(tmp_path: Path) -> None:
    cells = {"B3": '<c r="B3" t="str"><f>A9</f><v></v></c>', "B2": '<c r="B2" t="str"><f>A9</f><v>mood</v></c>'}
    cells |= {"A3": '<c r="A3"><f>A9</f><v>0</v></c>'}
    corpus = read_corpus(_formulas(tmp_path / "a.xlsx", cells, calculated=True))
    assert (corpus.texts, corpus.themes) == (("low pay", "0"), ("mood",))


def test_a_formula_in_a_column_that_is_not_read_is_noted(tmp_path: Path) -> None:
    path = _formulas(tmp_path / "a.xlsx", {"C3": '<c r="C3"><f>A1</f></c>'})
    assert _notes(path) == "1 formula in 'Other' was never calculated and is empty."


# names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        (unicodedata.normalize("NFD", "R\u00e9ponse"), "R\u00e9ponse"),
        ("R\u00e9ponse", unicodedata.normalize("NFD", "R\u00e9ponse")),
        ("What should\nwe  change?", "What should we change?"),
        ("What\u00a0else", "What else"),
        ("What\u200b else", "What else"),
    ],
)
def test_a_column_is_found_by_what_a_person_types(name: str, typed: str, tmp_path: Path) -> None:
    path = _file(tmp_path, [[name, "Themes"], *BODY])
    assert _read(path, text_columns=typed) == TRUTH
    frame = pd.DataFrame(BODY, columns=[name, "Themes"])
    assert corpus_from_frame(frame, text_columns=typed).texts == TRUTH[0]
    spaces = " ".join(name.split()) != " ".join(typed.split()) or "\n" in name or "\u00a0" in name
    assert ("was taken for" in _notes(path, text_columns=typed)) == (spaces and "ponse" not in name)
    table = stream_table(path, text_columns=[typed])
    assert next(table.batches()).columns.tolist() == [name, "Themes"]  # it is written as it was


def test_two_columns_that_look_the_same_are_told_apart(tmp_path: Path) -> None:
    path = _file(tmp_path, [["What  else", "What\nelse", "Themes"], ["a", "b", "pay"]])
    with pytest.raises(TableError, match=r"columns 'What  else' and 'What\\nelse' differ only in what cannot be seen"):
        read_corpus(path, text_columns="What else")
    assert read_corpus(path, text_columns="What  else").texts == ("a",)


def test_names_above_one_another_in_a_frame_are_joined() -> None:
    columns = pd.MultiIndex.from_tuples([("Q1", "Comment"), ("Q2", "pay"), ("Q2", "staff")])
    frame = pd.DataFrame([["low pay", 1, 0], ["kind", 0, 1]], columns=columns)
    for names in (["pay", "staff"], ["Q2: pay", "Q2: staff"]):
        corpus = corpus_from_frame(frame, text_columns="Comment", theme_columns=names)
        assert (corpus.texts, corpus.themes) == (("low pay", "kind"), tuple(names))
    with pytest.raises(TableError, match=r"did you mean 'Comment'\?.*'Q1: Comment'"):
        corpus_from_frame(frame, text_columns="Coment", theme_columns=["pay"])


# encodings --------------------------------------------------------------------------------------------------------


def test_cp1252_is_advised_and_what_latin_1_makes_of_it_is_noted(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("Processed Text,Themes\nI don\u2019t \u2013 caf\u00e9,pay\n".encode("cp1252"))
    with pytest.raises(TableError, match="line 2: byte 0x92 is not UTF-8; pass encoding='cp1252', or save") as raised:
        read_corpus(path)
    assert "latin" not in str(raised.value)
    assert _notes(path, encoding="cp1252") == ""
    told = "2 characters from U+0080 to U+009F, which Latin-1 uses for no letters: the file is probably cp1252; "
    told += "pass encoding='cp1252'."
    assert _notes(path, encoding="latin-1") == told
    assert stream_table(path, text_columns=NAMES[:1], encoding="latin-1").notes == (told,)
    path.write_bytes("Processed Text,Themes\ncaf\u00e9,pay\n".encode("latin-1"))
    assert _notes(path, encoding="latin-1") == ""
    path.write_bytes(b"Processed Text,Themes\n\x81,pay\n")
    with pytest.raises(TableError, match="byte 0x81 is not UTF-8; pass encoding as it was saved"):
        read_corpus(path)


# rows -------------------------------------------------------------------------------------------------------------

LONG = [
    ["low pay, rude", "pay"],
    ["kind", "staff"],
    ["low pay, rude", "staff"],
    ["low pay, rude", "food"],
    ["fine", ""],
]


def test_a_row_for_each_theme_is_noted_and_joined_on_request(tmp_path: Path) -> None:
    path = _file(tmp_path, [NAMES, *LONG])
    assert (
        "1 text has a row for each theme, and each row counts as a text without the others; repeats='join'"
        in _notes(path)
    )
    corpus = read_corpus(path, repeats="join")
    whole = read_corpus(
        _file(tmp_path, [NAMES, ["low pay, rude", "pay, staff, food"], ["kind", "staff"], ["fine", ""]], ".xlsx")
    )
    assert (corpus.texts, corpus.themes) == (whole.texts, whole.themes)
    assert (corpus.labels != whole.labels).nnz == 0
    assert corpus.rows is not None
    assert corpus.rows.tolist() == [0, 1, 4]
    assert "1 text with several rows was joined: 5 rows became 3 texts." in corpus.notes


@pytest.mark.parametrize("coders", [2, 3])
def test_several_coders_are_noted_and_joined(coders: int) -> None:
    codes = ["pay, staff", "pay", "pay, food"][:coders]
    rows = [[text, themes] for text in ("low pay", "no rise", "kind") for themes in codes]
    frame = pd.DataFrame(rows, columns=NAMES)
    (note,) = corpus_from_frame(frame).notes
    assert note.endswith("If several people coded them, repeats='join' makes one row of each.")
    joined = corpus_from_frame(frame, repeats="join")
    assert len(joined) == 3
    assert joined.column("staff").tolist() == [1, 1, 1]


def test_a_few_repeats_are_no_long_form() -> None:
    rows = [[f"text {n}", "pay"] for n in range(20)] + [["thanks", "pay, staff"], ["thanks", ""]]
    notes = corpus_from_frame(pd.DataFrame(rows, columns=NAMES)).notes
    assert "1 text occurs more than once with different themes; all rows are kept." in notes


def test_empty_texts_are_never_joined_and_columns_of_0_and_1_are() -> None:
    frame = pd.DataFrame({"text": ["", "", "a", "a"], "pay": [1, 0, 1, 0], "staff": [0, 0, 0, 1]})
    corpus = corpus_from_frame(frame, text_columns="text", theme_columns=["pay", "staff"], repeats="join")
    assert corpus.texts == ("", "", "a")
    assert corpus.labels.toarray().tolist() == [[1, 0], [0, 0], [1, 1]]


def test_rows_without_a_theme_can_be_left_out(tmp_path: Path) -> None:
    path = _file(tmp_path, [NAMES, *BODY])
    corpus = read_corpus(path, rows_without_theme="drop")
    assert (corpus.texts, corpus.rows is not None and corpus.rows.tolist()) == (TRUTH[0][:3], [0, 1, 2])
    assert corpus.notes == ("1 of 4 rows has no theme and is left out.",)
    with pytest.raises(TableError, match="no row has a theme, and rows_without_theme='drop' leaves out those"):
        corpus_from_frame(pd.DataFrame({"Processed Text": ["a"], "Themes": [""]}), rows_without_theme="drop")


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (["accept", "ignore", "accept", "reject"], [0, 2]),
        ([1, 0, True, False], [0, 2]),
        (["AB", "", "CD", None], [0, 2]),
        (["Yes", "no", "y", "Skipped"], [0, 2]),
    ],
)
def test_a_column_tells_which_rows_were_judged(said: list[Any], kept: list[int]) -> None:
    frame = pd.DataFrame(BODY, columns=NAMES).assign(said=pd.Series(said, dtype=object))
    corpus = corpus_from_frame(frame, judged="said")
    assert corpus.rows is not None
    assert corpus.rows.tolist() == kept
    assert any("2 of 4 rows are left out as not judged" in note for note in corpus.notes)
    with pytest.raises(TableError, match=r"no column 'sayd'; did you mean 'said'.*pass one of them as judged"):
        corpus_from_frame(frame, judged="sayd")


def test_minus_one_in_a_column_of_themes_can_say_that_a_row_was_not_judged() -> None:
    frame = pd.DataFrame({"text": ["a", "b", "c"], "pay": [-1, 0, 1], "staff": [-1, 1, 0]})
    options = {"text_columns": "text", "theme_columns": ["pay", "staff"]}
    assert corpus_from_frame(frame, judged="pay", **options).texts == ("b", "c")  # type: ignore[arg-type]
    with pytest.raises(TableError, match=r"'?-1'? is neither .*nobody judged the row, pass judged='pay'"):
        corpus_from_frame(frame, **options)  # type: ignore[arg-type]
