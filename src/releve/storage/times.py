"""Times as the database keeps them: whole microseconds since the epoch, UTC, in one 64-bit integer.

Sortable, the same in every database, without zones. See docs/decisions/0004-times-and-ids.md.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import overload

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
DAY_US = 86_400_000_000
BUCKET_US = 900_000_000
"""A quarter of an hour. Rows of one quarter lie together (see `tables.py`, "Buckets")."""


@overload
def micros(at: datetime) -> int: ...
@overload
def micros(at: None) -> None: ...
@overload
def micros(at: datetime | None) -> int | None: ...
def micros(at: datetime | None) -> int | None:
    """Microseconds since the epoch of an aware time; exact. None stays None. TypeError without a zone."""
    return None if at is None else (at - EPOCH) // MICROSECOND


@overload
def moment(at_us: int) -> datetime: ...
@overload
def moment(at_us: None) -> None: ...
@overload
def moment(at_us: int | None) -> datetime | None: ...
def moment(at_us: int | None) -> datetime | None:
    """The aware UTC time of `micros`. None stays None."""
    return None if at_us is None else EPOCH + timedelta(microseconds=at_us)


def midnight_us(now: datetime) -> int:
    """The last midnight UTC, microseconds."""
    now_us = micros(now)
    return now_us - now_us % DAY_US
