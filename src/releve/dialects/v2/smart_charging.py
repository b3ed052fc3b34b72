"""Charging profiles between the words of the domain and the wire names of 2.0.1 and 2.1.

Plain dicts in wire names go between; each version's file turns them into its own types. A field that a version does not
have raises Unsupported instead of being lost.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any, TypeVar

import msgspec

from releve.dialects.registry import Unsupported, meaning
from releve.domain import charging_profile as domain
from releve.domain.smart_charging import (
    ClearChargingProfile,
    GetChargingProfiles,
    GetCompositeSchedule,
    ReportedSchedule,
)

T = TypeVar("T")
LIMITS = {
    "limit": "limit",
    "limit_l2": "limit_L2",
    "limit_l3": "limit_L3",
    "discharge_limit": "dischargeLimit",
    "discharge_limit_l2": "dischargeLimit_L2",
    "discharge_limit_l3": "dischargeLimit_L3",
    "setpoint": "setpoint",
    "setpoint_l2": "setpoint_L2",
    "setpoint_l3": "setpoint_L3",
    "setpoint_reactive": "setpointReactive",
    "setpoint_reactive_l2": "setpointReactive_L2",
    "setpoint_reactive_l3": "setpointReactive_L3",
}
NAMES: dict[type, dict[str, str]] = {
    domain.ScheduleUpdate: LIMITS,
    domain.FreqWattPoint: {"frequency": "frequency", "power": "power"},
    domain.SignalWattPoint: {"signal": "signal", "power": "power"},
    domain.LimitAtSoC: {"soc": "soc", "limit": "limit"},
    domain.TimeInterval: {"start": "start", "duration": "duration"},
    domain.Cost: {
        "cost_kind": "costKind",
        "amount": "amount",
        "amount_multiplier": "amountMultiplier",
    },
    domain.ConsumptionCost: {"start_value": "startValue", "cost": "cost"},
    domain.SalesTariffEntry: {
        "relative_time_interval": "relativeTimeInterval",
        "e_price_level": "ePriceLevel",
        "consumption_cost": "consumptionCost",
    },
    domain.SalesTariff: {
        "id": "id",
        "sales_tariff_description": "salesTariffDescription",
        "num_e_price_levels": "numEPriceLevels",
        "sales_tariff_entry": "salesTariffEntry",
    },
    domain.ChargingSchedulePeriod: {
        "start_period": "startPeriod",
        **LIMITS,
        "number_phases": "numberPhases",
        "phase_to_use": "phaseToUse",
        "preconditioning_request": "preconditioningRequest",
        "evse_sleep": "evseSleep",
        "v2x_baseline": "v2xBaseline",
        "operation_mode": "operationMode",
        "v2x_freq_watt_curve": "v2xFreqWattCurve",
        "v2x_signal_watt_curve": "v2xSignalWattCurve",
    },
    domain.ChargingSchedule: {
        "id": "id",
        "unit": "chargingRateUnit",
        "periods": "chargingSchedulePeriod",
        "start_schedule": "startSchedule",
        "duration": "duration",
        "min_charging_rate": "minChargingRate",
        "limit_at_soc": "limitAtSoC",
        "power_tolerance": "powerTolerance",
        "signature_id": "signatureId",
        "digest_value": "digestValue",
        "use_local_time": "useLocalTime",
        "randomized_delay": "randomizedDelay",
        "sales_tariff": "salesTariff",
        "absolute_price_schedule": "absolutePriceSchedule",
        "price_level_schedule": "priceLevelSchedule",
    },
    domain.ChargingProfile: {
        "id": "id",
        "stack_level": "stackLevel",
        "purpose": "chargingProfilePurpose",
        "kind": "chargingProfileKind",
        "recurrency": "recurrencyKind",
        "valid_from": "validFrom",
        "valid_to": "validTo",
        "transaction_id": "transactionId",
        "schedules": "chargingSchedule",
        "max_offline_duration": "maxOfflineDuration",
        "invalid_after_offline_duration": "invalidAfterOfflineDuration",
        "dyn_update_interval": "dynUpdateInterval",
        "dyn_update_time": "dynUpdateTime",
        "price_schedule_signature": "priceScheduleSignature",
    },
}
_WITHIN: dict[tuple[type, str], type] = {
    (domain.ConsumptionCost, "cost"): domain.Cost,
    (domain.SalesTariffEntry, "relative_time_interval"): domain.TimeInterval,
    (domain.SalesTariffEntry, "consumption_cost"): domain.ConsumptionCost,
    (domain.SalesTariff, "sales_tariff_entry"): domain.SalesTariffEntry,
    (domain.ChargingSchedulePeriod, "v2x_freq_watt_curve"): domain.FreqWattPoint,
    (domain.ChargingSchedulePeriod, "v2x_signal_watt_curve"): domain.SignalWattPoint,
    (domain.ChargingSchedule, "periods"): domain.ChargingSchedulePeriod,
    (domain.ChargingSchedule, "limit_at_soc"): domain.LimitAtSoC,
    (domain.ChargingSchedule, "sales_tariff"): domain.SalesTariff,
    (domain.ChargingProfile, "schedules"): domain.ChargingSchedule,
}


def plain(value: Any) -> Any:
    """A domain value as JSON in wire names; what is not set is left out."""
    if isinstance(value, msgspec.Struct):
        names = NAMES[type(value)]
        return {
            names[field]: plain(inner)
            for field in value.__struct_fields__
            if (inner := getattr(value, field)) is not None and inner != ()
        }
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    if isinstance(value, Decimal):
        return float(value)
    return value.value if isinstance(value, Enum) else value


def built(payload: dict[str, Any], kind: type[T], label: str) -> T:
    """A request of one version from wire names; Unsupported when the version cannot say something in it."""
    try:
        made = msgspec.convert(payload, kind, strict=False)
    except msgspec.ValidationError as error:
        raise Unsupported(f"OCPP {label} cannot express this: {error}") from error
    lost = _lost(payload, msgspec.to_builtins(made, builtin_types=(datetime,)))
    if lost:
        raise Unsupported(f"OCPP {label} has no {lost}")
    return made


def _lost(asked: Any, kept: Any) -> str:
    """The first member that did not find a place."""
    if isinstance(asked, dict) and isinstance(kept, dict):
        for name, value in asked.items():
            if name not in kept:
                # A default is left out when a message is written.
                if value is False:
                    continue
                return str(name)
            if found := _lost(value, kept[name]):
                return found
    if isinstance(asked, list) and isinstance(kept, list):
        return next((f for a, k in zip(asked, kept, strict=True) if (f := _lost(a, k))), "")
    return ""


def read(kind: type[T], message: Any) -> T:
    """A domain value from a message's part, or from JSON in wire names; Unreadable when a word of it means nothing.

    Vendors' own members are left out.
    """
    wire = (
        msgspec.to_builtins(message, builtin_types=(datetime,))
        if isinstance(message, msgspec.Struct)
        else message
    )
    with meaning(kind.__name__):
        return msgspec.convert(_renamed(kind, wire), kind, strict=False)


def _renamed(kind: type, wire: Any) -> Any:
    if isinstance(wire, list):
        return [_renamed(kind, each) for each in wire]
    found: dict[str, Any] = {}
    for field, name in NAMES[kind].items():
        if wire.get(name) is None:
            continue
        inner = _WITHIN.get((kind, field))
        found[field] = wire[name] if inner is None else _renamed(inner, wire[name])
    return found


# --- requests --------------------------------------------------------------------------------------------------------


def set_payload(evse: int, profile: domain.ChargingProfile) -> dict[str, Any]:
    """SetChargingProfileRequest."""
    return {"evseId": evse, "chargingProfile": plain(profile)}


def clear_payload(command: ClearChargingProfile) -> dict[str, Any]:
    """ClearChargingProfileRequest: the id alone, or the criteria (K10.FR.02)."""
    if command.id is not None:
        return {"chargingProfileId": command.id}
    criteria = {
        "evseId": command.evse,
        "chargingProfilePurpose": command.purpose and command.purpose.value,
        "stackLevel": command.stack_level,
    }
    return {"chargingProfileCriteria": {k: v for k, v in criteria.items() if v is not None}}


def get_payload(command: GetChargingProfiles) -> dict[str, Any]:
    """GetChargingProfilesRequest: ids alone, or the criteria (K09.FR.03)."""
    criteria: dict[str, Any] = {"chargingProfileId": list(command.ids)}
    if not command.ids:
        criteria = {
            "chargingProfilePurpose": command.purpose and command.purpose.value,
            "stackLevel": command.stack_level,
            "chargingLimitSource": list(command.sources) or None,
        }
    payload: dict[str, Any] = {
        "requestId": command.request_id,
        "chargingProfile": {k: v for k, v in criteria.items() if v is not None},
    }
    if command.evse is not None:
        payload["evseId"] = command.evse
    return payload


def composite_payload(command: GetCompositeSchedule) -> dict[str, Any]:
    """GetCompositeScheduleRequest."""
    payload: dict[str, Any] = {"evseId": command.evse, "duration": command.duration}
    if command.unit is not None:
        payload["chargingRateUnit"] = command.unit.value
    return payload


def reported_schedule(message: msgspec.Struct | None) -> ReportedSchedule | None:
    """The composite schedule of a response."""
    if message is None:
        return None
    wire = msgspec.to_builtins(message, builtin_types=(datetime,))
    return ReportedSchedule(
        evse=wire["evseId"],
        begin=wire["scheduleStart"],
        duration=wire["duration"],
        unit=domain.RateUnit(wire["chargingRateUnit"]),
        periods=tuple(
            read(domain.ChargingSchedulePeriod, p) for p in wire["chargingSchedulePeriod"]
        ),
    )
