"""N: logs and customer information: what is asked of a station."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import msgspec

from releve.domain.commands import Command
from releve.domain.token import IdToken

LOG = "log"
CUSTOMER = "customer-information"

UPLOADED = frozenset({"Uploaded"})
# UploadLogStatusEnumType (2.1) and 1.6's DiagnosticsStatus.
NOT_UPLOADED = frozenset(
    {
        "UploadFailure",
        "UploadFailed",
        "BadMessage",
        "NotSupportedOperation",
        "PermissionDenied",
    }
)
CANCELED = "AcceptedCanceled"


class LogKind(StrEnum):
    """LogEnumType of 2.1. 1.6 has GetDiagnostics for the first."""

    DIAGNOSTICS = "DiagnosticsLog"
    SECURITY = "SecurityLog"
    DATA_COLLECTOR = "DataCollectorLog"


class GetLog(Command, frozen=True, kw_only=True):
    """Hand in a log (N01; 1.6 GetDiagnostics, GetLog). location: a file, or a folder that ends in a slash."""

    log: LogKind = LogKind.DIAGNOSTICS
    request_id: int
    location: str
    since: datetime | None = None
    until: datetime | None = None
    retries: int | None = None
    retry_interval_s: int | None = None

    while_pending: ClassVar[bool] = True
    expects: ClassVar[tuple[str, ...]] = ("LogStatusNotification", "DiagnosticsStatusNotification")


class CertificateHash(msgspec.Struct, frozen=True, kw_only=True):
    """CertificateHashDataType: how a station names a certificate."""

    algorithm: str
    issuer_name_hash: str
    issuer_key_hash: str
    serial_number: str


class CustomerInformation(Command, frozen=True, kw_only=True):
    """Report, forget, or both, what is known of a customer, named in one way (N09, N10)."""

    request_id: int
    report: bool
    clear: bool
    token: IdToken | None = None
    identifier: str | None = None
    certificate: CertificateHash | None = None

    expects: ClassVar[tuple[str, ...]] = ("NotifyCustomerInformation",)
