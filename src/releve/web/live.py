"""What changes, told to open pages: one stream of server-sent events per browser tab.

Pages are told *what* changed and fetch that part again, so that rules and words exist once, on the server. Changes are
gathered for half a second and told once each, whatever the number of messages behind them: a page of a site with
thousands of stations gets at most two small events per second. A burst beyond the bound is told as "everything".

The first stream of a page begins with what happened since the page was made. Later ones have no memory: a browser
that was away for a moment reconnects and refreshes all that it shows.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any, cast

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.response import Stream

from releve.domain.events import (
    AnomalySeen,
    Event,
    EvseStatusChanged,
    MeterSampled,
    TransactionChanged,
    TransactionChecked,
)
from releve.services.ports import Announced
from releve.web.present import iso_utc
from releve.web.visit import Asked, Visit

GATHER_S = 0.5
BEAT_S = 15.0
BEATS_BETWEEN_CHECKS = 4
BEAT = b"event: beat\ndata: {}\n\n"
MOST_CHANGES = 300
MOST_STREAMS_PER_PERSON = 30

Key = tuple[str, int, int, int]


class Pending:
    """Changes that wait to be told: the latest of each kind, station, EVSE and transaction."""

    def __init__(self) -> None:
        self._changes: dict[Key, dict[str, Any]] = {}
        self._too_many = False

    def add(self, event: Event) -> None:
        """Take in an event; it replaces an earlier one about the same thing."""
        evse = (
            event.evse
            if isinstance(event, EvseStatusChanged | MeterSampled | TransactionChanged)
            else None
        )
        transaction = (
            event.transaction
            if isinstance(
                event, TransactionChanged | TransactionChecked | MeterSampled | AnomalySeen
            )
            else None
        )
        key = (event.topic, int(event.station), evse or 0, int(transaction or 0))
        if len(self._changes) >= MOST_CHANGES and key not in self._changes:
            self._too_many = True
            return
        change: dict[str, Any] = {"topic": event.topic, "station": str(event.station)}
        if evse is not None:
            change["evse"] = evse
        if transaction is not None:
            change["transaction"] = str(transaction)
        if isinstance(event, MeterSampled):
            change |= {"at": iso_utc(event.sampled_at), "power_w": event.power_w}
        self._changes[key] = change

    def take(self) -> bytes:
        """All that waits, as one server-sent event; nothing waits afterwards."""
        told = {"all": self._too_many, "changes": list(self._changes.values())}
        self._changes, self._too_many = {}, False
        return b"event: change\ndata: " + msgspec.json.encode(told) + b"\n\n"


async def told(events: AsyncIterator[Announced], station: str = "") -> AsyncGenerator[bytes, None]:
    """Server-sent events for a page; a beat when nothing happens. Ends when `events` does.

    station: row id, to tell only of that station.
    """
    pending = Pending()
    arrived = asyncio.Event()

    async def gather() -> None:
        try:
            async for announced in events:
                if not station or str(announced.event.station) == station:
                    pending.add(announced.event)
                    arrived.set()
        finally:
            arrived.set()

    gathering = asyncio.create_task(gather())
    try:
        yield b"retry: 2000\n" + BEAT
        while not gathering.done():
            try:
                async with asyncio.timeout(BEAT_S):
                    await arrived.wait()
            except TimeoutError:
                yield BEAT
                continue
            arrived.clear()
            yield pending.take()
            await asyncio.wait({gathering}, timeout=GATHER_S)
    finally:
        gathering.cancel()
        await asyncio.gather(gathering, return_exceptions=True)
        if hasattr(events, "aclose"):
            await cast("AsyncGenerator[Announced, None]", events).aclose()


class Streams:
    """Open streams, counted per person."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()

    def full(self, person: str) -> bool:
        """Whether a person has as many streams open as one may."""
        return self._open[person] >= MOST_STREAMS_PER_PERSON

    async def run(
        self, visit: Visit, station: str, after: int | None
    ) -> AsyncGenerator[bytes, None]:
        """The stream of one tab, until it closes, the session ends, or the feed does."""
        person = visit.principal.name
        secret = visit.door.secret(visit.request)
        self._open[person] += 1
        beats = 0
        try:
            events = visit.desk.feed.listen(visit.principal.operator, after=after)
            async with aclosing(told(events, station)) as lines:
                async for line in lines:
                    beats += line.endswith(BEAT)
                    due = line.endswith(BEAT) and beats % BEATS_BETWEEN_CHECKS == 0
                    if due and await visit.door.identify(secret) is None:
                        return
                    yield line
        finally:
            self._open[person] -= 1
            if not self._open[person]:
                del self._open[person]


@get("/live", include_in_schema=False)
async def live(visit: Asked, streams: NamedDependency[Streams]) -> Response[Any]:
    """The stream of changes; `?station=` narrows it to one station, `?after=` begins it behind an event."""
    if streams.full(visit.principal.name):
        return Response("", status_code=429, headers={"retry-after": "30"})
    return Stream(
        streams.run(visit, visit.query.get("station", ""), _after(visit.query.get("after", ""))),
        media_type="text/event-stream",
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )


def _after(text: str) -> int | None:
    """An event's id of the query; None for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
