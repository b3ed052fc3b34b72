"""A: SignCertificate, CertificateSigned, SecurityEventNotification (security extension)."""

from __future__ import annotations

from releve.dialects.outcome import outcome
from releve.dialects.registry import Unsupported
from releve.dialects.v16.version import v16
from releve.domain.commands import Outcome
from releve.domain.security_commands import CertificateSigned, SigningUse
from releve.ocpp.messages.v16 import (
    CertificateSignedRequest,
    CertificateSignedResponse,
    GenericStatusEnum,
    SecurityEventNotificationRequest,
    SecurityEventNotificationResponse,
    SignCertificateRequest,
    SignCertificateResponse,
)
from releve.services.live import Inbound, LiveStation
from releve.services.services import Services

_STATUS = {True: GenericStatusEnum.ACCEPTED, False: GenericStatusEnum.REJECTED}


@v16.answers
async def sign_certificate(
    request: SignCertificateRequest, inbound: Inbound, services: Services
) -> SignCertificateResponse:
    taken_on = await services.certificates.sign(inbound, request.csr)
    return SignCertificateResponse(status=_STATUS[taken_on])


@v16.asks
def certificate_signed(
    command: CertificateSigned, station: LiveStation
) -> CertificateSignedRequest:
    if command.use is not SigningUse.STATION:
        raise Unsupported("OCPP 1.6 has certificates of the station only, none for vehicles")
    return CertificateSignedRequest(certificate_chain=command.chain)


@v16.hears
def certificate_taken(command: CertificateSigned, response: CertificateSignedResponse) -> Outcome:
    return outcome(response.status)


@v16.answers
async def security_event(
    request: SecurityEventNotificationRequest, inbound: Inbound, services: Services
) -> SecurityEventNotificationResponse:
    await services.security.events.told(
        inbound, request.type, request.timestamp, request.tech_info or ""
    )
    return SecurityEventNotificationResponse()
