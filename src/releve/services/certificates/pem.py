"""Certificates as text and back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from releve.services.errors import Invalid

LARGEST = 64 * 1024
"""Characters of a PEM text that are looked at at all."""
_BLOCK = re.compile(r"-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----")
_UNREADABLE = (
    ValueError,  # UnicodeEncodeError is one
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
    UnsupportedAlgorithm,
)
LEAST_RSA_BITS = 2048
"""A00.FR.502."""
LEAST_CURVE_BITS = 224
"""A00.FR.503."""


def load_chain(text: str, field: str = "certificate") -> list[x509.Certificate]:
    """All certificates of a PEM text, in their order; Invalid when there is none or one cannot be read."""
    if len(text) > LARGEST:
        raise Invalid("This text is too long for a chain of certificates.", field=field)
    blocks = _BLOCK.findall(text)
    if not blocks:
        raise Invalid(
            "This is no certificate in PEM form (-----BEGIN CERTIFICATE-----).", field=field
        )
    return [load_one(block, field) for block in blocks]


def load_one(text: str, field: str = "certificate") -> x509.Certificate:
    """One certificate of a PEM text; Invalid when it cannot be read."""
    try:
        found = x509.load_pem_x509_certificate(text.encode("ascii"))
        found.extensions, found.subject, found.issuer, found.public_key()
    except _UNREADABLE as error:
        raise Invalid(f"This certificate cannot be read: {error}", field=field) from error
    return found


def load_der(raw: bytes) -> x509.Certificate | None:
    """A certificate as TLS gives it; None when it cannot be read."""
    try:
        found = x509.load_der_x509_certificate(raw)
        found.extensions, found.subject, found.issuer, found.public_key()
    except _UNREADABLE:
        return None
    return found


def to_pem(certificates: Iterable[x509.Certificate]) -> str:
    """PEM text, in the given order."""
    return "".join(c.public_bytes(Encoding.PEM).decode() for c in certificates)


def names_of(name: x509.Name, oid: x509.ObjectIdentifier) -> tuple[str, ...]:
    """All values of one kind in a name: usually one."""
    return tuple(str(part.value) for part in name.get_attributes_for_oid(oid))


def common_names(name: x509.Name) -> tuple[str, ...]:
    """CN of a subject or issuer."""
    return names_of(name, NameOID.COMMON_NAME)


def organisations(name: x509.Name) -> tuple[str, ...]:
    """O of a subject or issuer."""
    return names_of(name, NameOID.ORGANIZATION_NAME)


def serial_hex(certificate: x509.Certificate) -> str:
    """The serial number in hexadecimal, as OCPP writes it: no leading zeros, lower case."""
    return f"{certificate.serial_number:x}"


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 over the whole certificate, hexadecimal."""
    return certificate.fingerprint(SHA256()).hex()


def key_problem(key: object) -> str | None:
    """Why a public key is too weak for OCPP (A00.FR.502, A00.FR.503), in an operator's words; None: it is not."""
    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size < LEAST_RSA_BITS:
            return f"its RSA key has {key.key_size} bits; at least {LEAST_RSA_BITS} are wanted"
        return None
    if isinstance(key, ec.EllipticCurvePublicKey):
        if key.curve.key_size < LEAST_CURVE_BITS:
            return f"its key's curve has {key.curve.key_size} bits; at least {LEAST_CURVE_BITS} are wanted"
        return None
    if isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey):
        return None
    return "its key is neither RSA nor on an elliptic curve"


def self_signed(certificate: x509.Certificate) -> bool:
    """Whether it vouches for itself: a root."""
    return certificate.subject == certificate.issuer and signed_by(certificate, certificate)


def signed_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether `issuer`'s key made this certificate's signature, and its name is the issuer's."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except Exception:  # the library has many ways to say no, unknown keys and algorithms among them
        return False
    return True


def in_order(certificates: Sequence[x509.Certificate]) -> list[x509.Certificate]:
    """Leaf first, then each one's issuer as far as it is there; those that belong nowhere are left out."""
    issuers = {id(i) for c in certificates for i in certificates if i is not c and signed_by(c, i)}
    leaves = [c for c in certificates if id(c) not in issuers]
    chain = [leaves[0] if leaves else certificates[0]]
    while True:
        above = [c for c in certificates if c not in chain and signed_by(chain[-1], c)]
        if not above:
            return chain
        chain.append(above[0])
