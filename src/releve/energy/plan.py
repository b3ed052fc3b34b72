"""A schedule for a car that told its needs: within all limits, enough by departure, where power is cheap.

The schedule offers limits, the car takes what it wants below them. Without a price level it may charge at once, as fast
as is allowed; with price levels it is let charge in the cheapest hours that suffice until it leaves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from releve.domain.charging_needs import ChargingNeeds
from releve.domain.charging_profile import (
    ChargingSchedule,
    ChargingSchedulePeriod,
    RateUnit,
    SalesTariff,
    SalesTariffEntry,
    TimeInterval,
)
from releve.energy.adapt import fewer_periods
from releve.energy.composite import Composite
from releve.energy.supply import Supply, down

MARGIN = Fraction(11, 10)
"""Losses, a car that is slow to start, a limit that is not quite reached."""
HOUR_S = 3600
DIGITS = 1
MOST_ENTRIES = 1024


@dataclass(frozen=True, slots=True)
class PriceLevel:
    """From `start` on, power costs this level: 1 is the cheapest."""

    start: datetime
    level: int


@dataclass(frozen=True, slots=True)
class _Span:
    start: datetime
    end: datetime
    amperes: Fraction
    watts: Fraction
    phases: int
    level: int

    @property
    def energy_wh(self) -> Fraction:
        return self.watts * Fraction((self.end - self.start) / timedelta(seconds=1)) / HOUR_S


def plan(
    needs: ChargingNeeds,
    offer: Composite,
    supply: Supply,
    levels: Sequence[PriceLevel],
    now: datetime,
    most_periods: int | None,
) -> ChargingSchedule | None:
    """One schedule that starts `now`; None when nothing at all may be charged within the offer's time.

    offer: what all other profiles allow, in amperes. levels: ascending; empty when prices do not matter.
    """
    spans = _spans(needs, offer, supply, levels, now)
    if not any(span.watts > 0 for span in spans):
        return None
    chosen = _cheapest(spans, needs)
    told = [
        span
        if span in chosen or _after(span, needs)
        else replace(span, amperes=Fraction(0), watts=Fraction(0))
        for span in spans
    ]
    unit = RateUnit.WATT if supply.direct or needs.direct else RateUnit.AMPERE
    periods = _periods(told, unit, now)
    tariff = _tariff(levels, now) if levels and needs.scheduled and not needs.iso15118_20 else None
    if tariff is not None and len(tariff.sales_tariff_entry) > (most_periods or MOST_ENTRIES):
        tariff = None
    return ChargingSchedule(
        id=1,
        unit=unit,
        start_schedule=now,
        periods=fewer_periods(tuple(periods), None, most_periods),  # K15.FR.07
        sales_tariff=tariff,
    )


def _spans(
    needs: ChargingNeeds,
    offer: Composite,
    supply: Supply,
    levels: Sequence[PriceLevel],
    now: datetime,
) -> list[_Span]:
    marks = {now, offer.end, *(p.start for p in offer.periods), *(each.start for each in levels)}
    if needs.departure_at is not None:
        marks.add(needs.departure_at)
    edges = sorted(mark for mark in marks if now <= mark <= offer.end)
    return [
        _span(needs, offer, supply, _level_at(levels, start), start, end)
        for start, end in pairwise(edges)
    ]


def _span(
    needs: ChargingNeeds,
    offer: Composite,
    supply: Supply,
    level: int,
    start: datetime,
    end: datetime,
) -> _Span:
    allowed = offer.at(start)
    phases = 3 if supply.direct else min(needs.phases, allowed.number_phases or supply.phases)
    limits = [allowed.limit, allowed.limit_l2, allowed.limit_l3, supply.max_current_a]
    if not supply.direct and needs.max_current_a is not None:
        limits.append(Fraction(needs.max_current_a))
    if needs.max_power_w is not None:
        limits.append(Fraction(needs.max_power_w) / (supply.voltage_v * phases))
    amperes = min((limit for limit in limits if limit is not None), default=Fraction(32))
    return _Span(start, end, amperes, supply.watts(amperes, phases), phases, level)


def _level_at(levels: Sequence[PriceLevel], moment: datetime) -> int:
    found = 0
    for each in levels:
        if each.start > moment:
            break
        found = each.level
    return found


def _after(span: _Span, needs: ChargingNeeds) -> bool:
    """Past its departure: a car that is still there may go on."""
    return needs.departure_at is not None and span.start >= needs.departure_at


def _cheapest(spans: Sequence[_Span], needs: ChargingNeeds) -> list[_Span]:
    """The cheapest spans, the earlier first, that give the energy by departure; all when no price tells them apart."""
    before = [span for span in spans if not _after(span, needs)]
    wanted = needs.energy_wh if needs.energy_wh is not None else needs.max_energy_wh
    if wanted is None or len({span.level for span in before}) == 1:
        return before
    missing = Fraction(wanted) * MARGIN
    chosen: list[_Span] = []
    for span in sorted(before, key=lambda s: (s.level, s.start)):
        if missing <= 0:
            break
        chosen.append(span)
        missing -= span.energy_wh
    return chosen


def _periods(spans: Sequence[_Span], unit: RateUnit, now: datetime) -> list[ChargingSchedulePeriod]:
    periods: list[ChargingSchedulePeriod] = []
    for span in spans:
        value = span.watts if unit is RateUnit.WATT else span.amperes
        limit: Decimal = down(value, DIGITS)
        phases = None if unit is RateUnit.WATT else span.phases
        start = int((span.start - now) / timedelta(seconds=1))
        if periods and (periods[-1].limit, periods[-1].number_phases) == (limit, phases):
            continue
        if periods and periods[-1].start_period == start:
            periods.pop()
        periods.append(
            ChargingSchedulePeriod(start_period=start, limit=limit, number_phases=phases)
        )
    return periods


def _tariff(levels: Sequence[PriceLevel], now: datetime) -> SalesTariff:
    """The price levels from now on, so that the car can choose by itself (ISO 15118-2)."""
    current = _level_at(levels, now)
    steps = [(0, current or levels[0].level)]
    steps += [
        (int((each.start - now) / timedelta(seconds=1)), each.level)
        for each in levels
        if each.start > now
    ]
    entries = tuple(
        SalesTariffEntry(relative_time_interval=TimeInterval(start=start), e_price_level=level)
        for start, level in steps
    )
    return SalesTariff(
        id=1,
        num_e_price_levels=len({level for _, level in steps}),
        sales_tariff_entry=entries,
    )
