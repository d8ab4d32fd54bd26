"""The options on how a table is read, and the format that they make."""

from __future__ import annotations

import shlex
from typing import Any

import click
import pytest
from click.testing import CliRunner

from themetagger.cli.tables import table_format, table_options, text_options
from themetagger.corpus import TableFormat


def _format(line: str, *, options: Any = table_options) -> TableFormat:
    made: list[TableFormat] = []

    def probe(**given: Any) -> None:
        made.append(table_format(given))

    result = CliRunner().invoke(click.command()(options(probe)), shlex.split(line))
    assert result.exit_code == 0, result.output
    return made[0]


@pytest.mark.parametrize(
    "line",
    [
        """--theme-columns '"Pay, bonus and pension",Staff,"Parking (bays, permits)"'""",
        """--theme-columns '"Pay, bonus and pension"' --theme-columns 'Staff, "Parking (bays, permits)"'""",
        """--theme-columns '"Pay, bonus\nand pension",Staff' --theme-columns '"Parking (bays, permits)"'""",
    ],
)
def test_names_with_commas_stand_in_quotes_and_the_option_can_be_repeated(line: str) -> None:
    assert _format(line).theme_columns == ("Pay, bonus and pension", "Staff", "Parking (bays, permits)")


def test_what_is_not_given_is_as_in_python() -> None:
    assert _format("") == TableFormat()
    assert _format("", options=text_options) == TableFormat()


@pytest.mark.parametrize(
    ("line", "settings"),
    [
        ("--header-row 3", {"header_row": 3}),
        ("--header-row 1,2 --sheet 2", {"header_row": (1, 2), "sheet": "2"}),
        ("--header-row 1-3 --sheet 'Wave 1'", {"header_row": [1, 2, 3], "sheet": "Wave 1"}),
    ],
)
@pytest.mark.parametrize("options", [table_options, text_options])
def test_where_the_header_stands_is_an_option_wherever_a_table_is_read(
    line: str, settings: dict[str, Any], options: Any
) -> None:
    assert _format(line, options=options) == TableFormat(**settings)


def test_what_becomes_of_rows_is_an_option() -> None:
    form = _format("--repeats join --rows-without-theme drop --judged answer")
    assert form == TableFormat(repeats="join", rows_without_theme="drop", judged="answer")


@pytest.mark.parametrize("line", ["--header-row x", "--header-row 1,x", "--repeats both", "--rows-without-theme no"])
def test_what_makes_no_sense_is_refused(line: str) -> None:
    result = CliRunner().invoke(click.command()(table_options(lambda **given: None)), shlex.split(line))
    assert result.exit_code == 2
    assert line.split()[0] in result.output
