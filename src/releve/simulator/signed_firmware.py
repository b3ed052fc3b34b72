"""Who signed an image, and whether the signature is theirs (L01, A00).

A station that holds manufacturers' roots trusts what they have issued, and themselves; one that holds none trusts any
certificate that is good in itself. Elliptic keys are checked as ECDSA: nobody's library makes the standard's ECSchnorr.
"""

import base64
import binascii
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

if TYPE_CHECKING:
    from releve.simulator.station import Station

ROOT = "ManufacturerRootCertificate"
LEAST_BITS = 2048


def trusted(station: "Station", pem: str) -> bool:
    """Whether the station takes images that this certificate's holder has signed (L01.FR.21)."""
    certificate = _read(pem)
    if certificate is None or not _strong(certificate):
        return False
    now = station.now()
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        return False
    roots = [held.certificate for held in station.certificates.held if held.use == ROOT]
    return not roots or any(certificate == r or _issued(certificate, r) for r in roots)


def verified(pem: str, signature: str, image: bytes) -> bool:
    """Whether `signature` (Base64) over all of `image` is the certificate's (L01.FR.04)."""
    certificate = _read(pem)
    if certificate is None:
        return False
    key = certificate.public_key()
    try:
        raw = base64.b64decode(signature, validate=True)
        if isinstance(key, rsa.RSAPublicKey):
            pss = padding.PSS(padding.MGF1(SHA256()), padding.PSS.AUTO)
            key.verify(raw, image, pss, SHA256())
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(raw, image, ec.ECDSA(SHA256()))
        else:
            return False
    except (InvalidSignature, binascii.Error):
        return False
    return True


def _read(pem: str) -> x509.Certificate | None:
    try:
        return x509.load_pem_x509_certificate(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        return None


def _strong(certificate: x509.Certificate) -> bool:
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return False
    if isinstance(key, rsa.RSAPublicKey):
        return key.key_size >= LEAST_BITS
    return isinstance(key, ec.EllipticCurvePublicKey)


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True
