"""B: commands that read and write what a station is, beyond single variables (which are in `commands`)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import msgspec

from releve.domain.commands import Command, VariableName, VariableResult
from releve.domain.holding import Holding


class ReportBase(StrEnum):
    """2.1 ReportBaseEnumType."""

    CONFIGURATION = "ConfigurationInventory"
    """All that can be written."""
    FULL = "FullInventory"
    """All that the station has."""
    SUMMARY = "SummaryInventory"
    """What has a problem, and what is not available."""


class Criterion(StrEnum):
    """2.1 ComponentCriterionEnumType: components of which this variable is true."""

    ACTIVE = "Active"
    AVAILABLE = "Available"
    ENABLED = "Enabled"
    PROBLEM = "Problem"


class GetBaseReport(Command, frozen=True, kw_only=True):
    """Have the station report its device model (B07). 1.6: all configuration keys, in the answer itself."""

    while_pending: ClassVar[bool] = True
    expects: ClassVar[tuple[str, ...]] = ("NotifyReport",)

    request_id: int
    base: ReportBase = ReportBase.FULL


class GetReport(Command, frozen=True, kw_only=True):
    """Have the station report a part of it (B08): components that meet a criterion, of those that are named.

    names: `variable` empty for all variables of a component. Both empty: everything.
    """

    while_pending: ClassVar[bool] = True
    expects: ClassVar[tuple[str, ...]] = ("NotifyReport",)

    request_id: int
    criteria: tuple[Criterion, ...] = ()
    names: tuple[VariableName, ...] = ()


class OcppInterface(StrEnum):
    """2.1 OCPPInterfaceEnumType; 2.0.1 has no Any."""

    WIRED0 = "Wired0"
    WIRED1 = "Wired1"
    WIRED2 = "Wired2"
    WIRED3 = "Wired3"
    WIRELESS0 = "Wireless0"
    WIRELESS1 = "Wireless1"
    WIRELESS2 = "Wireless2"
    WIRELESS3 = "Wireless3"
    ANY = "Any"


class VpnType(StrEnum):
    """2.1 VPNEnumType."""

    IKEV2 = "IKEv2"
    IPSEC = "IPSec"
    L2TP = "L2TP"
    PPTP = "PPTP"


class ApnAuthentication(StrEnum):
    """2.1 APNAuthenticationEnumType."""

    PAP = "PAP"
    CHAP = "CHAP"
    NONE = "NONE"
    AUTO = "AUTO"


class Vpn(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    server: str
    user: str
    group: str = ""
    password: str
    key: str
    type: VpnType


class Apn(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """preferred_network: MCC and MNC, as "20408"."""

    apn: str
    user: str = ""
    password: str = ""
    sim_pin: int | None = None
    preferred_network: str = ""
    only_preferred: bool = False
    authentication: ApnAuthentication = ApnAuthentication.AUTO


class NetworkProfile(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a station reaches a CSMS (2.1 NetworkConnectionProfileType). timeout_s: of its messages.

    url: without the station's identity. version: 2.1 ignores it, 2.0.1 wants OCPP20. identity, password: 2.1 only.
    """

    url: str
    security_profile: int
    interface: OcppInterface = OcppInterface.WIRED0
    timeout_s: int = 30
    version: str = ""
    """OCPP16, OCPP20, OCPP201 or OCPP21; empty: that of the dialect."""
    transport: str = "JSON"
    identity: str = ""
    password: str = ""
    vpn: Vpn | None = None
    apn: Apn | None = None


def network_variables(slot: int, profile: NetworkProfile) -> list[tuple[VariableName, str]]:
    """The same profile as variables of the component NetworkConfiguration, instance the slot (2.1, B09)."""
    values: dict[str, str | None] = {
        "OcppCsmsUrl": profile.url,
        "OcppInterface": str(profile.interface),
        "OcppTransport": profile.transport,
        "MessageTimeout": str(profile.timeout_s),
        "SecurityProfile": str(profile.security_profile),
        "Identity": profile.identity or None,
        "BasicAuthPassword": profile.password or None,
        "VpnEnabled": _truth(profile.vpn is not None),
        "ApnEnabled": _truth(profile.apn is not None),
        **(_vpn_variables(profile.vpn) if profile.vpn is not None else {}),
        **(_apn_variables(profile.apn) if profile.apn is not None else {}),
    }
    place = VariableName(
        component="NetworkConfiguration", component_instance=str(slot), variable="-"
    )
    return [
        (msgspec.structs.replace(place, variable=name), value)
        for name, value in values.items()
        if value is not None
    ]


def _vpn_variables(vpn: Vpn) -> dict[str, str | None]:
    return {
        "VpnType": str(vpn.type),
        "VpnServer": vpn.server,
        "VpnUser": vpn.user,
        "VpnGroup": vpn.group or None,
        "VpnPassword": vpn.password,
        "VpnKey": vpn.key,
    }


def _apn_variables(apn: Apn) -> dict[str, str | None]:
    return {
        "Apn": apn.apn,
        "ApnUserName": apn.user or None,
        "ApnPassword": apn.password or None,
        "SimPin": None if apn.sim_pin is None else str(apn.sim_pin),
        "PreferredNetwork": apn.preferred_network or None,
        "UseOnlyPreferredNetwork": _truth(apn.only_preferred),
        "ApnAuthentication": str(apn.authentication),
    }


def _truth(value: bool) -> str:
    return "true" if value else "false"


class SetHeartbeat(Command, frozen=True, kw_only=True):
    """Write the heartbeat interval to the configuration, for stations that do not take it from the boot's answer."""

    interval_s: int


class SetNetworkProfile(Command, frozen=True, kw_only=True):
    """Store a network profile in a slot of the station (B09). It is used once it is in NetworkConfigurationPriority."""

    slot: int
    profile: NetworkProfile


class StoredProfile(Holding, frozen=True, kw_only=True):
    """A network profile that the station has stored, without its secrets."""

    kind: ClassVar[str] = "network-profile"

    slot: int
    profile: NetworkProfile
    at: datetime

    @property
    def key(self) -> str:
        return str(self.slot)


class PreparationState(StrEnum):
    """How far a preparation is."""

    PREPARED = "prepared"
    """It is carried out when the station boots next."""
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    """Not accepted by the station, or not answered: it is tried again at the next boot."""


class Preparation(Holding, frozen=True, kw_only=True):
    """What is done while a station's boot is Pending, before it is accepted (B02)."""

    kind: ClassVar[str] = "preparation"

    values: tuple[tuple[VariableName, str], ...] = ()
    report: ReportBase | None = None
    accept: bool = True
    """Accept the station when all of this is done."""
    state: PreparationState = PreparationState.PREPARED
    problem: str = ""
    results: tuple[VariableResult, ...] = ()
    by: str = ""
    at: datetime

    @property
    def key(self) -> str:
        return "boot"
