"""Files that no spreadsheet runs."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from releve.services.views import Page
from releve.web.exports import cell, csv_lines, everything


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_a_formula_is_neutralised(text):
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, ""),
        (-5.5, "-5.5"),
        (7, "7"),
        (True, "yes"),
        (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02T00:00:00Z"),
        ("a=b", "a=b"),
        ("", ""),
    ],
)
def test_other_values_are_plain(value, written):
    assert cell(value) == written


@dataclass
class Row:
    name: str
    number: float


async def test_all_pages_become_lines():
    pages = {None: Page(items=[Row('=a,"b"', 1.0)], next="2"), "2": Page(items=[Row("c\nd", -2.0)])}

    async def read(after: str | None) -> Page[Row]:
        return pages[after]

    content = b"".join([line async for line in csv_lines(("name", "number"), everything(read))])
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert rows == [["name", "number"], ['\'=a,"b"', "1.0"], ["c\nd", "-2.0"]]
