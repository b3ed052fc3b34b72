"""Authorities, certificates and signing requests for tests, good and bad."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from releve.services.certificates.authority import (
    PrivateKey,
    Signer,
    key_to_pem,
    make_issuing,
    make_root,
    sign_request,
)

NOW = datetime.now(UTC).replace(microsecond=0)
ORGANISATION = "Test Operator"


def ec_key() -> ec.EllipticCurvePrivateKey:
    """P-256."""
    return ec.generate_private_key(ec.SECP256R1())


def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    """2048 bits: the least that is allowed, and quick."""
    return rsa.generate_private_key(65537, bits)


def csr(
    common_name: str,
    organisation: str | None = ORGANISATION,
    key: PrivateKey | None = None,
    *,
    more: tuple[x509.NameAttribute, ...] = (),
) -> str:
    """A signing request (PEM)."""
    names = [x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    if organisation is not None:
        names.insert(0, x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation))
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([*names, *more]))
    return builder.sign(key or ec_key(), SHA256()).public_bytes(Encoding.PEM).decode()


@dataclass
class Authority:
    """A root and an issuing authority below it."""

    root: Signer
    issuing: Signer

    @property
    def anchor(self) -> str:
        """The root (PEM)."""
        return self.root.certificate.public_bytes(Encoding.PEM).decode()

    def issue(
        self,
        common_name: str,
        organisation: str | None = ORGANISATION,
        *,
        key: PrivateKey | None = None,
        at: datetime = NOW,
        days: int = 90,
    ) -> Issued:
        """A station's certificate, with its key."""
        key = key or ec_key()
        leaf = sign_request(self.issuing, csr(common_name, organisation, key), at, days)
        return Issued(leaf, key, (self.issuing.certificate,))


@dataclass
class Issued:
    leaf: x509.Certificate
    key: PrivateKey
    above: tuple[x509.Certificate, ...]

    @property
    def chain(self) -> str:
        """Leaf and what is above it but the root (PEM)."""
        return "".join(c.public_bytes(Encoding.PEM).decode() for c in (self.leaf, *self.above))

    def files(self, folder: Path, name: str = "station") -> tuple[Path, Path]:
        """Chain and key as files, as TLS libraries want them."""
        chain, key = folder / f"{name}.pem", folder / f"{name}.key"
        chain.write_text(self.chain)
        key.write_bytes(key_to_pem(self.key))
        return chain, key


def authority(
    name: str = "Test",
    organisation: str = ORGANISATION,
    *,
    at: datetime = NOW,
    is_rsa: bool = False,
) -> Authority:
    """A new one with keys of its own."""

    def make() -> PrivateKey:
        return rsa_key() if is_rsa else ec_key()

    begun = at - timedelta(days=400)
    root = make_root(f"{name} root", organisation, make(), begun)
    issuing = make_issuing(root, f"{name} issuing", organisation, make(), begun)
    return Authority(root, issuing)
