"""Whether a car's own plan stays within what it was offered (K15.FR.11, K16.FR.06, K17.FR.11, K18.FR.11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from releve.domain.charging_profile import ChargingSchedule, ChargingSchedulePeriod
from releve.energy.composite import Composite, CompositePeriod

TOLERANCE = Fraction(1, 1000)
"""Rounding in the car and on the wire."""


@dataclass(frozen=True, slots=True)
class Excess:
    """At `moment` the car plans `planned` where `allowed` is allowed, both in the plan's unit."""

    moment: datetime
    planned: Fraction
    allowed: Fraction


def excess(plan: ChargingSchedule, time_base: datetime, offer: Composite) -> Excess | None:
    """The first moment at which the plan lies above the offer; None when it keeps to it.

    plan: its periods count from `time_base`. offer: what all profiles together allow, in the plan's unit.
    """
    starts = [time_base + timedelta(seconds=p.start_period) for p in plan.periods]
    ends = [*starts[1:], _end(plan, time_base, offer)]
    for start, end, period in zip(starts, ends, plan.periods, strict=True):
        edges = [start, *(p.start for p in offer.periods if start < p.start < end)]
        for moment in edges:
            if not offer.begin <= moment < offer.end:
                continue
            found = _above(period, offer.at(moment))
            if found is not None:
                return Excess(moment, *found)
    return None


def _end(plan: ChargingSchedule, time_base: datetime, offer: Composite) -> datetime:
    if plan.duration is None:
        return offer.end
    return time_base + timedelta(seconds=plan.duration)


def _above(
    period: ChargingSchedulePeriod, allowed: CompositePeriod
) -> tuple[Fraction, Fraction] | None:
    if period.limit is None or allowed.limit is None:
        return None
    pairs = [(Fraction(period.limit), allowed.limit)]
    for planned, limit in (
        (period.limit_l2, allowed.limit_l2),
        (period.limit_l3, allowed.limit_l3),
    ):
        if planned is not None:
            pairs.append((Fraction(planned), limit if limit is not None else allowed.limit))
    return next(
        ((planned, limit) for planned, limit in pairs if planned > limit * (1 + TOLERANCE)), None
    )
