"""What a station's smart charging can do: what its variables or keys say, and what its family gets wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from releve.domain.charging_profile import Kind, Purpose, RateUnit
from releve.domain.quirks import Quirks

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
    pause_s: int = 0
    """No two profiles within so many seconds."""
    ignored: bool = False
    """It takes profiles and does not obey them."""
    default_replaces: bool = False
    """A TxDefaultProfile of an EVSE may stand beside one of EVSE 0 of the same level, and goes before it."""


PROTOCOLS: dict[str, Abilities] = {
    # 1.6, 7.14 and 3.13.1; errata 3.37 wants profiles to survive a reboot.
    "ocpp1.6": Abilities(decimals=1, default_replaces=True, persistent=frozenset({Purpose.TX})),
    "ocpp2.0.1": Abilities(persistent=frozenset({Purpose.TX})),  # K01.FR.27 of 2.0.1: all of them
}
"""What the protocol itself settles."""


def abilities(values: Mapping[str, str], protocol: str | None = None) -> Abilities:
    """Read what the station told. values: variable or configuration key -> value; instances as `Name.Instance`.

    2.x: the variables of SmartChargingCtrlr. 1.6: its configuration keys. protocol: the subprotocol of its connection.
    """
    base = PROTOCOLS.get(protocol or "", Abilities())
    units = values.get("RateUnit") or values.get("ChargingScheduleAllowedChargingRateUnit") or ""
    purposes = values.get("SupportedAdditionalPurposes")
    return msgspec.structs.replace(
        base,
        units=frozenset(_UNITS[w] for w in _words(units, str.casefold) if w in _UNITS),
        max_stack_level=_number(values, "ProfileStackLevel", "ChargeProfileMaxStackLevel"),
        max_periods=_number(values, "PeriodsPerSchedule", "ChargingScheduleMaxPeriods"),
        max_profiles=_number(values, "MaxChargingProfilesInstalled"),
        max_external_id=_number(values, "MaxExternalConstraintsId"),
        purposes=None if purposes is None else frozenset(_words(purposes)),
        phase_switching=_flag(values.get("ACPhaseSwitchingSupported")),
        persistent=base.persistent
        | frozenset(
            purpose
            for purpose in Purpose
            if _flag(values.get(f"ChargingProfilePersistence.{purpose}"))
        ),
        refused=frozenset(f for f in FEATURES if _flag(values.get(f"Supports{f}")) is False),
        setpoint_by_csms=values.get("SetpointPriority", "").casefold() == "csms",
    )


def with_quirks(able: Abilities, quirks: Quirks) -> Abilities:
    """What the station says, corrected by what its family is known to get wrong."""
    units = frozenset({RateUnit(quirks.rate_unit)}) if quirks.rate_unit else able.units
    most = [n for n in (able.max_periods, quirks.max_periods) if n is not None]
    return msgspec.structs.replace(
        able,
        units=units,
        max_periods=min(most, default=None),
        stack_levels=quirks.stack_levels,
        kinds=frozenset(Kind(kind) for kind in quirks.profile_kinds),
        whole_amps=quirks.whole_limits,
        tx_default_only=quirks.tx_default_only,
        pause_s=quirks.profile_pause_s or 0,
        ignored=quirks.profiles_ignored,
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
