"""Ad hoc payments: a driver pays by card or on a page, the payment service provider (PSP) authorises an amount, the
transaction is charged, and what it cost is settled (2.1 C18 to C25).
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import msgspec

from releve.domain.ids import OperatorId, PaymentId, SettlementId, StationId, TransactionId


class Channel(StrEnum):
    """Where the driver pays."""

    WEB = "web"
    """A page that a QR code leads to (C25)."""
    KIOSK = "kiosk"
    """A terminal that stands alone and serves several stations (C24)."""
    TERMINAL = "terminal"
    """The station's own terminal, where the operator settles (C21.FR.05)."""


class PaymentState(StrEnum):
    OPENED = "opened"
    """The driver was sent to the PSP."""
    AUTHORIZED = "authorized"
    """The PSP has set the amount aside; the station is asked to start."""
    CHARGING = "charging"
    DUE = "due"
    """The transaction has ended; what it cost is to be settled."""
    SETTLED = "settled"
    CANCELED = "canceled"
    """Nothing was charged; what the PSP has set aside is released."""
    FAILED = "failed"
    """The PSP refused to settle, or the station to start; `problem` says which."""

    @property
    def ended(self) -> bool:
        """Nothing more happens by itself."""
        return self in (PaymentState.SETTLED, PaymentState.CANCELED, PaymentState.FAILED)


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """One payment from its authorisation to its settlement.

    amount: what was authorised, in `currency`. cost: what the transaction came to. limit_*: what the driver asked for
    beyond the amount (C25.FR.59).
    """

    id: PaymentId
    operator: OperatorId
    station: StationId
    evse: int | None = None
    channel: Channel
    state: PaymentState
    psp_ref: str
    amount: Decimal | None = None
    currency: str = ""
    limit_wh: Decimal | None = None
    limit_s: int | None = None
    limit_cost: Decimal | None = None
    remote_start_id: int | None = None
    transaction: TransactionId | None = None
    cost: Decimal | None = None
    problem: str = ""
    created_at: datetime
    updated_at: datetime

    @property
    def most(self) -> Decimal | None:
        """The most that the transaction may cost: what was authorised, or less when the driver wants less."""
        amounts = [a for a in (self.amount, self.limit_cost) if a is not None]
        return min(amounts, default=None)


class SettlementStatus(StrEnum):
    """2.1 PaymentStatusEnumType."""

    SETTLED = "Settled"
    CANCELED = "Canceled"
    REJECTED = "Rejected"
    FAILED = "Failed"


class SettledBy(StrEnum):
    STATION = "station"
    """Its terminal settled and told so (NotifySettlement)."""
    CSMS = "csms"
    """We settled with the PSP."""
    PREPAID = "prepaid"
    """Drawn from a prepaid token's credit."""


class Settlement(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt to settle what a transaction cost, and what came of it. amount in `currency`, which may be untold."""

    id: SettlementId
    operator: OperatorId
    station: StationId
    transaction: TransactionId | None = None
    reference: str = ""
    """The station's name for the transaction; empty when it never began (C19)."""
    psp_ref: str
    status: SettlementStatus
    by: SettledBy
    amount: Decimal
    currency: str = ""
    settled_at: datetime
    received_at: datetime
    info: str = ""
    receipt_id: str = ""
    receipt_url: str = ""
    receipt_key: str = ""
    """The unguessable part of the address of our own receipt; empty when there is none."""
    vat_number: str = ""
    vat_company: dict[str, Any] = {}
    """2.1 AddressType, in wire names."""
