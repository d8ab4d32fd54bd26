"""The results of a run, or of an evaluation, on the terminal: by how far each theme can be relied on, and what next."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from themetagger.cli.printing.output import echo
from themetagger.cli.printing.showing import listed, print_next, print_notes, print_table, say

if TYPE_CHECKING:
    import pandas as pd

    from themetagger.runs.plan import Plan

KINDS = 3  # reasons that are given
WITHOUT_MODEL = ("too rare", "no model")
FIRST = ("theme", "precision", "recall", "heldout_precision", "heldout_recall", "support")  # what 80 columns show
AVERAGES = ("average", "over", "precision", "recall", "f1")
EVALUATED = {  # what the columns of an evaluation are called; those of the texts at hand come first
    "heldout_precision": "precision",
    "heldout_recall": "recall",
    "heldout_support": "texts",
    "heldout_predictions": "tags",
    "precision": "precision in tuning",
    "recall": "recall in tuning",
    "support": "texts in tuning",
}
EVALUATED_AVERAGES = {
    "heldout_precision": "precision",
    "heldout_recall": "recall",
    "heldout_f1": "F1",
    "precision": "precision in tuning",
    "recall": "recall in tuning",
}
MEANING = {
    "certified": "its precision is certified for new texts from the same source",
    "not proven": "it reached {target}, but the evidence is too little to promise that",
    "needs review": "it does not reach {target}: look through its tags",
    "not usable": "too many of its tags are expected to be wrong on new texts (see corrected_precision in the table of "
    "the run); it is not tagged unless you ask for it (themetagger tag --tag-all)",
}
COUNTED = {  # of one theme, and of several
    "certified": ("certified", "certified"),
    "not proven": ("{reaches} but is not proven", "{reach} but are not proven"),
    "needs review": ("needs review", "need review"),
    "not usable": ("is not usable", "are not usable"),
    "too rare": ("is too rare", "are too rare"),
    "no model": ("has no model", "have no model"),
}


def print_results(
    table: pd.DataFrame, averages: pd.DataFrame, *, target: float | None = None, folder: str | Path | None = None
) -> pd.Series[str]:
    """The results of a run: its themes by group, the averages, and what the groups mean; the group of each theme.

    Parameters
    ----------
    table, averages : what `results_table` and `averages` returned
    target : precision that each theme should reach; None (default) where they have other targets
    folder : of the run, for the places of files; None (default) if it has none
    """
    from themetagger.report.columns import shown_in

    wanted = [name for name in shown_in("terminal", table) if name != "status"]
    columns = [name for name in FIRST if name in wanted] + [name for name in wanted if name not in FIRST]
    results, means = ("" if folder is None else str(Path(folder) / name) for name in ("results.csv", "averages.csv"))
    title = "Results by cross-validation" + (", and on held-out texts" if "heldout_precision" in table else "")
    important = sum(name in FIRST for name in columns)
    groups = print_by_group(title, table, columns, important=important, see=results)
    held_out = [f"heldout_{name}" for name in AVERAGES[2:] if f"heldout_{name}" in averages]
    print_table("Averages", averages[[*AVERAGES, *held_out]], see=means)
    print_quality(table, averages)
    print_meaning(groups, target)
    print_below_promise(table)
    print_without_model(table, groups, see=results)
    return groups


def print_quality(table: pd.DataFrame, averages: pd.DataFrame) -> None:
    """How good the tags are that texts get, and what the averages of these are called."""
    from themetagger.report.summary import summary
    from themetagger.selection.results import AS_TAGGED

    for sentence in summary(table)[1:]:
        say(sentence)
    if (averages["over"] == AS_TAGGED).any():
        say(f"That is the micro average {AS_TAGGED!r}: over all themes, without the tags of those that are not usable.")
    echo()


def print_below_promise(table: pd.DataFrame) -> None:
    """Why the table shows a lower precision of a certified theme than is promised; nothing where it does not."""
    if "certified_precision" not in table:
        return
    below = table[(table["status"] == "CERTIFIED") & (table["precision"] < table["certified_target"])]
    rows = below[["theme", "certified_precision"]].itertuples(index=False)
    named = listed([f"{theme} ({precision:.3f})" for theme, precision in rows])
    if named:
        say(
            f"The table counts all rows, a certificate distinct texts, on which its precision is higher: {named}.",
            rest="  ",
        )


def print_evaluation(
    table: pd.DataFrame, averages: pd.DataFrame, file: str, *, see: str = "", notes: Sequence[str] = ()
) -> None:
    """The figures of a tagger on other texts, and beside them those of tuning; remarks, and what it comes to."""
    from themetagger.report.text import percent
    from themetagger.selection.results import HELD_OUT, quality_of_tags

    columns = ["theme", *EVALUATED]
    groups = print_by_group(f"Measured on {file}", table, columns, important=4, headings=EVALUATED, see=see)
    shown = averages[["average", "over", *EVALUATED_AVERAGES]]
    print_table("Averages", shown, headings=EVALUATED_AVERAGES)
    print_meaning(groups, None)
    print_without_model(table, groups, see=see)
    print_notes(notes)
    say(f"In tuning: {counted(groups, None)}")
    right, found = quality_of_tags(table, HELD_OUT)
    if right == right and found == found:
        right_tags, themes_found = percent(right), percent(found)
        say(f"On {file}, {right_tags} % of the tags are right; {themes_found} % of the themes present are found.")


def print_by_group(
    title: str,
    table: pd.DataFrame,
    columns: list[str],
    *,
    important: int,
    headings: Mapping[str, str] | None = None,
    see: str = "",
) -> pd.Series[str]:
    """The themes that have a model, those that can be relied on first; the group of every theme.

    ``important`` is how many of the columns may take room from the names of themes.
    """
    import pandas as pd

    from themetagger.selection.groups import GROUPS, groups_of

    groups = pd.Series(groups_of(table), index=table.index, dtype=object)
    places = groups.map({name: place for place, name in enumerate(GROUPS)})
    shown = table[columns].copy()
    shown.insert(1, "status", groups)
    modelled = ~groups.isin(WITHOUT_MODEL)
    shown = shown[modelled].iloc[places[modelled].to_numpy().argsort(kind="stable")]
    first = [row for row in range(1, len(shown)) if shown["status"].iloc[row] != shown["status"].iloc[row - 1]]
    print_table(title, shown, headings=headings, see=see, breaks=first, important=1 + important)
    return groups


def print_without_model(table: pd.DataFrame, groups: pd.Series[str], *, see: str = "") -> None:
    """The themes that have no model, by kind, and why; each with its number of texts."""
    for name in WITHOUT_MODEL:
        rows = table[groups == name]
        if rows.empty:
            continue
        named = listed([f"{theme} ({texts:,})" for theme, texts in zip(rows["theme"], rows["support"], strict=True)])
        why = "" if name == "too rare" else f", as {'; '.join(rows['reason'].unique()[:KINDS])}"
        say(f"{name.capitalize()} (texts){why}: {named}{f'; see {see}' if see else ''}.", rest="  ")


def print_meaning(groups: pd.Series[str], target: float | None) -> None:
    """What the groups mean; those that the table has."""
    wanted = "its target" if target is None else f"{100 * target:g} %"
    for name, words in MEANING.items():
        if (groups == name).any():
            say(words.format(target=wanted), first=f"{name:14}", rest=" " * 14)


def counted(groups: pd.Series[str], target: float | None) -> str:
    """How many themes each group has, as one sentence.

    Examples
    --------
    >>> import pandas as pd
    >>> counted(pd.Series(["not proven", "certified", "not proven", "too rare"]), 0.9)
    '1 certified; 2 reach 90 % but are not proven; 1 is too rare.'
    """
    parts = []
    for name, words in COUNTED.items():
        count = int((groups == name).sum())
        if target is None:
            reaches, reach = "reaches its target", "reach their target"
        else:
            reaches, reach = f"reaches {100 * target:g} %", f"reach {100 * target:g} %"
        if count or name == "certified":
            parts.append(f"{count:,} {words[count != 1].format(reaches=reaches, reach=reach)}")
    return "; ".join(parts) + "."


def precision_wanted(plan: Plan) -> float | None:
    """The precision that all themes of a run should reach; None where an objective asks for something else."""
    from themetagger.selection.objectives import PrecisionFirst

    objectives = [plan.objective, *(own["objective"] for own in plan.overrides.values() if "objective" in own)]
    targets = {one.target if isinstance(one, PrecisionFirst) else None for one in objectives}
    return targets.pop() if len(targets) == 1 else None


def print_closing(
    groups: pd.Series[str], target: float | None, folder: str | Path, train: str, reading: str = ""
) -> None:
    """How many themes each group has, and what to do next, as commands; ``reading`` are options for ``train``."""
    say(counted(groups, target))
    run, tagger = shlex.quote(str(folder)), shlex.quote(str(Path(folder) / "tagger.tagger"))
    said = {"tag other texts": f"themetagger tag NEW.csv --tagger {tagger} --out tagged.csv"}
    if groups.isin(["not proven", "needs review", "too rare"]).any():
        labelled = f"{shlex.quote(train)} {reading}".rstrip()
        said["choose texts to label"] = (
            f"themetagger next NEW.csv --tagger {tagger} --labelled {labelled} --out to_label.csv"
        )
    if groups.isin(["needs review", "not usable"]).any():
        said["find wrong labels"] = f"themetagger suspects {run} --out suspects.csv"
    said["see words, mistakes and learning curves"] = f"themetagger report {run}"
    print_next(said)
