"""L: firmware: the images an operator has, what is asked of a station about them, and how far a station has come."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import msgspec

from releve.domain.commands import Command
from releve.domain.holding import Document, Holding
from releve.domain.ids import StationId

UPDATE = "firmware-update"
PUBLISH = "firmware-publish"

# FirmwareStatusEnumType (2.1), and 1.6's words, which are among them.
DONE = frozenset({"Installed"})
FAILED = frozenset(
    {
        "DownloadFailed",
        "InstallationFailed",
        "InstallVerificationFailed",
        "InvalidSignature",
        "InvalidCertificate",
        "RevokedCertificate",
    }
)
ORDER = (
    "DownloadScheduled",
    "DownloadPaused",
    "Downloading",
    "Downloaded",
    "SignatureVerified",
    "InstallScheduled",
    "Installing",
    "InstallRebooting",
    "Installed",
)
"""The usual order, for showing how far it has come. Stations repeat, skip and swap steps."""
PUBLISHED = frozenset({"Published"})
NOT_PUBLISHED = frozenset({"DownloadFailed", "InvalidChecksum", "PublishFailed"})


class Image(Document, frozen=True, kw_only=True, omit_defaults=True):
    """A firmware image: a file that was uploaded, or an address elsewhere.

    vendor, model: what it is for, as stations tell at their boot; empty: anything. signature: Base64, over the whole
    file with SHA-256, RSA-PSS or ECDSA (L01.FR.04 names RSA-PSS and ECSchnorr); certificate: the PEM of its signer.
    """

    kind: ClassVar[str] = "firmware-image"

    id: str
    name: str
    version: str = ""
    vendor: str = ""
    model: str = ""
    file: int | None = None
    url: str = ""
    size: int | None = None
    sha256: str = ""
    md5: str = ""
    signature: str = ""
    certificate: str = ""
    signed_by: str = ""
    """Name of the key of ours that signed it; empty when the signature was given."""
    added_by: str = ""
    added_at: datetime

    @property
    def key(self) -> str:
        return self.id

    @property
    def signed(self) -> bool:
        return bool(self.signature and self.certificate)


class SigningKey(Document, frozen=True, kw_only=True, omit_defaults=True):
    """A key to sign images with. sealed: the private key, encrypted under this install's secret."""

    kind: ClassVar[str] = "firmware-signing-key"

    name: str
    algorithm: str
    certificate: str
    sealed: str
    created_at: datetime

    @property
    def key(self) -> str:
        return self.name


class PublishedFirmware(Holding, frozen=True, kw_only=True, omit_defaults=True):
    """An image that a local controller serves to the stations behind it (L03)."""

    kind: ClassVar[str] = "published-firmware"

    checksum: str
    """MD5 of the image, hexadecimal: what it is withdrawn by (L04)."""
    image: str = ""
    locations: tuple[str, ...] = ()
    published_at: datetime

    @property
    def key(self) -> str:
        return self.checksum


class UpdateFirmware(Command, frozen=True, kw_only=True):
    """Fetch and install an image (L01 signed, L02 not; 1.6 UpdateFirmware and SignedUpdateFirmware)."""

    request_id: int
    location: str
    retrieve_at: datetime
    install_at: datetime | None = None
    certificate: str | None = None
    signature: str | None = None
    retries: int | None = None
    retry_interval_s: int | None = None

    expects: ClassVar[tuple[str, ...]] = (
        "FirmwareStatusNotification",
        "SignedFirmwareStatusNotification",
    )


class PublishFirmware(Command, frozen=True, kw_only=True):
    """Have a local controller fetch an image and serve it (L03)."""

    request_id: int
    location: str
    checksum: str
    retries: int | None = None
    retry_interval_s: int | None = None

    expects: ClassVar[tuple[str, ...]] = ("PublishFirmwareStatusNotification",)


class UnpublishFirmware(Command, frozen=True, kw_only=True):
    """Have a local controller no longer serve it (L04)."""

    checksum: str


class Turn(StrEnum):
    """Where a station of a roll-out stands."""

    WAITING = "waiting"
    """Not asked yet: not connected, or others come first."""
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    """Taken out: the roll-out was cancelled, or the station removed."""


class RolloutStep(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One station of a roll-out. operation: its firmware-update, once asked."""

    station: StationId
    identity: str
    turn: Turn = Turn.WAITING
    operation: int | None = None
    status: str = ""
    attempts: int = 0


class Rollout(Document, frozen=True, kw_only=True, omit_defaults=True):
    """One image for several stations, `at_once` of them at a time."""

    kind: ClassVar[str] = "firmware-rollout"

    id: str
    image: str
    label: str = ""
    at_once: int = 5
    stop_after_failures: int = 0
    """No further station is asked after so many failures; 0: go on whatever happens."""
    retrieve_at: datetime | None = None
    install_at: datetime | None = None
    retries: int | None = None
    retry_interval_s: int | None = None
    signed: bool | None = None
    steps: tuple[RolloutStep, ...] = ()
    by: str = ""
    created_at: datetime
    ended_at: datetime | None = None
    cancelled: bool = False

    @property
    def key(self) -> str:
        return self.id

    def count(self, turn: Turn) -> int:
        """How many stations stand there."""
        return sum(step.turn == turn for step in self.steps)

    @property
    def stopped(self) -> bool:
        """Whether failures have ended the asking."""
        most = self.stop_after_failures
        return bool(most) and self.count(Turn.FAILED) >= most


def further(status: str, known: str) -> bool:
    """Whether a status word says more than the one known: words that come late or twice move nothing back."""
    if status not in ORDER or known not in ORDER:
        return True
    return ORDER.index(status) >= ORDER.index(known)
