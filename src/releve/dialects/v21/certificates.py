"""M: certificates of stations and cars, and whether they are revoked."""

from __future__ import annotations

from msgspec import convert

from releve.dialects.registry import Unreadable
from releve.dialects.v2 import certificates as v2
from releve.dialects.v2.outcome import heard
from releve.dialects.v21.version import v21
from releve.domain.certificates import (
    DeleteCertificate,
    GetInstalledCertificates,
    InstallCertificate,
)
from releve.domain.commands import Outcome
from releve.ocpp.messages.v21 import (
    DeleteCertificateRequest,
    DeleteCertificateResponse,
    Get15118EVCertificateRequest,
    Get15118EVCertificateResponse,
    GetCertificateChainStatusRequest,
    GetCertificateChainStatusResponse,
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

CERTIFICATE_LIMIT = 10000
OCSP_LIMIT = 18000
EXI_LIMIT = 17000
"""Characters of certificate, ocspResult and exiResponse."""


@v21.asks
def install(command: InstallCertificate, station: LiveStation) -> InstallCertificateRequest:
    payload = v2.install(command, InstallCertificateUseEnum, CERTIFICATE_LIMIT, "2.1")
    return convert(payload, InstallCertificateRequest)


@v21.hears
def heard_install(command: InstallCertificate, response: InstallCertificateResponse) -> Outcome:
    return heard(response)


@v21.asks
def delete(command: DeleteCertificate, station: LiveStation) -> DeleteCertificateRequest:
    return convert(v2.delete(command), DeleteCertificateRequest)


@v21.hears
def heard_delete(command: DeleteCertificate, response: DeleteCertificateResponse) -> Outcome:
    return heard(response)


@v21.asks
def get_installed(
    command: GetInstalledCertificates, station: LiveStation
) -> GetInstalledCertificateIdsRequest:
    payload = v2.get_installed(command, GetCertificateIdUseEnum, "2.1")
    return convert(payload, GetInstalledCertificateIdsRequest)


@v21.hears
def heard_installed(
    command: GetInstalledCertificates, response: GetInstalledCertificateIdsResponse
) -> Outcome:
    return v2.installed(response)


@v21.answers
async def get_certificate_status(
    request: GetCertificateStatusRequest, inbound: Inbound, services: Services
) -> GetCertificateStatusResponse:
    question = v2.question(request.ocsp_request_data)
    found = await services.revocations.relay(inbound, question, largest=OCSP_LIMIT)
    return convert(v2.certificate_status(found), GetCertificateStatusResponse)


@v21.answers
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
        remaining_contracts=found.remaining,
    )


@v21.answers
async def get_certificate_chain_status(
    request: GetCertificateChainStatusRequest, inbound: Inbound, services: Services
) -> GetCertificateChainStatusResponse:
    questions = [v2.chain_question(info) for info in request.certificate_status_requests]
    if not questions:  # tolerated in reading, but there is no answer to it
        raise Unreadable("it names no certificate")
    answers = await services.revocations.chain(inbound, questions)
    return convert(v2.chain_status(answers), GetCertificateChainStatusResponse)
