"""Which profiles lead at a moment: of each purpose the one of the highest stack level that has a period then."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import msgspec

from releve.domain.charging_profile import ChargingSchedulePeriod, Purpose, RateUnit
from releve.energy.course import Course, Frame, Installed
from releve.energy.supply import Supply

STATION_WIDE = (Purpose.EXTERNAL_CONSTRAINTS, Purpose.STATION_MAX)


@dataclass(frozen=True, slots=True)
class Case:
    """An EVSE, and what goes on there. evse 0: the station by itself.

    transaction: the station's name of the one that runs there; None: reckoned as if one began (K08.FR.06). priority:
    priority charging is on (K21.FR.04). soc: the car's state of charge in percent, None when it is not told.
    """

    evse: int
    supply: Supply
    frame: Frame
    transaction: str | None = None
    priority: bool = False
    soc: int | None = None
    setpoint_by_csms: bool = False


@dataclass(frozen=True, slots=True)
class Lead:
    """The profile that leads in its purpose, and its period."""

    purpose: Purpose
    profile: int
    unit: RateUnit
    period: ChargingSchedulePeriod


def courses(case: Case, profiles: Iterable[Installed]) -> list[Course]:
    """The profiles that touch an EVSE: its own, and the station's."""
    return [
        Course(installed, case.frame)
        for installed in profiles
        if installed.evse in (0, case.evse)
        and installed.profile.schedules
        and (
            installed.profile.purpose is not Purpose.TX
            or installed.profile.transaction_id == case.transaction
        )
    ]


def leading(
    purpose: Purpose, touching: Sequence[Course], moment: datetime, soc: int | None
) -> Lead | None:
    """K01.FR.17. On equal levels the EVSE's own goes before the station's (1.6, 3.13.1)."""
    best: tuple[int, bool] | None = None
    lead = None
    for course in touching:
        if course.profile.purpose is not purpose:
            continue
        rank = (course.profile.stack_level, course.installed.evse != 0)
        if best is not None and rank <= best:
            continue
        period = course.at(moment)
        if period is not None:
            best = rank
            lead = Lead(
                purpose, course.profile.id, course.schedule.unit, _at_soc(course, period, soc)
            )
    return lead


def transaction_lead(touching: Sequence[Course], moment: datetime, case: Case) -> Lead | None:
    """What limits the transaction itself: priority charging, else its own profile, else the default one.

    Where a TxProfile has nothing to say, the default one applies again (K02.FR.08).
    """
    if case.priority:
        lead = leading(Purpose.PRIORITY, touching, moment, case.soc)
        if lead is not None:
            return lead  # K21.FR.04
    own = leading(Purpose.TX, touching, moment, case.soc)
    return own or leading(Purpose.TX_DEFAULT, touching, moment, case.soc)


def _at_soc(
    course: Course, period: ChargingSchedulePeriod, soc: int | None
) -> ChargingSchedulePeriod:
    """K01.FR.100: from a state of charge on, no more than its limit."""
    cap = course.schedule.limit_at_soc
    if cap is None or soc is None or soc < cap.soc:
        return period

    def least(value: Decimal | None) -> Decimal | None:
        return None if value is None else min(value, cap.limit)

    return msgspec.structs.replace(
        period,
        limit=cap.limit if period.limit is None else least(period.limit),
        limit_l2=least(period.limit_l2),
        limit_l3=least(period.limit_l3),
        setpoint=least(period.setpoint),
        setpoint_l2=least(period.setpoint_l2),
        setpoint_l3=least(period.setpoint_l3),
    )
