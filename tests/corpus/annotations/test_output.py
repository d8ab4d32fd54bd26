"""What is written for annotation tools is as they load it, and is read again as it was, whatever a theme is called."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from themetagger.corpus import TableError, read_corpus, read_table, write_table
from themetagger.corpus.annotations.items import Item, Layout
from themetagger.corpus.annotations.lines import fasttext_labels
from themetagger.corpus.annotations.output import OutFormat

LAYOUT = Layout(("Pay, bonus", "Staff"), "topics", "comment", "model 7")
ITEM = Item("low pay", ["Pay, bonus"], {"id": 3, "text": "old"}, certainty=0.91234)
GIVEN = Item("low pay", ["Pay, bonus"], {"id": 3}, given=["Staff"])


def one(name: str, item: Item) -> dict[str, Any]:
    (record,) = OutFormat(name, LAYOUT).records([item]).to_dict("records")
    return record


def result(name: str) -> list[dict[str, Any]]:
    return [{"from_name": "topics", "to_name": "comment", "type": "choices", "value": {"choices": [name]}}]


def test_label_studio_gets_tasks_with_predictions() -> None:
    assert one("label-studio", ITEM) == {
        "data": {"comment": "low pay", "id": 3, "text": "old"},
        "predictions": [{"model_version": "model 7", "result": result("Pay, bonus"), "score": 0.9123}],
    }
    assert one("label-studio", Item("x", []))["predictions"][0]["result"] == []
    assert one("label-studio", GIVEN)["annotations"] == [{"result": result("Staff")}]
    (note,) = OutFormat("label-studio", LAYOUT).notes()
    assert '<Text name="comment" value="$comment"/>' in note
    assert '<Choices name="topics" toName="comment" choice="multiple">' in note


def test_the_others_get_records_of_their_own_fields_and_those_of_the_row() -> None:
    assert one("doccano", ITEM) == {"text": "low pay", "label": ["Pay, bonus"], "id": 3, "text (2)": "old"}
    assert one("doccano", GIVEN) == {"text": "low pay", "label": ["Staff"], "proposed": ["Pay, bonus"], "id": 3}
    assert one("hugging-face", ITEM)["labels"] == ["Pay, bonus"]
    assert one("spacy", ITEM)["cats"] == {"Pay, bonus": 1.0, "Staff": 0.0}
    prodigy = one("prodigy", ITEM)
    assert prodigy["accept"] == ["Pay, bonus"]
    assert prodigy["options"] == [{"id": name, "text": name} for name in LAYOUT.themes]
    assert prodigy["meta"] == {"id": 3, "text": "old"}
    assert "answer" not in prodigy
    assert one("prodigy", GIVEN)["accept"] == ["Staff"]
    argilla = one("argilla", ITEM)
    assert argilla["comment"] == "low pay"
    assert argilla["topics.suggestion"] == ["Pay, bonus"]
    assert argilla["topics.suggestion.agent"] == "model 7"
    assert one("argilla", GIVEN)["topics.responses"] == [["Staff"]]


SIGNS = "ab ,;|#/\\\"'[](){}<>:=+-@\n\t.é日🙂\u2028"
NAMES = (
    st.text(st.sampled_from(SIGNS), min_size=1, max_size=8)
    .map(str.strip)
    .filter(lambda name: bool(name) and name[0] not in "[({")
)
TEXTS = st.text(st.sampled_from(SIGNS), max_size=12)
COLUMN = {"label-studio": "themes (predicted)", "argilla": "themes.suggestion"}


@pytest.mark.parametrize("name", ["label-studio", "doccano", "prodigy", "argilla", "spacy", "hugging-face"])
@settings(max_examples=25, deadline=None)
@given(themes=st.lists(NAMES, min_size=1, max_size=4, unique=True), texts=st.lists(TEXTS, min_size=1, max_size=4))
def test_it_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, name: str, themes: list[str], texts: list[str]
) -> None:
    rows = [themes[: k % (len(themes) + 1)] for k in range(len(texts))]
    tool = OutFormat(name, Layout(tuple(themes)))
    path = tmp_path_factory.mktemp("t") / f"t{tool.suffixes[0]}"
    write_table(tool.records([Item(text, tags) for text, tags in zip(texts, rows, strict=True)]), tool.check(path))
    frame = read_table(path, format=name)[0]
    assert frame["text"].tolist() == texts
    column = COLUMN.get(name) or {"doccano": "label", "prodigy": "accept", "spacy": "cats"}.get(name, "labels")
    read = [cell or [] for cell in frame[column]] if column in frame else [[] for _ in rows]
    assert read == rows


def test_fasttext_gets_lines(tmp_path: Path) -> None:
    tool = OutFormat("fasttext", Layout(("low pay", "staff")))
    path = tool.check(tmp_path / "t.txt")
    write_table(tool.records([Item("one\ntwo", ["low pay", "staff"]), Item("three", [])]), path)
    assert path.read_text() == "__label__low_pay __label__staff one two\nthree\n"
    corpus = read_corpus(path, format="fasttext")
    assert corpus.texts == ("one two", "three")
    assert set(corpus.themes) == {"low_pay", "staff"}
    with pytest.raises(TableError, match=r"'a b' and 'a_b' would be one label of fastText"):
        fasttext_labels(["a b", "a_b"])
    with pytest.raises(TableError, match=r"holds what fastText takes for a label"):
        tool.records([Item("__label__x", [])])


def test_a_file_that_the_tool_would_not_load_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"with out_format='label-studio' the file must end in \.json\."):
        OutFormat("label-studio").check(tmp_path / "a.csv")
    with pytest.raises(TableError, match=r"must end in \.jsonl or \.json"):
        OutFormat("doccano").check(tmp_path / "a.xlsx")
    with pytest.raises(ValueError, match=r"out_format must be one of label-studio, .* but is 'excel'"):
        OutFormat("excel")
