"""Certificates in stations: listed, fetched, installed, deleted."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import delete, get, post
from litestar.params import JSONBody, QueryParameter

from releve.api.command_forms import CommandResult, fields_of, result_of
from releve.api.commands import ASKING, CONTROL, Patience
from releve.api.here import Asker, Key, StationKey, TheDesk, station_id
from releve.domain.certificates import (
    CertificateHash,
    CertificateUse,
    InstalledCertificate,
    InstalledOutcome,
)
from releve.domain.commands import Outcome
from releve.domain.ids import OperatorId, StationId
from releve.services.desk import Desk
from releve.services.errors import Invalid

TAGS = ["Certificates"]
Pem = Annotated[str, msgspec.Meta(min_length=1, max_length=64 * 1024)]


class HashView(msgspec.Struct, frozen=True, kw_only=True):
    """How the station names a certificate. Hexadecimal, as it wrote it."""

    hash_algorithm: str
    issuer_name_hash: str
    issuer_key_hash: str
    serial_number: str


class CertificateView(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate in a station. subject, issuer, expires_at, pem: known only where the certificate is known here.

    children: sub-CAs of a V2G chain. installed_at: when the station took it from us. reported_at: when it last
    said that it has it.
    """

    id: str
    use: CertificateUse
    hash: HashView
    children: list[HashView]
    subject: str
    issuer: str
    expires_at: datetime | None
    pem: str
    installed_at: datetime | None
    reported_at: datetime | None


class CertificateList(msgspec.Struct, frozen=True, kw_only=True):
    """What a station has, as far as it is known."""

    items: list[CertificateView]


class FetchResult(CommandResult, frozen=True, kw_only=True):
    """The station's answer, and what it is known to have after it."""

    certificates: list[CertificateView]


class CertificatesFetching(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """uses: which kinds; empty: all."""

    uses: list[CertificateUse] = []


class Installing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Either `certificate` (PEM) or `authority` (the id of a trusted authority)."""

    use: CertificateUse
    certificate: Pem | None = None
    authority: str | None = None


@get(
    "/stations/{station:str}/certificates",
    operation_id="listStationCertificates",
    summary="Certificates in a station",
    tags=TAGS,
)
async def list_certificates(desk: TheDesk, asker: Asker, station: StationKey) -> CertificateList:
    """As the station last reported or took them; `fetch` asks it."""
    found = await station_id(desk, asker, station)
    return CertificateList(items=await _held(desk, asker.operator, found))


@post(
    "/stations/{station:str}/certificates/fetch",
    operation_id="fetchStationCertificates",
    summary="Ask a station for its certificates",
    tags=TAGS,
    opt=ASKING,
    status_code=200,
)
async def fetch_certificates(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    data: JSONBody[CertificatesFetching | None] = None,
    timeout: Patience = None,
) -> FetchResult:
    """Its list replaces what was known of the kinds asked for. NotFound as `status`: it has none of them."""
    found = await station_id(desk, asker, station)
    outcome = await desk.services.station_certificates.fetch(
        asker.operator, found, data.uses if data else (), by=asker.name, timeout=timeout
    )
    items = await _held(desk, asker.operator, found)
    return FetchResult(**fields_of(_plain(outcome)), certificates=items)


@post(
    "/stations/{station:str}/certificates",
    operation_id="installCertificate",
    summary="Install an authority's certificate",
    tags=TAGS,
    opt=CONTROL,
    status_code=200,
)
async def install_certificate(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    data: JSONBody[Installing],
    timeout: Patience = None,
) -> CommandResult:
    """Rejected or Failed as `status`: the station did not take it."""
    pem = data.certificate or ""
    if (data.authority is None) is (data.certificate is None):
        raise Invalid("Give either a certificate or an authority.", field="certificate")
    if data.authority is not None:
        pem = (await desk.services.authorities.get(asker.operator, data.authority)).pem
    found = await station_id(desk, asker, station)
    outcome = await desk.services.station_certificates.install(
        asker.operator, found, data.use, pem, by=asker.name, timeout=timeout
    )
    return result_of(outcome)


@delete(
    "/stations/{station:str}/certificates/{certificate:str}",
    operation_id="deleteCertificate",
    summary="Delete a certificate from a station",
    tags=TAGS,
    opt=CONTROL,
    status_code=200,
)
async def delete_certificate(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    certificate: Key,
    even_last: Annotated[
        bool,
        QueryParameter(
            description="Delete it even if no CSMS root is left: the station cannot connect again then."
        ),
    ] = False,
    timeout: Patience = None,
) -> CommandResult:
    """It has to be on the station's own list, so that it is named as the station names it."""
    found = await station_id(desk, asker, station)
    outcome = await desk.services.station_certificates.delete(
        asker.operator, found, certificate, even_last=even_last, by=asker.name, timeout=timeout
    )
    return result_of(outcome)


async def _held(desk: Desk, operator: OperatorId, station: StationId) -> list[CertificateView]:
    held = await desk.services.station_certificates.held(operator, station)
    return [certificate_view(holding) for holding in held]


def certificate_view(holding: InstalledCertificate) -> CertificateView:
    """As the API shows it."""
    return CertificateView(
        id=holding.key,
        use=holding.use,
        hash=_hash(holding.name),
        children=[_hash(child) for child in holding.children],
        subject=holding.subject,
        issuer=holding.issuer,
        expires_at=holding.expires_at,
        pem=holding.pem,
        installed_at=holding.installed_at,
        reported_at=holding.reported_at,
    )


def _hash(name: CertificateHash) -> HashView:
    return HashView(**msgspec.structs.asdict(name))


def _plain(outcome: Outcome) -> Outcome:
    """Without what InstalledOutcome has more: the list that is kept is shown instead."""
    if not isinstance(outcome, InstalledOutcome):
        return outcome
    return Outcome(**{f: getattr(outcome, f) for f in Outcome.__struct_fields__})


ROUTES = (list_certificates, fetch_certificates, install_certificate, delete_certificate)
