"""What is drawn of a theme, as data first: each figure is a table that is tested without it."""

from themetagger.figures.curves import calibration_table, confusion_table, precision_recall, score_distribution
from themetagger.figures.study import families_compared, study_history

__all__ = [
    "calibration_table",
    "confusion_table",
    "families_compared",
    "precision_recall",
    "score_distribution",
    "study_history",
]
