"""How values look to a person: numbers, energy, power, durations and times in their language and zone.

Absent values are shown as a dash: unknown is not zero.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale
from babel.dates import format_date, format_datetime, get_day_names
from babel.numbers import format_currency, format_decimal
from markupsafe import Markup

ABSENT = "–"


@lru_cache(maxsize=256)
def zone(name: str) -> ZoneInfo:
    """The zone that a browser named; UTC when it is unknown here."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def make_and_model(vendor: str, model: str) -> str:
    """Make and model in one; many makers begin the model's name with their own."""
    if model.casefold().startswith(vendor.casefold()):
        return model
    return f"{vendor} {model}".strip()


class Present:
    """Formats for one person. now: the system's time, to tell today from other days."""

    def __init__(self, language: str, zone_name: str, now: datetime) -> None:
        self.locale = Locale.parse(language)
        self.zone = zone(zone_name)
        self.now = now.astimezone(self.zone)

    # --- numbers ------------------------------------------------------------------------------------------------

    def number(self, value: float | Decimal | None, digits: int = 0) -> str:
        """A number with at most `digits` decimals, grouped as the language does."""
        if value is None:
            return ABSENT
        pattern = "#,##0" + ("." + "#" * digits if digits else "")
        return str(format_decimal(value, format=pattern, locale=self.locale))

    def fixed(self, value: float | None, digits: int) -> str:
        """A number with exactly `digits` decimals, so that columns line up."""
        if value is None:
            return ABSENT
        return str(format_decimal(value, format="#,##0." + "0" * digits, locale=self.locale))

    def kwh(self, wh: float | None, digits: int = 2) -> str:
        """Energy given in Wh."""
        return ABSENT if wh is None else f"{self.fixed(wh / 1000, digits)}\u00a0kWh"

    def kw(self, watts: float | None) -> str:
        """Power given in W."""
        return ABSENT if watts is None else f"{self.fixed(watts / 1000, 1)}\u00a0kW"

    def percent(self, value: float | None) -> str:
        """A value that is in percent already."""
        return ABSENT if value is None else f"{self.number(value)}\u00a0%"

    def money(self, amount: Decimal | None, currency: str) -> str:
        """An amount of money."""
        if amount is None:
            return ABSENT
        return str(format_currency(amount, currency, locale=self.locale))

    # --- times --------------------------------------------------------------------------------------------------

    @property
    def zone_label(self) -> str:
        """The zone in which times are shown, with its present offset."""
        offset = self.now.strftime("%z")
        return (
            f"{self.zone.key} (UTC{offset[:3]}:{offset[3:]})" if self.zone.key != "UTC" else "UTC"
        )

    def time(self, at: datetime | None) -> Markup | str:
        """Short: the time of day when it is today, else with its date."""
        if at is None:
            return ABSENT
        local = at.astimezone(self.zone)
        clock = f"{local:%H:%M}"
        if local.date() == self.now.date():
            return self._element(at, clock)
        day = "d MMM" if local.year == self.now.year else "d MMM y"
        return self._element(at, f"{format_date(local, day, locale=self.locale)}, {clock}")

    def moment(self, at: datetime | None) -> Markup | str:
        """Full: date, time to the second, and the zone."""
        if at is None:
            return ABSENT
        local = at.astimezone(self.zone)
        text = format_datetime(local, "d MMM y, HH:mm:ss", locale=self.locale)
        return self._element(at, f"{text} {local.tzname()}")

    def clock(self, at: datetime) -> Markup:
        """Date and time to the millisecond, for logs."""
        local = at.astimezone(self.zone)
        day = (
            ""
            if local.date() == self.now.date()
            else f"{format_date(local, 'd MMM', locale=self.locale)} "
        )
        return self._element(at, f"{day}{local:%H:%M:%S}.{local.microsecond // 1000:03d}")

    def _element(self, at: datetime, text: str) -> Markup:
        iso = iso_utc(at)
        return Markup('<time datetime="{}" title="{}">{}</time>').format(iso, iso, text)

    def duration(self, start: datetime | None, end: datetime | None = None) -> str:
        """From start to end, or until now: "45 s", "12 min", "1 h 05 min", "3 d 4 h"."""
        if start is None:
            return ABSENT
        return self.span(((end or self.now) - start).total_seconds())

    def span(self, seconds: float) -> str:
        """A duration in seconds, in words; days are "j" in French."""
        total = max(0, round(seconds))
        minutes, rest = divmod(total, 60)
        hours, minutes = divmod(minutes, 60)
        days, hours = divmod(hours, 24)
        if days:
            return f"{days} {'j' if self.locale.language == 'fr' else 'd'} {hours} h"
        if hours:
            return f"{hours} h {minutes:02d} min"
        return f"{minutes} min" if minutes else f"{rest} s"

    @property
    def weekdays(self) -> list[str]:
        """Names of the days, Monday first."""
        names = get_day_names("wide", locale=self.locale)
        return [str(names[number]) for number in range(7)]

    def field(self, at: datetime | None) -> str:
        """The value of an `<input type="datetime-local">`."""
        return "" if at is None else f"{at.astimezone(self.zone):%Y-%m-%dT%H:%M}"

    def read(self, text: str, *, end: bool = False) -> datetime | None:
        """A date or local time from a form, in the person's zone; None when empty. ValueError when it is neither.

        end: a date alone means the end of that day.
        """
        text = text.strip()
        if not text:
            return None
        local = datetime.fromisoformat(text)
        if end and len(text) == len("2026-01-31"):
            local += timedelta(days=1)
        return local.replace(tzinfo=self.zone).astimezone(UTC)


def iso_utc(at: datetime) -> str:
    """ISO 8601 in UTC, to the second, or to the millisecond where there is one."""
    at = at.astimezone(UTC)
    precision = "milliseconds" if at.microsecond else "seconds"
    return at.isoformat(timespec=precision).replace("+00:00", "Z")


def pretty(text: str) -> str:
    """JSON text, indented; anything else as it is. Numbers and their digits are not touched."""
    try:
        value = json.loads(text, parse_float=_Verbatim, parse_int=_Verbatim)
    except (ValueError, RecursionError):
        return text
    return _indented(value, 0)


def pretty_value(value: Any) -> str:
    """A JSON value, indented."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


class _Verbatim(str):
    """A number exactly as the station wrote it: 7.10 must not become 7.1 on the way to a person."""

    __slots__ = ()


def _indented(value: Any, depth: int) -> str:
    inner, outer = "  " * (depth + 1), "  " * depth
    if isinstance(value, _Verbatim):
        return str(value)
    if isinstance(value, dict) and value:
        rows = [
            f"{inner}{json.dumps(k, ensure_ascii=False)}: {_indented(v, depth + 1)}"
            for k, v in value.items()
        ]
    elif isinstance(value, list) and value:
        rows = [inner + _indented(v, depth + 1) for v in value]
    else:
        return json.dumps(value, ensure_ascii=False)
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return f"{opening}\n" + ",\n".join(rows) + f"\n{outer}{closing}"
