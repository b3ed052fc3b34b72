"""Certificates as stations hold them: what they are for, how OCPP names them, and what is asked about them (M)."""

from __future__ import annotations

import hashlib
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import msgspec

from releve.domain.commands import Command, Outcome
from releve.domain.holding import Holding


class CertificateUse(StrEnum):
    """2.1 GetCertificateIdUseEnumType. All but the chain can be installed; 1.6 knows the first two."""

    CSMS_ROOT = "CSMSRootCertificate"
    MANUFACTURER_ROOT = "ManufacturerRootCertificate"
    V2G_ROOT = "V2GRootCertificate"
    MO_ROOT = "MORootCertificate"
    OEM_ROOT = "OEMRootCertificate"
    V2G_CHAIN = "V2GCertificateChain"


INSTALLABLE = tuple(use for use in CertificateUse if use is not CertificateUse.V2G_CHAIN)
"""What InstallCertificate takes; the chain comes by CertificateSigned (A02, A03)."""


class HashAlgorithm(StrEnum):
    """2.1 HashAlgorithmEnumType."""

    SHA256 = "SHA256"
    SHA384 = "SHA384"
    SHA512 = "SHA512"


class CertificateHash(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How OCPP names a certificate (2.1 CertificateHashDataType): by its issuer and its serial number. Hexadecimal."""

    hash_algorithm: HashAlgorithm = HashAlgorithm.SHA256
    issuer_name_hash: str
    issuer_key_hash: str
    serial_number: str

    @property
    def alike(self) -> tuple[str, str, str, str]:
        """The form under which two names of one certificate are equal: stations write hexadecimal in either case, and
        some write the leading zeroes that the standard forbids."""
        return (
            str(self.hash_algorithm),
            self.issuer_name_hash.casefold(),
            self.issuer_key_hash.casefold(),
            self.serial_number.casefold().lstrip("0") or "0",
        )

    @property
    def key(self) -> str:
        """The same as one short word, for rows and addresses."""
        return hashlib.sha256(":".join(self.alike).encode()).hexdigest()[:32]

    def matches(self, other: CertificateHash) -> bool:
        """Whether both name the same certificate by the same algorithm."""
        return self.alike == other.alike


class StatusSource(StrEnum):
    """2.1 CertificateStatusSourceEnumType: where a revocation status is asked for."""

    OCSP = "OCSP"
    CRL = "CRL"


class StatusQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a certificate is revoked, and whom to ask. urls: tried in their order."""

    certificate: CertificateHash
    source: StatusSource = StatusSource.OCSP
    urls: tuple[str, ...]


class CertificateStatus(StrEnum):
    """2.1 CertificateStatusEnumType. FAILED: nobody could be asked, or the answer cannot be believed."""

    GOOD = "Good"
    REVOKED = "Revoked"
    UNKNOWN = "Unknown"
    FAILED = "Failed"


class ContractStatus(StrEnum):
    """2.1 AuthorizeCertificateStatusEnumType: what became of a contract certificate."""

    ACCEPTED = "Accepted"
    SIGNATURE_ERROR = "SignatureError"
    EXPIRED = "CertificateExpired"
    REVOKED = "CertificateRevoked"
    NO_CERTIFICATE = "NoCertificateAvailable"
    CHAIN_ERROR = "CertChainError"
    CANCELLED = "ContractCancelled"


class InstalledCertificate(Holding, frozen=True, kw_only=True, omit_defaults=True):
    """A certificate that a station has, as it reported it or as it took it from us.

    name: as the station itself calls it, with the hash algorithm that it uses (M04.FR.07). What the certificate says
    (subject, issuer, expires_at, pem) is known only where the certificate itself is known here.
    """

    kind: ClassVar[str] = "certificate"

    use: CertificateUse
    name: CertificateHash
    children: tuple[CertificateHash, ...] = ()
    """Sub-CAs of a V2G chain (M03.FR.05)."""
    subject: str = ""
    issuer: str = ""
    expires_at: datetime | None = None
    pem: str = ""
    installed_at: datetime | None = None
    """When it was taken from us."""
    reported_at: datetime | None = None
    """When the station last said that it has it."""

    @property
    def key(self) -> str:
        return f"{self.use}-{self.name.key}"


# --- what is asked of stations ----------------------------------------------------------------------------------


class InstallCertificate(Command, frozen=True, kw_only=True):
    """Give a station the certificate of an authority (M05). certificate: PEM."""

    use: CertificateUse
    certificate: str


class DeleteCertificate(Command, frozen=True, kw_only=True):
    """Take a certificate away from a station (M04)."""

    certificate: CertificateHash


class GetInstalledCertificates(Command, frozen=True, kw_only=True):
    """Ask which certificates a station has (M03). uses empty: all kinds, which 1.6 cannot be asked for at once."""

    uses: tuple[CertificateUse, ...] = ()


class InstalledChain(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a station's list. use: a word of a later version may come, too."""

    use: str
    certificate: CertificateHash
    children: tuple[CertificateHash, ...] = ()


class InstalledOutcome(Outcome, frozen=True, kw_only=True, omit_defaults=True):
    """What came of GetInstalledCertificates."""

    certificates: tuple[InstalledChain, ...] = ()
