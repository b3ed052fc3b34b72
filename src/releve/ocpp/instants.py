"""Timestamps: how stations write them, and how we do.

Requests and responses hold timezone-aware `datetime`s. msgspec reads every RFC 3339 form by itself (any number
of decimals, any offset); what it refuses and stations still send is read here.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

#: Stands for a time that could not be read in a message that must not be lost. Stations whose clock is
#: not set send 1970 themselves, so whoever reads times must doubt this one already.
UNREADABLE_TIME: Final = datetime(1970, 1, 1, tzinfo=UTC)

_LOOSE = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})[T ]+(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,](\d*))?)?"
    r"\s*(?:(Z)|([+-])(\d{1,2}):?(\d{2})?)?",
    re.IGNORECASE,
)
_MILLISECONDS_FROM = 1e11  # as seconds, that is the year 5138
_LONGEST = 64


def write_instant(instant: datetime) -> str:
    """RFC 3339 in UTC with milliseconds and `Z`; ValueError for a time without a zone.

    At most three decimals may be sent, and UTC with `Z` is recommended (2.x part 2, section 3.1).
    """
    if instant.tzinfo is not UTC:
        if instant.tzinfo is None:
            raise ValueError("a timestamp without a time zone cannot be sent")
        try:
            instant = instant.astimezone(UTC)
        except OverflowError:  # within a day of year 1 or 9999: keep the offset
            return instant.isoformat(timespec="milliseconds")
    return instant.isoformat(timespec="milliseconds")[:-6] + "Z"


def read_instant(value: object) -> tuple[datetime, str] | None:
    """The time that a station meant, and what was wrong with how it said it. None: unreadable."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _from_number(value)
    if not isinstance(value, str) or len(value) > _LONGEST:
        return None
    found = _LOOSE.fullmatch(value.strip())
    try:
        return _from_parts(found) if found else _from_other(value.strip())
    except (ValueError, OverflowError):
        return None


def _from_parts(found: re.Match[str]) -> tuple[datetime, str]:
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    micro = int((found[7] or "").ljust(6, "0")[:6])
    # Sums, because RFC 3339 has a leap second :60 and ISO 8601 an hour 24.
    local = datetime(year, month, day) + timedelta(  # noqa: DTZ001 - the zone comes below
        hours=_within(hour, 24), minutes=_within(minute, 59), seconds=_within(second, 60)
    )
    local += timedelta(microseconds=micro)
    if found[9]:
        offset = timedelta(hours=int(found[10]), minutes=int(found[11] or 0))
        zone = timezone(-offset if found[9] == "-" else offset)
        return local.replace(tzinfo=zone), "not written as RFC 3339"
    wrong = "not written as RFC 3339" if found[8] else "no time zone, read as UTC"
    return local.replace(tzinfo=UTC), wrong


def _within(value: int, most: int) -> int:
    if value > most:
        raise ValueError("time of day out of range")
    return value


def _from_other(text: str) -> tuple[datetime, str]:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=UTC)
    return instant, "not written as RFC 3339"


def _from_number(value: float) -> tuple[datetime, str] | None:
    try:
        seconds = value / 1000 if abs(value) >= _MILLISECONDS_FROM else value
        return datetime.fromtimestamp(seconds, UTC), "a number, read as Unix time"
    except (ValueError, OverflowError, OSError):
        return None
