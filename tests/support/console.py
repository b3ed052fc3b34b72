"""A console to test with: the real store, bus and services; only the stations' side is played by a script."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from litestar import Litestar
from litestar.exceptions import HTTPException
from msgspec.structs import replace

from releve import storage, web
from releve.app.clock import SystemClock
from releve.app.house_services import build_services
from releve.app.http import furnished
from releve.bus.local import LocalBus
from releve.domain.anomaly import AnomalyKind
from releve.domain.commands import Command, Outcome, Result
from releve.domain.events import StationAppeared, StationConnected, StationDisconnected
from releve.domain.ids import DEFAULT_OPERATOR, StationId
from releve.domain.meter import ENERGY_IMPORT, POWER_IMPORT, SOC, Reading, summarise
from releve.domain.station import ChargingState, Connectivity, ConnectorStatus, Evse, Station
from releve.domain.token import IdToken
from releve.domain.transaction import EventKind
from releve.services.credentials import Credentials
from releve.services.desk import Desk
from releve.services.flags import Flags
from releve.services.live import Inbound, LiveStation
from releve.services.ports import Exchange
from releve.services.transaction_report import Report
from releve.services.views import TransactionFilter
from releve.settings import Settings
from releve.storage.ids import SystemIds

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "correct horse battery"
ACCEPTED = Outcome(
    result=Result.ANSWERED,
    status="Accepted",
    accepted=True,
    payload={"status": "Accepted"},
    duration_ms=12.5,
)


class Stations:
    """The stations' side (ports Caller and Presence). Answers by command name or action; else accepts."""

    def __init__(self) -> None:
        self.lives: dict[StationId, LiveStation] = {}
        self.answers: dict[str, Outcome] = {}
        self.asked: list[tuple[StationId, Any]] = []

    async def perform(
        self, station: StationId, command: Command, *, timeout: float | None = None
    ) -> Outcome:
        """Answer a command."""
        self.asked.append((station, command))
        if station not in self.lives:
            return Outcome(result=Result.OFFLINE)
        return self.answers.get(type(command).__name__, ACCEPTED)

    async def call(
        self,
        station: StationId,
        action: str,
        payload: dict[str, Any],
        *,
        timeout: float | None = None,
        checked: bool = True,
    ) -> Outcome:
        """Answer a raw call."""
        self.asked.append((station, (action, payload, checked)))
        return self.answers.get(action, ACCEPTED)

    async def disconnect(self, station: StationId, reason: str) -> bool:
        """Close its connection."""
        return self.lives.pop(station, None) is not None

    def connectivity(self, station: StationId) -> Connectivity | None:
        """Online when it plays a part."""
        return Connectivity.ONLINE if station in self.lives else None

    def changed(self, station: StationId, changes: dict[str, Any]) -> None:
        """Nothing is just being loaded here."""

    def heard_at(self, station: StationId) -> datetime | None:
        """Never asked for by pages."""
        return None

    def connected(self) -> int:
        """How many play."""
        return len(self.lives)

    def live(self, station: StationId) -> LiveStation | None:
        """The live state."""
        return self.lives.get(station)


@cache
def pages() -> Litestar:
    """The console's routes alone."""
    return Litestar(
        [web.router()],
        exception_handlers={HTTPException: web.not_found},
        openapi_config=None,
        pdb_on_exception=False,
    )


class Console:
    """The desk, its application, and what a test makes happen."""

    def __init__(
        self, desk: Desk, bus: LocalBus, store: storage.SqlStore, stations: Stations
    ) -> None:
        self.desk = desk
        self.bus = bus
        self.store = store
        self.stations = stations
        self.app = furnished(pages(), **{web.KEY: web.Console(desk)})
        self._epoch = 0

    async def connected(
        self, identity: str, *, version: str = "ocpp2.0.1", **about: Any
    ) -> Inbound:
        """Register a station and connect it; what its messages are handled with."""
        services = self.desk.services
        found = await services.stations.add(
            DEFAULT_OPERATOR, identity, name=about.pop("name", ""), site=about.pop("site", "")
        )
        return await self.returned(found, version=version, **about)

    async def returned(
        self, station: Station, *, version: str = "ocpp2.0.1", **about: Any
    ) -> Inbound:
        """Connect a registered station."""
        now = self.desk.clock.now()
        about = {"registered": True, "booted_at": now, "version": version, **about}
        station = replace(station, **about)
        self._epoch += 1
        async with self.store.work(DEFAULT_OPERATOR) as work:
            work.stations.save(station)
            work.stations.connected(station.id, self._epoch, now, "192.0.2.7", version)
            told = self._about(station)
            if station.quarantined:
                work.announce(StationAppeared(**told))
            work.announce(StationConnected(**told, version=version))
        live = LiveStation(station, self._epoch)
        self.stations.lives[station.id] = live
        return self.message(live)

    async def gone(self, inbound: Inbound) -> None:
        """Its connection is lost."""
        self.stations.lives.pop(inbound.station.id, None)
        station = inbound.station
        async with self.store.work(DEFAULT_OPERATOR) as work:
            work.stations.disconnected(station.id, inbound.live.epoch, self.desk.clock.now())
            work.announce(StationDisconnected(**self._about(station)))

    def _about(self, station: Station) -> dict[str, Any]:
        return {
            "operator": station.operator,
            "station": station.id,
            "identity": station.identity,
            "at": self.desk.clock.now(),
        }

    def message(
        self, live: LiveStation, action: str = "TransactionEvent", payload: Any = None
    ) -> Inbound:
        """A message of a station, received now."""
        raw = json.dumps(payload or {}).encode()
        return Inbound(live, self.desk.clock.now(), action, "m-1", raw)

    async def status(
        self,
        inbound: Inbound,
        evse: int,
        status: ConnectorStatus,
        charging: ChargingState | None = None,
        **about: Any,
    ) -> None:
        """Its EVSE has a status."""
        about.setdefault("reported", str(status))
        now = self.desk.clock.now()
        await self.desk.services.availability.changed(
            inbound, Evse(evse=evse, status=status, charging=charging, reported_at=now, **about)
        )

    async def event(
        self, inbound: Inbound, kind: EventKind, seq_no: int, *, at: datetime, **about: Any
    ) -> None:
        """A TransactionEvent. energy_wh, power_w, soc_pct: its meter values."""
        readings = []
        if (energy := about.pop("energy_wh", None)) is not None:
            readings.append(Reading(ENERGY_IMPORT, energy, "Wh"))
        if (power := about.pop("power_w", None)) is not None:
            readings.append(Reading(POWER_IMPORT, power, "W"))
        if (soc := about.pop("soc_pct", None)) is not None:
            readings.append(Reading(SOC, soc, "Percent"))
        told: dict[str, Any] = {
            "reference": "tx-1",
            "evse": 1,
            "connector": 1,
            "trigger": "MeterValuePeriodic",
            "charging": ChargingState.CHARGING,
            "token": None,
            "stop_reason": None,
            "remote_start_id": None,
            "reservation_id": None,
            **about,
        }
        payload = {
            "eventType": str(kind),
            "seqNo": seq_no,
            "timestamp": at.isoformat(),
            "vendor": "<b>x</b>",
        }
        await self.desk.services.transactions.report(
            self.message(inbound.live, payload=payload),
            Report(
                kind=kind, seq_no=seq_no, at=at, samples=(summarise(at, tuple(readings)),), **told
            ),
        )

    async def charged(self, inbound: Inbound, *, ended: bool = True, token: str = "ADA") -> str:
        """A transaction of half an hour that ended now, or goes on; its id."""
        now = self.desk.clock.now()
        begun = now - timedelta(minutes=30)
        kwargs: dict[str, Any] = {"reference": f"tx-{token}-{ended}"}
        await self.event(
            inbound,
            EventKind.STARTED,
            0,
            at=begun,
            energy_wh=1000.0,
            power_w=0.0,
            soc_pct=20.0,
            token=IdToken(token),
            trigger="Authorized",
            **kwargs,
        )
        for n in range(1, 11):
            await self.event(
                inbound,
                EventKind.UPDATED,
                n,
                at=begun + timedelta(minutes=2.5 * n),
                energy_wh=1000.0 + 550 * n,
                power_w=11000.0,
                soc_pct=20.0 + n,
                **kwargs,
            )
        if ended:
            await self.event(
                inbound,
                EventKind.ENDED,
                11,
                at=now,
                energy_wh=6600.0,
                power_w=0.0,
                soc_pct=31.0,
                stop_reason="EVDisconnected",
                trigger="EVCommunicationLost",
                **kwargs,
            )
        page = await self.desk.catalogue.transactions(
            DEFAULT_OPERATOR, TransactionFilter(station=str(inbound.station.id))
        )
        return page.items[0].id

    async def odd(
        self, inbound: Inbound, kind: AnomalyKind = AnomalyKind.CLOCK_SKEW, **detail: Any
    ) -> None:
        """Something does not fit."""
        async with self.store.work(DEFAULT_OPERATOR) as work:
            await Flags(SystemIds()).raise_(work, inbound, kind, **detail)

    async def exchanged(self, of: Inbound, action: str, **about: Any) -> None:
        """A line of the message log, on disk."""
        line = {
            "inbound": True,
            "message_id": "42",
            "request": '{"a": 7.10}',
            "response": "{}",
            "duration_ms": 3.2,
            **about,
        }
        station = of.station
        self.store.log(
            Exchange(
                station=station.id,
                operator=station.operator,
                at=self.desk.clock.now(),
                action=action,
                **line,
            )
        )
        async with self.store.work(DEFAULT_OPERATOR) as work:  # what comes after it in the queue
            work.stations.heard([(station.id, self.desk.clock.now())])


_empty: list[bytes] = []


async def _migrated(path: Path) -> None:
    """An empty database; only the first of a run is made by the migrations, the others are copies."""
    if _empty:
        path.write_bytes(_empty[0])  # noqa: ASYNC240 - a few kilobytes
        return
    await storage.migrate(f"sqlite:///{path}")
    _empty.append(path.read_bytes())  # noqa: ASYNC240


@asynccontextmanager
async def opened(folder: Path, **settings: Any) -> AsyncIterator[Console]:
    """A console on a new SQLite database, with the users ada (admin), olga (operator) and vera (viewer)."""
    url = f"sqlite:///{folder / 'releve.db'}"
    await _migrated(folder / "releve.db")
    bus, clock, ids, stations = LocalBus(), SystemClock(), SystemIds(), Stations()
    store = await storage.open_store(url, clock=clock, bus=bus)
    bus.replay = store.catalogue.announced
    chosen = Settings(database_url=url, files_dir=str(folder / "files"), **settings)
    credentials = Credentials(b"pepper", ids)
    services = build_services(chosen, store, clock, ids, credentials, stations, stations, b"pepper")
    services.access._hasher = QUICK  # the real cost would be most of the time of these tests
    desk = Desk(services, store.catalogue, bus, stations, clock, chosen)
    for name, role in (("ada", "admin"), ("olga", "operator"), ("vera", "viewer")):
        await services.access.add_user(DEFAULT_OPERATOR, name, PASSWORD, role=role)
    try:
        yield Console(desk, bus, store, stations)
    finally:
        bus.close()
        await store.close()
