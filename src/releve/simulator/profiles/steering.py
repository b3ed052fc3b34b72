"""Setpoints and discharge limits: what a car that can also give back is to do at a moment (2.1, block Q)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from releve.simulator.electrical import DEFAULT_PHASES, Supply, Unit
from releve.simulator.profiles.leading import Lead, leading_period, tx_lead
from releve.simulator.profiles.model import Curve, Mode, Profile, Purpose


@dataclass(frozen=True, slots=True)
class Signals:
    """What is measured or told beside the profiles: the grid's frequency, its operator's signal, an energy manager."""

    frequency_hz: float = 50.0
    afrr: int = 0
    setpoint_w: float | None = None


@dataclass(frozen=True, slots=True)
class Steering:
    """setpoint_w below zero: give back; None: no setpoint. discharge_w: zero or below; None: no limit told.

    station_wide: the setpoint is that of all EVSEs together.
    """

    mode: Mode
    setpoint_w: float | None = None
    discharge_w: float | None = None
    station_wide: bool = False


def steering(
    profiles: Sequence[Profile],
    supply: Supply,
    moment: datetime,
    origin: datetime,
    signals: Signals,
    *,
    priority: bool = False,
) -> Steering | None:
    """What the leading profiles say, or None when nothing but charging is meant.

    A setpoint from outside goes before that of the transaction (Q06.FR.21); of discharge limits the one that lets
    least out counts.
    """
    own = tx_lead(profiles, moment, origin, priority=priority)
    external = [p for p in profiles if p.purpose is Purpose.EXTERNAL]
    outside = leading_period(external, moment, origin)
    leads = [
        lead
        for lead in (outside, own)
        if lead is not None and lead[1].mode is not Mode.CHARGING_ONLY
    ]
    if not leads:
        return None
    limits = [
        _watts(lead, lead[1].discharge_limit, supply)
        for lead in leads
        if lead[1].discharge_limit is not None
    ]
    for lead in leads:
        setpoint_w = _setpoint_w(lead, supply, signals)
        if setpoint_w is not None:
            wide = lead[0].purpose is Purpose.EXTERNAL and lead[0].evse == 0
            return Steering(lead[1].mode, setpoint_w, max(limits, default=None), wide)
    return Steering(leads[-1][1].mode, None, max(limits, default=None))


def interpolated(curve: Curve, x: float) -> float:
    """The value of `curve` at `x`: a straight line between points, level beyond the last; 0 without points."""
    if not curve:
        return 0.0
    before = curve[0]
    for point in curve:
        if x <= point[0]:
            width = point[0] - before[0]
            share = (x - before[0]) / width if width > 0 else 1.0
            return before[1] + (point[1] - before[1]) * max(0.0, share)
        before = point
    return before[1]


def _setpoint_w(lead: Lead, supply: Supply, signals: Signals) -> float | None:
    profile, period = lead
    match period.mode:
        case Mode.IDLE:
            return 0.0
        case Mode.CENTRAL_SETPOINT | Mode.CENTRAL_FREQUENCY:
            return None if period.setpoint is None else _watts(lead, period.setpoint, supply)
        case Mode.EXTERNAL_SETPOINT:
            if profile.purpose is Purpose.EXTERNAL and period.setpoint is not None:
                return _watts(lead, period.setpoint, supply)
            return signals.setpoint_w  # Q05.FR.01
        case Mode.LOCAL_FREQUENCY:  # Q08: baseline, and what frequency and signal add
            return (
                period.baseline_w
                + interpolated(period.by_frequency, signals.frequency_hz)
                + interpolated(period.by_signal, signals.afrr)
            )
        case _:
            return None


def _watts(lead: Lead, value: float, supply: Supply) -> float:
    profile, period = lead
    if profile.schedule.unit is Unit.WATT:
        return value
    phases = supply.phases if supply.direct else min(period.phases or DEFAULT_PHASES, supply.phases)
    return value * supply.voltage_v * phases
