"""TLS as a station does it: the roots it was given or has installed, and its own certificate for profile 3 (A00)."""

import ssl
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

if TYPE_CHECKING:
    from releve.simulator.station import Station

CSMS_ROOT = "CSMSRootCertificate"
OWN_CERTIFICATE = 3
"""The security profile in which the station shows a certificate."""


def given(ca: Path) -> ssl.SSLContext:
    """Trust the authorities in a PEM file, and nobody else.

    Raises:
        OSError, ssl.SSLError: the file cannot be read, or holds no certificate.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cafile=str(ca))
    return context


def installed(station: "Station", security: int | None) -> ssl.SSLContext | None:
    """By what the CSMS has installed; None where it has installed no root."""
    roots = _roots(station)
    if not roots:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata="".join(roots))
    if security == OWN_CERTIFICATE:
        _show(station, context)
    return context


def lacking(station: "Station", security: int) -> str:
    """What a profile of this security needs and the station has not, as a reason code (A05.FR.02, A05.FR.03)."""
    own = station.certificates.own
    if security >= 2 and not (_roots(station) or station.trusts_somebody):
        return "InvalidCertificate"
    if security == OWN_CERTIFICATE and (own.key is None or not own.chain):
        return "InvalidCertificate"
    return ""


def _roots(station: "Station") -> list[str]:
    held = [each.certificate for each in station.certificates.held if each.use == CSMS_ROOT]
    return [each.public_bytes(Encoding.PEM).decode() for each in held]


def _show(station: "Station", context: ssl.SSLContext) -> None:
    own = station.certificates.own
    if own.key is None:
        return
    with TemporaryDirectory() as folder:
        chain, key = Path(folder) / "chain.pem", Path(folder) / "key.pem"
        chain.write_bytes(b"".join(c.public_bytes(Encoding.PEM) for c in own.chain))
        key.write_bytes(own.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        context.load_cert_chain(chain, key)
