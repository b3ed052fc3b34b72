"""How OCPP names a certificate: hashes over its issuer's name and key, and its serial number (RFC 6960 4.1.1)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import AuthorityInformationAccessOID

from releve.domain.certificates import CertificateHash, HashAlgorithm
from releve.services.certificates.pem import serial_hex

__all__ = [
    "CertificateHash",
    "HashAlgorithm",
    "crl_urls",
    "find_named",
    "hash_data",
    "issued_under",
    "key_bits",
    "responder_url",
    "responder_urls",
]


def hash_data(
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    algorithm: HashAlgorithm = HashAlgorithm.SHA256,
) -> CertificateHash:
    """Name `certificate` by its issuer's certificate; for a root both are the same."""
    return CertificateHash(
        hash_algorithm=algorithm,
        issuer_name_hash=_digest(algorithm, certificate.issuer.public_bytes()),
        issuer_key_hash=_digest(algorithm, key_bits(issuer)),
        serial_number=serial_hex(certificate),
    )


def issued_under(issuer: x509.Certificate, name: CertificateHash) -> bool:
    """Whether this is the authority that issued what the hash names."""
    algorithm = name.hash_algorithm
    return (
        _digest(algorithm, key_bits(issuer)) == name.issuer_key_hash.casefold()
        and _digest(algorithm, issuer.subject.public_bytes()) == name.issuer_name_hash.casefold()
    )


def find_named(name: CertificateHash, known: Sequence[x509.Certificate]) -> x509.Certificate | None:
    """The certificate that a hash names, among those known; its issuer has to be one of them, or itself."""
    serial = name.alike[3]
    for certificate in known:
        if serial_hex(certificate) == serial and any(
            hash_data(certificate, issuer, name.hash_algorithm).matches(name)
            for issuer in known
            if issuer.subject == certificate.issuer
        ):
            return certificate
    return None


def responder_url(certificate: x509.Certificate) -> str | None:
    """Where its state can be asked by OCSP; None when the certificate does not say."""
    return next(iter(responder_urls(certificate)), None)


def responder_urls(certificate: x509.Certificate) -> tuple[str, ...]:
    """All places where its state can be asked by OCSP, in the certificate's order."""
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess)
    except x509.ExtensionNotFound:
        return ()
    return tuple(
        description.access_location.value
        for description in access.value
        if description.access_method == AuthorityInformationAccessOID.OCSP
        and isinstance(description.access_location, x509.UniformResourceIdentifier)
    )


def crl_urls(certificate: x509.Certificate) -> tuple[str, ...]:
    """Where its issuer's revocation list is, as far as the certificate says."""
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints)
    except x509.ExtensionNotFound:
        return ()
    return tuple(
        name.value
        for point in points.value
        for name in point.full_name or ()
        if isinstance(name, x509.UniformResourceIdentifier)
    )


def key_bits(issuer: x509.Certificate) -> bytes:
    """The BIT STRING of the issuer's public key, without tag, length and unused bits (RFC 6960)."""
    info = issuer.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    # SubjectPublicKeyInfo is SEQUENCE { algorithm SEQUENCE, key BIT STRING }.
    body, _ = _element(info)
    _, rest = _element(body)
    bits, _ = _element(rest)
    return bits[1:]


def _element(raw: bytes) -> tuple[bytes, bytes]:
    """The content of the first DER element, and what follows it."""
    length, start = raw[1], 2
    if length & 0x80:
        size = length & 0x7F
        length, start = int.from_bytes(raw[2 : 2 + size], "big"), 2 + size
    return raw[start : start + length], raw[start + length :]


def _digest(algorithm: HashAlgorithm, data: bytes) -> str:
    return hashlib.new(algorithm.value.lower(), data).hexdigest()
