"""How a tagger looks in a notebook: a sentence, and the columns of its results table that have room there."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    *("theme", "status", "reason", "family", "view", "threshold", "precision", "recall", "f1", "support"),
    *("heldout_precision", "heldout_recall", "heldout_f1", "heldout_support"),
)


def as_html(said: str, results: pd.DataFrame) -> str:
    """A sentence and a results table as HTML; pandas escapes what the table holds.

    Examples
    --------
    >>> import pandas as pd
    >>> "&lt;b&gt;" in as_html("1 theme", pd.DataFrame({"theme": ["<b>"]}))
    True
    """
    shown = [name for name in COLUMNS if name in results.columns]
    return f"<p>{said}</p>{results[shown].to_html(index=False, escape=True, float_format='{:.3f}'.format, na_rep='')}"
