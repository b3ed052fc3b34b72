"""A public key infrastructure for tests, as ISO 15118 wants it: roots, two sub-CAs each, leaves; all on P-256."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import (
    AuthorityInformationAccessOID,
    ExtendedKeyUsageOID,
    NameOID,
)

from releve.services.certificates.hashes import CertificateHash, HashAlgorithm, hash_data
from releve.services.certificates.pem import to_pem

USAGES = (
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


@dataclass
class Entity:
    """A certificate with its private key and those above it, nearest first, the root last."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    above: list[Entity] = field(default_factory=list)

    @property
    def issuer(self) -> Entity:
        """Who signed it: a root itself."""
        return self.above[0] if self.above else self

    @property
    def pem(self) -> str:
        """The certificate alone."""
        return to_pem([self.certificate])

    @property
    def chain(self) -> str:
        """PEM from leaf up to, but without, the root (2.1 AuthorizeRequest.certificate)."""
        return to_pem([self.certificate, *(e.certificate for e in self.above[:-1])])

    def hash(self, algorithm: HashAlgorithm = HashAlgorithm.SHA256) -> CertificateHash:
        """Its name in OCPP."""
        return hash_data(self.certificate, self.issuer.certificate, algorithm)

    def wire_hash(self, algorithm: HashAlgorithm = HashAlgorithm.SHA256) -> dict[str, str]:
        """The same as a station writes it, in upper case as many do."""
        name = self.hash(algorithm)
        return {
            "hashAlgorithm": str(name.hash_algorithm),
            "issuerNameHash": name.issuer_name_hash,
            "issuerKeyHash": name.issuer_key_hash,
            "serialNumber": name.serial_number.upper(),
        }


def make(
    name: str,
    issuer: Entity | None = None,
    *,
    path_length: int | None = None,
    authority: bool = False,
    ocsp: str = "",
    crl: str = "",
    begins: datetime | None = None,
    ends: datetime | None = None,
    for_ocsp: bool = False,
    signed_with: ec.EllipticCurvePrivateKey | None = None,
    serial: int | None = None,
    public_key: Any = None,
) -> Entity:
    """One certificate. signed_with: another key than the issuer's, for a forgery. public_key: somebody else's."""
    key = ec.generate_private_key(ec.SECP256R1())
    public_key = public_key or key.public_key()
    now = datetime.now(UTC)
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, name),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Relève tests"),
            x509.NameAttribute(NameOID.DOMAIN_COMPONENT, "MO"),
        ]
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(public_key)
        .serial_number(serial or x509.random_serial_number())
        .not_valid_before(begins or now - timedelta(days=30))
        .not_valid_after(ends or now + timedelta(days=300))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=path_length), critical=True)
        .add_extension(_usage(authority), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )
    if ocsp:
        place = x509.AccessDescription(
            AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(ocsp)
        )
        builder = builder.add_extension(x509.AuthorityInformationAccess([place]), critical=False)
    if crl:
        point = x509.DistributionPoint([x509.UniformResourceIdentifier(crl)], None, None, None)
        builder = builder.add_extension(x509.CRLDistributionPoints([point]), critical=False)
    if for_ocsp:
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING])
        builder = builder.add_extension(usage, critical=True)
    signer = signed_with or (issuer.key if issuer else key)
    above = [issuer, *issuer.above] if issuer else []
    return Entity(builder.sign(signer, SHA256()), key, above)


def _usage(authority: bool) -> x509.KeyUsage:
    used = {"key_cert_sign", "crl_sign"} if authority else {"digital_signature", "key_agreement"}
    return x509.KeyUsage(**{usage: usage in used for usage in USAGES})


class Pki:
    """The ecosystem. responder: address of the OCSP responder that leaves and sub-CAs name."""

    def __init__(self, responder: str = "") -> None:
        self.responder = responder
        self.v2g_root = make("V2G Root", authority=True, path_length=2)
        self.cpo_sub1 = self._sub("CPO Sub-CA 1", self.v2g_root, 1)
        self.cpo_sub2 = self._sub("CPO Sub-CA 2", self.cpo_sub1, 0)
        self.mo_root = make("MO Root", authority=True, path_length=2)
        self.mo_sub1 = self._sub("MO Sub-CA 1", self.mo_root, 1)
        self.mo_sub2 = self._sub("MO Sub-CA 2", self.mo_sub1, 0)
        self.oem_root = make("OEM Root", authority=True, path_length=2)
        self.oem_sub = self._sub("OEM Sub-CA", self.oem_root, 0)
        self.csms_root = make("CSMS Root", authority=True, path_length=1)
        self.manufacturer_root = make("Manufacturer Root", authority=True, path_length=1)

    def _sub(self, name: str, issuer: Entity, path_length: int) -> Entity:
        return make(name, issuer, authority=True, path_length=path_length, ocsp=self.responder)

    def contract(
        self, emaid: str, *, expired: bool = False, forged: bool = False, silent: bool = False
    ) -> Entity:
        """A contract certificate. forged: signed by somebody else's key. silent: names no responder."""
        now = datetime.now(UTC)
        stranger = ec.generate_private_key(ec.SECP256R1())
        return make(
            emaid,
            self.mo_sub2,
            ocsp="" if silent else self.responder,
            begins=now - timedelta(days=60),
            ends=now - timedelta(days=1) if expired else None,
            signed_with=stranger if forged else None,
        )

    def station(self, name: str) -> Entity:
        """A station's V2G certificate."""
        return make(name, self.cpo_sub2, ocsp=self.responder)

    def sign(self, csr: str) -> str:
        """The chain for a request of a station (PEM, without the root)."""
        request = x509.load_pem_x509_csr(csr.encode())
        issuer = self.cpo_sub2
        names = request.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        made = make(
            str(names[0].value), issuer, ocsp=self.responder, public_key=request.public_key()
        )
        return made.chain

    def vehicle(self, name: str) -> Entity:
        """A car's own certificate, provisioned by its maker."""
        return make(name, self.oem_sub, ocsp=self.responder)

    @property
    def authorities(self) -> list[Entity]:
        """All that may issue, roots and sub-CAs."""
        return [
            self.v2g_root,
            self.cpo_sub1,
            self.cpo_sub2,
            self.mo_root,
            self.mo_sub1,
            self.mo_sub2,
            self.oem_root,
            self.oem_sub,
        ]


def questions(*entities: Entity, url: str) -> list[dict[str, str]]:
    """iso15118CertificateHashData for these certificates."""
    return [{**entity.wire_hash(), "responderURL": url} for entity in entities]
