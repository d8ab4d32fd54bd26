"""What the record of a trial must look like, whoever wrote it: kinds, ranges, and parameters that fit their ranges."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from themetagger._utils.json_shapes import (
    SCALAR,
    Shape,
    by_name,
    either,
    exactly,
    finite,
    list_of,
    number,
    record,
    text,
    whole,
)

MOST_PARAMS = 200
MOST_CHOICES = 1_000
MOST_LINE = 2**24  # bytes of a record
LATEST = 1e11  # seconds since the epoch: the year 5138


def _not_finite(value: Any, where: str) -> Any:
    """Nan or an infinite number, which a figure of a summary may be."""
    if not isinstance(value, float) or math.isfinite(value):
        raise ValueError(f"{where} is finite")
    return value


_PARAMS = by_name(SCALAR, most=MOST_PARAMS)
_MAYBE = either("a number or null", number(-math.inf, math.inf), exactly(None))
_NAN = by_name(either("a plain value", SCALAR, _not_finite), most=MOST_PARAMS)
_DISTRIBUTION = by_name(record({"name": text(100), "attributes": by_name(either("plain", SCALAR, list_of(SCALAR)))}))
FIELDS: dict[str, Shape] = {
    "number": whole(0, 1_000_000),
    "state": exactly("COMPLETE", "PRUNED", "FAIL"),
    "value": _MAYBE,
    "params": _PARAMS,
    "distributions": _DISTRIBUTION,
    "queued": either("an object of plain values or null", _PARAMS, exactly(None)),
    "level": whole(0, 100),
    "begun": number(0, LATEST),
    "ended": number(0, LATEST),
    "early": _MAYBE,
    "blend_weight": number(),
    "scores": text(64),
    "error": text(1_000_000),
    "summary": either("an object of plain values or null", _NAN, exactly(None)),
    "warnings": list_of(text(1_000_000), most=100_000),
}
_TRIAL = record(FIELDS)


def checked_trial(trial: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a trial, if they are as a study writes them.

    Raises
    ------
    ValueError
        If one is missing, of the wrong kind or out of range, or a parameter is not within its own distribution.
    """
    made: dict[str, Any] = _TRIAL(trial, "")
    params, distributions = made["params"], made["distributions"]
    if params.keys() != distributions.keys():
        raise ValueError("its parameters and distributions do not fit")
    for name, value in params.items():
        if not _within(value, distributions[name]["name"], distributions[name]["attributes"]):
            raise ValueError(f"parameter {name!r:.80} is not within its distribution")
    summary = made["summary"] or {}
    if not all(isinstance(summary.get(name, ""), str) for name in ("family", "view")):
        raise ValueError("summary: family and view must be texts")
    if made["state"] == "COMPLETE" and made["value"] is None:
        raise ValueError("it is complete, but has no value")
    return made


def _within(value: Any, kind: str, attributes: Mapping[str, Any]) -> bool:
    """Whether a parameter is one that a distribution of Optuna's, as JSON, may give."""
    if kind == "CategoricalDistribution":
        choices = attributes.get("choices")
        return (
            attributes.keys() == {"choices"}
            and isinstance(choices, list)
            and len(choices) <= MOST_CHOICES
            and any(type(value) is type(choice) and value == choice for choice in choices)
        )
    if kind not in ("FloatDistribution", "IntDistribution") or attributes.keys() != {"low", "high", "log", "step"}:
        return False
    whole_ones = kind == "IntDistribution"
    kinds = (int,) if whole_ones else (int, float)
    low, high, step = attributes["low"], attributes["high"], attributes["step"]
    if not all(type(one) in kinds and finite(one) for one in (low, high, value)) or not low <= value <= high:
        return False
    if type(attributes["log"]) is not bool or (attributes["log"] and low <= 0):
        return False
    return bool(step == (1 if whole_ones else None))
