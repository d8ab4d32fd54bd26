"""The page holds everything, fetches nothing and runs nothing."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from themetagger.report.page import render_page
from themetagger.report.summary import summary
from themetagger.selection.confusion import Confusion
from themetagger.selection.results import HeldOut, averages, results_table
from themetagger.selection.theme_result import STATUSES, ThemeResult

PNG = b"\x89PNG\r\n\x1a\n123"
EVIL = "<script>alert(1)</script>\"'&"


class Reader(HTMLParser):
    """Collects tags, attributes and texts of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.texts.append(data.strip())


PROMISED = {"certified_target": 0.7, "certified_flagged": 10, "certified_hits": 8, "certified_positives": 10}
PROMISED |= {"threshold": 0.5, "certified_threshold": 0.5}


def page_of(theme: str, **given) -> Reader:
    pay = ThemeResult(
        theme,
        "BEST_EFFORT",
        EVIL,
        10,
        EVIL,
        EVIL,
        {EVIL: EVIL},
        threshold=0.5,
        counts=Confusion(8, 2, 2, 88),
        stopped=EVIL,
    )
    table = results_table([pay, ThemeResult.skipped("food", "one class", support=4)])
    return Reader(render_page(table, averages(table), **given))


@pytest.mark.parametrize("theme", [EVIL, "=1+1", "a|b c", "x" * 400, "$x_1$", "{{ 7 * 7 }}"])
def test_whatever_comes_from_data_is_text(theme):
    page = page_of(theme, title=EVIL, notes=[EVIL], figures={EVIL: PNG})
    assert page.tags.count("script") == 1  # the page's own
    assert page.texts.count(EVIL) >= 6
    assert theme in page.texts
    assert ("alt", EVIL) in page.attributes


def test_the_page_fetches_nothing():
    page = page_of("pay", figures={"Results": PNG}, downloads={"results.csv": b"a"})
    uri = "data:image/png;base64," + base64.b64encode(PNG).decode()
    links = [str(value) for name, value in page.attributes if name in ("src", "href", "srcset")]
    assert uri in links
    assert all(link == uri or link.startswith(("#", "data:text/csv;base64,")) for link in links)
    assert not {"link", "iframe", "object", "base", "form"} & set(page.tags)
    policy = next(str(value) for name, value in page.attributes if name == "content" and "src" in str(value))
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-")


def test_numbers_stand_to_the_right_and_every_column_is_there():
    page = page_of("pay")
    assert {"0.800", "average precision", "hyperparameters", "TP", "BEST EFFORT", "SKIPPED"} <= set(page.texts)
    assert ("class", "number") in page.attributes


@pytest.mark.parametrize("status", STATUSES)
def test_every_status_has_its_colour_in_light_and_dark(status):
    style = next(text for text in page_of("pay").texts if text.startswith(":root"))
    colour = re.search(rf"\.{status} {{ color: var\((--\w+)\)", style)
    assert colour is not None
    assert style.count(f"{colour[1]}: #") == 2  # light and dark


def test_the_summary_says_what_the_averages_say():
    table = results_table(
        [
            ThemeResult("pay", "CERTIFIED", "", 10, "ridge", "words", counts=Confusion(8, 2, 2, 88), **PROMISED),
            ThemeResult("team", "BEST_EFFORT", "", 10, "ridge", "words", counts=Confusion(1, 0, 9, 90)),
            ThemeResult.failed("food", "error", support=2),
        ],
        {
            "pay": HeldOut(Confusion(3, 1, 1, 5)),
            "team": HeldOut(Confusion(0, 0, 0, 10)),
            "food": HeldOut(Confusion(0, 0, 2, 8)),
        },
    )
    quality = "{}, {} % of all assigned tags are correct, and {} % of all tags that should be assigned are."
    assert summary(table, averages(table)) == [
        "Of 3 themes, 1 is certified, 1 has a model whose precision is not guaranteed, and 1 failed.",
        quality.format("In cross-validation", 82, 41),
        quality.format("On held-out texts", 75, 50),
        "1 theme can be tagged without review: a precision of at least 70 % is certified, and the tags find 80 % of "
        "its texts.",
    ]


@pytest.mark.parametrize(
    ("statuses", "sentence"),
    [
        ("C", "The only theme is certified."),
        ("S", "The only theme was skipped."),
        ("CC", "All 2 themes are certified."),
        ("SSF", "Of 3 themes, none is certified, 2 were skipped, and 1 failed."),
        ("CB", "Of 2 themes, 1 is certified and 1 has a model whose precision is not guaranteed."),
        ("BB", "Of 2 themes, none is certified and 2 have a model whose precision is not guaranteed."),
    ],
)
def test_the_first_sentence_agrees_with_its_numbers(statuses, sentence):
    kinds = {"C": "CERTIFIED", "B": "BEST_EFFORT", "S": "SKIPPED", "F": "FAILED"}
    table = results_table([ThemeResult.skipped(f"theme {i}", "why") for i in range(len(statuses))])
    table["status"] = [kinds[status] for status in statuses]
    assert summary(table, averages(table))[0] == sentence


def test_several_certified_themes_find_their_texts_on_average():
    certified = [ThemeResult(name, "CERTIFIED", "", 10, "ridge", "words", **PROMISED) for name in ("pay", "food")]
    table = results_table(certified)
    assert summary(table, averages(table))[-1] == (
        "2 themes can be tagged without review: a precision of at least 70 % is certified, and on average the tags "
        "find 80 % of the texts of a theme."
    )


def test_an_empty_table_is_a_page_too():
    table = results_table([])
    assert "There are no themes." in Reader(render_page(table, averages(table))).texts


def test_a_figure_that_is_no_png_is_refused():
    with pytest.raises(ValueError, match="'Results' is not a PNG"):
        page_of("pay", figures={"Results": b"<svg>"})


def test_a_certificate_of_another_cut_is_not_counted_among_the_certified():
    beside = ThemeResult("pay", "BEST_EFFORT", "", 10, "ridge", "words", counts=Confusion(8, 2, 2, 88), **PROMISED)
    table = results_table([beside])
    assert not any("can be tagged without review: a" in sentence for sentence in summary(table, averages(table)))


def test_the_policy_lets_the_script_of_the_page_in_and_no_other():
    page = render_page(results_table([]), averages(results_table([])))
    script = re.search(r"<script>(.*)</script>", page, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in page.replace("&#39;", "'")


def test_an_infinite_figure_sorts_as_an_undefined_one():
    table = results_table([ThemeResult.skipped("pay", "one class")]).assign(threshold=float("inf"))
    assert ("data-v", "inf") not in Reader(render_page(table, averages(table))).attributes
