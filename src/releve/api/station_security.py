"""How a station proves who it is: its profile, password and certificates."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Response, get, patch, post
from litestar.params import JSONBody, PathParameter
from msgspec import UNSET, UnsetType

from releve.api.commands import Patience
from releve.api.here import Asker, StationKey, TheDesk, station_id
from releve.api.operations import operation_view
from releve.domain.provisioning import OcppInterface
from releve.domain.security import StationCertificate
from releve.domain.station import Station
from releve.services.access import Principal
from releve.services.desk import Desk
from releve.services.errors import Invalid, NotFound
from releve.services.security.profiles import Move
from releve.services.security.trust import certificate_names
from releve.services.views import OperationView

TAGS = ["Security"]
ADMIN = {"scope": "admin"}
CONTROL = {"scope": "control", "pace": "disruptive"}
Serial = Annotated[str, PathParameter(description="The serial number, hexadecimal.", max_length=64)]


class SignedCertificate(msgspec.Struct, frozen=True, kw_only=True):
    """state: sent, active, replaced (still valid, for a station that falls back), rejected or revoked."""

    serial: str
    issuer: str
    common_name: str
    state: str
    not_before: datetime
    not_after: datetime
    changed_at: datetime
    pem: str


class StationSecurity(msgspec.Struct, frozen=True, kw_only=True):
    """next_profile: it may come with this one as well, until it has. password_open: two passwords are accepted.

    certificate_names: what the common name of its certificate may be.
    """

    security_profile: int
    next_profile: int | None
    has_password: bool
    password_open: bool
    certificate_name: str
    certificate_names: list[str]
    accept_expired: bool
    certificates: list[SignedCertificate]


class SecurityChanges(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What the station has to come with, without telling it so. lower: confirms that the profile is meant to fall.

    certificate_name: the common name of its certificate, exactly; empty: its serial number or identity.
    accept_expired: let it in with an expired certificate, to get a new one and nothing else.
    """

    security_profile: int | UnsetType = UNSET
    lower: bool = False
    certificate_name: str | UnsetType = UNSET
    accept_expired: bool | UnsetType = UNSET
    forget_new_password: bool = False


class PasswordChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """password: 16 to 40 characters, in OCPP 1.6 16 to 20 or 32 to 40 hexadecimal digits; empty makes one."""

    password: str = ""


class ChangedPassword(msgspec.Struct, frozen=True, kw_only=True):
    """operation: done, only the new one counts; failed: only the old one, unless password_open; running: both.

    password: the new one, shown this once.
    """

    operation: OperationView
    password: str
    password_open: bool


class ProfileChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """security_profile: 1 to 3. slot, interface, message_timeout_s, url: of the network profile that 2.x gets.

    url: without the identity; absent, the address by which this system is reached. reset: also restart the station.
    """

    security_profile: int
    slot: Annotated[int, msgspec.Meta(ge=0)] = 2
    interface: OcppInterface = OcppInterface.WIRED0
    message_timeout_s: Annotated[int, msgspec.Meta(ge=1, le=3600)] = 30
    url: Annotated[str, msgspec.Meta(max_length=2000)] = ""
    reset: bool = True


@get(
    "/stations/{station:str}/security",
    operation_id="getStationSecurity",
    summary="How a station proves who it is",
    tags=TAGS,
)
async def get_security(desk: TheDesk, asker: Asker, station: StationKey) -> StationSecurity:
    """Its security profile, and the certificates that were signed for it, newest first."""
    return await _view(desk, asker, station)


@patch(
    "/stations/{station:str}/security",
    operation_id="changeStationSecurity",
    summary="Set what a station has to come with",
    tags=TAGS,
    opt=ADMIN,
)
async def change_security(
    desk: TheDesk, asker: Asker, station: StationKey, data: JSONBody[SecurityChanges]
) -> StationSecurity:
    """Counts from its next connection on. To have the station itself changed, ask for a new profile or password."""
    found, security = await station_id(desk, asker, station), desk.services.security
    if data.security_profile is not UNSET:
        await security.profiles.set_here(
            asker.operator, found, data.security_profile, lower=data.lower
        )
    if data.certificate_name is not UNSET or data.accept_expired is not UNSET:
        await security.profiles.set_certificate(
            asker.operator,
            found,
            name=None if data.certificate_name is UNSET else data.certificate_name,
            accept_expired=None if data.accept_expired is UNSET else data.accept_expired,
        )
    if data.forget_new_password:
        await security.passwords.forget(asker.operator, found)
    return await _view(desk, asker, str(found))


@post(
    "/stations/{station:str}/password/change",
    operation_id="changeStationPassword",
    summary="Give a connected station a new password",
    tags=TAGS,
    opt={"scope": "admin", "pace": "disruptive"},
    status_code=200,
)
async def change_password(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    data: JSONBody[PasswordChange | None] = None,
    timeout: Patience = None,
) -> Response[ChangedPassword]:
    """Old and new are accepted from before it is sent until it is known which one the station has."""
    found = await station_id(desk, asker, station)
    operation, password = await desk.services.security.passwords.change(
        asker.operator,
        found,
        data.password if data is not None else "",
        by=asker.name,
        timeout=timeout,
    )
    row = await _row(desk, asker, station)
    changed = ChangedPassword(
        operation=await operation_view(desk, asker.operator, operation),
        password=password,
        password_open=row.credential_next is not None,
    )
    return Response(changed, status_code=200)


@post(
    "/stations/{station:str}/security-profile",
    operation_id="changeSecurityProfile",
    summary="Move a connected station to another security profile",
    tags=TAGS,
    opt={"scope": "admin", "pace": "disruptive"},
    status_code=200,
)
async def change_profile(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    data: JSONBody[ProfileChange],
    timeout: Patience = None,
) -> OperationView:
    """Done once it has come back with the new profile; from then on the old one is refused."""
    found = await station_id(desk, asker, station)
    url = data.url or _url(desk, data.security_profile)
    if not url.startswith(("ws://", "wss://")):
        raise Invalid("The address starts with ws:// or wss://", field="url")
    operation = await desk.services.security.profiles.move(
        asker.operator,
        found,
        Move(
            to=data.security_profile,
            url=url,
            slot=data.slot,
            interface=data.interface,
            timeout_s=data.message_timeout_s,
            reset=data.reset,
        ),
        by=asker.name,
        timeout=timeout,
    )
    return await operation_view(desk, asker.operator, operation)


@post(
    "/stations/{station:str}/certificate/renew",
    operation_id="renewStationCertificate",
    summary="Have a station ask for a new certificate",
    tags=TAGS,
    opt=CONTROL,
    status_code=200,
)
async def renew_certificate(
    desk: TheDesk, asker: Asker, station: StationKey, timeout: Patience = None
) -> OperationView:
    """Done once the station has taken the certificate that was signed for its new key."""
    found = await station_id(desk, asker, station)
    operation = await desk.services.certificates.renew(
        asker.operator, found, by=asker.name, timeout=timeout
    )
    return await operation_view(desk, asker.operator, operation)


@post(
    "/stations/{station:str}/certificates/{serial:str}/revoke",
    operation_id="revokeStationCertificate",
    summary="Revoke a certificate of a station",
    tags=TAGS,
    opt={"scope": "admin", "pace": "disruptive"},
    status_code=200,
)
async def revoke_certificate(
    desk: TheDesk, asker: Asker, station: StationKey, serial: Serial
) -> SignedCertificate:
    """It is refused from its next connection on; the connection that is open with it is closed now."""
    found = await station_id(desk, asker, station)
    return _certificate(await desk.services.certificates.revoke(asker.operator, found, serial))


def _url(desk: Desk, profile: int) -> str:
    over_tls = desk.settings.stations_at_over_tls(profile)
    return over_tls if profile > 1 else desk.settings.stations_at


async def _row(desk: Desk, asker: Principal, station: str) -> Station:
    found = await station_id(desk, asker, station)
    async with desk.services.store.work(asker.operator) as work:
        row = await work.stations.get(found)
    if row is None:
        raise NotFound("There is no such station.")
    return row


async def _view(desk: Desk, asker: Principal, station: str) -> StationSecurity:
    row = await _row(desk, asker, station)
    signed = await desk.services.certificates.of(asker.operator, row.id)
    return StationSecurity(
        security_profile=row.security_profile,
        next_profile=row.profile_next,
        has_password=row.credential is not None,
        password_open=row.credential_next is not None,
        certificate_name=row.certificate_name,
        certificate_names=sorted(certificate_names(row)),
        accept_expired=row.accept_expired,
        certificates=[_certificate(one) for one in signed],
    )


def _certificate(certificate: StationCertificate) -> SignedCertificate:
    return SignedCertificate(
        serial=certificate.serial,
        issuer=certificate.issuer_name,
        common_name=certificate.common_name,
        state=certificate.state,
        not_before=certificate.not_before,
        not_after=certificate.not_after,
        changed_at=certificate.changed_at,
        pem=certificate.pem,
    )


ROUTES = (
    get_security,
    change_security,
    change_password,
    change_profile,
    renew_certificate,
    revoke_certificate,
)
