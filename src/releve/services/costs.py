"""I: what transactions cost, while they run and when they have ended.

The tariff is chosen when a transaction begins, or when its driver becomes known, and stays. While it runs the cost is
kept up in memory (`Bill`); at the end it is reckoned anew from all facts and written to the transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import msgspec

from releve.domain.anomaly import AnomalyKind
from releve.domain.cost import Cost, ToldCost
from releve.domain.ids import OperatorId, TransactionId
from releve.domain.ledger import Point, effective
from releve.domain.meter import MeterSample
from releve.domain.notice import Notice
from releve.domain.tariff import Tariff
from releve.domain.tariff_text import shown
from releve.domain.token import DIRECT_PAYMENT
from releve.domain.transaction import TariffUse, Transaction, TransactionState
from releve.services.bill import Bill
from releve.services.errors import NotFound
from releve.services.flags import Flags
from releve.services.live import Inbound, LiveTransaction
from releve.services.ports import Clock, Presence, Pricing, Store, Work
from releve.services.tariffs import TariffBook

TOLERANCE = Decimal("0.01")
"""A station may round each line: no more than this apart, or a hundredth of the whole, is the same."""


class Costs:
    def __init__(
        self,
        store: Store,
        clock: Clock,
        pricing: Pricing,
        book: TariffBook,
        flags: Flags,
        presence: Presence,
    ) -> None:
        self._store = store
        self._clock = clock
        self._pricing = pricing
        self._book = book
        self._flags = flags
        self._presence = presence

    # --- while it runs ------------------------------------------------------------------------------------------

    async def open(
        self, work: Work, inbound: Inbound, live: LiveTransaction, *, fresh: bool = False
    ) -> Bill:
        """Choose the tariff, or recall the one that was chosen, with what has happened since the start.

        At a transaction's first event, when its driver becomes known, and at its first message after a restart.
        fresh: it has just begun, nothing has happened yet.
        """
        row, former = live.row, live.bill
        chosen_for_nobody = former is not None and former.token is None
        tariffs = [] if chosen_for_nobody else await self._recalled(work, row)
        if not tariffs and row.state is not TransactionState.ENDED:
            since = row.started_at or inbound.at
            tariff = await self._book.choose(
                work, inbound.station, since, row.token, row.token_group
            )
            tariffs = [(since, tariff)] if tariff is not None else []
        bill = Bill(self._pricing, tariffs, row.token)
        points: Sequence[Point] = ()
        if not fresh and (
            former is not None or live.highest is None or live.highest != live.lowest
        ):
            points = await work.samples.registers(row.id)
            bill.recall(await work.transactions.facts(row.id))
        for _, tariff in tariffs:
            self._book.keep(work, tariff, inbound.at)
        live.bill = bill
        live.row = msgspec.structs.replace(row, tariffs=_uses(tariffs))
        bill.begin(live.row, points)
        return bill

    async def _recalled(self, work: Work, row: Transaction) -> list[tuple[datetime, Tariff]]:
        """The tariffs that were applied, by their contents then."""
        found = [(use.since, await self._book.version(work, use.tariff_id)) for use in row.tariffs]
        return [(since, tariff) for since, tariff in found if tariff is not None]

    def answer(self, inbound: Inbound, reference: str) -> Decimal | None:
        """The totalCost for the answer to an event: the running cost, the final one (I02.FR.01, I03.FR.02).

        None while it is not known, and where no tariff applies: 0 would say that it is free (I03.FR.04), when it may
        be billed elsewhere. What is free has a tariff of 0.
        """
        live = inbound.live.transactions.get(reference)
        if live is None or live.bill is None:
            return None
        bill, row = live.bill, live.row
        if not bill.tariffs:
            return Decimal(0) if _paid_for_nothing(row) else None
        if row.state is TransactionState.ENDED:
            return row.cost.total if row.cost is not None else None
        bill.told, bill.told_at = bill.total, inbound.at
        return bill.told

    async def of(
        self, operator: OperatorId, transaction: TransactionId
    ) -> tuple[Transaction, Cost | None]:
        """A transaction with its cost so far, or its final one; NotFound."""
        async with self._store.work(operator) as work:
            row = await work.transactions.get(transaction)
        if row is None:
            raise NotFound("There is no such transaction.")
        return row, await self.so_far(row)

    async def so_far(self, row: Transaction) -> Cost | None:
        """What a transaction costs: final when it has ended, else up to now; None without a tariff."""
        if row.cost is not None:
            return row.cost
        station = self._presence.live(row.station)
        live = station.transactions.get(row.reference) if station is not None else None
        if live is not None and live.bill is not None:
            return live.bill.running
        return await self._from_store(row)

    async def total_so_far(self, row: Transaction) -> Decimal | None:
        """What the driver would pay now; None without a tariff. What limits of cost are held against."""
        cost = await self.so_far(row)
        return cost.total if cost is not None else None

    async def _from_store(self, row: Transaction) -> Cost | None:
        """The same for a station that is not connected here: from the rows."""
        if not row.tariffs:
            return None
        async with self._store.work(row.operator) as work:
            bill = Bill(self._pricing, await self._recalled(work, row), row.token)
            bill.recall(await work.transactions.facts(row.id))
            bill.begin(row, await work.samples.registers(row.id))
        return bill.running

    # --- at the end ---------------------------------------------------------------------------------------------

    async def settle(
        self,
        work: Work,
        inbound: Inbound,
        live: LiveTransaction,
        samples: Sequence[MeterSample] = (),
    ) -> None:
        """Reckon an ended transaction, again when facts arrive later, and save its row. samples: of this very unit."""
        if live.bill is None:
            await self.open(work, inbound, live)
        bill, row = live.bill, live.row
        if bill is None or not bill.tariffs:
            return
        points = await work.samples.registers(row.id)
        points += [
            Point(effective(s.at, inbound.at), s.energy_wh)
            for s in samples
            if s.energy_wh is not None
        ]
        cost = bill.final(row, points)
        if cost != row.cost:
            live.row = msgspec.structs.replace(row, cost=cost)
            work.transactions.save(live.row)

    async def reprice(self, row: Transaction, tariff: Tariff) -> bool:
        """Price a running transaction by another tariff from now on, where its station reckons nothing itself, and let
        the driver read the new one with the answer to the next event (I06.FR.01, I06.FR.02).

        False when its station is not connected here: its live state is what counts.
        """
        station = self._presence.live(row.station)
        live = station.transactions.get(row.reference) if station is not None else None
        if live is None or live.bill is None or not live.active:
            return False
        now = self._clock.now()
        text = shown(tariff)
        notice = Notice(content=text.content, format=text.format, language=text.language)
        async with self._store.work(row.operator) as work:
            self._book.keep(work, tariff, now)
            live.bill.switch(tariff, now)
            live.row = msgspec.structs.replace(
                live.row, tariffs=_uses(live.bill.tariffs), notice=notice
            )
            if len(live.bill.tariffs) == 1:  # it was free until now
                live.bill.begin(live.row)
            work.transactions.save(live.row)
        return True

    # --- what the station says of it (2.1) ----------------------------------------------------------------------

    async def applied(
        self,
        inbound: Inbound,
        reference: str,
        tariff_id: str,
        *,
        changed_at: datetime | None = None,
    ) -> None:
        """The station names the tariff that it applies (transactionInfo.tariffId): then we reckon with it, too.

        changed_at: it was changed then, and applies from there on (I11.FR.08); None: it applied from the start.
        """
        live = inbound.live.transactions.get(reference)
        if live is None or live.bill is None or live.row.tariff == tariff_id:
            return
        async with self._store.work(inbound.station.operator) as work:
            tariff = await self._book.version(work, tariff_id)
            if tariff is None:
                return  # installed by somebody else: what it says, we cannot know
            bill, row = live.bill, live.row
            if changed_at is not None and bill.tariffs:
                bill.switch(tariff, effective(changed_at, inbound.at))
            else:
                since = row.started_at or inbound.at
                live.bill = bill = Bill(self._pricing, [(since, tariff)], row.token)
                bill.recall(await work.transactions.facts(row.id))
                bill.begin(row, await work.samples.registers(row.id))
            live.row = msgspec.structs.replace(row, tariffs=_uses(bill.tariffs))
            work.transactions.save(live.row)
            if live.row.state is TransactionState.ENDED:
                await self.settle(work, inbound, live)

    async def told(self, inbound: Inbound, reference: str, told: ToldCost) -> None:
        """Keep the station's own reckoning (I12). At the end it is held against ours."""
        live = inbound.live.transactions.get(reference)
        if live is None or live.row.cost_details == told:
            return
        async with self._store.work(inbound.station.operator) as work:
            live.row = msgspec.structs.replace(live.row, cost_details=told)
            work.transactions.save(live.row)
            if live.row.state is TransactionState.ENDED:
                await self._compare(work, inbound, live.row, told)

    async def _compare(
        self, work: Work, inbound: Inbound, row: Transaction, told: ToldCost
    ) -> None:
        """A difference is shown to a person, who decides."""
        if told.failed:  # I12.FR.14
            await self._flags.raise_(
                work, inbound, AnomalyKind.COST_DIFFERS, row.id, failure=told.failure
            )
            return
        ours = row.cost
        if ours is None:
            return
        gross = told.incl_tax is not None
        theirs, mine = (told.incl_tax, ours.incl_tax) if gross else (told.excl_tax, ours.excl_tax)
        if theirs is None or (
            told.currency.upper() == ours.currency
            and abs(theirs - mine) <= max(TOLERANCE, abs(mine) / 100)
        ):
            return
        await self._flags.raise_(
            work,
            inbound,
            AnomalyKind.COST_DIFFERS,
            row.id,
            station=f"{theirs} {told.currency}",
            ours=f"{mine} {ours.currency}",
            tariff=ours.tariff,
        )

    async def tariff_of(self, operator: OperatorId, tariff_id: str) -> Tariff | None:
        """The content under a tariffId."""
        async with self._store.work(operator) as work:
            return await self._book.version(work, tariff_id)


def _paid_for_nothing(row: Transaction) -> bool:
    """Paid at the terminal and ended before anything was delivered: without a tariff, too, it costs 0 (C20.FR.03)."""
    if row.token_type != DIRECT_PAYMENT or row.state is not TransactionState.ENDED:
        return False
    return row.energy_wh == 0 or (row.energy_wh is None and row.meter_last_wh is None)


def _uses(tariffs: Sequence[tuple[datetime, Tariff]]) -> tuple[TariffUse, ...]:
    return tuple(TariffUse(tariff.tariff_id, since) for since, tariff in tariffs)
