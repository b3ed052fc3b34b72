"""Payments and settlements."""

from __future__ import annotations

from sqlalchemy import select

from releve.domain.ids import PaymentId, TransactionId
from releve.domain.payment import Payment, PaymentState, Settlement
from releve.storage.mapping import Mapper
from releve.storage.queries import Query, value
from releve.storage.repositories.base import Repository
from releve.storage.tables import payments, settlements
from releve.storage.writes import insert, update

PAYMENT = Mapper(Payment)
SETTLEMENT = Mapper(Settlement)
MOST_DUE = 200

ADD = insert(payments, PAYMENT.columns)
SAVE = update(payments, ("id", "operator_id"), PAYMENT.columns[2:])
ADD_SETTLEMENT = insert(settlements, SETTLEMENT.columns)

_p, _s = payments.c, settlements.c
_PAYMENTS = select(*(_p[name] for name in PAYMENT.columns)).where(
    _p.operator_id == value("operator")
)
_SETTLEMENTS = select(*(_s[name] for name in SETTLEMENT.columns)).where(
    _s.operator_id == value("operator")
)
GET = Query(_PAYMENTS.where(_p.id == value("payment")))
REFERRED = Query(_PAYMENTS.where(_p.psp_ref == value("psp_ref")))
DUE = Query(_PAYMENTS.where(_p.state == "due").order_by(_p.id).limit(MOST_DUE))
NEWEST = Query(_PAYMENTS.order_by(_p.id.desc()).limit(1000))
OF_TRANSACTION = Query(
    _SETTLEMENTS.where(_s.transaction_id == value("transaction")).order_by(_s.id)
)
OF_PAYMENT = Query(_SETTLEMENTS.where(_s.psp_ref == value("psp_ref")).order_by(_s.id))
RECEIPT = Query(_SETTLEMENTS.where(_s.receipt_key == value("key"), _s.receipt_key != ""))


class StoredPayments(Repository):
    """Implements `services.ports.Payments`."""

    __slots__ = ()

    async def get(self, payment: PaymentId) -> Payment | None:
        """The payment with this row id."""
        row = await self._row(GET, payment=payment)
        return PAYMENT.decode(row) if row else None

    async def find(self, psp_ref: str) -> Payment | None:
        """The payment of the operator that the PSP calls so."""
        row = await self._row(REFERRED, psp_ref=psp_ref)
        return PAYMENT.decode(row) if row else None

    async def due(self) -> list[Payment]:
        """Those that wait to be settled, oldest first, some at a time."""
        return [PAYMENT.decode(row) for row in await self._rows(DUE)]

    async def waiting(self) -> list[Payment]:
        """Opened or authorised ones among the newest thousand: others have been given up long ago."""
        found = [PAYMENT.decode(row) for row in await self._rows(NEWEST)]
        return [p for p in found if p.state in (PaymentState.OPENED, PaymentState.AUTHORIZED)]

    def add(self, payment: Payment) -> None:
        """Add a payment. Conflict at commit when its reference is taken."""
        self._own(payment.operator)
        self._unit.write(ADD, PAYMENT.encode(payment), payment.id)

    def save(self, payment: Payment) -> None:
        """Replace it."""
        self._own(payment.operator)
        self._unit.write(SAVE, PAYMENT.encode(payment), payment.id)

    async def settlements_of(self, transaction: TransactionId) -> list[Settlement]:
        """All attempts to settle a transaction, oldest first."""
        rows = await self._rows(OF_TRANSACTION, transaction=transaction)
        return [SETTLEMENT.decode(row) for row in rows]

    async def settlements_for(self, psp_ref: str) -> list[Settlement]:
        """All attempts to settle a payment, oldest first."""
        return [SETTLEMENT.decode(row) for row in await self._rows(OF_PAYMENT, psp_ref=psp_ref)]

    async def receipt(self, key: str) -> Settlement | None:
        """The settlement whose receipt has this key."""
        row = await self._row(RECEIPT, key=key) if key else None
        return SETTLEMENT.decode(row) if row else None

    def add_settlement(self, settlement: Settlement) -> None:
        """Add an attempt to settle."""
        self._own(settlement.operator)
        self._unit.write(ADD_SETTLEMENT, SETTLEMENT.encode(settlement), settlement.id)
