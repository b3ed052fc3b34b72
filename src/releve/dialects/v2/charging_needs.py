"""What a car needs, and external limits, out of the messages of 2.0.1 and 2.1."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from releve.dialects.v2.smart_charging import read
from releve.domain.charging_holdings import ExternalLimit
from releve.domain.charging_needs import ChargingNeeds
from releve.domain.charging_profile import ChargingSchedule


def needs_of(request: msgspec.Struct) -> ChargingNeeds:
    """NotifyEVChargingNeedsRequest of any version: ISO 15118-2 tells AC or DC parameters, -20 the V2X ones."""
    wire = msgspec.to_builtins(request, builtin_types=(datetime,))
    needs = wire["chargingNeeds"]
    v2x = needs.get("v2xChargingParameters")
    common = {
        "evse": wire["evseId"],
        "energy_transfer": needs["requestedEnergyTransfer"],
        "max_schedule_tuples": wire.get("maxScheduleTuples"),
        "departure_at": needs.get("departureTime"),
        "told_at": wire.get("timestamp"),
        "scheduled": needs.get("controlMode") != "DynamicControl",
        "iso15118_20": v2x is not None or "controlMode" in needs,
        "told": msgspec.to_builtins(request),
    }
    for part, reader in (
        ("acChargingParameters", _ac),
        ("dcChargingParameters", _dc),
        ("v2xChargingParameters", _v2x),
    ):
        if part in needs:
            common |= reader(needs[part])
    return ChargingNeeds(**common)


def _number(wire: dict[str, Any], name: str) -> Decimal | None:
    value = wire.get(name)
    return None if value is None else Decimal(str(value))


def _ac(wire: dict[str, Any]) -> dict[str, Any]:
    return {
        "energy_wh": _number(wire, "energyAmount"),
        "min_current_a": _number(wire, "evMinCurrent"),
        "max_current_a": _number(wire, "evMaxCurrent"),
        "max_voltage_v": _number(wire, "evMaxVoltage"),
    }


def _dc(wire: dict[str, Any]) -> dict[str, Any]:
    """Without energy, what is missing to the state of charge that it calls full."""
    energy, capacity = _number(wire, "energyAmount"), _number(wire, "evEnergyCapacity")
    soc, full = wire.get("stateOfCharge"), wire.get("fullSoC")
    if energy is None and capacity is not None and soc is not None:
        energy = capacity * max(0, (100 if full is None else full) - soc) / 100
    return {
        "energy_wh": energy,
        "max_current_a": _number(wire, "evMaxCurrent"),
        "max_voltage_v": _number(wire, "evMaxVoltage"),
        "max_power_w": _number(wire, "evMaxPower"),
        "soc": soc,
        "target_soc": full,
    }


def _v2x(wire: dict[str, Any]) -> dict[str, Any]:
    return {
        "energy_wh": _number(wire, "evTargetEnergyRequest"),
        "min_energy_wh": _number(wire, "evMinEnergyRequest"),
        "max_energy_wh": _number(wire, "evMaxEnergyRequest"),
        "min_current_a": _number(wire, "minChargeCurrent"),
        "max_current_a": _number(wire, "maxChargeCurrent"),
        "max_voltage_v": _number(wire, "maxVoltage"),
        "min_power_w": _number(wire, "minChargePower"),
        "max_power_w": _total(wire, "maxChargePower"),
        "max_discharge_w": _total(wire, "maxDischargePower"),
        "target_soc": wire.get("targetSoC"),
        "by_phase": "maxChargePower_L2" in wire or "maxChargePower_L3" in wire,
    }


def _total(wire: dict[str, Any], name: str) -> Decimal | None:
    parts = [_number(wire, f"{name}{phase}") for phase in ("", "_L2", "_L3")]
    known = [part for part in parts if part is not None]
    return sum(known, Decimal(0)) if known else None


def external_limit(request: msgspec.Struct, at: datetime) -> ExternalLimit:
    """NotifyChargingLimitRequest of any version."""
    wire = msgspec.to_builtins(request, builtin_types=(datetime,))
    limit = wire["chargingLimit"]
    schedules = wire.get("chargingSchedule", ())
    return ExternalLimit(
        source=limit["chargingLimitSource"],
        evse=wire.get("evseId"),
        grid_critical=limit.get("isGridCritical"),
        local_generation=limit.get("isLocalGeneration"),
        schedules=tuple(read(ChargingSchedule, schedule) for schedule in schedules),
        received_at=at,
    )
