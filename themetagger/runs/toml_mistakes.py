"""What a person has to change in a line that is not TOML, in words of a plan file."""

from __future__ import annotations

import re

from themetagger._utils.wording import share_of_percent

_HEADER = re.compile(r"\s*\[\s*(?:theme\s*\.\s*)?(?P<name>[^\]\"']*)\]?")
_PAIR = re.compile(r"\s*(?P<key>[\w-]+)\s*(?P<sign>[=:])\s*(?P<value>.*)")
_PERCENT = re.compile(r"[\"']?\s*(\d+(?:[.,]\d+)?)\s*%\s*[\"']?$")
_COMMA = re.compile(r"\d+,\d+$")
_TRUTHS = {"True": "true", "False": "false", "yes": "true", "no": "false", "Yes": "true", "No": "false"}


def remedy(line: str, problem: str) -> str:
    r"""The remedy for a line of which TOML's reader has said what it found.

    Parameters
    ----------
    line : of the file
    problem : of the reader, in its words

    Examples
    --------
    >>> remedy("[theme.Hash Table]", "Expected ']' at the end of a table declaration")
    'put a name that holds more than letters, digits, - and _ in quotes: [theme."Hash Table"]'
    >>> remedy("target = 90 %", "Expected newline")
    'write 0.9 for 90 %'
    >>> remedy("objective = costs  # mine", "Invalid value")
    'put texts in double quotes: objective = "costs"'
    """
    if " twice" in problem or "overwrite" in problem:
        what = "section" if line.lstrip().startswith("[") else "setting"
        return f"this {what} is there already: keep one of both"
    if "array" in problem:
        return "close the list above with ], and put commas between its texts"
    if line.lstrip().startswith("["):
        return _header_remedy(line)
    pair = _PAIR.match(line)
    if pair is None:
        return 'write a setting as name = value, a section as [run] or [theme."NAME"], and a comment behind #'
    value = pair["value"].split(" #")[0].strip()
    if pair["sign"] == ":":
        return f"write = in place of the colon: {pair['key']} = {value}"
    return _value_remedy(pair["key"], value)


def for_number(value: str) -> str:
    """The remedy for a text that should be a number; "" where there is none.

    >>> for_number("90 %"), for_number("0,8"), for_number("high")
    ('; write 0.9 for 90 %', '; write 0.8, without quotes', '')
    """
    if percent := _PERCENT.match(value):
        return f"; {share_of_percent(float(percent[1].replace(',', '.')))}"
    number = value.strip().replace(",", ".", 1)
    return f"; write {number}, without quotes" if re.fullmatch(r"-?\d+(?:\.\d+)?", number) else ""


def _header_remedy(line: str) -> str:
    found = _HEADER.match(line)
    name = found["name"].strip() if found else ""
    if found and "theme" in line.split(".")[0] and name and not re.fullmatch(r"[\w-]+", name):
        return f'put a name that holds more than letters, digits, - and _ in quotes: [theme."{name}"]'
    return 'a section stands in one pair of brackets, alone in its line, such as [theme."NAME"]'


def _value_remedy(key: str, value: str) -> str:
    percent = _PERCENT.match(value)
    if percent:
        return share_of_percent(float(percent[1].replace(",", ".")))
    if _COMMA.match(value):
        return f"write numbers with a point: {key} = {value.replace(',', '.')}"
    if value in _TRUTHS:
        return f"write {key} = {_TRUTHS[value]}"
    if not value:
        return f"give {key} a value, or put # before the line"
    if "\\" in value:
        return f"put a path in single quotes, or write / for each backslash: {key} = {value.replace(chr(92), '/')}"
    if re.fullmatch(r"\w[\w .-]*", value) or any(quote in value for quote in "“”„«»‘’"):
        text = value.strip("“”„«»‘’")
        return f'put texts in double quotes: {key} = "{text}"'
    for quote in ('"', "'"):
        if value.count(quote) % 2:
            return f"close the quote: {key} = {value}{quote}"
    return "put texts in double quotes, and lists in [ and ]"
