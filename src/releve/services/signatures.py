"""Signatures of firmware: made with a key of ours, or checked when they are given.

Over the whole file with SHA-256, by RSA-PSS or ECDSA. The standard's second algorithm is ECSchnorr (L01.FR.04): no
common library makes it; stations with elliptic keys take ECDSA. One of ECSchnorr can be given, and goes out unchecked.
"""

from __future__ import annotations

import base64
import binascii
from datetime import datetime, timedelta
from enum import StrEnum

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from releve.services.certificates.pem import load_one
from releve.services.errors import Invalid

LIFETIME = timedelta(days=3650)
LONGEST_SIGNATURE = 800
"""Characters; the standard's limit for the field."""
_HASH = Prehashed(SHA256())
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


class Algorithm(StrEnum):
    """What a new signing key is made for."""

    EC = "ec-p256"
    RSA = "rsa-3072"


class Checked(StrEnum):
    """What checking a given signature said."""

    GOOD = "good"
    WRONG = "wrong"
    UNKNOWN = "unknown"
    """It may be of an algorithm that cannot be checked here."""


def new_key(algorithm: Algorithm) -> PrivateKey:
    """A fresh private key."""
    if algorithm is Algorithm.RSA:
        return rsa.generate_private_key(public_exponent=65537, key_size=3072)
    return ec.generate_private_key(ec.SECP256R1())


def certificate_of(key: PrivateKey, name: str, now: datetime) -> str:
    """A self-signed certificate: PEM. Stations trust it when it, or its issuer, was installed as ManufacturerRoot."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, SHA256())
    )
    return made.public_bytes(Encoding.PEM).decode()


def private_pem(key: PrivateKey) -> bytes:
    """Its PEM, to be sealed."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def read_key(pem: bytes) -> PrivateKey:
    """A private key out of PEM; Invalid when it is none that signs firmware."""
    try:
        key = load_pem_private_key(pem, None)
    except (ValueError, TypeError) as error:
        raise Invalid(
            "This is no private key in PEM form without a passphrase.", field="private_key"
        ) from error
    if not isinstance(key, PrivateKey):
        raise Invalid("Firmware is signed with an RSA or an elliptic key.", field="private_key")
    return key


def algorithm_of(key: PrivateKey) -> str:
    """For people: `RSA 3072`, `EC secp256r1`."""
    if isinstance(key, rsa.RSAPrivateKey):
        return f"RSA {key.key_size}"
    return f"EC {key.curve.name}"


def belongs(certificate: str, key: PrivateKey) -> bool:
    """Whether a certificate is this key's."""
    return bool(load_one(certificate).public_key() == key.public_key())


def sign(key: PrivateKey, sha256: str) -> str:
    """The signature over a file with this digest (hexadecimal): Base64."""
    digest = bytes.fromhex(sha256)
    if isinstance(key, rsa.RSAPrivateKey):
        pss = padding.PSS(padding.MGF1(SHA256()), SHA256().digest_size)
        return base64.b64encode(key.sign(digest, pss, _HASH)).decode()
    return base64.b64encode(key.sign(digest, ec.ECDSA(_HASH))).decode()


def check(certificate: str, signature: str, sha256: str) -> Checked:
    """Check a given signature. Invalid when certificate or signature cannot be read at all."""
    public = load_one(certificate).public_key()
    raw, digest = _bytes(signature), bytes.fromhex(sha256)
    try:
        if isinstance(public, rsa.RSAPublicKey):
            pss = padding.PSS(padding.MGF1(SHA256()), padding.PSS.AUTO)
            public.verify(raw, digest, pss, _HASH)
            return Checked.GOOD
        if isinstance(public, ec.EllipticCurvePublicKey):
            public.verify(raw, digest, ec.ECDSA(_HASH))
            return Checked.GOOD
    except InvalidSignature:
        return Checked.WRONG if isinstance(public, rsa.RSAPublicKey) else Checked.UNKNOWN
    return Checked.UNKNOWN


def check_validity(certificate: str, now: datetime) -> None:
    """Invalid when the signer's certificate is not valid now: no station would take what it signed (A00.FR.707)."""
    found = load_one(certificate)
    if found.not_valid_after_utc <= now:
        raise Invalid(
            f"The certificate of the image's signer expired on {found.not_valid_after_utc:%Y-%m-%d}.",
            field="certificate",
        )
    if found.not_valid_before_utc > now:
        raise Invalid(
            f"The certificate of the image's signer is not valid before {found.not_valid_before_utc:%Y-%m-%d}.",
            field="certificate",
        )


def _bytes(signature: str) -> bytes:
    if len(signature) > LONGEST_SIGNATURE:
        raise Invalid(f"A signature has at most {LONGEST_SIGNATURE} characters.", field="signature")
    try:
        return base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Invalid("A signature is Base64.", field="signature") from error
