"""Where a family's first trials stand: parameters that a search queues before it has learned anything.

Settings on the plateau of n-gram models on most text (a well-regularised ridge or SVM on words and characters), and
cheap ones for the families whose fits take longer. What a first trial leaves open is drawn.
"""

from __future__ import annotations

from typing import Any

from themetagger.features import TfidfConfig

PLATEAU = TfidfConfig("words+chars", min_df=2, max_df=0.5, sublinear_tf=True)

_SHARED: dict[str, Any] = {"max_df": 0.5, "sublinear_tf": True}
ALL_ROWS: dict[str, Any] = {"negatives_per_positive": 0}
ON_PLATEAU = ALL_ROWS | {name: value for name, value in PLATEAU.to_json().items() if name != "presence"}
ON_WORDS = ON_PLATEAU | {"view": "words", "min_df": 3}
ON_FEW_WORDS = _SHARED | ALL_ROWS | {"kernel_view": "words", "min_df": 3}
ON_200_COLUMNS = _SHARED | {"reduction": "chi2:200", "narrow_view": "words_1_2", "min_df": 2}
