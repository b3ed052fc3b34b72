"""Network profiles (B09), as both versions of 2.x write them."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from releve.dialects.registry import Unsupported
from releve.domain.provisioning import Apn, NetworkProfile, SetNetworkProfile, Vpn

M = TypeVar("M", bound=msgspec.Struct)


def network_profile(command: SetNetworkProfile, version: str) -> dict[str, Any]:
    """SetNetworkProfileRequest. version: the word for OCPP's version where the profile names none."""
    profile = command.profile
    data: dict[str, Any] = {
        "ocppVersion": profile.version or version,
        "ocppTransport": profile.transport,
        "ocppCsmsUrl": profile.url,
        "messageTimeout": profile.timeout_s,
        "securityProfile": profile.security_profile,
        "ocppInterface": str(profile.interface),
        **_given(identity=profile.identity, basicAuthPassword=profile.password),
    }
    if profile.vpn is not None:
        data["vpn"] = _vpn(profile.vpn)
    if profile.apn is not None:
        data["apn"] = _apn(profile.apn)
    return {"configurationSlot": command.slot, "connectionData": data}


def convert(payload: dict[str, Any], kind: type[M], version: str) -> M:
    """The typed request; Unsupported where the version cannot say something of it."""
    try:
        return msgspec.convert(payload, kind)
    except msgspec.ValidationError as error:
        raise Unsupported(f"OCPP {version} cannot say this: {error}") from error


def without_credentials(profile: NetworkProfile, version: str) -> None:
    """Raises Unsupported for what came with 2.1."""
    if profile.identity or profile.password:
        raise Unsupported(f"a network profile of OCPP {version} has no identity and no password")


def _vpn(vpn: Vpn) -> dict[str, Any]:
    return {
        "server": vpn.server,
        "user": vpn.user,
        **_given(group=vpn.group),
        "password": vpn.password,
        "key": vpn.key,
        "type": str(vpn.type),
    }


def _apn(apn: Apn) -> dict[str, Any]:
    data: dict[str, Any] = {
        "apn": apn.apn,
        **_given(
            apnUserName=apn.user,
            apnPassword=apn.password,
            preferredNetwork=apn.preferred_network,
        ),
        "apnAuthentication": str(apn.authentication),
    }
    if apn.sim_pin is not None:
        data["simPin"] = apn.sim_pin
    if apn.only_preferred:
        data["useOnlyPreferredNetwork"] = True
    return data


def _given(**members: str) -> dict[str, str]:
    return {name: value for name, value in members.items() if value}
