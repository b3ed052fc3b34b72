"""Cursors: what was put in comes out, and nothing else is believed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releve.storage.paging import cursor, opened, page

int64 = st.integers(-(1 << 63), (1 << 63) - 1)


@given(st.text(st.characters(exclude_categories=["Cs"])), int64)
def test_a_key_comes_back(text, number):
    assert opened(cursor((text, number)), (str, int)) == (text, number)


@given(st.text())
def test_any_text_opens_or_is_a_value_error(text):
    try:
        key = opened(text, (int, int))
    except ValueError:
        return
    assert [type(part) for part in key] == [int, int]


def test_a_cursor_of_another_list_is_refused():
    with pytest.raises(ValueError, match="another list"):
        opened(cursor(("a", 1)), (int, int))


@pytest.mark.parametrize("number", [1 << 63, -(1 << 63) - 1])
def test_a_number_that_no_column_holds_is_refused(number):
    with pytest.raises(ValueError, match="cannot be read"):
        opened(cursor((number,)), (int,))


def test_the_row_too_many_tells_that_there_is_more():
    rows = [(n,) for n in range(3)]
    full = page(rows, 2, lambda row: row[0], lambda row: row)
    assert (full.items, opened(full.next, (int,))) == ([0, 1], (1,))
    assert page(rows, 3, lambda row: row[0], lambda row: row).next is None
    assert page([], 3, lambda row: row[0], lambda row: row).items == []
