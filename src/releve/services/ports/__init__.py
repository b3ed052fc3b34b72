"""What services need from outside, as protocols. Storage, bus and gateway provide them; `app.py` ties them together.

Awaiting: handlers are driven without an asyncio Task (one per message would cost more than the message). An
implementation of these ports may therefore suspend only on a future or on something that it runs in a task of its
own; `asyncio.timeout`, `current_task` and the like do not work directly below a handler.
"""

from __future__ import annotations

from releve.domain.variables import Variable
from releve.services.ports.access import Access, ApiKey, SignIn, User
from releve.services.ports.background import Background
from releve.services.ports.basis import Clock, Conflict, Ids, StoreFailed, Unstorable
from releve.services.ports.charging import Checks, ReservationRows
from releve.services.ports.files import FileBox, Files
from releve.services.ports.kept import Documents, Holdings, OperationRows
from releve.services.ports.monitoring import StationEventRows
from releve.services.ports.outside import Announced, Caller, Feed, Presence
from releve.services.ports.payments import (
    PaymentProvider,
    Payments,
    PspAnswer,
    VatFound,
    VatRegister,
)
from releve.services.ports.pricing import Pricing, Running
from releve.services.ports.rows import (
    Anomalies,
    Samples,
    Stations,
    Tokens,
    Transactions,
    Variables,
)
from releve.services.ports.security import SecurityEvents, StationCertificates
from releve.services.ports.store import Exchange, Store, Work

__all__ = [
    "Access",
    "Announced",
    "Anomalies",
    "ApiKey",
    "Background",
    "Caller",
    "Checks",
    "Clock",
    "Conflict",
    "Documents",
    "Exchange",
    "Feed",
    "FileBox",
    "Files",
    "Holdings",
    "Ids",
    "OperationRows",
    "PaymentProvider",
    "Payments",
    "Presence",
    "Pricing",
    "PspAnswer",
    "ReservationRows",
    "Running",
    "Samples",
    "SecurityEvents",
    "SignIn",
    "StationCertificates",
    "StationEventRows",
    "Stations",
    "Store",
    "StoreFailed",
    "Tokens",
    "Transactions",
    "Unstorable",
    "User",
    "Variable",
    "Variables",
    "VatFound",
    "VatRegister",
    "Work",
]
