"""How OCPP names a certificate: hashes over its issuer's name and key, and its serial number (RFC 6960 4.1.1)."""

from __future__ import annotations

import hashlib
from enum import StrEnum

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import AuthorityInformationAccessOID

from releve.services.certificates.pem import serial_hex


class HashAlgorithm(StrEnum):
    """2.1 HashAlgorithmEnumType."""

    SHA256 = "SHA256"
    SHA384 = "SHA384"
    SHA512 = "SHA512"


class CertificateHash(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """2.1 CertificateHashDataType. Hexadecimal, lower case."""

    hash_algorithm: HashAlgorithm = HashAlgorithm.SHA256
    issuer_name_hash: str
    issuer_key_hash: str
    serial_number: str

    def matches(self, other: CertificateHash) -> bool:
        """The same certificate: hexadecimal is compared as a number (stations write it in either case)."""
        return (
            self.hash_algorithm is other.hash_algorithm
            and self.issuer_name_hash.casefold() == other.issuer_name_hash.casefold()
            and self.issuer_key_hash.casefold() == other.issuer_key_hash.casefold()
            and self.serial_number.casefold().lstrip("0")
            == other.serial_number.casefold().lstrip("0")
        )


def hash_data(
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    algorithm: HashAlgorithm = HashAlgorithm.SHA256,
) -> CertificateHash:
    """Name `certificate` by its issuer's certificate; for a root both are the same."""
    return CertificateHash(
        hash_algorithm=algorithm,
        issuer_name_hash=_digest(algorithm, certificate.issuer.public_bytes()),
        issuer_key_hash=_digest(algorithm, _key_bits(issuer)),
        serial_number=serial_hex(certificate),
    )


def responder_url(certificate: x509.Certificate) -> str | None:
    """Where its state can be asked by OCSP; None when the certificate does not say."""
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess)
    except x509.ExtensionNotFound:
        return None
    for description in access.value:
        location = description.access_location
        if description.access_method == AuthorityInformationAccessOID.OCSP and isinstance(
            location, x509.UniformResourceIdentifier
        ):
            return location.value
    return None


def _key_bits(issuer: x509.Certificate) -> bytes:
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
