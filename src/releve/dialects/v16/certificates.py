"""M in the words of 1.6's security extension: the CSMS's and the manufacturer's roots, one kind at a time."""

from __future__ import annotations

import msgspec

from releve.dialects.outcome import outcome
from releve.dialects.registry import Unsupported
from releve.dialects.v16.version import v16
from releve.domain.certificates import (
    CertificateHash,
    CertificateUse,
    DeleteCertificate,
    GetInstalledCertificates,
    InstallCertificate,
    InstalledChain,
    InstalledOutcome,
)
from releve.domain.commands import Outcome
from releve.ocpp.messages.v16 import (
    CertificateUseEnum,
    DeleteCertificateRequest,
    DeleteCertificateResponse,
    GetInstalledCertificateIdsRequest,
    GetInstalledCertificateIdsResponse,
    InstallCertificateRequest,
    InstallCertificateResponse,
)
from releve.services.live import LiveStation

CERTIFICATE_LIMIT = 5500

_USES = {
    CertificateUse.CSMS_ROOT: CertificateUseEnum.CENTRAL_SYSTEM_ROOT_CERTIFICATE,
    CertificateUse.MANUFACTURER_ROOT: CertificateUseEnum.MANUFACTURER_ROOT_CERTIFICATE,
}


@v16.asks
def install(command: InstallCertificate, station: LiveStation) -> InstallCertificateRequest:
    if len(command.certificate) > CERTIFICATE_LIMIT:
        raise Unsupported(f"a certificate of OCPP 1.6 has at most {CERTIFICATE_LIMIT} characters")
    return InstallCertificateRequest(
        certificate_type=_word(command.use), certificate=command.certificate
    )


@v16.hears
def heard_install(command: InstallCertificate, response: InstallCertificateResponse) -> Outcome:
    return outcome(response.status)


@v16.asks
def delete(command: DeleteCertificate, station: LiveStation) -> DeleteCertificateRequest:
    payload = {"certificateHashData": msgspec.to_builtins(command.certificate)}
    return msgspec.convert(payload, DeleteCertificateRequest)


@v16.hears
def heard_delete(command: DeleteCertificate, response: DeleteCertificateResponse) -> Outcome:
    return outcome(response.status)


@v16.asks
def get_installed(
    command: GetInstalledCertificates, station: LiveStation
) -> GetInstalledCertificateIdsRequest:
    if len(command.uses) != 1:
        raise Unsupported("a station of OCPP 1.6 is asked for one kind of certificates at a time")
    return GetInstalledCertificateIdsRequest(certificate_type=_word(command.uses[0]))


@v16.hears
def heard_installed(
    command: GetInstalledCertificates, response: GetInstalledCertificateIdsResponse
) -> Outcome:
    heard = outcome(response.status)
    names = msgspec.convert(
        msgspec.to_builtins(response.certificate_hash_data), tuple[CertificateHash, ...]
    )
    return InstalledOutcome(
        result=heard.result,
        status=heard.status,
        accepted=heard.accepted,
        certificates=tuple(
            InstalledChain(use=str(command.uses[0]), certificate=name) for name in names
        ),
    )


def _word(use: CertificateUse) -> CertificateUseEnum:
    word = _USES.get(use)
    if word is None:
        raise Unsupported(f"OCPP 1.6 knows no {use}")
    return word
