"""Is this certificate good? Path from leaf to trust anchor (RFC 5280, section 6), time and revocation.

TLS has checked signatures and names already when a station comes in. What it cannot know is which operator trusts which
anchor, what has been revoked, and that an expired one may come in to be renewed: so the path is walked here again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum

import msgspec
from cryptography import x509

from releve.services.certificates.pem import key_problem, signed_by

DEEPEST = 6
"""Certificates in a path; OCPP's longest is root, two sub-CAs, leaf."""
_UNDERSTOOD = frozenset(
    {
        x509.BasicConstraints.oid,
        x509.KeyUsage.oid,
        x509.ExtendedKeyUsage.oid,
        x509.SubjectAlternativeName.oid,
        x509.SubjectKeyIdentifier.oid,
        x509.AuthorityKeyIdentifier.oid,
        x509.AuthorityInformationAccess.oid,
        x509.CRLDistributionPoints.oid,
    }
)
"""Extensions whose meaning is kept to. One that is critical and not among them forbids use (RFC 5280, 4.2)."""


class Fault(StrEnum):
    """What is wrong with a path; each member's comment is what the operator reads."""

    UNTRUSTED = "untrusted"
    """It does not lead to a trust anchor of this operator."""
    EXPIRED = "expired"
    """Its time, or that of a certificate above it, is over."""
    NOT_YET = "not-yet"
    """Its time has not begun."""
    REVOKED = "revoked"
    """It, or one above it, has been revoked."""
    WEAK = "weak"
    """A key on its path is too short."""
    MISUSED = "misused"
    """A certificate on its path may not be used like this."""


class Revocations(msgspec.Struct, frozen=True):
    """issuer -> serial numbers. An issuer is named by the DER of its subject."""

    by_issuer: Mapping[bytes, frozenset[int]] = {}

    def revoked(self, certificate: x509.Certificate) -> bool:
        """Whether it stands on its issuer's list."""
        listed = self.by_issuer.get(certificate.issuer.public_bytes())
        return listed is not None and certificate.serial_number in listed

    def plus(self, issuer: bytes, serials: Iterable[int]) -> Revocations:
        """These and more."""
        known = self.by_issuer.get(issuer, frozenset())
        return Revocations({**self.by_issuer, issuer: known | frozenset(serials)})


class Path(msgspec.Struct, frozen=True):
    """Leaf first, trust anchor last; `fault` when it may not be used."""

    certificates: tuple[x509.Certificate, ...]
    fault: Fault | None = None


def check(
    leaf: x509.Certificate,
    others: Sequence[x509.Certificate],
    anchors: Collection[x509.Certificate],
    at: datetime,
    revocations: Revocations = Revocations(),  # noqa: B008 - frozen
) -> Path:
    """The best path from `leaf` over some of `others` to an anchor. An anchor needs not be self-signed.

    Of several ways the first without a fault is taken. Time is looked at last: EXPIRED says that all else is right.
    """
    best = Path((leaf,), Fault.UNTRUSTED)
    for certificates in _paths((leaf,), others, anchors):
        fault = _fault(certificates, revocations) or _late(certificates, at)
        if fault is None:
            return Path(certificates)
        if best.fault is Fault.UNTRUSTED:
            best = Path(certificates, fault)
    return best


def _paths(
    begun: tuple[x509.Certificate, ...],
    others: Sequence[x509.Certificate],
    anchors: Collection[x509.Certificate],
) -> Iterable[tuple[x509.Certificate, ...]]:
    last = begun[-1]
    if last in anchors:
        yield begun
        return
    for anchor in anchors:
        if signed_by(last, anchor):
            yield (*begun, anchor)
    if len(begun) < DEEPEST:
        for other in others[:DEEPEST]:
            if other not in begun and other not in anchors and signed_by(last, other):
                yield from _paths((*begun, other), others, anchors)


def _fault(path: Sequence[x509.Certificate], revocations: Revocations) -> Fault | None:
    if any(revocations.revoked(c) for c in path):
        return Fault.REVOKED
    if any(key_problem(c.public_key()) for c in path):
        return Fault.WEAK
    if any(_unknown_critical(c) for c in path):
        return Fault.MISUSED
    if not all(may_issue(c, below) for below, c in enumerate(path[1:])):
        return Fault.MISUSED
    return None if _may_sign(path[0]) else Fault.MISUSED


def _late(path: Sequence[x509.Certificate], at: datetime) -> Fault | None:
    if any(at > c.not_valid_after_utc for c in path):
        return Fault.EXPIRED
    return Fault.NOT_YET if any(at < c.not_valid_before_utc for c in path) else None


def _unknown_critical(certificate: x509.Certificate) -> bool:
    return any(e.critical and e.oid not in _UNDERSTOOD for e in certificate.extensions)


def may_issue(certificate: x509.Certificate, below: int = 0) -> bool:
    """Whether it is an authority, with so many authorities below it on this path."""
    extensions = certificate.extensions
    try:
        basic = extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound:
        return False
    if not basic.ca or (basic.path_length is not None and below > basic.path_length):
        return False
    usage = _usage(extensions)
    return usage is None or usage.key_cert_sign


def _may_sign(leaf: x509.Certificate) -> bool:
    """Whether a client or a signer may use it."""
    usage = _usage(leaf.extensions)
    return usage is None or usage.digital_signature


def _usage(extensions: x509.Extensions) -> x509.KeyUsage | None:
    try:
        return extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return None


def read_crl(
    text: str, issuers: Iterable[x509.Certificate]
) -> tuple[x509.CertificateRevocationList, x509.Certificate] | str:
    """A revocation list (PEM) and who signed it, or in words why it cannot be used."""
    try:
        crl = x509.load_pem_x509_crl(text.encode("ascii"))
    except ValueError as error:
        return f"This is no revocation list in PEM form ({error})."
    for issuer in issuers:
        if crl.issuer == issuer.subject:
            try:
                if crl.is_signature_valid(issuer.public_key()):  # type: ignore[arg-type]
                    return crl, issuer
            except TypeError:
                continue
    return "No authority that is trusted here for stations' certificates has signed this revocation list."
