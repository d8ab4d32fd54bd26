"""What one study decided about one theme, as plain data with a JSON round trip."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal, Self, cast, get_args

from themetagger.selection.confusion import NOTHING_COUNTED, Confusion, ratio

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
    params, recipe
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
        The promise that holds from ``certified_threshold`` on: precision, and how surely; 0 where there is none.
    certified_threshold, certified_flagged, certified_hits, certified_positives
        Score from which the promise of precision holds, and how many texts it flagged out of fold (or among the rows
        set aside), of which how many were right, and how many have the theme; infinite and 0 where nothing can be
        promised.
    corrected_precision, corrected_recall
        What to expect of model and cut on new texts: out-of-fold figures without what the choices made of them.
    precision_bound, recall_bound
        How low precision and recall on new texts may be, each at the promise's confidence.
    label_gain
        Average precision that the last doubling of the labels gained; nan where it was not asked (a certified theme).
    budget_cut
        Whether a time budget cut this study short, so that another run may decide otherwise.

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
    recipe: dict[str, Any] = field(default_factory=dict)
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

    @property
    def assigned(self) -> bool:
        """Whether the theme has a model, so that a tagger can assign it."""
        return self.status in MODELLED

    @property
    def certified(self) -> bool:
        """Whether a promise of precision was found to hold from some score on."""
        return self.certified_flagged > 0

    @property
    def certified_recall(self) -> float:
        """Share of the theme that the certified cut found out of fold; nan where there is none."""
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
        """The winner as JSON values.

        A figure that is nan becomes null, an infinite one the text ``"inf"`` or ``"-inf"``; a tuple becomes
        a list.

        Raises
        ------
        ValueError
            If ``params`` or ``recipe`` holds something that would not come back the same, such as nan.

        Examples
        --------
        >>> print(ThemeResult.skipped("pay", "one class").to_json()["threshold"])
        None
        """
        where = f"of the result of theme {self.theme!r}"
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        written = {name: _plain(values[name], f"{name} {where}") for name in ("params", "recipe")}
        named = [f.name for f in fields(self) if f.type == "float"]
        figures = {name: _figure(values[name]) for name in named}
        pair = {"calibration": [_figure(value) for value in self.calibration]}
        counts = {"counts": _plain(asdict(self.counts), f"counts {where}")}
        whole = {f.name: int(values[f.name]) for f in fields(self) if f.type == "int"}
        return values | written | figures | pair | counts | whole | {"budget_cut": bool(self.budget_cut)}

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
        if isinstance(data, Mapping):
            data = _as_of_today(data)
        _check_keys(data, {f.name for f in fields(cls)}, "a theme result")
        read = {f.name: _READERS[str(f.type)] for f in fields(cls)}
        return cls(**{name: reader(data[name], f"winner[{name!r}]") for name, reader in read.items()})


def _check_keys(data: Any, names: set[str], what: str) -> None:
    if not isinstance(data, Mapping):
        raise ValueError(f"Expected an object with the keys of {what}, but got {type(data).__name__}.")
    if odd := names ^ set(data):
        listed = ", ".join(sorted(map(str, odd)))
        raise ValueError(f"The keys of {what} do not fit: missing or unknown {listed}.")


def _figure(value: float) -> float | str | None:
    value = float(value)
    if math.isnan(value):
        return None
    return value if math.isfinite(value) else str(value)


def _plain(value: Any, where: str) -> Any:
    value = value.tolist() if type(value).__module__ == "numpy" else value
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {key: _plain(item, where) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, where) for item in value]
    if value is None or isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    raise ValueError(f"JSON cannot hold {value!r} ({where}); use finite numbers, texts, lists and dicts.")


def _read(kind: type, what: str) -> Any:
    def read(value: Any, where: str) -> Any:
        # bool is an int to Python, yet a count of True would be a damaged file
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise ValueError(f"{where} must be {what}, but got {value!r}.")
        return value

    return read


def _read_float(value: Any, where: str) -> float:
    if value is None:
        return math.nan
    if isinstance(value, bool) or not (isinstance(value, int | float) or value in ("inf", "-inf")):
        raise ValueError(f"{where} must be a number, null, 'inf' or '-inf', but got {value!r}.")
    return float(value)


def _read_counts(value: Any, where: str) -> Confusion:
    names = {f.name for f in fields(Confusion)}
    _check_keys(value, names, where)
    return Confusion(**{name: _read(int, "a whole number")(value[name], f"{where}[{name!r}]") for name in names})


def _read_pair(value: Any, where: str) -> tuple[float, float]:
    if not isinstance(value, list) or len(value) != 2:
        raise ValueError(f"{where} must be a list of slope and intercept, but got {value!r}.")
    return _read_float(value[0], where), _read_float(value[1], where)


def _read_status(value: Any, where: str) -> Status:
    if value not in STATUSES:
        raise ValueError(f"{where} must be one of {', '.join(STATUSES)}, but got {value!r}.")
    return cast(Status, value)


# what older tagger files do not have, by the version that brought it
_YOUNGER: tuple[dict[str, Any], ...] = (
    {"certified_threshold": "inf", "certified_flagged": 0, "certified_hits": 0},
    {"certified_target": 0.0, "certified_confidence": 0.0},
    dict.fromkeys(("corrected_precision", "corrected_recall", "precision_bound", "recall_bound")),
    {"label_gain": None},
)


def _as_of_today(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """The winner of an older file with the keys and the status that it would have today."""
    for younger in _YOUNGER:
        if not younger.keys() & data.keys():
            data = {**data, **younger}
    if "certified_positives" not in data and "certified_hits" in data:
        data = {**data, "certified_positives": data.get("support") if data.get("certified_flagged") else 0}
    if data.get("status") == "MET":  # the target was met out of fold, which promises nothing
        return {**data, "status": "BEST_EFFORT"}
    return data


# keyed by the annotation, which `from __future__ import annotations` keeps as text
_READERS: dict[str, Any] = {
    "str": _read(str, "a text"),
    "int": _read(int, "a whole number"),
    "bool": _read(bool, "true or false"),
    "float": _read_float,
    "dict[str, Any]": _read(dict, "an object"),
    "Confusion": _read_counts,
    "tuple[float, float]": _read_pair,
    "Status": _read_status,
}
