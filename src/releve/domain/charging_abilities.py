"""What a station's smart charging can do: what its variables or keys say, and what its family gets wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from releve.domain.charging_profile import Kind, Purpose, RateUnit

FEATURES = (
    "DynamicProfiles",
    "UseLocalTime",
    "RandomizedDelay",
    "LimitAtSoC",
    "MaxOfflineDuration",
    "EvseSleep",
)
_UNITS = {
    "a": RateUnit.AMPERE,
    "w": RateUnit.WATT,
    "current": RateUnit.AMPERE,  # 1.6 ChargingScheduleAllowedChargingRateUnit
    "power": RateUnit.WATT,
}


class Abilities(msgspec.Struct, frozen=True, kw_only=True):
    """None or an empty set: not told, so anything may be tried."""

    units: frozenset[RateUnit] = frozenset()
    max_stack_level: int | None = None
    max_periods: int | None = None
    max_profiles: int | None = None
    max_external_id: int | None = None
    """Profile ids up to this one are for limits from outside (MaxExternalConstraintsId)."""
    purposes: frozenset[str] | None = None
    """Purposes beyond those of 2.0.1."""
    phase_switching: bool | None = None
    persistent: frozenset[str] = frozenset()
    """Purposes that survive a reboot although the standard does not ask for it (ChargingProfilePersistence)."""
    refused: frozenset[str] = frozenset()
    """Of FEATURES, those that the station says it does not support."""
    setpoint_by_csms: bool = False
    """Our setpoint goes before that of an external system (SetpointPriority)."""
    decimals: int | None = None
    """Digits behind the point that a limit may have: 1 in 1.6."""
    whole_amps: bool = False
    stack_levels: tuple[int, ...] = ()
    """The only levels that it takes."""
    kinds: frozenset[Kind] = frozenset()
    """The only kinds that it takes."""
    tx_default_only: bool = False
    """It obeys TxDefaultProfile and nothing else."""


def abilities(values: Mapping[str, str], *, decimals: int | None = None) -> Abilities:
    """Read what the station told. values: variable or configuration key -> value; instances as `Name.Instance`.

    2.x: the variables of SmartChargingCtrlr. 1.6: its configuration keys.
    """
    units = values.get("RateUnit") or values.get("ChargingScheduleAllowedChargingRateUnit") or ""
    purposes = values.get("SupportedAdditionalPurposes")
    return Abilities(
        units=frozenset(_UNITS[w] for w in _words(units, str.casefold) if w in _UNITS),
        max_stack_level=_number(values, "ProfileStackLevel", "ChargeProfileMaxStackLevel"),
        max_periods=_number(values, "PeriodsPerSchedule", "ChargingScheduleMaxPeriods"),
        max_profiles=_number(values, "MaxChargingProfilesInstalled"),
        max_external_id=_number(values, "MaxExternalConstraintsId"),
        purposes=None if purposes is None else frozenset(_words(purposes)),
        phase_switching=_flag(values.get("ACPhaseSwitchingSupported")),
        persistent=frozenset(
            purpose
            for purpose in Purpose
            if _flag(values.get(f"ChargingProfilePersistence.{purpose}"))
        ),
        refused=frozenset(f for f in FEATURES if _flag(values.get(f"Supports{f}")) is False),
        setpoint_by_csms=values.get("SetpointPriority", "").casefold() == "csms",
        decimals=decimals,
    )


def _words(value: str, form: Callable[[str], str] = str) -> list[str]:
    return [form(word.strip()) for word in value.split(",") if word.strip()]


def _number(values: Mapping[str, str], *names: str) -> int | None:
    for name in names:
        try:
            return int(values[name])
        except (KeyError, ValueError):
            continue
    return None


def _flag(value: str | None) -> bool | None:
    if value is None or value.strip().casefold() not in ("true", "false"):
        return None
    return value.strip().casefold() == "true"
