"""Configuration keys (1.6, section 9, and the security white paper, section 7)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from releve.simulator.electrical import Unit
from releve.simulator.meter import Measurand
from releve.simulator.settings_fields import Field, boolean, integer, measurands, text

if TYPE_CHECKING:
    from releve.simulator.station import Station

MAX_KEYS = 40
"""GetConfigurationMaxKeys."""
LIST_LENGTH = 200
SEND_LIST_LENGTH = 50
HEX_DIGITS = frozenset("0123456789abcdefABCDEF")


@dataclass(frozen=True, slots=True)
class Key:
    """A key: backed by a field of the behaviour, or computed and read-only."""

    field: Field | None = None
    compute: Callable[["Station"], str] | None = None
    reboot: bool = False
    """A change takes effect at the next restart."""
    secret: bool = False
    """Write-only."""

    @property
    def readonly(self) -> bool:
        return self.field is None

    def read(self, station: "Station") -> str | None:
        if self.secret:
            return None
        if self.field is not None:
            return self.field.read(station.behaviour)
        return self.compute(station) if self.compute is not None else None


def _constant(value: str) -> Key:
    return Key(compute=lambda _station: value)


def _units(station: "Station") -> str:
    names = {
        Unit.AMPERE: "Current",
        Unit.WATT: "Power",
    }  # 1.6, 9.4.2: words here, letters in profiles
    return ",".join(names[unit] for unit in Unit if unit in station.plan.model.rules.units)


def _rotation(station: "Station") -> str:
    def of(number: int) -> str:
        supply = station.evses[number].supply
        return "NotApplicable" if supply.direct or supply.phases == 1 else "RST"

    return ",".join(f"{number}.{of(number)}" for number in station.evses)


_MEASURANDS = str(len(Measurand))

KEYS: dict[str, Key] = {
    "AllowOfflineTxForUnknownId": Key(boolean("offline_unknown_id")),
    "AuthorizationCacheEnabled": Key(boolean("cache_enabled")),
    "AuthorizeRemoteTxRequests": Key(boolean("authorize_remote")),
    "ClockAlignedDataInterval": Key(integer("aligned_interval_s", maximum=86_400)),
    "ConnectionTimeOut": Key(integer("connection_timeout_s")),
    "ConnectorPhaseRotation": Key(compute=_rotation),
    "GetConfigurationMaxKeys": _constant(str(MAX_KEYS)),
    "HeartbeatInterval": Key(integer("heartbeat_interval_s")),
    "LightIntensity": Key(integer("light_intensity", maximum=100)),
    "LocalAuthorizeOffline": Key(boolean("local_authorize_offline")),
    "LocalPreAuthorize": Key(boolean("local_pre_authorize")),
    "MaxEnergyOnInvalidId": Key(integer("max_energy_on_invalid_id_wh")),
    "MeterValuesAlignedData": Key(measurands("aligned")),
    "MeterValuesAlignedDataMaxLength": _constant(_MEASURANDS),
    "MeterValuesSampledData": Key(measurands("sampled")),
    "MeterValuesSampledDataMaxLength": _constant(_MEASURANDS),
    "MeterValueSampleInterval": Key(integer("sample_interval_s")),
    "MinimumStatusDuration": Key(integer("minimum_status_duration_s")),
    "NumberOfConnectors": Key(compute=lambda station: str(len(station.evses))),
    "ResetRetries": Key(integer("reset_retries", maximum=10)),
    "StopTransactionOnEVSideDisconnect": Key(boolean("stop_on_ev_disconnect")),
    "StopTransactionOnInvalidId": Key(boolean("stop_on_invalid_id")),
    "StopTxnAlignedData": Key(measurands("ended_aligned")),
    "StopTxnSampledData": Key(measurands("ended")),
    "SupportedFeatureProfiles": _constant(
        "Core,FirmwareManagement,LocalAuthListManagement,Reservation,SmartCharging,RemoteTrigger"
    ),
    "TransactionMessageAttempts": Key(integer("message_attempts", minimum=1, maximum=100)),
    "TransactionMessageRetryInterval": Key(integer("message_retry_interval_s")),
    "UnlockConnectorOnEVSideDisconnect": Key(boolean("unlock_on_ev_disconnect")),
    "WebSocketPingInterval": Key(integer("ping_interval_s")),
    "LocalAuthListEnabled": Key(boolean("local_list_enabled")),
    "LocalAuthListMaxLength": _constant(str(LIST_LENGTH)),
    "SendLocalListMaxLength": _constant(str(SEND_LIST_LENGTH)),
    "ReserveConnectorZeroSupported": _constant("true"),
    "ChargeProfileMaxStackLevel": Key(compute=lambda s: str(s.profiles.rules.max_stack_level)),
    "ChargingScheduleAllowedChargingRateUnit": Key(compute=_units),
    "ChargingScheduleMaxPeriods": Key(compute=lambda s: str(s.profiles.rules.max_periods)),
    "MaxChargingProfilesInstalled": Key(compute=lambda s: str(s.profiles.rules.max_profiles)),
    "ConnectorSwitch3to1PhaseSupported": _constant("false"),
    "AuthorizationKey": Key(text("authorization_key"), secret=True),
    "SecurityProfile": Key(compute=lambda s: "0" if s.password is None else "1"),
    "CpoName": Key(text("organisation")),
}
_BY_FOLDED = {name.casefold(): name for name in KEYS}


def find(name: str) -> str | None:
    """The key's own spelling: keys are compared without regard to case (CiString50)."""
    return _BY_FOLDED.get(name.casefold())


def change(station: "Station", name: str, value: str) -> str:
    """ChangeConfiguration; returns the wire's status."""
    own = find(name)
    if own is None:
        return _change_makers(station, name, value)
    key = KEYS[own]
    if key.field is None:
        return "Rejected"
    if own == "AuthorizationKey" and not _is_authorization_key(value):
        return "Rejected"
    if not key.field.write(station.behaviour, value):
        return "Rejected"
    station.note("configured", f"{own} = {'...' if key.secret else value}", key=own)
    return "RebootRequired" if key.reboot else "Accepted"


def read(station: "Station", name: str) -> tuple[str, str | None, bool] | None:
    """(name, value, read-only) of a key, the maker's own included; None if it is unknown."""
    own = find(name)
    if own is not None:
        return own, KEYS[own].read(station), KEYS[own].readonly
    values = {**station.plan.model.keys, **station.behaviour.extra}
    return (name, values[name], False) if name in values else None


def names(station: "Station") -> list[str]:
    """All keys, in a stable order."""
    return [*KEYS, *station.plan.model.keys]


def _change_makers(station: "Station", name: str, value: str) -> str:
    if name not in station.plan.model.keys:
        return "NotSupported"
    station.behaviour.extra[name] = value
    return "Accepted"


def _is_authorization_key(value: str) -> bool:
    """16 to 20 bytes as 32 to 40 hexadecimal digits, or as plain text (OCPP-J 6.2 and the field)."""
    if HEX_DIGITS.issuperset(value) and 32 <= len(value) <= 40:
        return len(value) % 2 == 0
    return 16 <= len(value.encode()) <= 20
