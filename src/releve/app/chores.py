"""What a node does by itself now and then."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from releve.domain.ids import OperatorId, StationId
from releve.services.ports import StoreFailed

if TYPE_CHECKING:
    from releve.app.node import Node

log = structlog.get_logger(__name__)

HEARD_EVERY_S = 30.0
SETTLE_EVERY_S = 60.0
EXPIRE_EVERY_S = 10.0
LIMITS_EVERY_S = 5.0
LISTS_EVERY_S = 0.5
TRUST_EVERY_S = 30.0
RENEW_EVERY_S = 600.0
PAYMENTS_EVERY_S = 2.0
COSTS_EVERY_S = 5.0
AT_ONCE = 100
PRUNE_EVERY_S = 3600.0
WATCH_EVERY_S = 3600.0
ROLL_OUT_EVERY_S = 15.0
FOR_EVER = 36_500
PATIENCE = timedelta(minutes=10)
"""How long after its end a transaction's missing events are waited for."""


class Chores:
    def __init__(self, node: Node) -> None:
        self._node = node
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin; each chore has a task of its own."""
        chores = (
            (HEARD_EVERY_S, self.note_heard),
            (SETTLE_EVERY_S, self.settle),
            (EXPIRE_EVERY_S, self.expire),
            (LIMITS_EVERY_S, self.keep_limits),
            (WATCH_EVERY_S, self.watch_certificates),
            (LISTS_EVERY_S, self.keep_lists),
            (ROLL_OUT_EVERY_S, self.roll_out),
            (TRUST_EVERY_S, self.refresh_trust),
            (RENEW_EVERY_S, self.renew_certificates),
            (PAYMENTS_EVERY_S, self.settle_payments),
            (COSTS_EVERY_S, self.tell_costs),
            (PRUNE_EVERY_S, self.prune),
            (PRUNE_EVERY_S, self.retire_files),
            (PRUNE_EVERY_S, self.roll_up),
        )
        self._tasks = [asyncio.create_task(self._every(s, chore)) for s, chore in chores]

    async def stop(self) -> None:
        """End them, and write down what is known."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._once(self.note_heard)

    async def _every(self, seconds: float, chore: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(seconds)
            await self._once(chore)

    async def _once(self, chore: Callable[[], Awaitable[None]]) -> None:
        try:
            await chore()
        except StoreFailed as error:
            log.warning("a chore waits for the store", chore=chore.__name__, reason=str(error))
        except Exception:
            log.exception("a chore failed", chore=chore.__name__)

    async def tell_costs(self) -> None:
        """Tell drivers what they have to pay so far, where no answer to an event has told them lately (I02)."""
        node = self._node
        every = timedelta(seconds=node.settings.cost_interval)
        if not every:
            return
        telling, now = node.services.cost_telling, node.clock.now()
        lives = [link.live for link in node.house.roster.links() if link.live is not None]
        due = [live for live in lives if telling.due(live, now, every)]
        for at in range(0, len(due), AT_ONCE):  # a station that is slow to answer holds up few
            await asyncio.gather(
                *(telling.tell_due(live, now, every) for live in due[at : at + AT_ONCE])
            )

    async def note_heard(self) -> None:
        """Write when stations were last heard, many at once: not one write a message."""
        heard: dict[OperatorId, list[tuple[StationId, datetime]]] = defaultdict(list)
        for link, at in self._node.house.roster.heard_since_last():
            heard[link.station.operator].append((link.station.id, at))
        for operator, stations in heard.items():
            async with self._node.store.work(operator) as work:
                work.stations.heard(stations)

    async def settle(self) -> None:
        """Ask stations about transactions with something missing; flag those whose events never all came."""
        now, services = self._node.clock.now(), self._node.services
        for operator in await self._node.store.operators():
            await services.gaps.sweep(operator, now)
            await services.transactions.settle(operator, now, patience=PATIENCE)

    async def keep_limits(self) -> None:
        """Stop transactions at limits that their stations do not keep."""
        watch = self._node.services.limit_watch
        for operator in await self._node.store.operators():
            await watch.recall(operator)
        await watch.learn()
        await watch.stop_at_limits()

    async def expire(self) -> None:
        """End operations of which nothing was heard in time, and reservations whose time has passed."""
        now = self._node.clock.now()
        for operator in await self._node.store.operators():
            await self._node.services.operations.expire(operator)
            await self._node.services.reservations.expire(operator, now)

    async def watch_certificates(self) -> None:
        """Flag stations whose certificates expire soon."""
        days = self._node.settings.certificate_warning_days
        for operator in await self._node.store.operators() if days else ():
            watch = self._node.services.station_certificates.watch
            await watch(operator, timedelta(days=days))

    async def keep_lists(self) -> None:
        """Send local authorization lists that are out of step."""
        await self._node.services.list_upkeep.step()

    async def refresh_trust(self) -> None:
        """Take over what another process, a command, say, has changed about whom to trust."""
        await self._node.services.security.trust.refresh()

    async def renew_certificates(self) -> None:
        """Have certificates that end soon replaced, at stations that are connected."""
        roster = self._node.house.roster
        for operator in await self._node.store.operators():
            await self._node.services.certificates.renew_due(
                operator, lambda station: roster.live(station) is not None
            )

    async def settle_payments(self) -> None:
        """Settle what is due with the payment provider, and give up what drivers have left."""
        services = self._node.services
        if services.payments.provider is None:
            return
        for operator in await self._node.store.operators():
            await services.settlements.settle_due(operator)
            await services.payments.tidy(operator)

    async def prune(self) -> None:
        """Forget messages and events beyond their days."""
        settings = self._node.settings
        await self._node.store.prune(
            log_days=settings.message_log_days or FOR_EVER,
            outbox_days=settings.event_days or FOR_EVER,
        )
        await self._node.store.prune_upkeep(
            event_days=settings.monitor_event_days or FOR_EVER,
            customer_days=settings.customer_information_days,
        )

    async def roll_out(self) -> None:
        """Give the next stations of firmware roll-outs their turn."""
        for operator in await self._node.store.operators():
            await self._node.services.rollouts.advance_all(operator)

    async def retire_files(self) -> None:
        """Remove logs beyond their days, and what broken uploads left."""
        for operator in await self._node.store.operators():
            gone = await self._node.services.files.retire(operator)
            if gone:
                log.info("old logs removed", files=gone)
        await self._node.services.files.sweep()

    async def roll_up(self) -> None:
        """Turn meter samples beyond their days into quarters of an hour."""
        days = self._node.settings.samples_raw_days
        if days:
            rolled = await self._node.store.roll_up(raw_days=days)
            if rolled.removed:
                log.info("samples rolled up", samples=rolled.removed, quarters=rolled.written)
