"""C17, C20 to C25: what becomes of the money when a transaction has ended, and what stations tell of it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from releve.domain.anomaly import AnomalyKind
from releve.domain.commands import VariableName
from releve.domain.ids import OperatorId, PaymentId, SettlementId
from releve.domain.payment import (
    Channel,
    Payment,
    PaymentState,
    SettledBy,
    Settlement,
    SettlementStatus,
)
from releve.domain.token import DIRECT_PAYMENT, IdToken
from releve.domain.transaction import Transaction
from releve.services.flags import Flags
from releve.services.live import Inbound
from releve.services.ports import Clock, Ids, PaymentProvider, Store, Work

KEY_LENGTH = 32
SETTLEMENT_BY_CSMS = VariableName(component="PaymentCtrlr", variable="SettlementByCSMS")
GIVEN_BACK = frozenset({SettlementStatus.REJECTED, SettlementStatus.FAILED})


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A NotifySettlement, as the station tells it."""

    reference: str = ""
    psp_ref: str
    status: SettlementStatus
    amount: Decimal
    settled_at: datetime
    info: str = ""
    receipt_id: str = ""
    receipt_url: str = ""
    vat_number: str = ""
    vat_company: dict[str, Any] = {}


class Receipt(msgspec.Struct, frozen=True):
    """What we give the driver. Empty: the station has given one of its own, or nothing was paid."""

    id: str = ""
    url: str = ""


class Settlements:
    """provider: the PSP that we settle with; None: none. base_url: of the pages that drivers see."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        ids: Ids,
        flags: Flags,
        provider: PaymentProvider | None,
        base_url: str,
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._flags = flags
        self._provider = provider
        self._base_url = base_url.rstrip("/")

    # --- told by the station ------------------------------------------------------------------------------------

    async def told(self, inbound: Inbound, told: Told) -> Receipt:
        """Keep what a station's terminal has settled (C19, C21, C22). The same one told again gets the same answer.

        A receipt of ours goes with what was paid when the station has none of its own (C21.FR.03).
        """
        station = inbound.station
        async with self._store.work(station.operator) as work:
            for before in await work.payments.settlements_for(told.psp_ref):
                if _same(before, told):
                    return self._receipt(before)
            row = None
            if told.reference:
                row = await work.transactions.find(station.id, told.reference)
            payment = await work.payments.find(told.psp_ref)
            settlement = self._kept(inbound, told, row, payment)
            work.payments.add_settlement(settlement)
            if payment is not None:
                work.payments.save(_after(payment, settlement, inbound.at))
            if told.status in GIVEN_BACK:  # C22: somebody has to see to it that it is paid
                await self._flags.raise_(
                    work,
                    inbound,
                    AnomalyKind.PAYMENT_NOT_SETTLED,
                    settlement.transaction,
                    psp_ref=told.psp_ref,
                    status=str(told.status),
                    amount=str(told.amount),
                    info=told.info,
                )
        return self._receipt(settlement)

    def _kept(
        self, inbound: Inbound, told: Told, row: Transaction | None, payment: Payment | None
    ) -> Settlement:
        ours = told.status is SettlementStatus.SETTLED and not told.receipt_url
        return Settlement(
            id=SettlementId(self._ids.next()),
            operator=inbound.station.operator,
            station=inbound.station.id,
            transaction=row.id if row is not None else None,
            reference=told.reference,
            psp_ref=told.psp_ref,
            status=told.status,
            by=SettledBy.STATION,
            amount=told.amount,
            currency=_currency(row, payment),
            settled_at=told.settled_at,
            received_at=inbound.at,
            info=told.info,
            receipt_id=told.receipt_id,
            receipt_url=told.receipt_url,
            receipt_key=self._ids.secret(KEY_LENGTH) if ours else "",
            vat_number=told.vat_number,
            vat_company=told.vat_company,
        )

    def _receipt(self, settlement: Settlement) -> Receipt:
        if not settlement.receipt_key:
            return Receipt()
        return Receipt(settlement.receipt_id or str(settlement.id), self.receipt_url(settlement))

    def receipt_url(self, settlement: Settlement) -> str:
        """Where the driver finds the receipt; empty when there is none."""
        if settlement.receipt_url or not settlement.receipt_key:
            return settlement.receipt_url
        return f"{self._base_url}/receipts/{settlement.operator}.{settlement.receipt_key}"

    # --- at the end of a transaction ----------------------------------------------------------------------------

    async def began(self, work: Work, inbound: Inbound, row: Transaction) -> None:
        """A transaction began with a payment's reference: the payment is that transaction's from now on."""
        if row.token is None or (row.token_type != DIRECT_PAYMENT and row.remote_start_id is None):
            return
        payment = await work.payments.find(row.token)
        if payment is None or payment.transaction is not None or payment.state.ended:
            return
        work.payments.save(
            msgspec.structs.replace(
                payment,
                state=PaymentState.CHARGING,
                transaction=row.id,
                updated_at=inbound.at,
            )
        )

    async def ended(self, work: Work, inbound: Inbound, row: Transaction) -> None:
        """A transaction has ended and its cost is known: draw it from a prepaid credit, or make its payment due."""
        if row.token is None:
            return
        presented = IdToken(row.token, row.token_type or "")
        known = await work.tokens.find(presented)
        if known is not None and known.credit is not None:
            await self._draw(work, inbound, row, presented)
        elif row.token_type == DIRECT_PAYMENT or row.remote_start_id is not None:
            await self._due(work, inbound, row)

    async def _draw(
        self, work: Work, inbound: Inbound, row: Transaction, presented: IdToken
    ) -> None:
        """Take the cost from the credit, once; facts that arrive later change it by the difference."""
        known = await work.tokens.find(presented)
        if known is None or known.credit is None:
            return
        cost = row.cost.total if row.cost is not None else Decimal(0)
        drawn = sum(
            (s.amount for s in await work.payments.settlements_of(row.id)), start=Decimal(0)
        )
        if cost == drawn:
            return
        work.tokens.save(msgspec.structs.replace(known, credit=known.credit - (cost - drawn)))
        work.payments.add_settlement(
            Settlement(
                id=SettlementId(self._ids.next()),
                operator=row.operator,
                station=row.station,
                transaction=row.id,
                reference=row.reference,
                psp_ref=known.value,
                status=SettlementStatus.SETTLED,
                by=SettledBy.PREPAID,
                amount=cost - drawn,
                currency=row.cost.currency if row.cost is not None else known.currency,
                settled_at=inbound.at,
                received_at=inbound.at,
                receipt_key=self._ids.secret(KEY_LENGTH),
            )
        )

    async def _due(self, work: Work, inbound: Inbound, row: Transaction) -> None:
        """C21.FR.05, C24.FR.10, C25.FR.40: we settle with the PSP. The chore does, for it may take its time."""
        payment = await work.payments.find(row.token or "")
        if payment is None:
            if row.token_type != DIRECT_PAYMENT or not await self._ours_to_settle(work, row):
                return
            payment = Payment(
                id=PaymentId(self._ids.next()),
                operator=row.operator,
                station=row.station,
                evse=row.evse,
                channel=Channel.TERMINAL,
                state=PaymentState.CHARGING,
                psp_ref=row.token or "",
                transaction=row.id,
                created_at=inbound.at,
                updated_at=inbound.at,
            )
            work.payments.add(payment)
        elif payment.state.ended:
            return
        currency = row.cost.currency if row.cost is not None else payment.currency
        work.payments.save(
            msgspec.structs.replace(
                payment,
                state=PaymentState.DUE,
                transaction=row.id,
                cost=row.cost.total if row.cost is not None else Decimal(0),
                currency=payment.currency or currency,
                updated_at=inbound.at,
            )
        )

    async def _ours_to_settle(self, work: Work, row: Transaction) -> bool:
        found = await work.variables.get(row.station, (SETTLEMENT_BY_CSMS,))
        return any((v.value or "").strip().casefold() == "true" for v in found)

    # --- with the PSP -------------------------------------------------------------------------------------------

    async def settle_due(self, operator: OperatorId) -> int:
        """Settle what is due, as far as nothing holds it; how many were settled or given back."""
        if self._provider is None:
            return 0
        async with self._store.work(operator) as work:
            waiting = await work.payments.due()
            ready = []
            for payment in waiting:
                row = payment.transaction and await work.transactions.get(payment.transaction)
                if row and not row.held:  # an anomaly of its energy: a person decides first
                    ready.append((payment, row))
        for payment, row in ready:
            await self._settle(payment, row)
        return len(ready)

    async def _settle(self, payment: Payment, row: Transaction) -> None:
        assert self._provider is not None
        cost = payment.cost or Decimal(0)
        amount = cost if payment.amount is None else min(cost, payment.amount)
        if amount <= 0:  # C20: nothing was delivered, so all is given back
            answer = await self._provider.release(payment)
        else:
            answer = await self._provider.settle(payment, amount)
        now = self._clock.now()
        paid = answer.status is SettlementStatus.SETTLED
        settlement = Settlement(
            id=SettlementId(self._ids.next()),
            operator=payment.operator,
            station=payment.station,
            transaction=row.id,
            reference=row.reference,
            psp_ref=payment.psp_ref,
            status=answer.status,
            by=SettledBy.CSMS,
            amount=max(amount, Decimal(0)),
            currency=payment.currency,
            settled_at=now,
            received_at=now,
            info=answer.info,
            receipt_id=answer.receipt_id,
            receipt_url=answer.receipt_url,
            receipt_key=self._ids.secret(KEY_LENGTH) if paid else "",
        )
        async with self._store.work(payment.operator) as work:
            work.payments.add_settlement(settlement)
            work.payments.save(_after(payment, settlement, now))


def _same(before: Settlement, told: Told) -> bool:
    return (before.by, before.status, before.amount, before.settled_at, before.reference) == (
        SettledBy.STATION,
        told.status,
        told.amount,
        told.settled_at,
        told.reference,
    )


def _currency(row: Transaction | None, payment: Payment | None) -> str:
    if row is not None and row.cost is not None:
        return row.cost.currency
    return payment.currency if payment is not None else ""


def _after(payment: Payment, settlement: Settlement, at: datetime) -> Payment:
    states = {
        SettlementStatus.SETTLED: PaymentState.SETTLED,
        SettlementStatus.CANCELED: PaymentState.CANCELED,
        SettlementStatus.REJECTED: PaymentState.FAILED,
        SettlementStatus.FAILED: PaymentState.FAILED,
    }
    state = states[settlement.status]
    failed = state is PaymentState.FAILED
    problem = f"{settlement.status}: {settlement.info}".rstrip(": ") if failed else ""
    return msgspec.structs.replace(
        payment,
        state=state,
        problem=problem,
        transaction=settlement.transaction or payment.transaction,
        updated_at=at,
    )
