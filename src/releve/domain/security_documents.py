"""What the operator keeps for its stations' certificates: what is revoked, who signs, and by which rules.

Whom it trusts: `domain.trusted_authority`.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from releve.domain.holding import Document


class RevocationList(Document, frozen=True, kw_only=True, omit_defaults=True):
    """The list of an authority that is not ours, as the operator gave it. One for each issuer."""

    kind: ClassVar[str] = "revocation-list"

    issuer: str
    """DER of the issuer's name, hexadecimal."""
    issuer_name: str
    pem: str
    serials: tuple[str, ...] = ()
    """Hexadecimal."""
    issued_at: datetime
    next_update: datetime | None = None
    added_at: datetime
    added_by: str = ""

    @property
    def key(self) -> str:
        return self.issuer[:200]


class SecurityPolicy(Document, frozen=True, kw_only=True, omit_defaults=True):
    """The operator's rules for stations' certificates."""

    kind: ClassVar[str] = "security-policy"

    organisations: tuple[str, ...] = ()
    """What O of a station's certificate may be, exactly (A00.FR.404): the operator, and whom it trusts."""
    certificate_days: int = 365
    """How long a certificate lasts that is signed here."""
    renew_before_days: int = 30
    """Renewal is begun so long before a certificate ends; 0: never by itself."""

    @property
    def key(self) -> str:
        return "policy"


class Authority(Document, frozen=True, kw_only=True, omit_defaults=True):
    """The built-in certificate authority for one kind of key. Private keys are sealed with the node's secret."""

    kind: ClassVar[str] = "certificate-authority"

    algorithm: str
    """ecdsa or rsa."""
    organisation: str
    root: str
    root_key: str
    issuing: str
    issuing_key: str
    created_at: datetime
    crl_number: int = 0

    @property
    def key(self) -> str:
        return self.algorithm
