"""V2G certificates of stations, in the profile of ISO 15118-2 annex F (SECC certificate)."""

from __future__ import annotations

from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256, SHA512
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from releve.services.certificates.authority import BACKDATED, Signer

STRONG_BITS = 384
"""From this size of a key on, its signatures use SHA-512 (15118-20: secp521r1)."""
_KEPT = (
    NameOID.COUNTRY_NAME,
    NameOID.ORGANIZATION_NAME,
    NameOID.ORGANIZATIONAL_UNIT_NAME,
    NameOID.COMMON_NAME,
)


def sign_v2g(
    signer: Signer, csr_pem: str, now: datetime, days: int, responder: str
) -> x509.Certificate:
    """A station's V2G certificate for a request that has been judged already. Never outlives its authority.

    The subject is taken from the request's C, O, OU and CN; DC=CPO says that a charging station operator has it.
    """
    csr = x509.load_pem_x509_csr(csr_pem.encode())
    issuer = signer.certificate
    subject = [part for part in csr.subject if part.oid in _KEPT]
    subject.append(x509.NameAttribute(NameOID.DOMAIN_COMPONENT, "CPO"))
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name(subject))
        .issuer_name(issuer.subject)
        .public_key(csr.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(min(now + timedelta(days=days), issuer.not_valid_after_utc))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(csr.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key()),  # type: ignore[arg-type]
            critical=False,
        )
    )
    if responder:
        place = x509.AccessDescription(
            AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(responder)
        )
        builder = builder.add_extension(x509.AuthorityInformationAccess([place]), critical=False)
    return builder.sign(signer.key, _algorithm(signer))


def _algorithm(signer: Signer) -> SHA256 | SHA512:
    key = signer.key
    strong = isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.key_size > STRONG_BITS
    return SHA512() if strong else SHA256()


def _usage() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=True,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
