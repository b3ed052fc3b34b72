"""M: certificates of stations and cars, and whether they are revoked."""

from __future__ import annotations

from msgspec import convert

from releve.dialects.v2 import certificates as v2
from releve.dialects.v2.outcome import heard
from releve.dialects.v201.version import v201
from releve.domain.certificates import (
    DeleteCertificate,
    GetInstalledCertificates,
    InstallCertificate,
)
from releve.domain.commands import Outcome
from releve.ocpp.messages.v201 import (
    DeleteCertificateRequest,
    DeleteCertificateResponse,
    Get15118EVCertificateRequest,
    Get15118EVCertificateResponse,
    GetCertificateIdUseEnum,
    GetCertificateStatusRequest,
    GetCertificateStatusResponse,
    GetInstalledCertificateIdsRequest,
    GetInstalledCertificateIdsResponse,
    InstallCertificateRequest,
    InstallCertificateResponse,
    InstallCertificateUseEnum,
    Iso15118EVCertificateStatusEnum,
)
from releve.services.ev_certificates import Declined
from releve.services.live import Inbound, LiveStation
from releve.services.services import Services

CERTIFICATE_LIMIT = 5500
OCSP_LIMIT = 5500
EXI_LIMIT = 5600
"""Characters of certificate, ocspResult and exiResponse."""


@v201.asks
def install(command: InstallCertificate, station: LiveStation) -> InstallCertificateRequest:
    payload = v2.install(command, InstallCertificateUseEnum, CERTIFICATE_LIMIT, "2.0.1")
    return convert(payload, InstallCertificateRequest)


@v201.hears
def heard_install(command: InstallCertificate, response: InstallCertificateResponse) -> Outcome:
    return heard(response)


@v201.asks
def delete(command: DeleteCertificate, station: LiveStation) -> DeleteCertificateRequest:
    return convert(v2.delete(command), DeleteCertificateRequest)


@v201.hears
def heard_delete(command: DeleteCertificate, response: DeleteCertificateResponse) -> Outcome:
    return heard(response)


@v201.asks
def get_installed(
    command: GetInstalledCertificates, station: LiveStation
) -> GetInstalledCertificateIdsRequest:
    payload = v2.get_installed(command, GetCertificateIdUseEnum, "2.0.1")
    return convert(payload, GetInstalledCertificateIdsRequest)


@v201.hears
def heard_installed(
    command: GetInstalledCertificates, response: GetInstalledCertificateIdsResponse
) -> Outcome:
    return v2.installed(response)


@v201.answers
async def get_certificate_status(
    request: GetCertificateStatusRequest, inbound: Inbound, services: Services
) -> GetCertificateStatusResponse:
    question = v2.question(request.ocsp_request_data)
    found = await services.revocations.relay(inbound, question, largest=OCSP_LIMIT)
    return convert(v2.certificate_status(found), GetCertificateStatusResponse)


@v201.answers
async def get_15118_ev_certificate(
    request: Get15118EVCertificateRequest, inbound: Inbound, services: Services
) -> Get15118EVCertificateResponse:
    found = await services.ev_certificates.obtain(
        inbound, v2.car_request(request), largest=EXI_LIMIT
    )
    if isinstance(found, Declined):
        return convert(v2.declined(found), Get15118EVCertificateResponse)
    return Get15118EVCertificateResponse(
        status=Iso15118EVCertificateStatusEnum.ACCEPTED,
        exi_response=found.exi,
    )
