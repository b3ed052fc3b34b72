"""Authorities whose certificates the operator has, and in which matters they are believed."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from releve.domain.holding import Document


class AuthorityUse(StrEnum):
    """What an authority is believed for.

    All but the first and the last are also what InstallCertificate takes to stations (M05). The first is named as
    CertificateSigningUseEnumType of 2.1 names what it issues.
    """

    STATION = "ChargingStationCertificate"
    """Issues stations' own client certificates (A00): the doors believe what comes from it."""
    CSMS_ROOT = "CSMSRootCertificate"
    """Issues server certificates of this system; stations need it to connect."""
    MANUFACTURER_ROOT = "ManufacturerRootCertificate"
    """Issues certificates that firmware is signed with."""
    V2G_ROOT = "V2GRootCertificate"
    """Root of a 15118 ecosystem: V2G certificates of stations, and contracts of its mobility operators."""
    MO_ROOT = "MORootCertificate"
    """Root of a mobility operator's own contract certificates."""
    OEM_ROOT = "OEMRootCertificate"
    """Root of a car maker's vehicle certificates (15118-20)."""
    SUB_CA = "SubCACertificate"
    """Believed for nothing by itself: completes chains to a root, and verifies what it signed (OCSP responses)."""


class TrustedAuthority(Document, frozen=True, kw_only=True, omit_defaults=True):
    """One certificate of an authority, or of one station by itself. fingerprint: SHA-256 of its DER, hex."""

    kind: ClassVar[str] = "trusted-authority"

    fingerprint: str
    pem: str
    uses: tuple[AuthorityUse, ...]
    label: str = ""
    subject: str
    issuer: str
    serial: str
    begins_at: datetime
    expires_at: datetime
    added_at: datetime
    added_by: str = ""

    @property
    def key(self) -> str:
        return self.fingerprint
