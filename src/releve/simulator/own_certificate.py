"""The certificate by which a station proves who it is (A02, A03): a key of its own, a request, the signed chain."""

from datetime import datetime
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from releve.simulator.station import Station

INVALID = "InvalidChargingStationCertificate"


class OwnCertificate:
    """What a station has, and what it has asked for."""

    def __init__(self) -> None:
        self.chain: list[x509.Certificate] = []
        self.key: ec.EllipticCurvePrivateKey | None = None
        self._asked: ec.EllipticCurvePrivateKey | None = None

    def request(self, common_name: str, organisation: str) -> str:
        """A signing request (PEM) over a new key, which never leaves the station (A02.FR.02, A02.FR.05)."""
        self._asked = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
                x509.NameAttribute(NameOID.COMMON_NAME, common_name),
            ]
        )
        builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
        return builder.sign(self._asked, SHA256()).public_bytes(Encoding.PEM).decode()

    def take(self, pem: str, now: datetime) -> bool:
        """Take a chain, if it is for the key that was made, in time, and each is signed by the next (A02.FR.06)."""
        try:
            chain = x509.load_pem_x509_certificates(pem.encode())
        except (ValueError, UnsupportedAlgorithm):
            return False
        leaf = chain[0]
        if self._asked is None or leaf.public_key() != self._asked.public_key():
            return False
        if not leaf.not_valid_before_utc <= now <= leaf.not_valid_after_utc:
            return False
        if not all(map(_issued, chain, chain[1:])):
            return False
        self.chain, self.key, self._asked = chain, self._asked, None
        return True


async def ask(station: "Station") -> None:
    """Ask the CSMS for a certificate."""
    csr = station.certificates.own.request(station.identity, station.behaviour.organisation)
    status = await station.dialect.sign_own(station, csr)
    station.note(
        "certificate-asked", f"asked for a certificate of its own: {status}", status=status
    )


def taken(station: "Station", pem: str) -> bool:
    """Whether the station takes a chain."""
    good = station.certificates.own.take(pem, station.now())
    what = "took a certificate of its own" if good else "rejected a certificate of its own"
    station.note("certificate-taken" if good else "certificate-rejected", what)
    return good


async def complain(station: "Station") -> None:
    """Tell that the chain was not good (A02.FR.07)."""
    await station.dialect.security_event(station, INVALID, "not for the key that was made")


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True
