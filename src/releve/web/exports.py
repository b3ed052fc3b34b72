"""Lists as files, written while they are read: CSV for spreadsheets, JSON lines for programs.

A spreadsheet runs a cell that begins with = + - @ as a formula, and such text can come from a station. It gets an
apostrophe in front (OWASP, CSV injection); numbers of our own making are numbers and stay as they are.
"""

from __future__ import annotations

import csv
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime
from io import StringIO
from typing import Any, TypeVar

import msgspec
from litestar import Response
from litestar.response import Stream

from releve.services.spreadsheet import harmless
from releve.services.views import Page
from releve.web.present import iso_utc

T = TypeVar("T")
PAGE = 500


async def everything(read: Callable[[str | None], Awaitable[Page[T]]]) -> AsyncGenerator[T, None]:
    """All items of a list, page after page. read: the page after a cursor."""
    after: str | None = None
    while True:
        page = await read(after)
        for item in page.items:
            yield item
        if page.next is None:
            return
        after = page.next


def cell(value: Any) -> str:
    """A value as a CSV cell that no spreadsheet runs."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return iso_utc(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return repr(value)
    return harmless(str(value))


async def csv_lines(
    columns: Sequence[str], items: AsyncIterator[Any]
) -> AsyncGenerator[bytes, None]:
    """A heading and one line for each item; columns are its attributes.

    The mark in front tells Excel that it is UTF-8.
    """
    yield b"\xef\xbb\xbf" + _line(columns)
    async for item in items:
        yield _line([cell(getattr(item, column)) for column in columns])


async def json_lines(items: AsyncIterator[Any]) -> AsyncGenerator[bytes, None]:
    """One JSON object per line."""
    async for item in items:
        yield msgspec.json.encode(item) + b"\n"


def download(lines: AsyncGenerator[bytes, None], name: str, media_type: str) -> Response[Any]:
    """A stream that the browser saves as a file. name: letters, digits, dots and dashes only."""
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Stream(lines, media_type=media_type, headers=headers)


def _line(cells: Sequence[str]) -> bytes:
    buffer = StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue().encode()
