"""Whether the conditions of a price hold, and at which instants of local time they may change."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec

from releve.domain.tariff import Conditions

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Situation(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What conditions ask about. None: not known, and then a condition about it does not hold."""

    local: datetime
    energy_wh: float = 0.0
    power_w: float | None = None
    current_a: float | None = None
    time_s: float = 0.0
    charging_s: float = 0.0
    idle_s: float = 0.0
    """Of the idle time that runs, since the last charging."""
    evse_kind: str | None = None
    payment_brand: str | None = None
    payment_recognition: str | None = None


def holds(conditions: Conditions | None, s: Situation) -> bool:
    """Whether all conditions hold; no conditions always do."""
    if conditions is None:
        return True
    c = conditions
    return (
        _in_day(c, s.local)
        and _in_dates(c, s.local.date())
        and (not c.day_of_week or DAYS[s.local.weekday()] in c.day_of_week)
        and _same(c.evse_kind, s.evse_kind)
        and _same(c.payment_brand, s.payment_brand)
        and _same(c.payment_recognition, s.payment_recognition)
        and _within(c.min_energy, c.max_energy, s.energy_wh)
        and _within(c.min_power, c.max_power, s.power_w)
        and _within(c.min_current, c.max_current, s.current_a)
        and _within(c.min_time, c.max_time, s.time_s)
        and _within(c.min_charging_time, c.max_charging_time, s.charging_s)
        and _within(c.min_idle_time, c.max_idle_time, s.idle_s)
    )


def _same(wanted: str | None, known: str | None) -> bool:
    return wanted is None or (known is not None and wanted.casefold() == known.casefold())


def _within(low: Decimal | int | None, high: Decimal | int | None, amount: float | None) -> bool:
    if low is None and high is None:
        return True
    if amount is None:
        return False
    return (low is None or amount >= float(low)) and (high is None or amount < float(high))


def _in_dates(c: Conditions, day: date) -> bool:
    return (c.valid_from_date is None or day >= date.fromisoformat(c.valid_from_date)) and (
        c.valid_to_date is None or day < date.fromisoformat(c.valid_to_date)
    )


def _in_day(c: Conditions, local: datetime) -> bool:
    """A start after its end spans midnight: 22:00 to 06:00 is the night."""
    if c.start_time_of_day is None and c.end_time_of_day is None:
        return True
    start = time.fromisoformat(c.start_time_of_day or "00:00")
    end = time.fromisoformat(c.end_time_of_day or "00:00")
    now = local.time()
    if end == time(0):
        return now >= start
    if start <= end:
        return start <= now < end
    return now >= start or now < end


def local_marks(
    conditions: Iterable[Conditions], start: datetime, end: datetime, zone: ZoneInfo
) -> set[datetime]:
    """Instants between `start` and `end` at which a time of day, a day or a date of the conditions begins or ends.

    Local time rules, also over its changes in spring and autumn (I12.FR.37).
    """
    times: set[time] = set()
    for c in conditions:
        for text in (c.start_time_of_day, c.end_time_of_day):
            if text is not None:
                times.add(time.fromisoformat(text))
        if c.day_of_week or c.valid_from_date or c.valid_to_date:
            times.add(time(0))
    marks: set[datetime] = set()
    day = start.astimezone(zone).date()
    last = end.astimezone(zone).date()
    while times and day <= last:
        marks.update(datetime.combine(day, t, zone).astimezone(start.tzinfo) for t in times)
        day += timedelta(days=1)
    return {mark for mark in marks if start < mark < end}
