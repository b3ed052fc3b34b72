"""Making a profile fit what a station can take, without ever allowing more than was asked for.

Each change is told in words. What cannot be made to fit is told too, as the reason not to send.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import msgspec

from releve.domain.charging_abilities import Abilities
from releve.domain.charging_profile import (
    ChargingProfile,
    ChargingSchedule,
    ChargingSchedulePeriod,
    Kind,
    Purpose,
    RateUnit,
)
from releve.energy.supply import Supply, down

WATT_DIGITS = 1
_PARTS = (
    "limit",
    "limit_l2",
    "limit_l3",
)
_OTHERS = (
    "discharge_limit",
    "discharge_limit_l2",
    "discharge_limit_l3",
    "setpoint",
    "setpoint_l2",
    "setpoint_l3",
)


@dataclass(frozen=True, slots=True)
class Adapted:
    """profile: what is to be sent. changes: what was made different. refusal: why it cannot go at all."""

    profile: ChargingProfile
    changes: tuple[str, ...] = ()
    refusal: str = ""


def adapt(
    profile: ChargingProfile, able: Abilities, supply: Supply, now: datetime, origin: datetime
) -> Adapted:
    """The profile as this station can take it. origin: where a Relative schedule would start."""
    changes: list[str] = []
    if able.tx_default_only and profile.purpose is not Purpose.TX_DEFAULT:
        if profile.purpose is not Purpose.TX:
            return Adapted(profile, (), "Stations of this family obey a TxDefaultProfile only.")
        changes.append(
            "It went as a TxDefaultProfile, all that the station obeys: it outlasts the transaction."
        )
        profile = msgspec.structs.replace(profile, purpose=Purpose.TX_DEFAULT, transaction_id=None)
    if able.kinds and profile.kind not in able.kinds:
        other = _other_kind(profile, able, now, origin)
        if other is None:
            known = ", ".join(sorted(able.kinds))
            return Adapted(profile, (), f"The station takes only profiles of kind {known}.")
        changes.append(f"The kind {profile.kind} became {other.kind}, which the station takes.")
        profile = other
    profile = _level(profile, able, changes)
    schedules = []
    for schedule in profile.schedules:
        schedule = _unit(schedule, able, supply, changes)
        schedule = _digits(schedule, able, changes)
        schedules.append(_fewer(schedule, able, changes))
    done = msgspec.structs.replace(profile, schedules=tuple(schedules))
    return Adapted(done, tuple(dict.fromkeys(changes)))


def _other_kind(
    profile: ChargingProfile, able: Abilities, now: datetime, origin: datetime
) -> ChargingProfile | None:
    """The same limits in a kind that the station takes, where there is one."""
    if profile.kind is Kind.RELATIVE and Kind.ABSOLUTE in able.kinds:
        return _restarted(profile, Kind.ABSOLUTE, origin)
    steady = all(
        len(s.periods) == 1
        and s.duration is None
        and s.start_schedule is not None
        and s.start_schedule <= now
        for s in profile.schedules
    )
    if profile.kind is Kind.ABSOLUTE and Kind.RELATIVE in able.kinds and steady:
        return _restarted(profile, Kind.RELATIVE, None)
    return None


def _restarted(profile: ChargingProfile, kind: Kind, start: datetime | None) -> ChargingProfile:
    schedules = tuple(msgspec.structs.replace(s, start_schedule=start) for s in profile.schedules)
    return msgspec.structs.replace(profile, kind=kind, schedules=schedules)


def _level(profile: ChargingProfile, able: Abilities, changes: list[str]) -> ChargingProfile:
    wanted, most = profile.stack_level, able.max_stack_level
    level = wanted if most is None else min(wanted, most)
    if able.stack_levels and level not in able.stack_levels:
        below = [known for known in able.stack_levels if known <= level]
        level = max(below) if below else min(able.stack_levels)
    if level == wanted:
        return profile
    changes.append(f"Stack level {wanted} became {level}, which the station takes.")
    return msgspec.structs.replace(profile, stack_level=level)


def _unit(
    schedule: ChargingSchedule, able: Abilities, supply: Supply, changes: list[str]
) -> ChargingSchedule:
    """The other unit, when the station does not take this one (K01.FR.26)."""
    if not able.units or schedule.unit in able.units:
        return schedule
    unit = next(iter(able.units))
    changes.append(f"Limits were converted from {schedule.unit} to {unit}, the unit it takes.")
    digits = _places(able, unit)
    periods = tuple(_converted(p, schedule.unit, unit, supply, digits) for p in schedule.periods)
    rate, cap = schedule.min_charging_rate, schedule.limit_at_soc
    first = schedule.periods[0] if schedule.periods else ChargingSchedulePeriod()

    def one(value: Decimal) -> Decimal:
        return down(_across(value, schedule.unit, unit, supply, first, whole=True), digits)

    return msgspec.structs.replace(
        schedule,
        unit=unit,
        periods=periods,
        min_charging_rate=None if rate is None else one(rate),
        limit_at_soc=None if cap is None else msgspec.structs.replace(cap, limit=one(cap.limit)),
    )


def _converted(
    period: ChargingSchedulePeriod, old: RateUnit, new: RateUnit, supply: Supply, digits: int
) -> ChargingSchedulePeriod:
    changed: dict[str, Decimal] = {}
    for name in (*_PARTS, *_OTHERS):
        value: Decimal | None = getattr(period, name)
        if value is None:
            continue
        stem = name.removesuffix("_l2").removesuffix("_l3")
        whole = getattr(period, f"{stem}_l2") is None and getattr(period, f"{stem}_l3") is None
        exact = _across(abs(value), old, new, supply, period, whole=whole)
        # Less in amount is less in effect, for discharging too.
        changed[name] = down(exact, digits).copy_sign(value)
    return msgspec.structs.replace(period, **changed)


def _across(
    value: Decimal,
    old: RateUnit,
    new: RateUnit,
    supply: Supply,
    period: ChargingSchedulePeriod,
    *,
    whole: bool,
) -> Fraction:
    """whole: the value counts for all phases of the period, not for one."""
    exact = Fraction(value)
    if old is new:
        return exact
    # Watts count for the phases of the period, whatever the outlet has (K01.FR.49, K01.FR.50).
    phases = supply.given_phases(period.number_phases) if whole else 1
    each = supply.voltage_v * phases
    return exact * each if new is RateUnit.WATT else exact / each


def _places(able: Abilities, unit: RateUnit) -> int:
    if unit is RateUnit.AMPERE and able.whole_amps:
        return 0
    return WATT_DIGITS if able.decimals is None else able.decimals


def _digits(schedule: ChargingSchedule, able: Abilities, changes: list[str]) -> ChargingSchedule:
    """Fewer digits behind the point, rounded towards nothing."""
    whole = able.whole_amps and schedule.unit is RateUnit.AMPERE
    if able.decimals is None and not whole:
        return schedule
    digits = _places(able, schedule.unit)

    def cut(value: Decimal | None) -> Decimal | None:
        return None if value is None else down(Fraction(abs(value)), digits).copy_sign(value)

    periods = tuple(
        msgspec.structs.replace(p, **{n: cut(getattr(p, n)) for n in (*_PARTS, *_OTHERS)})
        for p in schedule.periods
    )
    rate = cut(schedule.min_charging_rate)
    done = msgspec.structs.replace(schedule, periods=periods, min_charging_rate=rate)
    if done != schedule:
        what = "whole amperes" if whole else f"{digits} digit behind the point"
        changes.append(f"Limits were rounded down to {what}.")
    return done


def _fewer(schedule: ChargingSchedule, able: Abilities, changes: list[str]) -> ChargingSchedule:
    periods = fewer_periods(schedule.periods, schedule.duration, able.max_periods)
    before, after = len(schedule.periods), len(periods)
    if before == after:
        return schedule
    changes.append(
        f"{before} periods became {after}, all that the station takes; no limit was raised."
    )
    return msgspec.structs.replace(schedule, periods=periods)


def fewer_periods(
    periods: tuple[ChargingSchedulePeriod, ...], duration: int | None, most: int | None
) -> tuple[ChargingSchedulePeriod, ...]:
    """At most so many periods: neighbours are joined under the lower limit, where that costs the least energy."""
    if most is None or len(periods) <= max(1, most):
        return periods
    kept = list(periods)
    while len(kept) > max(1, most):
        n = min(range(len(kept) - 1), key=lambda i: _loss(kept, i, duration))
        kept[n : n + 2] = [_joined(kept[n], kept[n + 1])]
    return tuple(kept)


def _loss(periods: Sequence[ChargingSchedulePeriod], n: int, duration: int | None) -> Fraction:
    """Limit times seconds that are given away when period n and the next become one."""
    a, b = periods[n], periods[n + 1]
    if n + 2 < len(periods):
        end = periods[n + 2].start_period
    else:
        longest = max((y.start_period - x.start_period for x, y in pairwise(periods)), default=0)
        end = duration if duration is not None else b.start_period + max(longest, 3600)
    low = min(_height(a), _height(b))
    first = (_height(a) - low) * (b.start_period - a.start_period)
    return first + (_height(b) - low) * max(0, end - b.start_period)


def _height(period: ChargingSchedulePeriod) -> Fraction:
    return Fraction(period.limit if period.limit is not None else 0)


def _joined(a: ChargingSchedulePeriod, b: ChargingSchedulePeriod) -> ChargingSchedulePeriod:
    """Both under the lower limit, on the fewer phases. Of two different steerings the calmer is kept."""
    changed: dict[str, object] = {}
    for name in _PARTS:
        changed[name] = _least(getattr(a, name), getattr(b, name))
    if a.number_phases is not None or b.number_phases is not None:
        changed["number_phases"] = min(a.phases, b.phases)
    for name in _OTHERS:
        one, other = getattr(a, name), getattr(b, name)
        changed[name] = None if one is None or other is None else min((one, other), key=abs)
    return msgspec.structs.replace(a, **changed)


def _least(a: Decimal | None, b: Decimal | None) -> Decimal | None:
    known = [x for x in (a, b) if x is not None]
    return min(known) if known else None
