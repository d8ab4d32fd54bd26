"""The page holds everything, fetches nothing and runs nothing."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pandas as pd
import pytest

from themetagger.report.page import Section, render_page
from themetagger.report.summary import summary
from themetagger.selection.confusion import Confusion
from themetagger.selection.groups import GROUPS
from themetagger.selection.results import HeldOut, averages, results_table
from themetagger.selection.theme_result import ThemeResult

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
    assert {"0.800", "average precision", "hyperparameters", "TP", "needs review", "no model"} <= set(page.texts)
    assert ("class", "number") in page.attributes


@pytest.mark.parametrize("group", GROUPS)
def test_every_group_has_its_colour_in_light_and_dark(group):
    style = next(text for text in page_of("pay").texts if text.startswith(":root"))
    colour = re.search(rf"\.{group.replace(' ', '-')}(, \.[\w-]+)* {{ color: var\((--\w+)\)", style)
    assert colour is not None
    assert style.count(f"{colour[2]}: #") == 2  # light and dark


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
    quality = "{}, {} % of tags are right; {} % of the themes present are found."
    assert summary(table) == [
        "1 theme can be used without checking its tags: at least 70 % of them are right and they find 80 % of its "
        "texts. 1 needs review: look through its tags before you rely on them. 1 has no model, for the reason given "
        "below.",
        quality.format("In cross-validation on 100 labelled texts", 82, 41),
        quality.format("On 10 held-out texts", 75, 50),
    ]


USABLE = {"family": "ridge", "view": "words", "support": 10, "usable_precision": 0.5}


def test_the_first_paragraph_says_what_to_do_with_each_group():
    results = [
        ThemeResult("a", "BEST_EFFORT", counts=Confusion(9, 1, 1, 89), target_met=True, **USABLE),
        ThemeResult("b", "BEST_EFFORT", counts=Confusion(7, 3, 3, 87), **USABLE),
        *(ThemeResult(name, "BEST_EFFORT", counts=Confusion(2, 30, 3, 65), **USABLE) for name in "cd"),
        ThemeResult.skipped("e", "3 positives, needs 30", support=3),
        ThemeResult.failed("f", "error"),
    ]
    first, quality = summary(results_table(results))
    assert first == (
        "No theme can be used without checking its tags. 1 reaches its target but is not proven: check a sample of its "
        "tags. 1 needs review: look through its tags before you rely on them. 2 are not usable, as too many of their "
        "tags would be wrong: check their labels. 1 is too rare: label more texts that have it. 1 has no model, for "
        "the reason given below."
    )
    assert " 80 % of tags are right;" in quality  # those of a and b: c and d are not tagged
    for shown, said in (
        (results, "the micro averages as tagged."),
        (results[:2], "the micro averages over all themes."),
    ):
        table = results_table(shown)
        assert said in render_page(table, averages(table))


def test_several_certified_themes_find_their_texts_on_average():
    certified = [ThemeResult(name, "CERTIFIED", "", 10, "ridge", "words", **PROMISED) for name in ("pay", "food")]
    table = results_table(certified)
    assert summary(table)[0] == (
        "2 themes can be used without checking their tags: at least 70 % of them are right and on average they find "
        "80 % of a theme's texts."
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
    assert summary(table)[0].startswith("No theme can be used without checking its tags. 1 ")


def test_the_policy_lets_the_script_of_the_page_in_and_no_other():
    page = render_page(results_table([]), averages(results_table([])))
    script = re.search(r"<script>(.*)</script>", page, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in page.replace("&#39;", "'")


def test_an_infinite_figure_sorts_as_an_undefined_one():
    table = results_table([ThemeResult.skipped("pay", "one class")]).assign(threshold=float("inf"))
    assert ("data-v", "inf") not in Reader(render_page(table, averages(table))).attributes


def test_reasons_of_themes_without_a_model_are_said_once_a_kind():
    few = [ThemeResult.skipped(name, f"{n} positives, needs 30", support=n) for name, n in (("a", 3), ("b", 29))]
    table = results_table([*few, ThemeResult.skipped("c", "one class", support=9)])
    texts = Reader(render_page(table, averages(table))).texts
    assert ": too few labelled texts (it takes 30): a (3), b (29)" in texts
    assert ": one class: c (9)" in texts
    assert "Why no theme is certified" in texts


def test_counts_are_whole_numbers_also_where_some_are_missing():
    section = Section("Words", tables={"Found": pd.DataFrame({"texts": [87.0, None], "share": [1.0, 0.5]})})
    table = results_table([])
    texts = Reader(render_page(table, averages(table), sections=[section])).texts
    assert {"87", "1.000"} <= set(texts)
    assert "87.000" not in texts
