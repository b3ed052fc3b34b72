"""C24, C25: payments that begin outside the station, at a kiosk or on a page, and start a transaction there."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec

from releve.domain.commands import Outcome
from releve.domain.ids import OperatorId, PaymentId, StationId
from releve.domain.limits import Limit
from releve.domain.payment import Channel, Payment, PaymentState
from releve.domain.token import DIRECT_PAYMENT, IdToken
from releve.services.commands import Commands
from releve.services.errors import Invalid, NotFound, NotNow, Taken
from releve.services.operations import refusal
from releve.services.ports import Clock, Conflict, Ids, PaymentProvider, Store

OPEN_FOR = timedelta(minutes=30)
"""How long a driver may take on the PSP's page."""
START_FOR = timedelta(minutes=15)
"""How long an authorised payment waits for its transaction before it is given back."""


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What the driver limits the session to, beyond the amount (C25.FR.59)."""

    energy_wh: Decimal | None = None
    time_s: int | None = None
    cost: Decimal | None = None


class PaymentDesk:
    """provider: the PSP for payments on a page; None: there is none."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        ids: Ids,
        commands: Commands,
        provider: PaymentProvider | None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._commands = commands
        self.provider = provider

    # --- opening ------------------------------------------------------------------------------------------------

    async def open(
        self,
        operator: OperatorId,
        station: StationId,
        evse: int | None,
        amount: Decimal,
        currency: str,
        wish: Wish,
    ) -> Payment:
        """A driver goes to the PSP's page. Its reference is ours until the PSP gives its own."""
        payment = self._made(
            operator,
            station,
            evse,
            Channel.WEB,
            f"RLV{self._ids.secret(17)}",
            amount,
            currency,
            wish,
        )
        async with self._store.work(operator) as work:
            work.payments.add(payment)
        return payment

    def _made(
        self,
        operator: OperatorId,
        station: StationId,
        evse: int | None,
        channel: Channel,
        psp_ref: str,
        amount: Decimal | None,
        currency: str,
        wish: Wish,
    ) -> Payment:
        now = self._clock.now()
        return Payment(
            id=PaymentId(self._ids.next()),
            operator=operator,
            station=station,
            evse=evse,
            channel=channel,
            state=PaymentState.OPENED,
            psp_ref=psp_ref,
            amount=amount,
            currency=currency,
            limit_wh=wish.energy_wh,
            limit_s=wish.time_s,
            limit_cost=wish.cost,
            created_at=now,
            updated_at=now,
        )

    # --- authorised ---------------------------------------------------------------------------------------------

    async def kiosk(
        self,
        operator: OperatorId,
        station: StationId,
        psp_ref: str,
        *,
        evse: int | None = None,
        amount: Decimal | None = None,
        currency: str = "",
        wish: Wish = Wish(),  # noqa: B008 - frozen
        by: str = "",
    ) -> tuple[Payment, Outcome]:
        """A kiosk has had a payment authorised: start a transaction for it (C24.FR.01). Taken: known already."""
        psp_ref = psp_ref.strip()
        if not psp_ref or len(psp_ref) > 255:
            raise Invalid("The reference of a payment has 1 to 255 characters.", field="psp_ref")
        if amount is not None and amount <= 0:
            raise Invalid("The authorised amount is more than nothing.", field="amount")
        await self._commands.station(operator, station)
        payment = self._made(
            operator, station, evse, Channel.KIOSK, psp_ref, amount, currency.upper(), wish
        )
        try:
            async with self._store.work(operator) as work:
                work.payments.add(payment)
        except Conflict as conflict:
            raise Taken("This payment is known already.", field="psp_ref") from conflict
        return await self._start(payment, by=by)

    async def authorized(
        self,
        operator: OperatorId,
        payment: PaymentId,
        *,
        psp_ref: str = "",
        amount: Decimal | None = None,
        by: str = "",
    ) -> tuple[Payment, Outcome]:
        """The PSP has authorised a payment that was opened on its page (C25.FR.23). NotNow: not waiting for it."""
        found = await self.get(operator, payment)
        if found.state is not PaymentState.OPENED:
            raise NotNow("This payment does not wait to be authorised.")
        return await self._start(
            msgspec.structs.replace(
                found, psp_ref=psp_ref or found.psp_ref, amount=amount or found.amount
            ),
            by=by,
        )

    async def _start(self, payment: Payment, *, by: str) -> tuple[Payment, Outcome]:
        """Ask the station (C24.FR.01, C25.FR.23); its transaction gets the limits (C24.FR.02, C25.FR.24)."""
        payment = await self._save(payment, state=PaymentState.AUTHORIZED)
        wanted = payment.limit_wh
        limit = Limit(
            cost=payment.most,
            energy_wh=None if wanted is None else float(wanted),
            time_s=payment.limit_s,
        )
        outcome, number = await self._commands.start(
            payment.operator,
            payment.station,
            token=IdToken(payment.psp_ref, DIRECT_PAYMENT),
            evse=payment.evse,
            limit=limit or None,
            by=by,
        )
        if outcome.accepted:
            return await self._note_start(payment, number), outcome
        return await self._give_back(payment, refusal(outcome)), outcome

    async def _note_start(self, payment: Payment, number: int) -> Payment:
        """Its transaction may have begun before the answer came: then its state stays."""
        async with self._store.work(payment.operator) as work:
            found = await work.payments.get(payment.id) or payment
            changed = msgspec.structs.replace(found, remote_start_id=number)
            work.payments.save(changed)
        return changed

    async def _give_back(self, payment: Payment, problem: str) -> Payment:
        if self.provider is not None and payment.channel is Channel.WEB:
            await self.provider.release(payment)
        return await self._save(payment, state=PaymentState.FAILED, problem=problem)

    # --- seeing to them -----------------------------------------------------------------------------------------

    async def get(self, operator: OperatorId, payment: PaymentId) -> Payment:
        """A payment; NotFound."""
        async with self._store.work(operator) as work:
            found = await work.payments.get(payment)
        if found is None:
            raise NotFound("There is no such payment.")
        return found

    async def find(self, operator: OperatorId, psp_ref: str) -> Payment | None:
        """By the PSP's reference, or ours while it has none."""
        async with self._store.work(operator) as work:
            return await work.payments.find(psp_ref)

    async def cancel(self, operator: OperatorId, payment: PaymentId) -> Payment:
        """The driver, or the operator, gives up before a transaction has begun. NotNow: it has."""
        found = await self.get(operator, payment)
        if found.state not in (PaymentState.OPENED, PaymentState.AUTHORIZED):
            raise NotNow("Only a payment whose transaction has not begun can be cancelled.")
        if found.state is PaymentState.AUTHORIZED and self.provider is not None:
            await self.provider.release(found)
        return await self._save(found, state=PaymentState.CANCELED)

    async def again(self, operator: OperatorId, payment: PaymentId) -> Payment:
        """Try once more to settle what the PSP has refused or failed to (C22)."""
        found = await self.get(operator, payment)
        if found.state is not PaymentState.FAILED or found.transaction is None:
            raise NotNow("Only a payment that could not be settled can be settled again.")
        return await self._save(found, state=PaymentState.DUE, problem="")

    async def tidy(self, operator: OperatorId) -> int:
        """Cancel what was opened, or authorised, and then left; how many."""
        now = self._clock.now()
        async with self._store.work(operator) as work:
            waiting = await work.payments.waiting()
        left = [p for p in waiting if now - p.updated_at > _patience(p)]
        for payment in left:
            await self.cancel(operator, payment.id)
        return len(left)

    async def _save(self, payment: Payment, **changes: Any) -> Payment:
        changed = msgspec.structs.replace(payment, updated_at=self._clock.now(), **changes)
        async with self._store.work(payment.operator) as work:
            work.payments.save(changed)
        return changed


def _patience(payment: Payment) -> timedelta:
    return OPEN_FOR if payment.state is PaymentState.OPENED else START_FOR
