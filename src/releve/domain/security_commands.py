"""A: what is asked of a station about its credentials."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from releve.domain.commands import Command


class SigningUse(StrEnum):
    """What a certificate is for (2.1 CertificateSigningUseEnumType)."""

    STATION = "ChargingStationCertificate"
    V2G = "V2GCertificate"
    V2G20 = "V2G20Certificate"


class CertificateSigned(Command, frozen=True, kw_only=True):
    """Hand a station the certificate that it asked for (A02, A03). chain: PEM, leaf first, without the root."""

    while_pending: ClassVar[bool] = True

    chain: str
    use: SigningUse = SigningUse.STATION
    tell_use: bool = True
    """Whether `use` is told: a station that did not name it may not know the field (A02.FR.14)."""
    request_id: int | None = None
    """2.1: the number that the station gave its request."""
