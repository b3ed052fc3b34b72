"""Limits that stations tell of themselves: how many items and bytes a message may have, how many profiles fit, ...

Learned from the device model as it was last reported (1.6 configuration keys and 2.x variables alike), overruled by
the table of quirks, and above all by what the operator set for the station.
"""

from __future__ import annotations

import msgspec

from releve.domain.commands import VariableName
from releve.domain.station import Station
from releve.services.ports import Presence, Store, Variable
from releve.services.quirks import QuirkTable


class Source(msgspec.Struct, frozen=True):
    """Where a limit is told. most: it is the variable's maxLimit, not its value."""

    component: str
    variable: str
    instance: str = ""
    key: str = ""
    """The configuration key of 1.6 that says it; "" when none does."""
    most: bool = False

    @property
    def names(self) -> list[VariableName]:
        """The variables to ask, that of 2.x first."""
        found = [
            VariableName(component=self.component, variable=self.variable, instance=self.instance)
        ]
        return [*found, VariableName(variable=self.key)] if self.key else found


def _per_message(component: str, *actions: str) -> dict[str, Source]:
    """ItemsPerMessage and BytesPerMessage of some messages, the instance being the message (2.x appendix)."""
    return {
        f"{what}{action}": Source(component, what, action)
        for what in ("ItemsPerMessage", "BytesPerMessage")
        for action in actions
    }


LIMITS: dict[str, Source] = {
    **_per_message("DeviceDataCtrlr", "GetReport", "GetVariables", "SetVariables"),
    "ItemsPerMessageGetVariables": Source(
        "DeviceDataCtrlr", "ItemsPerMessage", "GetVariables", "GetConfigurationMaxKeys"
    ),
    **_per_message("MonitoringCtrlr", "SetVariableMonitoring", "ClearVariableMonitoring"),
    "ItemsPerMessageSendLocalList": Source(
        "LocalAuthListCtrlr", "ItemsPerMessage", key="SendLocalListMaxLength"
    ),
    "BytesPerMessageSendLocalList": Source("LocalAuthListCtrlr", "BytesPerMessage"),
    "LocalAuthListEntries": Source(
        "LocalAuthListCtrlr", "Entries", key="LocalAuthListMaxLength", most=True
    ),
    "ChargingProfiles": Source(
        "SmartChargingCtrlr",
        "Entries",
        "ChargingProfiles",
        key="MaxChargingProfilesInstalled",
        most=True,
    ),
    "ChargingProfileStackLevel": Source(
        "SmartChargingCtrlr", "ProfileStackLevel", key="ChargeProfileMaxStackLevel"
    ),
    "PeriodsPerSchedule": Source(
        "SmartChargingCtrlr", "PeriodsPerSchedule", key="ChargingScheduleMaxPeriods"
    ),
    "UpdateRateLimit": Source("SmartChargingCtrlr", "UpdateRateLimit"),
    "DisplayMessages": Source("DisplayMessageCtrlr", "DisplayMessages", most=True),
    "CertificateEntries": Source(
        "SecurityCtrlr", "CertificateEntries", key="CertificateStoreMaxLength", most=True
    ),
    "MaxCertificateChainSize": Source(
        "SecurityCtrlr", "MaxCertificateChainSize", key="CertificateSignedMaxChainSize"
    ),
    "NetworkProfileConnectionAttempts": Source("OCPPCommCtrlr", "NetworkProfileConnectionAttempts"),
    "MaxPeriodicEventStreams": Source("MonitoringCtrlr", "MaxPeriodicEventStreams"),
    "ReservationEntries": Source("ReservationCtrlr", "Entries", most=True),
    "DERControls": Source("DERCtrlr", "Entries", most=True),
}
"""By the names that `Limits.of` takes, and that the API shows."""


class Learned(msgspec.Struct, frozen=True, kw_only=True):
    """A limit and where it is known from: "operator", "quirk" or "station"."""

    name: str
    value: int
    origin: str


class Limits:
    def __init__(self, store: Store, presence: Presence, quirks: QuirkTable) -> None:
        self._store = store
        self._presence = presence
        self._quirks = quirks

    async def of(self, station: Station, name: str) -> int | None:
        """A limit by its name (`LIMITS`), None when nothing is known of it. KeyError for a name that is none."""
        found = (await self.some(station, (name,))).get(name)
        return found.value if found is not None else None

    async def some(self, station: Station, names: tuple[str, ...] = ()) -> dict[str, Learned]:
        """Those of the names that are known; no names: all that are known. One read of the store."""
        wanted = names or tuple(LIMITS)
        sources = {name: LIMITS[name] for name in wanted}
        live = self._presence.live(station.id)
        quirks = live.quirks if live is not None else self._quirks.of(station)
        own = station.quirks.get("limits") or {}
        found = {
            name: Learned(name=name, value=value, origin="operator" if name in own else "quirk")
            for name, value in quirks.limits.items()
            if name in sources
        }
        asked = {name: source for name, source in sources.items() if name not in found}
        if not asked:
            return found
        async with self._store.work(station.operator) as work:
            told = await work.variables.get(
                station.id, [name for source in asked.values() for name in source.names]
            )
        by_name = {variable.name: variable for variable in told}
        for name, source in asked.items():
            value = _told(source, by_name)
            if value is not None:
                found[name] = Learned(name=name, value=value, origin="station")
        return found


def _told(source: Source, known: dict[VariableName, Variable]) -> int | None:
    for name in source.names:
        variable = known.get(name)
        if variable is None:
            continue
        value = _number(variable, most=source.most and bool(name.component))
        if value is not None:
            return value
    return None


def _number(variable: Variable, *, most: bool) -> int | None:
    """A limit of 0 or below is no limit that anything could be sent by: not believed."""
    if most:
        value = variable.max_limit
    else:
        try:
            value = float(variable.value or "")
        except ValueError:
            return None
    return int(value) if value is not None and 0 <= value < 2**63 else None
