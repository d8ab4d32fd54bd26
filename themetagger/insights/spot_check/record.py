"""The result of a spot check, put into the record of the tagger that gave the tags."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd

from themetagger._utils.faces import option
from themetagger.corpus import TableError
from themetagger.insights.spot_check.check import SpotCheck
from themetagger.tagger.spot_checks import LONGEST_NAME, SpotCheckRecord, with_checks
from themetagger.tagger.theme_tagger import ThemeTagger

AGREE = 0.98  # share of the tags judged that the tagger gives, at least; other libraries may change a few


def keep_check(
    tagger: ThemeTagger, check: SpotCheck, table: str | os.PathLike[str] | pd.DataFrame
) -> tuple[SpotCheckRecord, ...]:
    """Put what a spot check has shown so far into a tagger; ``ThemeTagger.save`` writes it.

    Parameters
    ----------
    tagger : that has given the tags; its ``spot_checks`` are changed
    check : what `verify` returned
    table : the table of tagged texts, by whose name the check is known

    Returns
    -------
    What was put into it: a record for each check of which something was judged. An earlier record of the same themes,
    table and target is replaced.

    Raises
    ------
    TableError
        If the tagger does not give these tags.
    """
    name = "DataFrame" if hasattr(table, "columns") else Path(table).name
    _check_given(tagger, check, name)
    rows = zip(check.themes, check.table.to_dict("records"), strict=True)
    levels = check.settings.target, check.settings.confidence
    records = tuple(
        SpotCheckRecord(themes, name[:LONGEST_NAME], row["tags"], row["judged"], row["right"], *levels, row["verdict"])
        for themes, row in rows
        if row["judged"]
    )
    tagger.spot_checks = with_checks(tagger.spot_checks, records)
    return records


def _check_given(tagger: ThemeTagger, check: SpotCheck, source: str) -> None:
    """TableError where the tags that were judged are not the tagger's."""
    if not check.judged:
        return
    place = {theme: column for column, theme in enumerate(tagger.themes)}
    given = tagger.predict_all([tag.text for tag in check.judged], policy="all").assigned
    same = [tag.theme in place and given[row, place[tag.theme]] for row, tag in enumerate(check.judged)]
    if np.mean(same) < AGREE:
        tag = check.judged[same.index(False)]
        raise TableError(
            f"{source}, {tag.place}: the tagger does not give {tag.theme!r} to {tag.text[:60]!r}, and "
            f"{np.mean(same):.0%} of the tags judged are its own; "
            f"name the tagger that has tagged the table by {option('tagger')}."
        )
