"""The settings of a plan in the help and the signature of the function that takes them as keywords."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

_OF_PLAN = "    **settings : "


def with_settings_of(plan: type) -> Callable[[Callable[..., Any]], None]:
    """What gives a function the parameters of a class in place of its ``**settings``, where a person looks for them.

    ``help`` and the completion of a notebook then show them; calls are as before.

    >>> class Plan:
    ...     '''A plan.
    ...
    ...     Parameters
    ...     ----------
    ...     train : table
    ...     trials : per theme
    ...
    ...     Examples
    ...     --------
    ...     '''
    ...     def __init__(self, train, trials=16): ...
    >>> def tune(train=None, **settings):
    ...     '''Tune.
    ...
    ...     Parameters
    ...     ----------
    ...     train : table
    ...     **settings : of a plan
    ...     '''
    >>> with_settings_of(Plan)(tune)
    >>> inspect.signature(tune), "trials : per theme" in tune.__doc__
    (<Signature (train=None, *, trials=16)>, True)
    """

    def describe(function: Callable[..., Any]) -> None:
        own = {one.name: one for one in inspect.signature(function).parameters.values() if one.kind != one.VAR_KEYWORD}
        others = [one for one in inspect.signature(plan).parameters.values() if one.name not in own]
        added = [one.replace(kind=one.KEYWORD_ONLY) for one in others]
        signature = inspect.signature(function).replace(parameters=[*own.values(), *added])
        function.__dict__["__signature__"] = signature
        before, _, rest = (function.__doc__ or "").partition(_OF_PLAN)
        said, _, after = rest.partition("\n")
        function.__doc__ = f"{before}{_OF_PLAN}{said}\n{_listed(plan, list(own))}{after}"

    return describe


def _listed(plan: type, without: list[str]) -> str:
    """The lines on the parameters of a class, but for those that a function says by itself."""
    lines = (plan.__doc__ or "").partition("----------\n")[2].partition("\n\n")[0].splitlines()
    shown, keep = [], True
    for line in lines:
        if not line.startswith("     "):  # a parameter begins here
            keep = line.strip().partition(" :")[0] not in without
        if keep:
            shown.append(line)
    return "".join(f"{line}\n" for line in shown)
