"""The built-in certificate authority: a root that signs an issuing authority, which signs stations' certificates.

One such pair for ECDSA and one for RSA: a station may know only one of the two (A00.FR.318, note). Times are arguments;
keys and serial numbers are made here.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from releve.services.certificates.pem import signed_by
from releve.services.errors import Invalid

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
ROOT_DAYS = 20 * 365
ISSUING_DAYS = 8 * 365
BACKDATED = timedelta(hours=1)
"""A02.FR.06, note: the station's clock may be behind ours when it checks what it gets."""
RSA_BITS = 3072


class Signer(msgspec.Struct, frozen=True):
    """An authority that can sign: its certificate and private key, and those above it (nearest first)."""

    certificate: x509.Certificate
    key: PrivateKey
    above: tuple[x509.Certificate, ...] = ()


def new_key(*, is_rsa: bool) -> PrivateKey:
    """A private key. Slow for RSA: run it aside."""
    if is_rsa:
        return rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    return ec.generate_private_key(ec.SECP256R1())


def key_to_pem(key: PrivateKey) -> bytes:
    """Unencrypted: to be sealed at once."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def key_from_pem(text: bytes) -> PrivateKey:
    """Invalid when it is no private key of a kind that signs here."""
    try:
        key = load_pem_private_key(text, None)
    except (ValueError, TypeError) as error:
        raise Invalid(f"This private key cannot be read: {error}", field="key") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise Invalid("The private key has to be RSA or on an elliptic curve.", field="key")
    return key


def make_root(name: str, organisation: str, key: PrivateKey, now: datetime) -> Signer:
    """A self-signed authority."""
    subject = _name(name, organisation)
    builder = _builder(subject, subject, key.public_key(), now, now + timedelta(days=ROOT_DAYS))
    builder = _as_authority(builder, key.public_key(), key.public_key(), path_length=1)
    return Signer(builder.sign(key, SHA256()), key)


def make_issuing(
    root: Signer, name: str, organisation: str, key: PrivateKey, now: datetime
) -> Signer:
    """An authority for stations, signed by `root`."""
    subject = _name(name, organisation)
    issuer = root.certificate
    end = min(now + timedelta(days=ISSUING_DAYS), issuer.not_valid_after_utc)
    builder = _builder(subject, issuer.subject, key.public_key(), now, end)
    builder = _as_authority(builder, key.public_key(), issuer.public_key(), path_length=0)
    return Signer(builder.sign(root.key, SHA256()), key, (issuer, *root.above))


def sign_request(signer: Signer, csr_pem: str, now: datetime, days: int) -> x509.Certificate:
    """A station's certificate for a request that has been judged already. Never outlives its authority.

    The subject is taken from the request's C, O, OU, CN and DC alone: whatever else a station asks for is left out.
    Key usage is set (A00.FR.512), extended key usage is not (A00.FR.514).
    """
    csr = x509.load_pem_x509_csr(csr_pem.encode())
    kept = (
        NameOID.COUNTRY_NAME,
        NameOID.ORGANIZATION_NAME,
        NameOID.ORGANIZATIONAL_UNIT_NAME,
        NameOID.COMMON_NAME,
        NameOID.DOMAIN_COMPONENT,
    )
    subject = x509.Name([part for part in csr.subject if part.oid in kept])
    issuer = signer.certificate
    end = min(now + timedelta(days=days), issuer.not_valid_after_utc)
    builder = _builder(subject, issuer.subject, csr.public_key(), now, end)
    return (
        builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True, key_agreement=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(csr.public_key()), critical=False)
        .add_extension(_identifier(issuer.public_key()), critical=False)
        .sign(signer.key, SHA256())
    )


def make_crl(
    signer: Signer, revoked: list[tuple[int, datetime]], number: int, now: datetime, days: int = 7
) -> x509.CertificateRevocationList:
    """What this authority has revoked, for others to check: serial number and time of each."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(signer.certificate.subject)
        .last_update(now)
        .next_update(now + timedelta(days=days))
        .add_extension(x509.CRLNumber(number), critical=False)
        .add_extension(_identifier(signer.certificate.public_key()), critical=False)
    )
    for serial, at in revoked:
        builder = builder.add_revoked_certificate(
            x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at).build()
        )
    return builder.sign(signer.key, SHA256())


def fits(certificate: x509.Certificate, key: PrivateKey) -> bool:
    """Whether the private key belongs to the certificate."""
    return certificate.public_key() == key.public_key()


def chain_of(signer: Signer, leaf: x509.Certificate) -> list[x509.Certificate]:
    """What a station is sent: the leaf and the authorities above it, without the root, which it has to know already."""
    above = [signer.certificate, *signer.above]
    return [leaf, *(c for c in above if not signed_by(c, c))]


def _name(common_name: str, organisation: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: Any, now: datetime, end: datetime
) -> x509.CertificateBuilder:
    # A00.FR.508: a serial number, random and of 20 bytes at most.
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(end)
    )


def _as_authority(
    builder: x509.CertificateBuilder, key: Any, issuer_key: Any, *, path_length: int
) -> x509.CertificateBuilder:
    return (
        builder.add_extension(x509.BasicConstraints(ca=True, path_length=path_length), True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(_identifier(issuer_key), critical=False)
    )


def _identifier(issuer_key: Any) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key)


def _usage(**used: bool) -> x509.KeyUsage:
    kinds = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{kind: used.get(kind, False) for kind in kinds})
