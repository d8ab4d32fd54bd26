"""What one study decided about one theme, as plain data with a JSON round trip."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal, Self, get_args

from themetagger.selection.confusion import NOTHING_COUNTED, Confusion, ratio
from themetagger.selection.json_fields import (
    FIGURE,
    FLAG,
    SETTINGS,
    TEXT,
    WHOLE,
    JsonField,
    JsonType,
    check_keys,
    constant,
    figure,
    one_of,
    plain,
    read_fields,
    read_figure,
    write_fields,
)

Status = Literal["CERTIFIED", "BEST_EFFORT", "SKIPPED", "FAILED"]
STATUSES: tuple[Status, ...] = get_args(Status)
MODELLED: tuple[Status, ...] = ("CERTIFIED", "BEST_EFFORT")


@dataclass(frozen=True)
class ThemeResult:
    """What one study decided about one theme: a model and its threshold, or why there is none.

    Parameters
    ----------
    theme
        Name of the theme.
    status
        ``"CERTIFIED"`` (a promise of precision holds at ``threshold``), ``"BEST_EFFORT"`` (a model of
        which nothing can be promised), ``"SKIPPED"`` or ``"FAILED"`` (no model).
    reason
        Why the status is what it is, and what is missing, in words; may be empty for ``"CERTIFIED"``.
    support
        Number of positives among the training rows.
    family, view
        Names of the model family and of the features; empty without a model.
    params, feature_settings
        Hyperparameters of the estimator, and settings of the features: JSON values only.
    threshold
        Smallest score at which a text is given the theme.
    counts
        Out-of-fold confusion matrix at the threshold.
    average_precision
        Out-of-fold average precision.
    calibration
        ``(slope, intercept)`` of the logistic curve from score to probability.
    trials, seconds, stopped
        Finished trials, wall time, and why the search ended.
    certified_target, certified_confidence
        The promise that holds from ``certified_threshold`` on: precision, and with what probability; 0 where there is
        none.
    certified_threshold, certified_flagged, certified_hits, certified_positives
        Score from which the promise of precision holds, and how many texts it flagged out of fold (or among the rows
        set aside), of which how many were right, and how many have the theme; infinite and 0 where nothing can be
        promised.
    corrected_precision, corrected_recall
        What to expect of model and threshold on new texts: out-of-fold figures without the optimism of the choices.
    precision_bound, recall_bound
        How low precision and recall on new texts may be, each at the promise's confidence.
    label_gain
        Average precision that the last doubling of the labels gained; nan where it was not asked (a certified theme).
    budget_cut
        Whether a time budget cut this study short, so that another run may decide otherwise.
    target_met
        Whether the out-of-fold figures at the threshold reach the objective's target.
    usable_precision
        Precision on new texts below which the theme is not usable, and not tagged by default; 0 in files of older
        versions, which tag every theme that has a model.
    threshold_set
        Whether a person set the threshold, so that nothing is promised of it.

    Raises
    ------
    ValueError
        If the status is unknown, or if it promises a model and there is none (or the reverse).

    Examples
    --------
    >>> ThemeResult.skipped("pay", "12 positives, needs 30", support=12).assigned
    False
    >>> counts = Confusion(tp=9, fp=1, fn=5, tn=85)
    >>> pay = ThemeResult("pay", "BEST_EFFORT", family="ridge", view="words", counts=counts)
    >>> ThemeResult.from_json(pay.to_json()).counts.precision
    0.9
    """

    theme: str
    status: Status
    reason: str = ""
    support: int = 0
    family: str = ""
    view: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    feature_settings: dict[str, Any] = field(default_factory=dict)
    threshold: float = math.nan
    counts: Confusion = NOTHING_COUNTED
    average_precision: float = math.nan
    calibration: tuple[float, float] = (math.nan, math.nan)
    trials: int = 0
    seconds: float = 0.0
    stopped: str = ""
    budget_cut: bool = False
    certified_target: float = 0.0
    certified_confidence: float = 0.0
    certified_threshold: float = math.inf
    certified_flagged: int = 0
    certified_hits: int = 0
    certified_positives: int = 0
    corrected_precision: float = math.nan
    corrected_recall: float = math.nan
    precision_bound: float = math.nan
    recall_bound: float = math.nan
    label_gain: float = math.nan
    target_met: bool = False
    usable_precision: float = 0.0
    threshold_set: bool = False

    def __post_init__(self) -> None:
        if self.status not in STATUSES:
            known = ", ".join(STATUSES)
            raise ValueError(f"Theme {self.theme!r}: status must be one of {known}, but got {self.status!r}.")
        if self.assigned != bool(self.family):
            raise ValueError(
                f"Theme {self.theme!r}: status {self.status} contradicts family {self.family!r}; "
                f"name a family exactly when the status is one of {', '.join(MODELLED)}."
            )
        if self.status == "CERTIFIED" and not self.certified:
            raise ValueError(f"Theme {self.theme!r}: status CERTIFIED needs a certificate, but no text was flagged.")
        if self.status == "CERTIFIED" and self.threshold != self.certified_threshold:
            raise ValueError(f"Theme {self.theme!r}: status CERTIFIED, but its threshold is not the certified one.")
        if self.threshold_set and self.certified:
            raise ValueError(f"Theme {self.theme!r}: its threshold was set by hand, so that it cannot be certified.")

    @property
    def assigned(self) -> bool:
        """Whether the theme has a model, so that a tagger can assign it."""
        return self.status in MODELLED

    @property
    def certified(self) -> bool:
        """Whether a promise of precision holds from some score on."""
        return self.certified_flagged > 0

    @property
    def certified_precision(self) -> float:
        """Precision at the certified threshold among the distinct texts that were tested; nan where there is none."""
        return ratio(self.certified_hits, self.certified_flagged) if self.certified else math.nan

    @property
    def certified_recall(self) -> float:
        """Out-of-fold recall at the certified threshold; nan where there is none."""
        return ratio(self.certified_hits, self.certified_positives) if self.certified else math.nan

    @classmethod
    def skipped(cls, theme: str, reason: str, *, support: int = 0) -> Self:
        """A theme that was not tuned, and why.

        Examples
        --------
        >>> ThemeResult.skipped("pay", "one class", support=0).status
        'SKIPPED'
        """
        return cls(theme, "SKIPPED", reason, support)

    @classmethod
    def failed(
        cls,
        theme: str,
        reason: str,
        *,
        support: int = 0,
        trials: int = 0,
        seconds: float = 0.0,
        stopped: str = "error",
    ) -> Self:
        """A theme whose study broke, and on what.

        Examples
        --------
        >>> ThemeResult.failed("pay", "every trial raised LinAlgError", support=40, trials=3).trials
        3
        """
        return cls(theme, "FAILED", reason, support, trials=trials, seconds=seconds, stopped=stopped)

    def to_json(self) -> dict[str, Any]:
        """The result as JSON values.

        A figure that is nan becomes null, an infinite one the text ``"inf"`` or ``"-inf"``; a tuple becomes
        a list.

        Raises
        ------
        ValueError
            If ``params`` or ``feature_settings`` holds something that would not come back the same, such as nan.

        Examples
        --------
        >>> print(ThemeResult.skipped("pay", "one class").to_json()["threshold"])
        None
        """
        return write_fields(vars(self), FIELDS, f"of the result of theme {self.theme!r}")

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read back what :meth:`to_json` wrote.

        Raises
        ------
        ValueError
            If a key is missing or unknown, or if a value has the wrong type.

        Examples
        --------
        >>> ThemeResult.from_json(ThemeResult.skipped("pay", "one class").to_json()).reason
        'one class'
        """
        return cls(**read_fields(_as_today(data), FIELDS, "theme result"))


def _as_today(data: Any) -> Any:
    """Values of an older file under the names of today's."""
    if isinstance(data, Mapping) and data.get("status") == "MET":  # a target that was met out of fold, which
        data = {**data, "status": "BEST_EFFORT"}  # promises nothing
    if isinstance(data, Mapping) and "recipe" in data and "feature_settings" not in data:
        data = {("feature_settings" if name == "recipe" else name): value for name, value in data.items()}
    return data


def _write_counts(value: Confusion, where: str) -> Any:
    return plain(asdict(value), where)


def _read_counts(value: Any, where: str) -> Confusion:
    names = [field.name for field in fields(Confusion)]
    check_keys(value, set(names), where)
    return Confusion(**{name: WHOLE.read(value[name], f"{where}[{name!r}]") for name in names})


def _write_pair(value: tuple[float, float], where: str) -> list[Any]:
    return [figure(number) for number in value]


def _read_pair(value: Any, where: str) -> tuple[float, float]:
    if not isinstance(value, list) or len(value) != 2:
        raise ValueError(f"{where} must be a list of slope and intercept, but is {value!r}.")
    return read_figure(value[0], where), read_figure(value[1], where)


def met_before(data: Mapping[str, Any]) -> Any:
    """In files that did not say whether the target was met, the reason began with what was lacking."""
    return data.get("status") in MODELLED and not _LACKING.match(str(data.get("reason")))


_LACKING = re.compile(r"(precision|recall|saved cost|F[0-9.]+) [0-9.-]+ is below ")


def _positives_before(data: Mapping[str, Any]) -> Any:
    """In files that did not say how many texts were tested, all with the theme were."""
    return data.get("support") if data.get("certified_flagged") else 0


FIELDS = (
    JsonField("theme", TEXT),
    JsonField("status", one_of(STATUSES)),
    JsonField("reason", TEXT),
    JsonField("support", WHOLE),
    JsonField("family", TEXT),
    JsonField("view", TEXT),
    JsonField("params", SETTINGS),
    JsonField("feature_settings", SETTINGS),
    JsonField("threshold", FIGURE),
    JsonField("counts", JsonType(_write_counts, _read_counts)),
    JsonField("average_precision", FIGURE),
    JsonField("calibration", JsonType(_write_pair, _read_pair)),
    JsonField("trials", WHOLE),
    JsonField("seconds", FIGURE),
    JsonField("stopped", TEXT),
    JsonField("budget_cut", FLAG),
    JsonField("certified_target", FIGURE, 2, constant(0.0)),
    JsonField("certified_confidence", FIGURE, 2, constant(0.0)),
    JsonField("certified_threshold", FIGURE, 1, constant("inf")),
    JsonField("certified_flagged", WHOLE, 1, constant(0)),
    JsonField("certified_hits", WHOLE, 1, constant(0)),
    JsonField("certified_positives", WHOLE, 5, _positives_before),
    JsonField("corrected_precision", FIGURE, 3, constant(None)),
    JsonField("corrected_recall", FIGURE, 3, constant(None)),
    JsonField("precision_bound", FIGURE, 3, constant(None)),
    JsonField("recall_bound", FIGURE, 3, constant(None)),
    JsonField("label_gain", FIGURE, 4, constant(None)),
    JsonField("target_met", FLAG, 6, met_before),
    JsonField("usable_precision", FIGURE, 6, constant(0.0)),
    JsonField("threshold_set", FLAG, 6, constant(False)),
)
