"""The form of a limit, and the charging profile that it means."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation

from releve.domain.charging_profile import (
    ChargingProfile,
    ChargingSchedule,
    ChargingSchedulePeriod,
    Kind,
    Purpose,
    RateUnit,
    Recurrency,
)
from releve.services.errors import Invalid
from releve.web.forms import Form
from releve.web.i18n import N_

LINE = re.compile(r"(\d{1,2}):(\d{2})\s+(\S+)")
DAY_S = 86_400
EARLIER = timedelta(minutes=1)
"""A limit starts a minute ago: a station's clock may be slow."""


def limit_of(form: Form, now: datetime) -> tuple[int, ChargingProfile]:
    """EVSE and profile. now: with the person's zone, in which the hours of a day are meant."""
    evse = form.integer("evse") or 0
    unit = RateUnit(form.choice("unit", tuple(RateUnit)))
    phases = form.integer("phases", least=1, most=3)
    level = form.integer("level") or 0
    until = _until(form, now)
    purpose = Purpose.STATION_MAX if evse == 0 else Purpose.TX_DEFAULT
    if form.flag("transaction") and evse:
        purpose = Purpose.TX
    hours = form.text("hours")
    if hours:
        schedule = _daily(hours, unit, phases, now)
    else:
        period = ChargingSchedulePeriod(
            limit=decimal(form.required("limit"), "limit"), number_phases=phases
        )
        start = now.astimezone(UTC).replace(microsecond=0) - EARLIER
        schedule = ChargingSchedule(unit=unit, periods=(period,), start_schedule=start)
    profile = ChargingProfile(
        stack_level=level,
        purpose=purpose,
        kind=Kind.RECURRING if hours else Kind.ABSOLUTE,
        recurrency=Recurrency.DAILY if hours else None,
        valid_to=until,
        schedules=(schedule,),
    )
    return evse, profile


def start_profile(form: Form) -> ChargingProfile | None:
    """The limit that a started transaction begins with, for its whole length or its first minutes; None: none."""
    if not form.text("limit"):
        if form.text("limit_minutes"):
            raise Invalid(N_("This is needed."), field="limit")
        return None
    minutes = form.integer("limit_minutes", least=1, most=60 * 24 * 366)
    period = ChargingSchedulePeriod(
        limit=decimal(form.text("limit"), "limit"),
        number_phases=form.integer("phases", least=1, most=3),
    )
    schedule = ChargingSchedule(
        unit=RateUnit(form.choice("unit", tuple(RateUnit))),
        periods=(period,),
        duration=None if minutes is None else 60 * minutes,
    )
    return ChargingProfile(purpose=Purpose.TX, kind=Kind.RELATIVE, schedules=(schedule,))


def decimal(text: str, field: str) -> Decimal:
    """A number of zero or more, with point or comma."""
    try:
        value = Decimal(text.replace(",", "."))
    except InvalidOperation:
        raise Invalid(N_("This is not a number."), field=field) from None
    if not value.is_finite() or not 0 <= value <= 1_000_000:
        raise Invalid(N_("This number is too small or too large."), field=field)
    return value


def _until(form: Form, now: datetime) -> datetime | None:
    minutes = form.integer("minutes", least=1)
    return None if minutes is None else now.astimezone(UTC) + timedelta(minutes=minutes)


def _daily(text: str, unit: RateUnit, phases: int | None, now: datetime) -> ChargingSchedule:
    """Lines such as `22:00 16`. Before the first hour the last of the day before goes on."""
    steps: dict[int, Decimal] = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        found = LINE.fullmatch(line.strip())
        if found is None or int(found[1]) > 23 or int(found[2]) > 59:
            raise Invalid(N_("Write one line for each hour, as in 22:00 16."), field="hours")
        steps[int(found[1]) * 3600 + int(found[2]) * 60] = decimal(found[3], "hours")
    ordered = sorted(steps.items())
    if not ordered:
        raise Invalid(N_("Write one line for each hour, as in 22:00 16."), field="hours")
    if ordered[0][0] != 0:
        ordered.insert(0, (0, ordered[-1][1]))
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return ChargingSchedule(
        unit=unit,
        duration=DAY_S,
        start_schedule=midnight.astimezone(UTC),
        periods=tuple(
            ChargingSchedulePeriod(start_period=second, limit=limit, number_phases=phases)
            for second, limit in ordered
        ),
    )
