"""The certificates in a station: authorities it trusts, and the one that it shows to cars (block M, A02).

Names are reckoned by the library's own OCSP request, so that a mistake of the CSMS is not shared here.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from releve.simulator.own_certificate import OwnCertificate

if TYPE_CHECKING:
    from releve.simulator.station import Station

V2G_CHAIN = "V2GCertificateChain"
MOST = 20
"""CertificateEntries.maxLimit (M05.FR.06)."""


@dataclass(frozen=True, slots=True)
class Name:
    """A certificate as OCPP calls it; SHA256. Hexadecimal in capitals, as many stations write it."""

    issuer_name: str
    issuer_key: str
    serial: str

    def matches(self, issuer_name: str, issuer_key: str, serial: str) -> bool:
        """Whether these words name the same certificate."""
        own = (self.issuer_name, self.issuer_key, self.serial)
        return own == (issuer_name.upper(), issuer_key.upper(), serial.upper().lstrip("0"))


@dataclass(frozen=True, slots=True)
class Held:
    """One entry of the store: an authority's certificate, or a chain (leaf first)."""

    use: str
    certificate: x509.Certificate
    children: tuple[x509.Certificate, ...] = ()


class CertificateStore:
    """What one station has. `use` is a word of 2.1's GetCertificateIdUseEnumType."""

    def __init__(self) -> None:
        self.held: list[Held] = []
        self.own = OwnCertificate()
        self.key: ec.EllipticCurvePrivateKey | None = None
        """Made for the certificate that is being asked for."""

    def install(self, use: str, pem: str, now: datetime) -> str:
        """Take an authority's certificate: Accepted or Rejected (M05.FR.02, M05.FR.06, M05.FR.07, M05.FR.17)."""
        try:
            certificate = x509.load_pem_x509_certificate(pem.encode())
        except (ValueError, UnsupportedAlgorithm):
            return "Rejected"
        valid = certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc
        if not valid or not _is_authority(certificate):
            return "Rejected"
        self.held = [h for h in self.held if (h.use, h.certificate) != (use, certificate)]
        if len(self.held) >= MOST:
            return "Rejected"
        self.held.append(Held(use, certificate))
        return "Accepted"

    def named(self, held: Held) -> tuple[Name, list[Name]] | None:
        """Its name and those of its children; None when nobody here can have issued it."""
        names = [self.name(each) for each in (held.certificate, *held.children)]
        first, *others = names
        return None if first is None else (first, [n for n in others if n is not None])

    def name(self, certificate: x509.Certificate) -> Name | None:
        """The certificate's name, when its issuer is here."""
        known = [h.certificate for h in self.held] + [c for h in self.held for c in h.children]
        issuer = next((c for c in [*known, certificate] if _issued(certificate, c)), None)
        return None if issuer is None else name_of(certificate, issuer)

    def delete(self, issuer_name: str, issuer_key: str, serial: str) -> str:
        """Forget a certificate: Accepted or NotFound (M04.FR.02, M04.FR.04)."""
        for held in self.held:
            name = self.name(held.certificate)
            if name is not None and name.matches(issuer_name, issuer_key, serial):
                self.held.remove(held)
                return "Accepted"
        return "NotFound"

    def request(self, common_name: str) -> str:
        """Make a key, and a request for a V2G certificate over it (A02.FR.02, A02.FR.03); PEM."""
        self.key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.COMMON_NAME, common_name),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Simulated stations"),
                x509.NameAttribute(NameOID.DOMAIN_COMPONENT, "CPO"),
            ]
        )
        builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
        return builder.sign(self.key, SHA256()).public_bytes(Encoding.PEM).decode()

    def take(self, pem: str, now: datetime) -> bool:
        """Take the signed chain, if it is for the key that was made, and good (A02.FR.06)."""
        try:
            leaf, *above = x509.load_pem_x509_certificates(pem.encode())
        except (ValueError, UnsupportedAlgorithm):
            return False
        if self.key is None or leaf.public_key() != self.key.public_key():
            return False
        chain = [leaf, *above]
        linked = all(_issued(c, i) for c, i in zip(chain, above, strict=False))
        if not linked or not leaf.not_valid_before_utc <= now <= leaf.not_valid_after_utc:
            return False
        self.held = [h for h in self.held if h.use != V2G_CHAIN]
        self.held.append(Held(V2G_CHAIN, leaf, tuple(above)))
        self.key = None
        return True

    def questions(self) -> list[tuple[Name, str]]:
        """What has to be asked for cars: the certificates of the V2G chain that name a responder (M06.FR.06)."""
        chains = [(h.certificate, *h.children) for h in self.held if h.use == V2G_CHAIN]
        found = []
        for certificate in [c for chain in chains for c in chain]:
            name, url = self.name(certificate), responder_of(certificate)
            if name is not None and url:
                found.append((name, url))
        return found

    def validated(self, pem: str) -> list[tuple[Name, str]] | None:
        """Validate a contract's chain (leaf first) with the MO roots that are here (C07.FR.06).

        What the CSMS needs to ask about it by OCSP; None: no root is here, or the chain does not hold.
        """
        try:
            chain = x509.load_pem_x509_certificates(pem.encode())
        except (ValueError, UnsupportedAlgorithm):
            return None
        roots = [
            h.certificate for h in self.held if h.use in ("MORootCertificate", "V2GRootCertificate")
        ]
        root = next((r for r in roots if _issued(chain[-1], r)), None)
        if root is None:
            return None
        issuers = [*chain[1:], root]
        if not all(_issued(c, i) for c, i in zip(chain, issuers, strict=True)):
            return None
        pairs = zip(chain, issuers, strict=True)
        return [(name_of(c, i), url) for c, i in pairs if (url := responder_of(c))]


def name_of(certificate: x509.Certificate, issuer: x509.Certificate) -> Name:
    """How OCPP calls a certificate."""
    request = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, SHA256()).build()
    return Name(
        request.issuer_name_hash.hex().upper(),
        request.issuer_key_hash.hex().upper(),
        f"{request.serial_number:X}",
    )


def responder_of(certificate: x509.Certificate) -> str:
    """Where its status can be asked for; empty when it does not say."""
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess)
    except x509.ExtensionNotFound:
        return ""
    for place in access.value:
        if place.access_method == AuthorityInformationAccessOID.OCSP:
            return str(place.access_location.value)
    return ""


async def ask_for_v2g(station: "Station") -> None:
    """Ask for a V2G certificate (A02, A03)."""
    csr = station.certificates.request(station.identity)
    status = await station.dialect.sign_v2g(station, csr)
    station.note("certificate-asked", f"asked for a V2G certificate: {status}", status=status)


async def refresh_status(station: "Station") -> None:
    """Ask for the OCSP status of the V2G chain, to be shown to cars (M06.FR.06, M06.FR.07)."""
    for name, url in station.certificates.questions():
        status = await station.dialect.certificate_status(station, name, url)
        text = f"status of the certificate {name.serial}: {status}"
        station.note("certificate-status", text, status=status)


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        return False


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True
