"""The report page in a real browser: sorted, filtered, opened, printed; by keyboard alone; no harm, no network."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlparse

import pytest
from browser import axe_script, browser, chromium
from toys import SMALL, toy

from themetagger.report.page import render_page
from themetagger.runs.tune import tune
from themetagger.selection.confusion import Confusion
from themetagger.selection.results import HeldOut, averages, results_table
from themetagger.selection.theme_result import ThemeResult

pytest.importorskip("playwright")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(chromium() is None, reason="needs Chromium")]

EVIL = "<img src=x onerror=window.hacked=1><script>window.hacked=1</script>"
FORMULA = "=HYPERLINK(1)"


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> Path:
    """A run on texts and themes that mean harm; one theme is too small to tune."""
    folder = tmp_path_factory.mktemp("browser")
    frame = toy(150, names=(EVIL, FORMULA, "food"))
    frame["Processed Text"] = frame["Processed Text"] + " " + EVIL + " javascript:alert(1)"
    frame.loc[frame.index[:3], "Themes"] += ", rare"
    frame.loc[frame.index[::7], "Themes"] = "food"  # so that there are mistakes to show
    frame.to_csv(folder / "train.csv", index=False)
    tune(folder / "train.csv", out=folder / "run", **SMALL)
    return folder / "run" / "report.html"


@pytest.fixture(scope="module")
def opened():
    with browser() as made:
        yield made


class Watched:
    """A page, what it fetched, and what it said."""

    def __init__(self, opened, report, **settings) -> None:
        self.page = opened.new_context(accept_downloads=True, **settings).new_page()
        self.fetched: list[str] = []
        self.said: list[str] = []
        self.page.on("request", lambda request: self.fetched.append(request.url))
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.said.append(dialog.message), dialog.dismiss()))
        self.page.goto(report.as_uri())

    def column(self, number: int) -> list[str]:
        """The texts of a column of the results, those rows that are shown."""
        rows = self.page.locator(".sortable tbody tr:visible")
        return [rows.nth(i).locator("th, td").nth(number).inner_text() for i in range(rows.count())]


@pytest.fixture
def watched(opened, report):
    made = Watched(opened, report)
    yield made
    assert made.said == []
    assert [url for url in made.fetched if urlparse(url).scheme not in ("file", "data", "blob")] == []
    assert made.page.evaluate("window.hacked") is None
    made.page.context.close()


def _heading(page, name):
    return page.locator(".sortable thead button", has_text=name).first


def test_a_column_sorts_both_ways_and_undefined_figures_stay_last(watched):
    page = watched.page
    before = watched.column(0)
    for sign in (-1, 1):
        _heading(page, "recall").click()
        values = watched.column(3)
        assert values[-1] == "–"
        figures = [float(value) for value in values[:-1]]
        assert len(figures) == 3
        assert figures == sorted(figures, key=lambda value: sign * value)
    assert page.locator("[aria-sort]").count() == 1
    _heading(page, "theme").click()
    assert watched.column(0) == sorted(before, key=str.lower)


def test_the_filter_finds_and_counts(watched):
    page = watched.page
    assert page.locator("#count").inner_text() == "4 of 4 themes"
    page.get_by_label("Search").fill("FOOD")
    assert watched.column(0) == ["food"]
    assert page.locator("#count").inner_text() == "1 of 4 themes"
    assert page.locator("details.theme:visible").count() == 1
    page.get_by_label("Search").fill("")
    page.get_by_label("too rare (1)").uncheck()
    assert "rare" not in watched.column(0)
    assert len(watched.column(0)) == 3
    assert not page.get_by_text("hyperparameters", exact=True).is_visible()
    page.get_by_label("all columns").check()
    assert page.get_by_text("hyperparameters", exact=True).is_visible()


def test_a_theme_opens_from_the_table_and_from_the_address(watched, report):
    page = watched.page
    page.get_by_role("link", name="food").click()
    theme = page.locator("details.theme[open]")
    assert theme.count() == 1
    assert theme.locator(".title").inner_text() == "food"
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    address = page.url
    assert theme.locator("svg").count() >= 5
    page.goto("about:blank")
    page.goto(address)
    assert page.locator("details.theme[open] .title").inner_text() == "food"
    page.get_by_role("button", name="Open all").click()
    assert page.locator("details.theme[open]").count() == 4
    page.get_by_role("button", name="Close all").click()
    assert page.locator("details.theme[open]").count() == 0


def test_the_keyboard_alone_is_enough(watched):
    page = watched.page

    def tab_to(found, *, most=80):
        for _ in range(most):
            page.keyboard.press("Tab")
            if page.evaluate(found):
                return
        raise AssertionError(f"never reached {found}")

    active = "document.activeElement"
    tab_to(f"{active}.id === 'search'")
    page.keyboard.type("food")
    assert watched.column(0) == ["food"]
    tab_to(f"{active}.textContent.startsWith('precision')")
    page.keyboard.press("Enter")
    assert page.locator("[aria-sort='descending'] button").inner_text().startswith("precision")
    tab_to(f"{active}.matches('a[href^=\"#theme-\"]')")
    page.keyboard.press("Enter")
    assert page.locator("details.theme[open]").count() == 1
    tab_to(f"{active}.type === 'range'")
    output = page.locator("details.theme[open] output")
    before = output.inner_text()
    page.keyboard.press("ArrowLeft")
    assert output.inner_text() != before
    assert page.locator("details.theme[open] path.moved").count() == 1
    assert page.evaluate(f"{active}.getAttribute('aria-valuetext')") == output.inner_text()


def test_the_moved_cut_tells_what_the_page_says_of_the_cut(watched):
    page = watched.page
    page.get_by_role("link", name="food").click()
    row = watched.column(0).index("food")
    told = page.locator("details.theme[open] output").inner_text()
    precision, recall = (float(watched.column(n)[row]) for n in (2, 3))
    assert f"precision {100 * precision:.1f} %, recall {100 * recall:.1f} %" in told


def test_it_prints_what_is_open_without_controls(watched):
    page = watched.page
    page.get_by_role("link", name="food").click()
    page.emulate_media(media="print")
    assert page.locator("details.theme:visible").count() == 1
    for hidden in (".controls", "nav", ".threshold-control", ".picture"):
        assert not page.locator(hidden).first.is_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('.scroll')).overflowX") == "visible"
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_screen(opened, report, width):
    made = Watched(opened, report, viewport={"width": width, "height": 800})
    made.page.get_by_role("button", name="Open all").click()
    assert made.page.evaluate("document.documentElement.scrollWidth") <= width
    made.page.context.close()


def test_the_columns_of_the_results_fit_into_a_window_of_1280_pixels(opened, tmp_path):
    """Also where names and models are long and there are held-out figures."""
    names = ["Time spent waiting for first appt/referral/service", "Respect For Diversity/ Person-Centeredness"]
    counts, family = Confusion(8, 2, 2, 88), "naive_bayes_multinomial + sparse_svm"
    found = [ThemeResult(name, "BEST_EFFORT", "", 1200, family, "words", counts=counts) for name in names]
    table = results_table(found, {name: HeldOut(counts, 0.5) for name in names})
    (tmp_path / "report.html").write_text(render_page(table, averages(table)), encoding="utf-8")
    made = Watched(opened, tmp_path / "report.html", viewport={"width": 1280, "height": 800})
    box = "(box => box.scrollWidth - box.clientWidth)(document.querySelector('.sortable'))"
    assert made.page.evaluate(box) == 0
    made.page.get_by_label("all columns").check()
    assert made.page.evaluate(box) > 0
    made.page.context.close()


def test_no_word_of_a_chart_is_cut(watched):
    page = watched.page
    page.get_by_role("button", name="Open all").click()
    cut = """Array.from(document.querySelectorAll("svg text:not([transform])")).filter((text) => {
      const box = text.getBBox(), all = text.ownerSVGElement.viewBox.baseVal;
      return box.x < all.x || box.x + box.width > all.x + all.width || box.y + box.height > all.y + all.height;
    }).map((text) => text.textContent)"""
    assert page.evaluate(cut) == []
    assert "100 %" in page.evaluate("Array.from(document.querySelectorAll('svg text'), (text) => text.textContent)")


def test_on_a_phone_a_row_of_long_texts_is_a_list(opened, report):
    made = Watched(opened, report, viewport={"width": 390, "height": 800})
    made.page.get_by_role("button", name="Open all").click()
    overflow = """Array.from(document.querySelectorAll("details.theme table.texts"))
      .map((table) => table.scrollWidth - table.parentElement.clientWidth)"""
    wider = made.page.evaluate(overflow)
    assert wider
    assert max(wider) <= 0
    cell = made.page.locator("table.texts:visible td").first
    assert (
        cell.evaluate("cell => getComputedStyle(cell, '::before').content") == f'"{cell.get_attribute("data-label")}"'
    )
    made.page.context.close()


def test_the_files_are_handed_out(watched, report):
    page = watched.page
    for name in ("results.csv", "results.xlsx", "results.png"):
        with page.expect_download() as download:
            page.get_by_role("link", name=name).click()
        assert Path(download.value.path()).read_bytes() == (report.parent / name).read_bytes()


def test_without_script_everything_is_there(opened, report):
    context = opened.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(report.as_uri())
    assert page.locator(".sortable tbody tr").first.is_visible()
    assert not page.locator(".controls").first.is_visible()
    page.locator("details.theme summary").first.click()
    assert page.locator("details.theme[open] svg").first.is_visible()
    context.close()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")])
def test_axe_finds_nothing(opened, report, request, width, scheme):
    script = axe_script(Path(request.config.cache.mkdir("axe")))
    if script is None:
        pytest.skip("needs axe-core, which npm fetches")
    # the policy of the page lets no other script in, so the checker is told to the page's own world past it
    settings = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme, "bypass_csp": True}
    made = Watched(opened, report, **settings)
    made.page.get_by_role("link", name="food").click()
    made.page.add_script_tag(path=script)
    found = made.page.evaluate("axe.run()")
    told = [(v["id"], v["nodes"][0]["html"][:200], v["nodes"][0]["failureSummary"]) for v in found["violations"]]
    assert told == []
    assert len(found["passes"]) > 20
    made.page.context.close()
