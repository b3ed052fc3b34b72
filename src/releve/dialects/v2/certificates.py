"""M and C07 in the words that 2.0.1 and 2.1 share; payloads are dicts in wire names."""

from __future__ import annotations

from typing import Any

import msgspec

from releve.dialects.outcome import outcome
from releve.dialects.registry import Unsupported, meaning
from releve.dialects.v2.outcome import explanation
from releve.dialects.v2.wire import WireStatus
from releve.domain.certificates import (
    CertificateHash,
    CertificateUse,
    DeleteCertificate,
    GetInstalledCertificates,
    InstallCertificate,
    InstalledChain,
    InstalledOutcome,
    StatusQuestion,
    StatusSource,
)
from releve.domain.token import IdToken
from releve.services.contracts import Presented
from releve.services.ev_certificates import CarRequest, CertificateAction, Declined
from releve.services.revocation import NoAnswer, StatusAnswer

ADDITIONAL_LIMIT = 500
"""StatusInfoType.additionalInfo: 512 characters in 2.0.1."""


# --- asked of stations ------------------------------------------------------------------------------------------


def install(command: InstallCertificate, uses: type[Any], largest: int, label: str) -> Any:
    """InstallCertificateRequest. uses: the version's words; largest: characters of a certificate."""
    _known(command.use, uses, label)
    if len(command.certificate) > largest:
        raise Unsupported(f"a certificate of OCPP {label} has at most {largest} characters")
    return {"certificateType": str(command.use), "certificate": command.certificate}


def delete(command: DeleteCertificate) -> Any:
    """DeleteCertificateRequest."""
    return {"certificateHashData": wire_hash(command.certificate)}


def get_installed(command: GetInstalledCertificates, uses: type[Any], label: str) -> Any:
    """GetInstalledCertificateIdsRequest; no uses: left out, all are told."""
    for use in command.uses:
        _known(use, uses, label)
    return {"certificateType": [str(use) for use in command.uses]} if command.uses else {}


def _known(use: CertificateUse, uses: type[Any], label: str) -> None:
    if str(use) not in {str(word) for word in uses}:
        raise Unsupported(f"OCPP {label} knows no {use}")


def wire_hash(name: CertificateHash) -> dict[str, str]:
    """CertificateHashDataType."""
    return msgspec.to_builtins(name)  # type: ignore[no-any-return]


class _Chain(msgspec.Struct, rename="camel"):
    certificate_type: str
    certificate_hash_data: CertificateHash
    child_certificate_hash_data: tuple[CertificateHash, ...] = ()


def installed(response: WireStatus) -> InstalledOutcome:
    """What a station told in GetInstalledCertificateIdsResponse."""
    chains = msgspec.convert(
        msgspec.to_builtins(response).get("certificateHashDataChain", []), tuple[_Chain, ...]
    )
    heard = outcome(response.status, explanation(response.status_info))
    return InstalledOutcome(
        result=heard.result,
        status=heard.status,
        accepted=heard.accepted,
        description=heard.description,
        certificates=tuple(
            InstalledChain(
                use=c.certificate_type,
                certificate=c.certificate_hash_data,
                children=c.child_certificate_hash_data,
            )
            for c in chains
        ),
    )


# --- asked by stations ------------------------------------------------------------------------------------------


def question(ocsp: msgspec.Struct) -> StatusQuestion:
    """OCSPRequestDataType."""
    data = msgspec.to_builtins(ocsp)
    url = data["responderURL"]
    return StatusQuestion(certificate=_hash(data), urls=(url,) if url else ())


def chain_question(info: msgspec.Struct) -> StatusQuestion:
    """CertificateStatusRequestInfoType (2.1)."""
    data = msgspec.to_builtins(info)
    return StatusQuestion(
        certificate=_hash(data["certificateHashData"]),
        source=_source(data["source"]),
        urls=tuple(data["urls"]),
    )


def _hash(data: dict[str, Any]) -> CertificateHash:
    with meaning("the hash of a certificate"):
        return msgspec.convert(data, CertificateHash)


def _source(word: str) -> StatusSource:
    with meaning("the source of a status"):
        return StatusSource(word)


def chain_status(answers: list[StatusAnswer]) -> dict[str, Any]:
    """GetCertificateChainStatusResponse (2.1), M07.FR.08."""
    return {
        "certificateStatus": [
            {
                "certificateHashData": wire_hash(answer.question.certificate),
                "source": str(answer.question.source),
                "status": str(answer.status),
                "nextUpdate": answer.next_update,
            }
            for answer in answers
        ]
    }


def certificate_status(found: str | NoAnswer) -> dict[str, Any]:
    """GetCertificateStatusResponse (M06.FR.01)."""
    if isinstance(found, NoAnswer):
        return {"status": "Failed", "statusInfo": status_info("Unspecified", found.reason)}
    return {"status": "Accepted", "ocspResult": found}


def car_request(request: Any) -> CarRequest:
    """Get15118EVCertificateRequest. The last two fields are 2.1's."""
    return CarRequest(
        schema=request.iso15118_schema_version,
        action=CertificateAction(request.action),
        exi=request.exi_request,
        most=getattr(request, "maximum_contract_certificate_chains", None),
        first=tuple(getattr(request, "prioritized_emaids", ())),
    )


def declined(found: Declined) -> dict[str, Any]:
    """Get15118EVCertificateResponse without a certificate: exiResponse is required, and empty."""
    return {
        "status": "Failed",
        "exiResponse": "",
        "statusInfo": status_info(found.code, found.reason),
    }


def presented_contract(token: IdToken, request: Any) -> Presented:
    """What AuthorizeRequest shows of a contract (C07.FR.02, C07.FR.06)."""
    return Presented(
        token=token,
        chain=request.certificate or "",
        hashes=tuple(question(data) for data in request.iso15118_certificate_hash_data),
    )


def status_info(code: str, text: str) -> dict[str, str]:
    """StatusInfoType."""
    return {"reasonCode": code, "additionalInfo": text[:ADDITIONAL_LIMIT]}
