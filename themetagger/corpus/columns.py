"""Other columns of a table, beside the texts of a corpus that was read from it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from themetagger.corpus.errors import TableError
from themetagger.corpus.frame_columns import check_columns
from themetagger.corpus.reading import Corpus


def column_beside(corpus: Corpus, frame: pd.DataFrame, name: str, *, setting: str = "by") -> pd.Series[Any]:
    """The cells of a column, (n,), in the order of the texts; the index says where each stands in its file.

    Parameters
    ----------
    corpus : n texts of the table, all of them or a part
    frame : the table, as `read_table` gives it
    name : of the column
    setting : by which the user named it, for messages

    Raises
    ------
    TableError
        If there is no such column, or the corpus is not of this table.

    Examples
    --------
    >>> from themetagger.corpus import corpus_from_frame
    >>> frame = pd.DataFrame({"Processed Text": ["good", "bad"], "Themes": ["pay", ""], "Site": ["north", "south"]})
    >>> column_beside(corpus_from_frame(frame).take([1]), frame, "Site").tolist()
    ['south']
    """
    (name,) = check_columns(frame, [name], source=corpus.source, setting=setting)
    if corpus.rows is None or (len(corpus) and int(corpus.rows.max()) >= len(frame)):
        raise TableError(
            f"{corpus.source}: its {len(corpus):,} texts were not read from this table of {len(frame):,} rows; pass "
            "the table that they were read from."
        )
    return frame[name].iloc[corpus.rows]
