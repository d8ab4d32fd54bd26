"""The report page of a run: how large it is, how long it takes to make, when it can be used, and how it looks.

python tests/benchmarks/report_page.py usable RUN [RUN ...]    size and times, a row a run
python tests/benchmarks/report_page.py shots RUN --out FOLDER  desktop and phone, light and dark, as PNG
python tests/benchmarks/report_page.py pictures RUN            the pictures of the README, from the sample's run
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1]))
from browser import browser

from themetagger.runs.review.report import write_report

PICTURES = Path(__file__).parents[2] / "data" / "pictures"
WIDTHS = {"desktop": (1280, 900), "phone": (390, 844)}
ROUNDS = 5
# how long after the address was asked for the page answers: until parsed, and until the next frame after each step
USABLE = """async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const now = () => performance.now();
  const timed = async (step) => { const begun = now(); step(); await frame(); return now() - begun; };
  const ready = performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd;
  const search = document.getElementById("search");
  const typed = (text) => () => { search.value = text; search.dispatchEvent(new Event("input")); };
  return {
    usable_ms: ready,
    sort_ms: await timed(() => document.querySelector(".sortable thead button").click()),
    filter_ms: await timed(typed("a")),
    open_ms: (await timed(typed(""))) && (await timed(() => document.querySelector("details.theme").open = true)),
    open_all_ms: await timed(() => document.getElementById("open-all").click()),
    elements: document.querySelectorAll("*").length,
  };
}"""


def usable(runs: list[Path], *, curves: bool) -> pd.DataFrame:
    """Size and times of each run's page; times in the browser are medians of five openings."""
    rows = []
    with browser() as opened:
        for run in runs:
            begun = time.perf_counter()
            write_report(run, curves=curves)
            made = time.perf_counter() - begun
            page_file = (run / "report.html").resolve()
            found = []
            for _ in range(ROUNDS):
                page = opened.new_page()
                page.goto(page_file.as_uri())
                found.append(page.evaluate(USABLE))
                page.close()
            themes = page_file.read_text(encoding="utf-8").count('<details class="theme"')
            row = {"run": run.name, "themes": themes, "megabytes": page_file.stat().st_size / 1e6, "made_s": made}
            rows.append(row | {name: statistics.median(one[name] for one in found) for name in found[0]})
    return pd.DataFrame(rows)


def shots(run: Path, out: Path) -> None:
    """Screenshots of the top of the page, of its first theme, and of the whole page."""
    out.mkdir(parents=True, exist_ok=True)
    with browser() as opened:
        for name, (width, height) in WIDTHS.items():
            for scheme in ("light", "dark"):
                page = opened.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
                page.goto((run / "report.html").resolve().as_uri())
                page.screenshot(path=out / f"{run.name}-{name}-{scheme}.png")
                page.locator(".sortable tbody a").first.click()
                page.screenshot(path=out / f"{run.name}-{name}-{scheme}-theme.png")
                page.evaluate("document.querySelector('.picture')?.remove()")
                page.screenshot(path=out / f"{run.name}-{name}-{scheme}-whole.png", full_page=True)
                page.close()
        page = opened.new_page()
        page.goto((run / "report.html").resolve().as_uri())
        page.locator(".sortable tbody a").first.click()
        page.pdf(path=out / f"{run.name}.pdf", prefer_css_page_size=True)
    print(f"{run.name}: {len(list(out.glob(run.name + '*')))} pictures in {out}")


def pictures(run: Path, out: Path = PICTURES) -> None:
    """What the README shows: the table, and the page with a theme opened."""
    out.mkdir(parents=True, exist_ok=True)
    write_report(run, curves=False)  # a page of an earlier version would show what is mended since
    with browser() as opened:
        page = opened.new_page(viewport={"width": 1200, "height": 760}, device_scale_factor=1.5)
        page.goto((run / "report.html").resolve().as_uri())
        page.locator("#results").scroll_into_view_if_needed()
        page.locator("#results-part").evaluate("heading => heading.scrollIntoView()")
        page.screenshot(path=out / "table.png")
        page.locator(".sortable tbody a").nth(1).click()
        page.screenshot(path=out / "theme.png")
    print(f"{out / 'table.png'}\n{out / 'theme.png'}")


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["usable", "shots", "pictures"])
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN")
    parser.add_argument("--out", type=Path, default=None)
    parser.add_argument("--no-curves", action="store_true", help="make the page without learning curves")
    asked = parser.parse_args()
    if asked.what == "usable":
        print(usable(asked.runs, curves=not asked.no_curves).round(2).to_string(index=False))
        return
    for run in asked.runs:
        if asked.what == "shots":
            shots(run, asked.out or Path("shots"))
        else:
            pictures(run, asked.out or PICTURES)


if __name__ == "__main__":
    main()
