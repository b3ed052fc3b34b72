"""What a station with known quirks sends, put right before it is understood.

The slow way, taken only for stations whose quirks say so (`Quirks.mends`). The payload as it came is kept beside it
(`Inbound.raw`), so nothing is lost by this.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from releve.domain.ledger import PLAUSIBLE_FROM
from releve.domain.quirks import Quirks

M = TypeVar("M", bound=msgspec.Struct)
Mend = Callable[[Any, Any], Any]
"""A member's owner and its value, to what the value should have been."""

_COMMA_NUMBER = re.compile(r"\s*[+-]?\d[\d. \u00a0]*,\d*\s*[A-Za-z%]*\s*\Z")
_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)\Z")


def mend(message: M, quirks: Quirks) -> M:
    """The message as a station by the book would have sent it."""
    mended: M = _mended(message, quirks)
    return mended


def told_zero(request: M) -> M:
    """A request about connector 1, for a station that calls its only connector 0 (`Quirks.connector_zero`)."""
    if getattr(request, "connector_id", None) != 1:
        return request
    told: M = msgspec.structs.replace(request, connector_id=0)
    return told


def _mended(value: Any, quirks: Quirks) -> Any:
    if isinstance(value, msgspec.Struct):
        return _struct(value, quirks)
    if isinstance(value, list):
        return [_mended(item, quirks) for item in value]
    if isinstance(value, datetime) and quirks.clock:
        return local_to_utc(value, quirks.clock)
    return value


def _struct(whole: msgspec.Struct, quirks: Quirks) -> Any:
    changes: dict[str, Any] = {}
    for name in whole.__struct_fields__:
        before = getattr(whole, name)
        after = _mended(before, quirks)
        if name == "sampled_value" and isinstance(after, list):
            after = _readings(after, quirks)
        elif name == "connector_id" and after == 0 and quirks.connector_zero:
            after = 1
        if after is not before:
            changes[name] = after
    return msgspec.structs.replace(whole, **changes) if changes else whole


def _readings(sampled: list[Any], quirks: Quirks) -> list[Any]:
    """Readings that count, under the names of the standard, with a decimal point."""
    named = [reading for each in sampled if (reading := _named(each, quirks)) is not None]
    present = {_what(r) for r in named if str(r.context) not in quirks.stale_contexts}
    counted = [
        reading
        for reading in named
        if str(reading.context) not in quirks.stale_contexts or _what(reading) not in present
    ]
    return [_pointed(reading) for reading in counted] if quirks.decimal_comma else counted


def _what(reading: Any) -> tuple[str, str, str]:
    return str(reading.measurand), str(reading.phase or ""), str(reading.location)


def _named(reading: Any, quirks: Quirks) -> Any:
    meant = quirks.measurands.get(str(reading.measurand).strip())
    if meant is None:
        return reading
    return msgspec.structs.replace(reading, measurand=meant) if meant else None


def _pointed(reading: Any) -> Any:
    text = reading.value
    if not isinstance(text, str) or not _COMMA_NUMBER.match(text):
        return reading
    digits = re.sub(r"(?<=\d)[.\s](?=\d)", "", text).replace(",", ".")
    return msgspec.structs.replace(reading, value=digits)


def local_to_utc(told: datetime, zone: str) -> datetime:
    """A local time that was told as UTC, in UTC. One from before the clock was set says nothing and stays."""
    if told < PLAUSIBLE_FROM:
        return told
    return told.astimezone(UTC).replace(tzinfo=_zone(zone)).astimezone(UTC)


@cache
def _zone(name: str) -> tzinfo:
    offset = _OFFSET.match(name)
    if offset is not None:
        minutes = int(offset[2]) * 60 + int(offset[3])
        return timezone(timedelta(minutes=-minutes if offset[1] == "-" else minutes))
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC
