"""What a learning curve tells."""

from __future__ import annotations

import pandas as pd

_MEASURED = ("average_precision", "precision", "recall")
WHOLE = ("labels", "positives", "flagged")
COLUMNS = (
    *("labels", "positives"),
    *(f"train_{name}" for name in _MEASURED),
    *_MEASURED,
    "flagged",
    *(f"train_{name}_sd" for name in _MEASURED),
    *(f"{name}_sd" for name in _MEASURED),
    *("doubling", "doubling_error"),
)


def typed(curve: pd.DataFrame) -> pd.DataFrame:
    """The columns of a curve in their types: counts nullable integers, figures floats."""
    return curve.astype({name: "Int64" if name in WHOLE else "float64" for name in COLUMNS})
