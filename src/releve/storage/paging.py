"""Cursors: where a list goes on. Opaque text outside, the sort key of the last row inside."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec
from sqlalchemy import ColumnElement, Select, tuple_

from releve.services.views import Page

T = TypeVar("T")
LIMIT = 500


def bounded(limit: int) -> int:
    """The limit, or ValueError when it is not 1 to 500."""
    if not 1 <= limit <= LIMIT:
        raise ValueError(f"limit must be 1 to {LIMIT}")
    return limit


def cursor(key: Sequence[str | int]) -> str:
    """The cursor that continues after the row with this sort key."""
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).decode().rstrip("=")


def opened(text: str, kinds: tuple[type, ...]) -> tuple[Any, ...]:
    """The sort key in a cursor. ValueError when it is none of ours, or of another list."""
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        key = msgspec.json.decode(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, msgspec.DecodeError):
        raise ValueError("the cursor cannot be read") from None
    if not isinstance(key, list) or tuple(map(type, key)) != kinds:
        raise ValueError("the cursor belongs to another list")
    if any(isinstance(part, int) and not -(1 << 63) <= part < 1 << 63 for part in key):
        raise ValueError("the cursor cannot be read")
    return tuple(key)


def after(
    query: Select[Any],
    keys: Sequence[ColumnElement[Any]],
    text: str | None,
    kinds: tuple[type, ...],
    *,
    descending: bool,
) -> Select[Any]:
    """Order by `keys` and begin after the cursor."""
    if text is not None:
        place = tuple_(*opened(text, kinds))
        row = tuple_(*keys)
        query = query.where(row < place if descending else row > place)
    return query.order_by(*(key.desc() if descending else key for key in keys))


def page(
    rows: Sequence[tuple[Any, ...]],
    limit: int,
    view: Callable[[tuple[Any, ...]], T],
    key: Callable[[tuple[Any, ...]], Sequence[str | int]],
) -> Page[T]:
    """A page out of up to limit + 1 rows: the row too many says that there is more."""
    items = [view(row) for row in rows[:limit]]
    more = len(rows) > limit
    return Page(items=items, next=cursor(key(rows[limit - 1])) if more else None)


def holds(column: ColumnElement[Any], search: str) -> ColumnElement[bool]:
    """Whether the folded column contains `search`, taken as it is: no wildcards."""
    return column.contains(search.strip().casefold(), autoescape=True)
