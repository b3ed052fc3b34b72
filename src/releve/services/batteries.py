"""S: battery swap: who may, what goes in and out, and which batteries a station has."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import msgspec

from releve.domain.battery import Battery, RequestBatterySwap, Swap, SwapEvent, SwapStep
from releve.domain.events import StationReported
from releve.domain.ids import OperatorId, StationId
from releve.domain.operation import Operation
from releve.domain.token import IdToken, Verdict, judge
from releve.services.errors import Invalid
from releve.services.live import Inbound
from releve.services.operations import Operations
from releve.services.ports import Clock, Store, Work

KIND = "battery-swap"
PATIENCE = timedelta(minutes=10)
KEPT_SWAPS = 100
"""Swaps of a station that are remembered; their events are kept with all others."""


class Batteries:
    def __init__(self, store: Store, clock: Clock, operations: Operations) -> None:
        self._store = store
        self._clock = clock
        self._operations = operations

    async def stock(self, operator: OperatorId, station: StationId) -> list[Battery]:
        """The batteries in a station, by slot."""
        async with self._store.work(operator) as work:
            held = await work.holdings.all(station, Battery)
        return sorted(held, key=lambda battery: (battery.slot, battery.serial))

    async def swaps(self, operator: OperatorId, station: StationId) -> list[Swap]:
        """The latest swaps, newest first."""
        async with self._store.work(operator) as work:
            held = await work.holdings.all(station, Swap)
        return sorted(held, key=lambda swap: swap.began_at, reverse=True)

    async def request(
        self,
        operator: OperatorId,
        station: StationId,
        token: IdToken,
        *,
        by: str = "",
        timeout: float | None = None,
    ) -> Operation:
        """Let a driver swap: an operation that ends when batteries went out. Invalid for a token that is not
        authorised: the station is not even asked (S02.FR.03)."""
        async with self._store.work(operator) as work:
            verdict = judge(token, await work.tokens.find(token), self._clock.now()).verdict
        if verdict is not Verdict.ACCEPTED:
            raise Invalid(
                f"This token is not authorised ({verdict.value}): it may not swap.", field="token"
            )
        return await self._operations.begin(
            operator,
            station,
            KIND,
            lambda number: RequestBatterySwap(request_id=number, token=token),
            by=by,
            patience=PATIENCE,
            arguments={"token": token.value, "token_type": token.type},
            timeout=timeout,
        )

    async def swapped(
        self,
        inbound: Inbound,
        *,
        event: SwapEvent,
        request_id: int,
        token: str,
        batteries: Sequence[Battery],
        detail: dict[str, Any],
    ) -> None:
        """Batteries went in or out, or were not taken (S03): the stock follows, and the operation that asked for it."""
        station = inbound.station
        noted = tuple(msgspec.structs.replace(b, since=inbound.at) for b in batteries)
        async with self._store.work(station.operator) as work:
            await self._stock(work, station.id, event, noted)
            await self._note(work, inbound, event, request_id, token, noted)
            work.announce(
                StationReported(
                    operator=station.operator,
                    station=station.id,
                    identity=station.identity,
                    at=inbound.at,
                    what=inbound.action,
                    detail=detail,
                )
            )
        await self._operations.progress(
            inbound,
            (KIND,),
            request_id,
            event.value,
            done={SwapEvent.OUT.value},
            failed={SwapEvent.OUT_TIMEOUT.value},
            detail={event.value: [b.serial for b in noted]},
        )

    async def _stock(
        self, work: Work, station: StationId, event: SwapEvent, batteries: Sequence[Battery]
    ) -> None:
        slots = {battery.slot for battery in batteries}
        serials = {battery.serial for battery in batteries}
        for held in await work.holdings.all(station, Battery):
            gone = held.serial in serials or held.slot in slots  # a slot has one battery at a time
            if gone:
                work.holdings.remove(station, Battery, held.key)
        if event is not SwapEvent.OUT:
            for battery in batteries:
                work.holdings.save(station, battery)

    async def _note(
        self,
        work: Work,
        inbound: Inbound,
        event: SwapEvent,
        request_id: int,
        token: str,
        batteries: tuple[Battery, ...],
    ) -> None:
        station = inbound.station.id
        known = await work.holdings.get(station, Swap, str(request_id))
        swap = known or Swap(request_id=request_id, token=token, began_at=inbound.at)
        if any(step.event is event and step.batteries == batteries for step in swap.steps):
            return  # told again
        step = SwapStep(event=event, at=inbound.at, batteries=batteries)
        work.holdings.save(station, msgspec.structs.replace(swap, steps=(*swap.steps, step)))
        if known is None:
            held = await work.holdings.all(station, Swap)
            held.sort(key=lambda one: one.began_at)
            for old in held[: max(0, len(held) + 1 - KEPT_SWAPS)]:
                work.holdings.remove(station, Swap, old.key)
