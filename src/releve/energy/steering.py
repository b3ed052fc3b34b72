"""Setpoints and discharge limits of a moment: what steers a car that can also give power back (block Q)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from releve.domain.charging_profile import OperationMode, Purpose, RateUnit
from releve.energy.leading import Case, Lead
from releve.energy.supply import Supply


@dataclass(frozen=True, slots=True)
class Steering:
    """In the composite's unit. A setpoint is followed as closely as can be; below zero is discharging."""

    setpoint: Fraction | None = None
    setpoint_reactive: Fraction | None = None
    discharge_limit: Fraction | None = None
    mode: OperationMode | None = None


NOTHING = Steering()


def steering(leads: Sequence[Lead], case: Case, unit: RateUnit) -> Steering:
    """The setpoint that goes before the other, and of discharge limits the one that lets least out (SC.04)."""
    modes = {lead.period.operation_mode for lead in leads} - {None}
    if not modes:
        return NOTHING
    supply = case.supply
    limits = [
        value
        for lead in leads
        if (value := _total(lead, "discharge_limit", supply, unit)) is not None
    ]
    first = _first(leads, case.setpoint_by_csms)
    own = next((lead for lead in leads if lead.purpose not in _WIDE), None)
    mode_lead = first or own or leads[-1]
    return Steering(
        setpoint=None if first is None else _total(first, "setpoint", supply, unit),
        setpoint_reactive=None
        if first is None
        else _total(first, "setpoint_reactive", supply, unit),
        discharge_limit=max(limits, default=None),
        mode=mode_lead.period.operation_mode,
    )


_WIDE = (Purpose.STATION_MAX, Purpose.EXTERNAL_CONSTRAINTS)


def _first(leads: Sequence[Lead], by_csms: bool) -> Lead | None:
    """Of two setpoints the external one counts, unless the station says otherwise (Q06.FR.21, Q06.FR.22)."""
    steered = [
        lead
        for lead in leads
        if lead.period.setpoint is not None or lead.period.setpoint_reactive is not None
    ]
    outside = [lead for lead in steered if lead.purpose is Purpose.EXTERNAL_CONSTRAINTS]
    inside = [lead for lead in steered if lead.purpose is not Purpose.EXTERNAL_CONSTRAINTS]
    order = [*inside, *outside] if by_csms else [*outside, *inside]
    return order[0] if order else None


def _total(lead: Lead, name: str, supply: Supply, unit: RateUnit) -> Fraction | None:
    """A value of all phases in `unit`; where phases differ, their sum in watts, or the mean of their amperes."""
    parts: list[Decimal | None] = [getattr(lead.period, f"{name}{p}") for p in ("", "_l2", "_l3")]
    if parts[0] is None:
        return None
    phases = supply.given_phases(lead.period.number_phases)
    known = [Fraction(part) for part in parts if part is not None]
    if len(known) == 1:
        if lead.unit is unit:
            return known[0]
        each = supply.voltage_v * phases
        return known[0] * each if unit is RateUnit.WATT else known[0] / each
    total = sum(known, Fraction(0))
    if lead.unit is RateUnit.AMPERE:
        return total * supply.voltage_v if unit is RateUnit.WATT else total / len(known)
    return total if unit is RateUnit.WATT else total / (supply.voltage_v * len(known))
