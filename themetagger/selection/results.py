"""The results table: one row per theme, and its averages."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import pandas as pd

from themetagger.selection.advice import counted_otherwise
from themetagger.selection.confusion import Confusion
from themetagger.selection.groups import group_of
from themetagger.selection.theme_result import MODELLED, STATUSES, ThemeResult

COUNTS = ("tp", "fp", "fn", "tn")
RATES = ("precision", "recall", "f1", "specificity", "accuracy")
TEXTS = ("theme", "status", "group", "reason", "family", "view", "hyperparameters", "stopped")
WHOLE = (*COUNTS, "support", "predictions", "certified_flagged", "trials")
CERTIFIED = ("certified_target", "certified_threshold", "certified_flagged", "certified_precision", "certified_recall")
CORRECTED = ("corrected_precision", "corrected_recall", "precision_bound", "recall_bound", "label_gain")
COLUMNS = (
    *("theme", "status", "group", "reason", "family", "view", "hyperparameters", "threshold"),
    *(*COUNTS, *RATES, "average_precision", "support", "predictions"),
    *(*CORRECTED, *CERTIFIED, "trials", "seconds", "stopped"),
)
HELD_OUT = "heldout_"
HELD_OUT_COLUMNS = tuple(HELD_OUT + name for name in (*COUNTS, *RATES, "average_precision", "support", "predictions"))
AVERAGED = ("precision", "recall", "f1", "average_precision")
AS_TAGGED = "as tagged"  # what averages are over where themes that are not usable give no tags


@dataclass(frozen=True)
class HeldOut:
    """What a tagger reached for one theme on held-out texts.

    Parameters
    ----------
    counts
        Confusion matrix on the held-out texts; for a theme without a model every positive is a false
        negative.
    average_precision
        Average precision on the held-out texts; nan for a theme without a model, or without a held-out
        positive.
    """

    counts: Confusion
    average_precision: float = math.nan

    def to_json(self) -> dict[str, Any]:
        """Plain values; nan becomes null."""
        value = self.average_precision
        return {"counts": asdict(self.counts), "average_precision": None if math.isnan(value) else float(value)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read back what `to_json` wrote; a ValueError when the keys or values do not fit.

        Examples
        --------
        >>> HeldOut.from_json(HeldOut(Confusion(1, 0, 0, 2)).to_json()).counts.tn
        2
        """
        counts, value = data["counts"], data["average_precision"]
        if sorted(counts) != sorted(COUNTS) or any(type(count) is not int for count in counts.values()):
            raise ValueError(f"held-out counts must be whole numbers named {', '.join(COUNTS)}, but are {counts!r}")
        if value is not None and type(value) not in (int, float):
            raise ValueError(f"held-out average precision must be a number or null, but is {value!r}")
        return cls(Confusion(**counts), math.nan if value is None else float(value))


def results_table(theme_results: Sequence[ThemeResult], held_out: Mapping[str, HeldOut] | None = None) -> pd.DataFrame:
    """One row a theme, in the order given; out-of-fold figures and, beside them, held-out ones.

    Parameters
    ----------
    theme_results
        T results. A theme without a model keeps its support; its other figures are empty.
    held_out
        Held-out figures by theme; None (default) leaves the ``heldout_`` columns out.

    Returns
    -------
    DataFrame of T rows with the columns `COLUMNS`, then `HELD_OUT_COLUMNS` where ``held_out`` is given.
    Counts are nullable integers, rates floats between 0 and 1, ``seconds`` wall time.

    Raises
    ------
    ValueError
        If a theme has two results, or no held-out figures although some are given.

    Examples
    --------
    >>> from themetagger.selection.theme_result import Confusion, ThemeResult
    >>> pay = ThemeResult("pay", "BEST_EFFORT", family="ridge", view="words", support=10, counts=Confusion(8, 0, 2, 90))
    >>> table = results_table([pay, ThemeResult.skipped("canteen", "3 positives, needs 30", support=3)])
    >>> table[["theme", "status", "precision", "recall", "support"]]
         theme       status  precision  recall  support
    0      pay  BEST_EFFORT        1.0     0.8       10
    1  canteen      SKIPPED        NaN     NaN        3
    """
    _check_themes([theme_result.theme for theme_result in theme_results], held_out)
    rows = [_row(theme_result) for theme_result in theme_results]
    if held_out is None:
        return typed(pd.DataFrame(rows, columns=list(COLUMNS)))
    rows = [row | _held_out_row(held_out[row["theme"]]) for row in rows]
    return typed(pd.DataFrame(rows, columns=[*COLUMNS, *HELD_OUT_COLUMNS]))


def averages(table: pd.DataFrame) -> pd.DataFrame:
    """Micro, macro and support-weighted averages over all themes, over the tuned ones, and as texts are tagged.

    Skipped themes cannot hide: over all themes a theme without a model counts as precision, recall and F1 of
    0 (macro, weighted), and its positives as false negatives (micro). A tuned theme that predicts nothing
    counts as precision 0 too. A theme without one positive among the texts measured (no recall can be
    measured on it) is left out of macro and weighted; its false positives stay in micro. A theme whose threshold
    was set by hand, and that was not measured since, is left out of all.

    The first two count the tags of themes that are not usable, which `ThemeTagger.tag` does not give by default. Where
    there are such themes, averages "as tagged" stand beside them: over all themes, one that is not usable like one
    without a model.

    Parameters
    ----------
    table
        What `results_table` or `read_csv` returned.

    Returns
    -------
    DataFrame of six rows, or of nine where a theme is not usable: ``average``, ``over``, ``themes`` (how many have a
    positive), ``precision``,
    ``recall``, ``f1``, ``average_precision`` (nan for micro), and the same with ``heldout_`` before it where
    the table has held-out columns. Nan where there is no theme to average.

    Examples
    --------
    >>> from themetagger.selection.theme_result import Confusion, ThemeResult
    >>> pay = ThemeResult("pay", "BEST_EFFORT", family="ridge", view="words", support=10, counts=Confusion(8, 2, 2, 88))
    >>> table = results_table([pay, ThemeResult.skipped("canteen", "10 positives, needs 30", support=10)])
    >>> averages(table)[["average", "over", "precision", "recall"]]
        average          over  precision  recall
    0     micro    all themes        0.8     0.4
    1     micro  tuned themes        0.8     0.8
    2     macro    all themes        0.4     0.4
    3     macro  tuned themes        0.8     0.8
    4  weighted    all themes        0.4     0.4
    5  weighted  tuned themes        0.8     0.8
    """
    groups = {"all themes": table, "tuned themes": table[table["status"].isin(MODELLED)]}
    groups |= {AS_TAGGED: as_tagged(table)} if (table["group"] == "not usable").any() else {}
    prefixes = ["", HELD_OUT] if HELD_OUT + "support" in table else [""]
    means = {"micro": _micro, "macro": _macro, "weighted": _weighted}
    rows: list[dict[str, Any]] = []
    for (average, mean), (over, group) in itertools.product(means.items(), groups.items()):
        row: dict[str, Any] = {"average": average, "over": over}
        for prefix in prefixes:
            part = _filled(group, prefix)
            row[prefix + "themes"] = int((part["support"] > 0).sum())
            row |= {prefix + name: value for name, value in mean(part).items()}
        rows.append(row)
    return pd.DataFrame(rows)


def as_tagged(table: pd.DataFrame) -> pd.DataFrame:
    """The table as `ThemeTagger.tag` tags by default: a theme that is not usable counts like one without a model.

    Its averages are about the tags that texts get; those of the table itself also count tags that are not given.

    Examples
    --------
    >>> from themetagger.selection.theme_result import Confusion, ThemeResult
    >>> made = {"status": "BEST_EFFORT", "family": "ridge", "usable_precision": 0.5}
    >>> pay = ThemeResult("pay", support=10, counts=Confusion(8, 2, 2, 88), **made)
    >>> workload = ThemeResult("workload", support=10, counts=Confusion(8, 32, 2, 58), **made)
    >>> table = results_table([pay, workload])
    >>> [averages(one)[["precision", "recall"]].iloc[0].tolist() for one in (table, as_tagged(table))]
    [[0.32, 0.8], [0.8, 0.4]]
    """
    left_out = table["group"] == "not usable"
    figures = [name for name in table if str(name).removeprefix(HELD_OUT) in (*COUNTS, *RATES, "average_precision")]
    tagged = table.copy()
    tagged.loc[left_out, figures] = pd.NA
    tagged.loc[left_out, "status"] = "SKIPPED"
    return typed(tagged)


def quality_of_tags(table: pd.DataFrame, prefix: str = "") -> tuple[float, float]:
    """How many of the tags that texts get by default are right, and how many of the themes present they find: shares.

    Parameters
    ----------
    table : what `results_table` or `read_csv` returned
    prefix : of the columns, default "": out of fold; `HELD_OUT` for those of held-out texts

    Examples
    --------
    >>> from themetagger.selection.theme_result import Confusion, ThemeResult
    >>> pay = ThemeResult("pay", "BEST_EFFORT", family="ridge", support=10, counts=Confusion(8, 2, 2, 88))
    >>> quality_of_tags(results_table([pay, ThemeResult.skipped("canteen", "10 positives, needs 30", support=10)]))
    (0.8, 0.4)
    """
    micro = _micro(_filled(as_tagged(table), prefix))
    return float(micro["precision"]), float(micro["recall"])


def status_counts(table: pd.DataFrame) -> dict[str, int]:
    """How many themes ended in each status, every status named.

    Examples
    --------
    >>> from themetagger.selection.theme_result import ThemeResult
    >>> status_counts(results_table([ThemeResult.skipped("pay", "one class")]))
    {'CERTIFIED': 0, 'BEST_EFFORT': 0, 'SKIPPED': 1, 'FAILED': 0}
    """
    return {status: int((table["status"] == status).sum()) for status in STATUSES}


def _check_themes(themes: list[str], held_out: Mapping[str, HeldOut] | None) -> None:
    if twice := [theme for theme, count in Counter(themes).items() if count > 1]:
        raise ValueError(f"Each theme needs exactly one result, but {', '.join(map(repr, twice))} has several.")
    if missing := [] if held_out is None else [theme for theme in themes if theme not in held_out]:
        listed = ", ".join(missing)
        raise ValueError(f"Held-out figures are missing for {listed}; count all its positives as fn.")


def _row(theme_result: ThemeResult) -> dict[str, Any]:
    named = ("theme", "status", "reason", "family", "view", "support", "trials", "seconds")
    row = dict.fromkeys(TEXTS, "") | {name: getattr(theme_result, name) for name in named}
    row |= {"group": group_of(theme_result), "stopped": _stopped(theme_result)}
    if not theme_result.assigned:
        return row
    settings = {
        "hyperparameters": _compact(theme_result.feature_settings | theme_result.params),
        "threshold": theme_result.threshold,
    }
    for name in ("certified_flagged", "certified_precision", "certified_recall"):
        settings[name] = getattr(theme_result, name)
    otherwise = counted_otherwise(theme_result.counts.precision, theme_result)
    row["reason"] = "; ".join(filter(None, (theme_result.reason, otherwise)))
    for name in ("certified_target", "certified_threshold"):
        settings[name] = getattr(theme_result, name) if theme_result.certified else math.nan
    settings |= {name: getattr(theme_result, name) for name in CORRECTED}
    return row | settings | _figures(theme_result.counts, theme_result.average_precision)


def _held_out_row(held_out: HeldOut) -> dict[str, Any]:
    figures = _figures(held_out.counts, held_out.average_precision)
    figures |= {"support": held_out.counts.support} if held_out.counts.rows else {}
    return {HELD_OUT + name: value for name, value in figures.items()}


def _figures(counts: Confusion, average_precision: float) -> dict[str, Any]:
    if not counts.rows:  # of a threshold that was set by hand: not counted
        return {"average_precision": average_precision}
    named = {name: getattr(counts, name) for name in (*COUNTS, *RATES, "predictions")}
    return named | {"average_precision": average_precision}


def _stopped(theme_result: ThemeResult) -> str:
    if not theme_result.budget_cut or "budget" in theme_result.stopped:
        return theme_result.stopped
    return f"{theme_result.stopped} (cut short by a time budget)".strip()


def _compact(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}={_compact(item)}" for name, item in value.items())
    if isinstance(value, list | tuple):
        return f"({', '.join(map(_compact, value))})"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def typed(table: pd.DataFrame) -> pd.DataFrame:
    """The table with the types of its columns: texts, nullable integers and floats."""
    return table.astype({name: _kind(str(name).removeprefix(HELD_OUT)) for name in table})


def _kind(name: str) -> str:
    if name in TEXTS:
        return "str"
    return "Int64" if name in WHOLE else "float64"


def _filled(group: pd.DataFrame, prefix: str) -> pd.DataFrame:
    names = ("support", *COUNTS[:3], *AVERAGED)
    unknown = group["status"].isin(MODELLED) & group[prefix + "tp"].isna()  # of a threshold that was set by hand
    group = group[~unknown]
    part = pd.DataFrame({name: group[prefix + name].astype(float) for name in names})
    # a theme without a model misses all its positives
    return part.assign(fn=part["fn"].fillna(part["support"])).fillna(0.0)


def _micro(part: pd.DataFrame) -> dict[str, float]:
    tp, fp, fn = (part[name].sum() for name in ("tp", "fp", "fn"))
    if not tp + fn:
        return dict.fromkeys(AVERAGED, math.nan)
    rates = {"precision": tp / max(tp + fp, 1), "recall": tp / (tp + fn), "f1": 2 * tp / (2 * tp + fp + fn)}
    return rates | {"average_precision": math.nan}


def _macro(part: pd.DataFrame) -> dict[str, float]:
    return _weighted(part.assign(support=(part["support"] > 0).astype(float)))


def _weighted(part: pd.DataFrame) -> dict[str, float]:
    # a support of 0 weighs nothing
    total = part["support"].sum()
    if not total:
        return dict.fromkeys(AVERAGED, math.nan)
    return {name: float((part[name] * part["support"]).sum() / total) for name in AVERAGED}
