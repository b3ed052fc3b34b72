"""A: SignCertificate, CertificateSigned, SecurityEventNotification."""

from __future__ import annotations

import msgspec

from releve.dialects.v2.outcome import heard
from releve.dialects.v21.version import v21
from releve.domain.certificates import CertificateHash
from releve.domain.commands import Outcome
from releve.domain.security_commands import CertificateSigned, SigningUse
from releve.ocpp.messages.v21 import (
    CertificateSignedRequest,
    CertificateSignedResponse,
    CertificateSigningUseEnum,
    GenericStatusEnum,
    SecurityEventNotificationRequest,
    SecurityEventNotificationResponse,
    SignCertificateRequest,
    SignCertificateResponse,
)
from releve.services.live import Inbound, LiveStation
from releve.services.services import Services

_STATUS = {True: GenericStatusEnum.ACCEPTED, False: GenericStatusEnum.REJECTED}


@v21.answers
async def sign_certificate(
    request: SignCertificateRequest, inbound: Inbound, services: Services
) -> SignCertificateResponse:
    use = request.certificate_type
    root = request.hash_root_certificate
    taken_on = await services.certificates.sign(
        inbound,
        request.csr,
        SigningUse(use.value) if use is not None else None,
        request.request_id,
        msgspec.convert(msgspec.to_builtins(root), CertificateHash) if root else None,
    )
    return SignCertificateResponse(status=_STATUS[taken_on])


@v21.asks
def certificate_signed(
    command: CertificateSigned, station: LiveStation
) -> CertificateSignedRequest:
    use = CertificateSigningUseEnum(command.use.value) if command.tell_use else None  # A02.FR.14
    return CertificateSignedRequest(
        certificate_chain=command.chain, certificate_type=use, request_id=command.request_id
    )


@v21.hears
def certificate_taken(command: CertificateSigned, response: CertificateSignedResponse) -> Outcome:
    return heard(response)


@v21.answers
async def security_event(
    request: SecurityEventNotificationRequest, inbound: Inbound, services: Services
) -> SecurityEventNotificationResponse:
    await services.security.events.told(
        inbound, request.type, request.timestamp, request.tech_info or ""
    )
    return SecurityEventNotificationResponse()
