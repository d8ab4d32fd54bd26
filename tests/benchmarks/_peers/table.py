"""The cells as tables in Markdown, one a data set and budget, printed or put between two marks of a page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from .catalogue import PEERS
from .task import BUSY, Cell

BEGIN, END = "<!-- peers: begin -->", "<!-- peers: end -->"
HEAD = (
    *("system", "AP", "R@P90", "micro-F1", "macro-F1", "certified themes", "their test precision / recall"),
    *("seconds", "peak MiB"),
)
STARRED = ("ap", "r_at_p90", "macro_f1")  # the largest of a table is bold


def tables(cells: Iterable[Cell]) -> str:
    """All of them, in the order of data sets in the results and of growing budgets.

    Means over the seeds that are done; a system with none shows why. Where a system's F1 comes from a run of its own,
    its row has that run's F1.
    """
    grouped: dict[tuple[str, float], dict[str, list[Cell]]] = defaultdict(lambda: defaultdict(list))
    order: dict[str, int] = {}
    for cell in cells:
        grouped[cell.data, cell.budget][cell.peer].append(cell)
        order.setdefault(cell.data, len(order))
    keys = sorted(grouped, key=lambda key: (order[key[0]], key[1]))
    return "\n\n".join(_table(*key, grouped[key]) for key in keys) or "No cell has been measured yet."


def put_into(page: Path, text: str) -> None:
    """Replace what stands between the marks of a page.

    Raises
    ------
    ValueError
        If the page does not have the two marks.
    """
    whole = page.read_text(encoding="utf-8")
    before, begin, rest = whole.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page} must have the marks {BEGIN} and {END}, one below the other.")
    page.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")


def _table(data: str, budget: float, found: dict[str, list[Cell]]) -> str:
    rows = [peer for peer in PEERS if peer in found and not PEERS[peer].f1_of]
    means = {peer: _mean(found[peer]) for peer in found}
    for peer in found:
        if PEERS[peer].f1_of in means and means[peer]:
            means[PEERS[peer].f1_of] |= {name: means[peer][name] for name in ("micro_f1", "macro_f1")}
    best = {name: max((means[peer].get(name, -1.0) for peer in rows), default=-1.0) for name in STARRED}
    lines = [_row(peer, found[peer], means[peer], best) for peer in rows]
    themes = max((int(means[peer].get("themes", 0)) for peer in rows), default=0)
    title = f"**{data}**, {themes} themes, {budget / 60:g} min a system:"
    return "\n".join([title, "", _line(HEAD), _line(["---"] * len(HEAD)), *lines, *_remarks(found)])


def _remarks(found: dict[str, list[Cell]]) -> list[str]:
    """What the systems say of their runs, and whether the machine was busy; below the table."""
    done = [(PEERS[peer].title, cell) for peer in PEERS for cell in found.get(peer, ()) if cell.status == "done"]
    said = [f"{title}: {cell.note}" for title, cell in done if cell.note]
    busy = max((cell.load for _, cell in done), default=0.0)
    said += [f"measured beside other work, load {busy:.1f} a core" if busy > BUSY else ""]
    text = "; ".join(dict.fromkeys(one for one in said if one))
    return ["", f"Remarks: {text}."] if text else []


def _mean(cells: Sequence[Cell]) -> dict[str, float]:
    """Of each figure over the seeds that are done, with wall seconds and peak memory; empty where none is."""
    done = [{**c.figures, "seconds": c.seconds, "peak_mib": c.peak_mib} for c in cells if c.status == "done"]
    return {name: float(np.mean([one[name] for one in done])) for name in (done[0] if done else ())}


def _row(peer: str, cells: Sequence[Cell], mean: dict[str, float], best: dict[str, float]) -> str:
    title = PEERS[peer].title
    if not mean:
        return _line([title, _reason(cells), *[""] * (len(HEAD) - 2)])

    def shown(name: str) -> str:
        text = f"{mean[name]:.3f}".removeprefix("0")
        text = f"**{text}**" if name in best and mean[name] >= best[name] else text
        return f"{text} ± {mean[name + '_se']:.3f}".replace("± 0.", "± .") if name + "_se" in mean else text

    certified = ["–", "–"]
    if "certified" in mean:
        shares = [mean["certified_precision"], mean["certified_recall"]]
        pooled = " / ".join("–" if np.isnan(share) else f"{share:.3f}".removeprefix("0") for share in shares)
        certified = [f"{mean['certified']:g}", pooled]
    figures = [shown(name) for name in ("ap", "r_at_p90", "micro_f1", "macro_f1")]
    return _line([title, *figures, *certified, f"{mean['seconds']:.0f}", f"{mean['peak_mib']:,.0f}"])


def _reason(cells: Sequence[Cell]) -> str:
    """Why there are no figures, as the last cell has it."""
    cell = cells[-1]
    return f"{cell.status}: {cell.reason}".replace("|", "/").replace("<", "&lt;")


def _line(parts: Sequence[str]) -> str:
    return f"| {' | '.join(parts)} |"
