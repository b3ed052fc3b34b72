"""Wire messages through dialect, services and store, without a socket: for tests of what transactions amount to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from releve import storage
from releve.app.house_services import build_services
from releve.bus.local import LocalBus
from releve.dialects import DIALECTS
from releve.domain.ids import DEFAULT_OPERATOR, StationId
from releve.gateway.calls import StationCalls
from releve.gateway.roster import Roster
from releve.ocpp import codec
from releve.ocpp.version import Version
from releve.services.credentials import Credentials
from releve.services.live import Inbound, LiveStation, load
from releve.services.views import TransactionFilter
from releve.settings import load as load_settings
from releve.storage.ids import SystemIds

_numbers = count(1)


class StoppedClock:
    """Stands still until it is set."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()


class Bench:
    """A store with services; one for many examples, each with a station of its own."""

    def __init__(self, loop: asyncio.AbstractEventLoop, directory: Path) -> None:
        self.loop = loop
        self.clock = StoppedClock(datetime(2026, 3, 1, 12, tzinfo=UTC))
        self.url = f"sqlite:///{directory / 'ledger.db'}"
        self.run(self._open())

    def run(self, work: Awaitable[Any]) -> Any:
        return self.loop.run_until_complete(work)  # type: ignore[arg-type]

    async def _open(self) -> None:
        await storage.migrate(self.url)
        self.store = await storage.open_store(self.url, clock=self.clock, bus=LocalBus())
        ids, roster = SystemIds(), Roster()
        self.services = build_services(
            load_settings({}),
            self.store,
            self.clock,
            ids,
            Credentials(b"pepper", ids),
            roster,
            StationCalls(roster, 5.0),
            b"pepper",
        )
        await self.services.tokens.add(DEFAULT_OPERATOR, "ADA", concurrent=True)

    def close(self) -> None:
        self.run(self.store.close())

    def station(self, version: Version) -> Wire:
        """A new station that speaks `version`."""
        identity = f"STATION-{next(_numbers)}"
        found = self.run(self.services.stations.add(DEFAULT_OPERATOR, identity))
        wire = Wire(self, version, found.id)
        wire.reconnect()
        return wire


class Wire:
    """One station's messages, straight to its handlers."""

    def __init__(self, bench: Bench, version: Version, station: StationId) -> None:
        self.bench = bench
        self.dialect = DIALECTS[version]
        self.station = station
        self.live: LiveStation

    def reconnect(self) -> None:
        """Throw the live state away and load it again, as at a new connection or after a restart."""

        async def load_it() -> LiveStation:
            async with self.bench.store.work(DEFAULT_OPERATOR) as work:
                found = await work.stations.get(self.station)
                assert found is not None
                return await load(work, found, 1)

        self.live = self.bench.run(load_it())

    def call(self, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Handle one CALL; the response's payload."""
        return self.bench.run(self.tell(action, payload))

    async def tell(self, action: str, payload: dict[str, Any]) -> Any:
        raw = json.dumps(payload).encode()
        request = codec.decode_request(self.dialect.version, action, raw)
        handler = self.dialect.handler(action)
        assert handler is not None
        self.bench.clock.at += timedelta(milliseconds=1)
        inbound = Inbound(self.live, self.bench.clock.now(), action, "id", raw)
        return json.loads(codec.encode(await handler(request, inbound, self.bench.services)))  # type: ignore[arg-type]

    def transactions(self) -> dict[str, Any]:
        """What the catalogue shows of this station, by reference."""
        page = self.bench.run(
            self.bench.store.catalogue.transactions(
                DEFAULT_OPERATOR, TransactionFilter(station=str(self.station)), limit=500
            )
        )
        return {row.reference: row for row in page.items}

    def facts(self, transaction: str) -> list[Any]:
        return self.bench.run(self.bench.store.catalogue.facts(DEFAULT_OPERATOR, transaction))

    def series(self, transaction: str) -> list[Any]:
        return self.bench.run(self.bench.store.catalogue.series(DEFAULT_OPERATOR, transaction))

    def anomalies(self) -> list[str]:
        page = self.bench.run(
            self.bench.store.catalogue.anomalies(
                DEFAULT_OPERATOR, station=str(self.station), limit=500
            )
        )
        return [row.kind for row in page.items]


def opened(directory: Path) -> tuple[Bench, Callable[[], None]]:
    """A bench and what ends it."""
    loop = asyncio.new_event_loop()
    bench = Bench(loop, directory)

    def end() -> None:
        bench.close()
        loop.close()

    return bench, end
