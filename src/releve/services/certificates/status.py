"""Whether a certificate is revoked: OCSP requests made, responses and CRLs read, believed or not (RFC 6960, 5280)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from releve.domain.certificates import CertificateHash, CertificateStatus, HashAlgorithm
from releve.services.certificates.hashes import issued_under, key_bits
from releve.services.certificates.pem import signed_by

SKEW = timedelta(minutes=5)
"""By how much a responder's clock may differ from ours."""
_HASHES: dict[HashAlgorithm, type[hashes.HashAlgorithm]] = {
    HashAlgorithm.SHA256: hashes.SHA256,
    HashAlgorithm.SHA384: hashes.SHA384,
    HashAlgorithm.SHA512: hashes.SHA512,
}
_STATUS = {
    ocsp.OCSPCertStatus.GOOD: CertificateStatus.GOOD,
    ocsp.OCSPCertStatus.REVOKED: CertificateStatus.REVOKED,
    ocsp.OCSPCertStatus.UNKNOWN: CertificateStatus.UNKNOWN,
}


class NotBelieved(ValueError):
    """An answer that says nothing: unreadable, refused, about something else, stale, or signed by a stranger."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What a responder or a list says of one certificate.

    verified: its signature was checked against the issuer. Not verified: the issuer's certificate is not known here; a
    wrong signature is never a Standing (`NotBelieved`). der: the OCSP response; empty for a CRL.
    """

    status: CertificateStatus
    this_update: datetime
    next_update: datetime | None
    verified: bool
    der: bytes = b""


def ocsp_request(certificate: CertificateHash, nonce: bytes) -> bytes:
    """An OCSPRequest in DER for a certificate known by its hash data. nonce empty: none. Raises NotBelieved."""
    try:
        builder = ocsp.OCSPRequestBuilder().add_certificate_by_hash(
            bytes.fromhex(certificate.issuer_name_hash),
            bytes.fromhex(certificate.issuer_key_hash),
            int(certificate.serial_number, 16),
            _HASHES[certificate.hash_algorithm](),
        )
    except ValueError as error:
        raise NotBelieved(f"the certificate's hash data cannot be used: {error}") from None
    if nonce:
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    return builder.build().public_bytes(Encoding.DER)


def read_ocsp(
    der: bytes,
    certificate: CertificateHash,
    nonce: bytes,
    known: Sequence[x509.Certificate],
    at: datetime,
) -> Standing:
    """What an OCSPResponse says of the certificate at the system's time `at`. Raises NotBelieved.

    known: certificates of authorities known here; those that the response brings along are looked at too, for the hash
    data itself tells which key is the issuer's.
    """
    try:
        response = ocsp.load_der_ocsp_response(der)
    except (ValueError, TypeError) as error:
        raise NotBelieved(f"the responder's answer is no OCSP response: {error}") from None
    if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        raise NotBelieved(f"the responder answered {response.response_status.name.lower()}")
    try:
        single = _about(response, certificate)
        _check_nonce(response, nonce)
        _check_time(single.this_update_utc, single.next_update_utc, at)
        verified = _check_signature(response, certificate, known, at)
    except (TypeError, UnsupportedAlgorithm, OverflowError) as error:
        raise NotBelieved(f"the response cannot be understood: {error}") from None
    except ValueError as error:
        if isinstance(error, NotBelieved):
            raise
        raise NotBelieved(f"the response cannot be understood: {error}") from None
    return Standing(
        status=_STATUS[single.certificate_status],
        this_update=single.this_update_utc,
        next_update=single.next_update_utc,
        verified=verified,
        der=der,
    )


def _about(response: ocsp.OCSPResponse, name: CertificateHash) -> ocsp.OCSPSingleResponse:
    for single in response.responses:
        said = CertificateHash(
            hash_algorithm=name.hash_algorithm,
            issuer_name_hash=single.issuer_name_hash.hex(),
            issuer_key_hash=single.issuer_key_hash.hex(),
            serial_number=f"{single.serial_number:X}",
        )
        if (
            isinstance(single.hash_algorithm, _HASHES[name.hash_algorithm])
            and said.alike == name.alike
        ):
            return single
    raise NotBelieved("the response is about another certificate")


def _check_nonce(response: ocsp.OCSPResponse, nonce: bytes) -> None:
    """A responder may leave the nonce out (RFC 8954); another one than ours is a replay."""
    try:
        said = response.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce
    except x509.ExtensionNotFound:
        return
    if said != nonce:
        raise NotBelieved("the response answers another request: its nonce differs")


def _check_time(this_update: datetime, next_update: datetime | None, at: datetime) -> None:
    if this_update > at + SKEW:
        raise NotBelieved("the status is said to be true only later")
    if next_update is not None and next_update < at - SKEW:
        raise NotBelieved("the status is stale: a newer one was due " + next_update.isoformat())


def _check_signature(
    response: ocsp.OCSPResponse,
    name: CertificateHash,
    known: Sequence[x509.Certificate],
    at: datetime,
) -> bool:
    """True: the issuer, or a responder it appointed (RFC 6960 4.2.2.2), signed. False: the issuer is unknown."""
    brought = response.certificates
    issuer = next((c for c in [*known, *brought] if issued_under(c, name)), None)
    if issuer is None:
        return False
    for signer in [issuer, *brought]:
        if not _is_responder(response, signer):
            continue
        if signer != issuer and not _appointed(signer, issuer, at):
            raise NotBelieved("the response is signed by somebody whom the issuer did not appoint")
        if not _signed(
            signer,
            response.signature,
            response.tbs_response_bytes,
            response.signature_hash_algorithm,
        ):
            raise NotBelieved("the response's signature is wrong")
        return True
    raise NotBelieved("the response is signed by somebody whom the issuer did not appoint")


def _is_responder(response: ocsp.OCSPResponse, certificate: x509.Certificate) -> bool:
    """Whether the response names this certificate as its signer: by subject, or by the SHA-1 of its key."""
    if response.responder_name is not None:
        return certificate.subject == response.responder_name
    digest = hashes.Hash(hashes.SHA1())  # noqa: S303 - RFC 6960 4.2.1: a name, not a protection
    digest.update(key_bits(certificate))
    return response.responder_key_hash == digest.finalize()


def _appointed(responder: x509.Certificate, issuer: x509.Certificate, at: datetime) -> bool:
    try:
        usage = responder.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (x509.ExtensionNotFound, ValueError):
        return False
    return (
        ExtendedKeyUsageOID.OCSP_SIGNING in usage
        and responder.not_valid_before_utc <= at + SKEW
        and at - SKEW <= responder.not_valid_after_utc
        and signed_by(responder, issuer)
    )


def _signed(
    signer: x509.Certificate,
    signature: bytes,
    data: bytes,
    algorithm: hashes.HashAlgorithm | None,
) -> bool:
    key = signer.public_key()
    try:
        match key:
            case ec.EllipticCurvePublicKey() if algorithm is not None:
                key.verify(signature, data, ec.ECDSA(algorithm))
            case rsa.RSAPublicKey() if algorithm is not None:
                key.verify(signature, data, padding.PKCS1v15(), algorithm)
            case ed25519.Ed25519PublicKey() | ed448.Ed448PublicKey():
                key.verify(signature, data)
            case _:
                return False
    except InvalidSignature:
        return False
    return True


# --- revocation lists -------------------------------------------------------------------------------------------


def read_crl(
    data: bytes, certificate: CertificateHash, known: Sequence[x509.Certificate], at: datetime
) -> Standing:
    """What a list (DER, or PEM) says of the certificate. Raises NotBelieved."""
    load = x509.load_pem_x509_crl if data.lstrip().startswith(b"-----") else x509.load_der_x509_crl
    try:
        crl = load(data)
        next_update, this_update = crl.next_update_utc, crl.last_update_utc
        issuer_name = _digest(crl.issuer.public_bytes(), certificate.hash_algorithm)
        entry = crl.get_revoked_certificate_by_serial_number(int(certificate.serial_number, 16))
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise NotBelieved(f"this is no revocation list: {error}") from None
    if issuer_name != certificate.issuer_name_hash.casefold():
        raise NotBelieved("the revocation list is that of another authority")
    _check_time(this_update, next_update, at)
    issuer = next((c for c in known if issued_under(c, certificate)), None)
    if issuer is not None and not crl.is_signature_valid(issuer.public_key()):  # type: ignore[arg-type]
        raise NotBelieved("the revocation list's signature is wrong")
    return Standing(
        status=CertificateStatus.GOOD if entry is None else CertificateStatus.REVOKED,
        this_update=this_update,
        next_update=next_update,
        verified=issuer is not None,
    )


def _digest(data: bytes, algorithm: HashAlgorithm) -> str:
    digest = hashes.Hash(_HASHES[algorithm]())
    digest.update(data)
    return digest.finalize().hex()
