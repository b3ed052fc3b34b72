"""Which limits and setpoints a period may have in its operation mode (2.1, block Q: limits and setpoints per mode)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from releve.domain.charging_profile import (
    ChargingProfile,
    ChargingSchedule,
    ChargingSchedulePeriod,
    Kind,
    OperationMode,
    Purpose,
    RateUnit,
)

CHARGING = frozenset({OperationMode.CHARGING_ONLY})
MODES: dict[Purpose, frozenset[OperationMode]] = {
    Purpose.STATION_MAX: CHARGING,  # K01.FR.111
    Purpose.PRIORITY: CHARGING,  # K01.FR.111, K01.FR.71
    Purpose.EXTERNAL_CONSTRAINTS: CHARGING
    | {OperationMode.EXTERNAL_LIMITS, OperationMode.EXTERNAL_SETPOINT},  # K01.FR.112
    Purpose.LOCAL_GENERATION: CHARGING | {OperationMode.EXTERNAL_LIMITS},  # K01.FR.113
    Purpose.TX_DEFAULT: frozenset(OperationMode),
    Purpose.TX: frozenset(OperationMode),
}
_RULES = {
    Purpose.STATION_MAX: "K01.FR.111",
    Purpose.PRIORITY: "K01.FR.111",
    Purpose.EXTERNAL_CONSTRAINTS: "K01.FR.112",
    Purpose.LOCAL_GENERATION: "K01.FR.113",
}
SETPOINTS = frozenset({OperationMode.CENTRAL_SETPOINT, OperationMode.CENTRAL_FREQUENCY})
"""Modes in which we say what to follow."""
LEAST_POINTS = 2

Check = tuple[bool, str, str]


def mode_faults(
    profile: ChargingProfile, schedule: ChargingSchedule, period: ChargingSchedulePeriod
) -> Iterator[Check]:
    """Checks of one period: whether it is wrong, the rule, and the message."""
    mode = period.mode
    yield (
        mode not in MODES[profile.purpose],
        _RULES.get(profile.purpose, ""),
        f"A {profile.purpose} cannot have the operation mode {mode}.",
    )
    discharges = _set(period, "discharge_limit")
    steers = _set(period, "setpoint") or _set(period, "setpoint_reactive")
    yield (
        mode is OperationMode.CHARGING_ONLY and (discharges or steers),
        "K01.FR.71" if profile.purpose is Purpose.PRIORITY else "",
        "Discharge limits and setpoints need an operation mode other than ChargingOnly.",
    )
    yield (
        mode is OperationMode.CHARGING_ONLY and period.limit is None,
        "",
        "A period without operation mode needs a limit.",
    )
    yield (
        mode in SETPOINTS and period.setpoint is None,
        "",
        f"The operation mode {mode} needs a setpoint.",
    )
    yield (
        mode is OperationMode.EXTERNAL_SETPOINT
        and steers
        and profile.purpose is not Purpose.EXTERNAL_CONSTRAINTS,
        "",
        "In operation mode ExternalSetpoint the setpoint comes from beside the station.",
    )
    yield from _frequency(profile, schedule, period)
    yield from _range(period)


def _frequency(
    profile: ChargingProfile, schedule: ChargingSchedule, period: ChargingSchedulePeriod
) -> Iterator[Check]:
    curves = (period.v2x_freq_watt_curve, period.v2x_signal_watt_curve)
    yield (
        period.mode is OperationMode.CENTRAL_FREQUENCY and profile.kind is not Kind.DYNAMIC,
        "Q07.FR.01",
        "The operation mode CentralFrequency needs a Dynamic profile, so that the setpoint can follow.",
    )
    local = period.mode is OperationMode.LOCAL_FREQUENCY
    yield (
        local and not any(len(curve) >= LEAST_POINTS for curve in curves),
        "",
        "The operation mode LocalFrequency needs a curve of at least two points.",
    )
    yield (
        local and schedule.unit is not RateUnit.WATT,
        "",
        "The operation mode LocalFrequency steers power: its schedule is in W.",
    )
    yield (
        not local and any(curves),
        "",
        "Curves of power over frequency or signal need the operation mode LocalFrequency.",
    )


def _range(period: ChargingSchedulePeriod) -> Iterator[Check]:
    lows = (period.discharge_limit, period.discharge_limit_l2, period.discharge_limit_l3)
    yield (
        any(low is not None and low > 0 for low in lows),
        "",
        "A discharge limit counts below zero.",
    )
    for end in ("", "_l2", "_l3"):
        setpoint: Decimal | None = getattr(period, f"setpoint{end}")
        limit: Decimal | None = getattr(period, f"limit{end}")
        low: Decimal | None = getattr(period, f"discharge_limit{end}")
        outside = setpoint is not None and (
            (limit is not None and setpoint > limit) or (low is not None and setpoint < low)
        )
        yield (outside, "V2X.05", "A setpoint must lie between discharge_limit and limit.")


def _set(period: ChargingSchedulePeriod, name: str) -> bool:
    return any(getattr(period, f"{name}{end}") is not None for end in ("", "_l2", "_l3"))
