"""What payments need: their rows, the payment service provider, the register of VAT numbers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Protocol

import msgspec

from releve.domain.ids import PaymentId, TransactionId
from releve.domain.payment import Payment, Settlement, SettlementStatus
from releve.domain.vat import VatNumber


class Payments(Protocol):
    async def get(self, payment: PaymentId) -> Payment | None: ...
    async def find(self, psp_ref: str) -> Payment | None: ...
    async def due(self) -> list[Payment]: ...  # to be settled, oldest first, some at a time
    async def waiting(self) -> list[Payment]: ...  # opened or authorised, of the newest thousand
    def add(self, payment: Payment) -> None: ...  # Conflict at commit when its psp_ref is taken
    def save(self, payment: Payment) -> None: ...
    async def settlements_of(self, transaction: TransactionId) -> list[Settlement]: ...
    async def settlements_for(self, psp_ref: str) -> list[Settlement]: ...
    async def receipt(self, key: str) -> Settlement | None: ...
    def add_settlement(self, settlement: Settlement) -> None: ...


class PspAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a payment service provider made of a request to settle or to release."""

    status: SettlementStatus
    info: str = ""
    receipt_id: str = ""
    receipt_url: str = ""


class PaymentProvider(Protocol):
    """A payment service provider (PSP). Methods never raise for what it does: a failure is an answer."""

    name: str

    def page(self, payment: Payment) -> str:
        """The address of the page on which the driver authorises the payment; it may be relative to the console's."""

    async def settle(self, payment: Payment, amount: Decimal) -> PspAnswer:
        """Collect this much of what was authorised, in the payment's currency, and release the rest."""

    async def release(self, payment: Payment) -> PspAnswer:
        """Give back all that was authorised."""


class VatFound(msgspec.Struct, frozen=True, kw_only=True):
    """What a register says of a number. company: 2.1 AddressType in wire names, None when it does not tell."""

    valid: bool
    company: dict[str, Any] | None = None


class VatRegister(Protocol):
    """A register of VAT numbers, such as VIES of the European Commission."""

    async def find(self, number: VatNumber) -> VatFound | None:
        """What it says; None when it cannot be asked now."""
