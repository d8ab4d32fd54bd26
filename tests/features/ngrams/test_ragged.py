"""Rows come back as they were put in, however many come."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from themetagger.features.ngrams.ragged import Growing, Ragged, decoded, encoded, of_strings, strings_of

STRINGS = st.lists(st.text(alphabet="aß\0🙂\ud800 ", max_size=6), max_size=8)


@given(STRINGS)
def test_strings_come_back(strings: list[str]) -> None:
    assert strings_of(of_strings(strings)) == strings
    assert decoded(encoded("".join(strings))) == "".join(strings)


@given(STRINGS, st.integers(0, 8), st.integers(0, 8))
def test_a_part_is_what_a_slice_is(strings: list[str], start: int, length: int) -> None:
    end = min(start + length, len(strings))
    assert strings_of(of_strings(strings).part(min(start, end), end)) == strings[min(start, end) : end]


@given(st.lists(st.lists(st.lists(st.integers(0, 9), max_size=700), max_size=5), max_size=6))
def test_rows_that_are_added_are_found_by_number(calls: list[list[list[int]]]) -> None:
    growing, rows = Growing(np.int32), []
    for new in calls:
        before = growing.since(0)
        flat = np.array([number for row in new for number in row], dtype=np.int64)
        growing.add(Ragged(flat, np.array([len(row) for row in new], dtype=np.int64)))
        rows += new
        assert (len(growing), growing.size) == (len(rows), sum(map(len, rows)))
        asked = np.arange(len(rows))[::-2]
        found = growing.at(asked)
        assert found.flat.tolist() == [number for i in asked.tolist() for number in rows[i]]
        assert found.owners.tolist() == [i for i, row in enumerate(asked.tolist()) for _ in rows[row]]
        assert growing.since(len(rows) - len(new)).flat.tolist() == flat.tolist()
        assert before.flat.tolist() == [number for row in rows[: len(before.lengths)] for number in row]


@pytest.mark.parametrize("size", range(1022, 1027))
def test_rows_have_room_also_at_the_edge_of_what_was_reserved(size: int) -> None:
    one_long, many_short = Growing(np.int32), Growing(np.int32)
    one_long.add(Ragged(np.arange(size), np.array([size])))
    many_short.add(Ragged(np.arange(size), np.ones(size, dtype=np.int64)))
    assert one_long.since(0).flat.tolist() == many_short.since(0).flat.tolist() == list(range(size))
