"""An authority that signs stations' V2G certificates: what they show to cars (ISO 15118; A02, A03)."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from releve.domain.holding import Document


class V2gAuthority(Document, frozen=True, kw_only=True, omit_defaults=True):
    """A sub-CA of a V2G ecosystem with its private key, which is sealed. fingerprint: of its certificate."""

    kind: ClassVar[str] = "v2g-authority"

    fingerprint: str
    chain: str
    """PEM: the sub-CA itself, those above it, the V2G root last."""
    private_key: str
    uses: tuple[str, ...]
    """V2GCertificate (15118-2), V2G20Certificate (15118-20)."""
    subject: str
    expires_at: datetime
    days: int
    """How long a certificate lasts that it signs."""
    responder: str = ""
    """Address of the OCSP responder that the certificates name; empty: they name none."""
    added_at: datetime
    added_by: str = ""

    @property
    def key(self) -> str:
        return self.fingerprint
